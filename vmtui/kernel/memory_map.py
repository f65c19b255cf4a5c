"""Which frame numbers are memory: «System RAM» of /proc/iomem, else the spans of /proc/zoneinfo.

Documentation/filesystems/proc.rst. /proc/iomem is there for anyone, but without CAP_SYS_ADMIN all
its addresses read as 0. The zones' spans of zoneinfo are readable by anyone and count the holes
between banks of memory too. Some 30 µs each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vmtui.errors import NotSupported, ParseError, VmtuiError
from vmtui.kernel.files import PAGE_SIZE, PROC, read_system

_LINE = re.compile(rb"^([0-9a-f]{1,16})-([0-9a-f]{1,16}) : ([^\n]*)$", re.MULTILINE)
_ZONE = re.compile(
    rb"^Node +[0-9]+, zone +[!-~]+$.*?^ +spanned +([0-9]{1,19})$.*?^ +start_pfn: +([0-9]{1,19})$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class MemoryMap:
    """The frames that are memory, in rising order."""

    ranges: tuple[tuple[int, int], ...]
    """First frame, and the first one after it; none touches another."""
    exact: bool
    """Whether holes are left out: not where only zoneinfo could be read."""

    @property
    def frames(self) -> int:
        """How many."""
        return sum(end - first for first, end in self.ranges)

    @property
    def end(self) -> int:
        """The first frame number after all of them; 0 without any."""
        return self.ranges[-1][1] if self.ranges else 0

    def within(self, first: int, end: int) -> tuple[tuple[int, int], ...]:
        """The parts of it between two frames."""
        cut = ((max(first, low), min(end, high)) for low, high in self.ranges)
        return tuple((low, high) for low, high in cut if low < high)


def parse_iomem(raw: bytes) -> MemoryMap:
    """The banks in the text of /proc/iomem; whole frames only.

    Raises:
        NotSupported: it names no System RAM, or hides the addresses from this user.
        ParseError: it is not as documented.
    """
    banks = []
    for low, high, name in _LINE.findall(raw):
        if name.startswith(b"System RAM"):  # nested lines begin with blanks and do not match
            first, end = -(-int(low, 16) // PAGE_SIZE), (int(high, 16) + 1) // PAGE_SIZE
            banks.append((first, end))
    if not banks:
        if raw and not _LINE.search(raw):
            raise ParseError("/proc/iomem: no line is as documented")
        raise NotSupported("/proc/iomem: this kernel names no System RAM there")
    if all(end <= 1 for _, end in banks):
        raise NotSupported("/proc/iomem: addresses are hidden from this user")
    return MemoryMap(_joined(banks), exact=True)


def parse_zones(raw: bytes) -> MemoryMap:
    """The spans in the text of /proc/zoneinfo.

    Raises:
        ParseError: no zone has a span.
    """
    spans = [(int(start), int(start) + int(pages)) for pages, start in _ZONE.findall(raw)]
    spans = [span for span in spans if span[0] < span[1]]
    if not spans:
        raise ParseError("/proc/zoneinfo: no zone has a span")
    return MemoryMap(_joined(spans), exact=False)


def read(proc: str = PROC) -> MemoryMap:
    """The frames that are memory.

    Raises:
        NotPermitted, NotSupported, ParseError: neither file tells.
    """
    try:
        return parse_iomem(read_system(f"{proc}/iomem"))
    except VmtuiError:
        return parse_zones(read_system(f"{proc}/zoneinfo"))


def _joined(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """In order, with what touches or overlaps made one."""
    joined: list[tuple[int, int]] = []
    for first, end in sorted(ranges):
        if first >= end:
            continue
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((first, end))
    return tuple(joined)
