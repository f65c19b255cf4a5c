"""Watermarks and per-CPU lists of each zone: /proc/zoneinfo (mm/vmstat.c, sysctl/vm.rst).

Readable by anyone; about 0.1 ms. Free pages on per-CPU lists are in no other file: buddyinfo and
MemFree leave them out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vmtui.errors import ParseError
from vmtui.kernel.files import PROC, read_system
from vmtui.kernel.lines import not_printed
from vmtui.missing import Missing

_ZONE = re.compile(rb"^Node ([0-9]{1,9}), zone +([!-~]+)$", re.MULTILINE)
_FIGURE = re.compile(rb"^ +(pages free|min|low|high|present|managed) +([0-9]{1,20})$", re.MULTILINE)
_PER_CPU = re.compile(rb"^ +count: +([0-9]{1,20})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone of one memory node, in pages."""

    node: int
    name: str
    """DMA, DMA32, Normal, Movable, Device."""
    free_pages: int | Missing
    min_pages: int | Missing
    """Below this only allocations that may not fail succeed."""
    low_pages: int | Missing
    """Below this kswapd wakes."""
    high_pages: int | Missing
    """Above this kswapd sleeps again."""
    present_pages: int | Missing
    managed_pages: int | Missing
    """Present, less what the kernel reserved at boot."""
    per_cpu_pages: int
    """Free pages on the per-CPU lists, all CPUs summed; 0 for a zone without pages."""


def parse(raw: bytes) -> tuple[Zone, ...]:
    """The zones in file order.

    Raises:
        ParseError: no zone begins as documented.
    """
    _before, *parts = _ZONE.split(raw)
    if not parts:
        raise ParseError("/proc/zoneinfo: no zone begins as documented")
    return tuple(
        _zone(int(node), name.decode("ascii"), body)
        for node, name, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    )


def _zone(node: int, name: str, body: bytes) -> Zone:
    figures = {figure.decode("ascii"): int(value) for figure, value in _FIGURE.findall(body)}

    def pages(figure: str) -> int | Missing:
        return figures[figure] if figure in figures else not_printed(figure)

    return Zone(
        node,
        name,
        free_pages=pages("pages free"),
        min_pages=pages("min"),
        low_pages=pages("low"),
        high_pages=pages("high"),
        present_pages=pages("present"),
        managed_pages=pages("managed"),
        per_cpu_pages=sum(map(int, _PER_CPU.findall(body))),
    )


def read(proc: str = PROC) -> tuple[Zone, ...]:
    """The zones now.

    Raises:
        NotPermitted, NotSupported, ParseError: as named.
    """
    return parse(read_system(f"{proc}/zoneinfo"))
