"""Compressed RAM disks: /sys/block/zram*/mm_stat (admin-guide/blockdev/zram.rst, Linux 4.7).

Readable by anyone; 20 µs a device.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vmtui.errors import ParseError
from vmtui.kernel.files import SYS, read_system

_DEVICE = re.compile(rb"(?:.*/)?(zram[0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Zram:
    """Bytes, unless said otherwise."""

    original: int
    """What is stored, before compression; pages of one repeated word not counted."""
    compressed: int
    """The same after it."""
    used: int
    """What it takes in memory, with what the allocator loses."""
    same_pages: int
    """Pages of one repeated word: they take nothing."""
    huge_pages: int
    """Pages that could not be compressed."""

    @property
    def ratio(self) -> float | None:
        """How many times less memory is taken than is stored; None while there is nothing."""
        return self.original / self.used if self.used and self.original else None


def device_of(path: bytes) -> str | None:
    """`zram0` of a swap device's path; None for any other device."""
    found = _DEVICE.fullmatch(path)
    return found[1].decode("ascii") if found else None


def parse(raw: bytes) -> Zram:
    """The record of an mm_stat file.

    Raises:
        ParseError: it is not as documented.
    """
    try:
        figures = [int(word) for word in raw.split()]
    except ValueError as error:
        raise ParseError("mm_stat: a figure is not a number") from error
    if len(figures) < 6:
        raise ParseError("mm_stat: there are fewer than six figures")
    figures += [0] * (8 - len(figures))  # huge_pages came with Linux 5.5
    return Zram(figures[0], figures[1], figures[2], figures[5], figures[7])


def read(device: str, sys: str = SYS) -> Zram:
    """A device now.

    Args:
        device: `zram0`.
        sys: where sysfs is.

    Raises:
        NotPermitted, NotSupported, ParseError: as named.
    """
    return parse(read_system(f"{sys}/block/{device}/mm_stat"))
