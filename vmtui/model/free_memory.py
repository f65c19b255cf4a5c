"""Free memory by size of block, zone by zone, and what share of it is of no use for larger ones.

/proc/buddyinfo leaves out the pages on per-CPU lists; only with those of /proc/zoneinfo are they
all that is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from vmtui.kernel.buddyinfo import FreeBlocks
from vmtui.kernel.zoneinfo import Zone
from vmtui.missing import NOT_READ, Missing

HUGE_ORDER = 9
"""Of the blocks that a huge page is made of: 2 MiB where a page has 4 KiB."""


def pages_of(orders: Sequence[int]) -> int:
    """Pages in so many blocks of each order."""
    return sum(blocks << order for order, blocks in enumerate(orders))


def unusable(orders: Sequence[int]) -> tuple[float, ...]:
    """For each order, the share of free memory that lies in smaller blocks (0 to 1).

    The unusable free space index of Gorman and Whitcroft; extfrag in debugfs has the same.
    """
    every = pages_of(orders)
    return tuple(pages_of(orders[:order]) / every if every else 0.0 for order in range(len(orders)))


@dataclass(frozen=True, slots=True)
class ZoneBlocks:
    """What is free in one zone of one node, or in all of them."""

    node: int | None
    """None for the sum of all zones."""
    zone: str
    orders: tuple[int, ...]
    """Free blocks of 2^i pages, those on per-CPU lists not counted."""
    per_cpu_pages: int | Missing
    """Free pages on the per-CPU lists of all CPUs."""
    low_pages: int | Missing
    """Below this kswapd wakes."""

    @property
    def pages(self) -> int:
        """All that is known to be free."""
        listed = self.per_cpu_pages
        return pages_of(self.orders) + (0 if isinstance(listed, Missing) else listed)

    @property
    def unusable(self) -> tuple[float, ...]:
        """For each order the share in smaller blocks; pages of per-CPU lists are single ones."""
        listed = self.per_cpu_pages
        singles = self.orders[0] + (0 if isinstance(listed, Missing) else listed)
        return unusable((singles, *self.orders[1:]))


def by_zone(
    blocks: Sequence[FreeBlocks], zones: Sequence[Zone] | Missing
) -> tuple[ZoneBlocks, ...]:
    """A row for each zone, in the order of /proc/buddyinfo.

    Args:
        blocks: that file.
        zones: /proc/zoneinfo, for the per-CPU lists and the watermarks.
    """
    known = {} if isinstance(zones, Missing) else {(one.node, one.name): one for one in zones}
    without = zones if isinstance(zones, Missing) else NOT_READ
    found = []
    for one in blocks:
        zone = known.get((one.node, one.zone))
        listed = without if zone is None else zone.per_cpu_pages
        low = without if zone is None else zone.low_pages
        found.append(ZoneBlocks(one.node, one.zone, one.orders, listed, low))
    return tuple(found)


def together(zones: Sequence[ZoneBlocks]) -> ZoneBlocks:
    """The sum of all zones."""
    orders = tuple(map(sum, zip_longest(*(zone.orders for zone in zones), fillvalue=0)))
    return ZoneBlocks(
        None, "all", orders or (0,),
        _sum([zone.per_cpu_pages for zone in zones]), _sum([zone.low_pages for zone in zones]),
    )  # fmt: skip


def _sum(amounts: Sequence[int | Missing]) -> int | Missing:
    """Missing where one of them is."""
    total = 0
    for amount in amounts:
        if isinstance(amount, Missing):
            return amount
        total += amount
    return total
