"""Where the regions of a script lie: fixed before it runs, the same for theory and kernel.

All of them are in 512 GiB slots that the worker does not use, so that no page table above them is
shared with anything else. Each has 2 MiB without permission on both sides, so that the kernel
never joins it with a neighbour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.words import WHOLE, Slice

SLOT = 0x100_0000_0000
"""The first address, unless the worker has something there."""
GAP_BYTES = 2 << 20
_WINDOW_BYTES = 64 << 20
WATCHED_PAGES = 1 << 20
"""Larger regions (4 GiB) are not looked at page by page."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Room a script asks for."""

    name: str
    pages: int
    times: int = 1
    """How many equal parts, named `far-0`, `far-1` … when more than one."""
    every: int = 0
    """Pages from the start of a part to the start of the next."""
    at: int = 0
    """Pages between the 2 MiB border and the start."""


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of pages with a name."""

    name: str
    first: int
    """Page number: address >> 12."""
    pages: int

    @property
    def address(self) -> int:
        """Of its first byte."""
        return self.first * PAGE_SIZE

    @property
    def end(self) -> int:
        """The page after its last."""
        return self.first + self.pages

    @property
    def watched(self) -> bool:
        """Whether its pages are looked at one by one."""
        return self.pages <= WATCHED_PAGES


@dataclass(frozen=True, slots=True)
class Run:
    """`count` pages from `first`, each `stride` after the last."""

    first: int
    count: int
    stride: int = 1

    def pages(self) -> range:
        """Their numbers."""
        return range(self.first, self.first + self.count * self.stride, self.stride)


@dataclass(frozen=True)
class Layout:
    """Every region by the name the script uses; a spread one has several parts."""

    places: Mapping[str, tuple[Region, ...]]
    largest_bytes: int | None = None
    """The largest mapping with a promise of memory that the kernel grants; None for any."""
    stack: int = 0x7FFB_FFFF_F000
    """The first address that the stack of a specimen may not grow to, once that is known."""

    @classmethod
    def of(cls, wanted: Iterable[Reservation], slot: int = SLOT) -> Layout:
        """Places for all of them, in order; a name asked for twice keeps its first place."""
        places: dict[str, tuple[Region, ...]] = {}
        here = slot // PAGE_SIZE
        gap, window = GAP_BYTES // PAGE_SIZE, _WINDOW_BYTES // PAGE_SIZE
        for one in wanted:
            if one.name in places:
                continue
            first = here + gap + one.at
            places[one.name] = tuple(
                Region(one.name if one.times == 1 else f"{one.name}-{part}",
                       first + part * one.every, one.pages)
                for part in range(one.times)
            )  # fmt: skip
            end = places[one.name][-1].end + gap
            here = -(-end // window) * window
        return cls(places)

    def regions(self) -> tuple[Region, ...]:
        """Every part of every region."""
        return tuple(region for parts in self.places.values() for region in parts)

    @cached_property
    def watched(self) -> tuple[Region, ...]:
        """Those whose pages are looked at one by one."""
        return tuple(region for region in self.regions() if region.watched)

    def gaps(self) -> tuple[Region, ...]:
        """What has to be without permission: beside every part, none overlapping another."""
        gap, made, edge = GAP_BYTES // PAGE_SIZE, list[Region](), 0
        for region in sorted(self.regions(), key=lambda each: each.first):
            below = max(edge, region.first - gap)
            if below < region.first:
                made.append(Region(f"below-{region.name}", below, region.first - below))
            edge = region.end
            above = min([edge + gap, *(r.first for r in self.regions() if r.first >= edge)])
            if above > edge:
                made.append(Region(f"above-{region.name}", edge, above - edge))
            edge = above
        return tuple(made)

    def pages(self, name: str) -> int:
        """Of the region, all parts together."""
        return sum(region.pages for region in self.places[name])

    def address(self, name: str) -> int:
        """Of the region's first byte."""
        return self.places[name][0].address

    def runs(self, name: str, chosen: Slice = WHOLE) -> list[Run]:
        """The pages of a slice, part by part."""
        wanted, made, before = chosen.of(self.pages(name)), list[Run](), 0
        for region in self.places[name]:
            inside = _between(wanted, before, before + region.pages)
            if len(inside):
                made.append(Run(region.first + inside[0] - before, len(inside), wanted.step))
            before += region.pages
        return made

    def stretches(self, name: str, chosen: Slice = WHOLE) -> list[Run]:
        """The same as stretches without holes: what calls such as madvise take, one by one."""
        made = list[Run]()
        for run in self.runs(name, chosen):
            if run.stride == 1:
                made.append(run)
            else:
                made.extend(Run(page, 1) for page in run.pages())
        return made


def _between(wanted: range, low: int, high: int) -> range:
    """The part of an ascending range from `low` up to, not including, `high`."""
    skipped = max(0, -(-(low - wanted.start) // wanted.step))
    first = wanted.start + skipped * wanted.step
    return range(first, max(first, min(wanted.stop, high)), wanted.step)
