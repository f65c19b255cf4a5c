"""The free memory of the whole machine by size of block: buddyinfo and the per-CPU lists in one.

Pages that were freed one by one wait on per-CPU lists (zoneinfo), which buddyinfo leaves out. Only
together do they show what a demonstration of a few MiB has done.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from vmtui.kernel import buddyinfo, vmstat, zoneinfo
from vmtui.missing import Missing
from vmtui.model.free_memory import pages_of

_NEAR = 64
"""Pages that the per-CPU lists may change by while buddyinfo is read."""
_TRIES = 4


@dataclass(frozen=True, slots=True)
class FreeMemory:
    """What was free at a moment, in pages."""

    orders: tuple[int, ...]
    """Blocks of 2^i pages, those of the per-CPU lists counted in order 0."""
    per_cpu: int
    """Pages on per-CPU lists, part of `orders[0]`."""
    allocated_before: int
    """Pages that the machine had ever allocated, counted before the blocks were."""
    allocated: int
    """The same counted after."""
    migrated: int
    """Pages that compaction and others ever moved to another frame."""

    @property
    def pages(self) -> int:
        """All of them."""
        return pages_of(self.orders)

    def smaller_than(self, order: int) -> int:
        """Pages in blocks below that order."""
        return pages_of(self.orders[:order])


def read() -> FreeMemory:
    """What is free now; 0.5 ms.

    Raises:
        NotPermitted, NotSupported, ParseError: the kernel does not say.
    """
    before = vmstat.read()
    for _ in range(_TRIES):
        listed, zones, again = _per_cpu(), buddyinfo.read(), _per_cpu()
        if abs(again - listed) < _NEAR:
            break
    per_cpu = min(listed, again)
    orders = [sum(blocks) for blocks in zip_longest(*(zone.orders for zone in zones), fillvalue=0)]
    after = vmstat.read()
    moved = after["pgmigrate_success"]
    return FreeMemory(
        (orders[0] + per_cpu, *orders[1:]),
        per_cpu,
        _allocated(before),
        _allocated(after),
        0 if isinstance(moved, Missing) else moved,
    )


def _per_cpu() -> int:
    return sum(zone.per_cpu_pages for zone in zoneinfo.read())


def _allocated(counters: vmstat.VmStat) -> int:
    every = [counters[name] for name in counters if name.startswith("pgalloc_")]
    return sum(count for count in every if not isinstance(count, Missing))
