"""The pages of all regions of a process as one array, so that a look costs little per region."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel import flags, kpage
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.vma_figures import VmaFigures
from vmtui.lab.looks import Frames, Place
from vmtui.model.pages import (
    EXCLUSIVE,
    FILE,
    FLAGGED,
    HUGE,
    PRESENT,
    ZERO,
    Bytes,
    MappingKind,
    Words,
    facts_of,
    states_of,
)

_ODD = flags.PAGE_IS_PFNZERO | flags.PAGE_IS_HUGE
_MANY = 1 << 14
"""Frames from which on two threads ask for them."""
_TRIES = 50
_A_MOMENT = 0.001
"""Seconds in which frames arrive where they are moved to."""
_Any = TypeVar("_Any", bound=np.generic)


class RegionPages:
    """Reads the pages of some regions, which do not overlap."""

    def __init__(
        self, pagemap: Pagemap, regions: Sequence[Place], *, in_swap: int | None = None
    ) -> None:
        """Read their entries.

        Args:
            pagemap: of the process.
            regions: where.
            in_swap: pages that smaps says are in swap. If more entries look like it, compaction is
                moving some frames just now, and they are read again.

        Raises:
            ProcessGone: the process has ended.
        """
        self._bounds = np.cumsum([0, *(region.pages for region in regions)]).tolist()
        order = sorted(range(len(regions)), key=lambda index: regions[index].first)
        self._firsts = [regions[index].first for index in order]
        self._ends = [regions[index].first + regions[index].pages for index in order]
        self._starts = [self._bounds[index] for index in order]
        self._entries = np.empty(self._bounds[-1], np.uint64)
        for _ in range(_TRIES):
            for region, start in zip(regions, self._bounds[:-1], strict=True):
                pagemap.entries(region.first, region.pages, self._entries[start:])
            if in_swap is None or self._look_swapped() <= in_swap:
                break
            time.sleep(_A_MOMENT)
        self.facts: Bytes = facts_of(self._entries)
        if regions:
            self._mark_odd(pagemap)

    def cut(self, array: NDArray[_Any]) -> tuple[NDArray[_Any], ...]:
        """An array over all pages as one per region, in the order they were given."""
        pairs = zip(self._bounds[:-1], self._bounds[1:], strict=True)
        return tuple(array[start:end] for start, end in pairs)

    def frames(self) -> Frames:
        """A frame number per page; 0 for none, −1 for the zero page."""
        frames = (self._entries & np.uint64(flags.PM_PFN_MASK)).view(np.int64)
        frames[(self.facts & PRESENT) == 0] = 0
        frames[(self.facts & ZERO) != 0] = -1
        return frames

    def map_counts(self, frames: Frames, *, every: bool) -> Words:
        """How many entries map each page; unless `every`, bit 56 is believed of small pages."""
        counts = np.zeros(len(frames), np.uint64)
        asked = frames > 0
        if not every:
            known = (self.facts & (EXCLUSIVE | HUGE | PRESENT)) == EXCLUSIVE | PRESENT
            counts[known] = 1
            asked &= ~known
        wanted = frames[asked].view(np.uint64)
        if len(wanted):
            counts[asked] = kpage.counts_of(wanted, threads=2 if len(wanted) > _MANY else 1)
        return counts

    def mark_dirty(self, frames: Frames) -> None:
        """Note which file pages wait to be written."""
        index = np.flatnonzero(((self.facts & FILE) != 0) & (frames > 0))
        if len(index):
            found = kpage.flags_of(frames[index].view(np.uint64))
            self.facts[index[(found & np.uint64(flags.KPF_DIRTY)) != 0]] |= FLAGGED

    def states(self, vmas: Sequence[VmaFigures]) -> Bytes:
        """What each page is drawn as, by the VMA it lies in."""
        states = np.zeros(len(self.facts), np.uint8)
        for vma in vmas:
            for part in self._slices(vma.start // PAGE_SIZE, vma.end // PAGE_SIZE):
                locked = "lo" in vma.flags
                states_of(self.facts[part], mapping=_mapping(vma), locked=locked, out=states[part])
        return states

    def _look_swapped(self) -> int:
        bits = np.uint64(flags.PM_SWAPPED | flags.PM_GUARD)
        return int(np.count_nonzero(self._entries & bits == np.uint64(flags.PM_SWAPPED)))

    def _mark_odd(self, pagemap: Pagemap) -> None:
        """Zero pages and huge ones, which entries do not tell (before Linux 6.7 nothing does)."""
        if not pagemap.can_scan:
            return
        found = pagemap.scan(
            self._firsts[0] * PAGE_SIZE,
            self._ends[-1] * PAGE_SIZE,
            any_of=_ODD,
            return_mask=_ODD,
        )
        for start, end, categories in zip(
            found.start.tolist(), found.end.tolist(), found.categories.tolist(), strict=True
        ):
            for slice_ in self._slices(start // PAGE_SIZE, end // PAGE_SIZE):
                part = self.facts[slice_]
                if categories & flags.PAGE_IS_HUGE:
                    part |= np.uint8(HUGE)
                if categories & flags.PAGE_IS_PFNZERO:
                    part |= np.uint8(ZERO)
                    part &= np.uint8(~FILE & 0xFF)  # the huge zero page's bit 61 means nothing

    def _slices(self, first: int, end: int) -> Iterator[slice]:
        """Where the pages from `first` up to `end` are, region by region."""
        index = bisect_right(self._ends, first)
        while index < len(self._firsts) and self._firsts[index] < end:
            shift = self._starts[index] - self._firsts[index]
            low, high = max(first, self._firsts[index]), min(end, self._ends[index])
            if low < high:
                yield slice(low + shift, high + shift)
            index += 1


def _mapping(vma: VmaFigures) -> MappingKind:
    """What a VMA of an experiment maps: those names are the experiment's own."""
    if "ht" in vma.flags:
        return "hugetlb"
    if vma.name.startswith(b"/memfd:") or vma.name == b"/dev/zero (deleted)":
        return "shmem"
    return "file" if vma.name.startswith(b"/") else "anon"
