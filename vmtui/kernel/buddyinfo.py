"""Free blocks by size in each zone: /proc/buddyinfo (Documentation/filesystems/proc.rst).

Readable by anyone. Pages on per-CPU lists are free too but not in here: `zoneinfo` counts those,
and only the two together are the free single pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vmtui.errors import ParseError
from vmtui.kernel.files import PROC, read_system

_LINE = re.compile(rb"^Node ([0-9]{1,9}), zone +([!-~]+)((?: +[0-9]{1,20})+) *$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FreeBlocks:
    """One zone of one memory node."""

    node: int
    zone: str
    orders: tuple[int, ...]
    """Free blocks of 2**i pages, by i."""

    @property
    def free_pages(self) -> int:
        """Pages in all the blocks."""
        return sum(blocks << order for order, blocks in enumerate(self.orders))


def parse(raw: bytes) -> tuple[FreeBlocks, ...]:
    """The zones in file order.

    Raises:
        ParseError: no line is as documented.
    """
    zones = tuple(
        FreeBlocks(int(node), zone.decode("ascii"), tuple(map(int, orders.split())))
        for node, zone, orders in _LINE.findall(raw)
    )
    if not zones:
        raise ParseError("/proc/buddyinfo: no line is as documented")
    return zones


def read(proc: str = PROC) -> tuple[FreeBlocks, ...]:
    """The free blocks now.

    Raises:
        NotPermitted, NotSupported, ParseError: as named.
    """
    return parse(read_system(f"{proc}/buddyinfo"))
