"""How private memory grew from moment to moment: what only ever grows, and for how long it can.

A leak is told from its shape: private pages of a VMA that never became fewer, that rose again and
again, early and late. A program that warms up rises once and stops; one that allocates and frees
goes up and down. Pages in swap count: they were not given back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.distinct import distinct
from vmtui.model.process_moment import ProcessMoment
from vmtui.model.residency import residency
from vmtui.model.slices import ScannedSpace
from vmtui.model.vma_kinds import KINDS
from vmtui.model.vma_match import Matching
from vmtui.model.vmas import Vmas

LEAST_MOMENTS = 5
"""Fewer say nothing about a shape."""
_LEAST_RISES = 3
_LEAST_PAGES = 16
NO_PAST = Missing("needs moments between the two, as a recording of this process has them")
TOO_FEW = Missing(f"needs {LEAST_MOMENTS} moments with a scan of its pages")


@dataclass(frozen=True, slots=True)
class Leak:
    """Private memory that only ever grew."""

    bytes_per_second: float
    grown: int
    """Bytes from the first moment to the last."""
    rises: int
    """Steps from one moment to the next in which it grew."""
    steps: int
    """All such steps."""


@dataclass(frozen=True, slots=True)
class Room:
    """What is left for it to grow into."""

    left: int
    """Bytes."""
    of: str
    """`cgroup`, or `machine` where no limit is set."""

    def seconds(self, bytes_per_second: float) -> float:
        """How long it lasts at that rate; infinite where nothing grows."""
        return max(0, self.left) / bytes_per_second if bytes_per_second > 0 else float("inf")


class Growth:
    """The private pages of groups of VMAs, moment by moment."""

    def __init__(
        self, moments: Iterable[ProcessMoment], before: Vmas, after: Vmas, matching: Matching
    ) -> None:
        """Count them, one moment at a time: they are large, and none is kept.

        Args:
            moments: of one process, oldest first: the two that are compared and those between.
            before: the VMAs of the first.
            after: of the last.
            matching: of these two.
        """
        starts, ends, groups = _ranges(before, after, matching)
        self._private = _private(before, after, matching)
        times: list[float] = []
        self._work: list[tuple[int, int] | Missing] = []
        counted: list[NDArray[np.int64]] = []
        for moment in moments:
            if isinstance(moment.space, ScannedSpace):
                times.append(moment.at)
                self._work.append(moment.work)
                pages = _private_pages(moment.space, starts, ends)
                counted.append(np.bincount(groups, pages, matching.groups).astype(np.int64))
        self.times = np.array(times)
        self._pages = np.array(counted, np.int64).reshape(len(times), matching.groups)

    def series(self, group: int) -> NDArray[np.int64]:
        """Private pages of one group at each moment, in memory or in swap."""
        column: NDArray[np.int64] = self._pages[:, group]
        return column

    def leak(self, group: int) -> Leak | None:
        """What it leaks; None if its shape says nothing of the kind."""
        if not self._private[group] or len(self.times) < LEAST_MOMENTS:
            return None
        pages = self.series(group)
        steps = np.diff(pages)
        rises, grown = np.flatnonzero(steps > 0), int(pages[-1] - pages[0])
        if (steps < 0).any() or len(rises) < _LEAST_RISES or grown < _LEAST_PAGES:
            return None
        third = len(steps) / 3
        if rises[0] >= third or rises[-1] < len(steps) - third:
            return None  # it did not go on from beginning to end
        seconds = float(self.times[-1] - self.times[0])
        if seconds <= 0:
            return None
        return Leak(grown * PAGE_SIZE / seconds, grown * PAGE_SIZE, len(rises), len(steps))

    def leaks(self) -> list[tuple[int, Leak]]:
        """Every group that leaks, the fastest first."""
        if len(self.times) < LEAST_MOMENTS:
            return []
        steps = np.diff(self._pages, axis=0)
        likely = np.flatnonzero((steps >= 0).all(axis=0) & (steps > 0).any(axis=0)).tolist()
        found = [(group, leak) for group in likely if (leak := self.leak(group)) is not None]
        return sorted(found, key=lambda each: -each[1].bytes_per_second)

    def still_for(self, group: int) -> tuple[float, bool]:
        """Seconds since its pages last changed in number, and whether it ran at all since."""
        pages = self.series(group)
        if not len(pages):
            return 0.0, True
        changed = np.flatnonzero(pages != pages[-1])
        since = int(changed[-1]) + 1 if len(changed) else 0
        work = self._work[since:]
        idle = not any(isinstance(one, Missing) for one in work) and len(set(work)) == 1
        return float(self.times[-1] - self.times[since]), not idle


def room_of(moment: ProcessMoment) -> Room | Missing:
    """What its cgroup may still be charged; without a limit, what the machine has."""
    if not isinstance(moment.limit, Missing):
        if not isinstance(moment.left, Missing):
            return Room(moment.left, "cgroup")
        if isinstance(moment.usage, Missing):
            return moment.usage
        return Room(moment.limit - moment.usage, "cgroup")  # older recordings know no more
    if isinstance(moment.available, Missing):
        return moment.available
    return Room(moment.available, "machine")


def _ranges(
    before: Vmas, after: Vmas, matching: Matching
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.intp]]:
    """Addresses that belong to each group, at the later moment or else at the earlier one."""
    edges = distinct(
        np.concatenate((before.maps.start, before.maps.end, after.maps.start, after.maps.end))
    )
    starts, ends = edges[:-1], edges[1:]
    of = np.full(len(starts), -1)
    for vmas, groups in ((before, matching.of_before), (after, matching.of_after)):
        if len(vmas):
            index = np.searchsorted(vmas.maps.start, starts, side="right") - 1
            covered = (index >= 0) & (starts < vmas.maps.end[np.maximum(index, 0)])
            of[covered] = groups[index[covered]]
    return starts[of >= 0], ends[of >= 0], of[of >= 0]


def _private(before: Vmas, after: Vmas, matching: Matching) -> NDArray[np.bool_]:
    """Which groups are private memory: heap, stack, and what has no file."""
    anon = np.array([kind.mapping == "anon" for kind in KINDS])
    found = np.zeros(matching.groups, bool)
    found[matching.of_before] = anon[before.kind_codes]
    found[matching.of_after] = anon[after.kind_codes]
    return found


def _private_pages(
    space: ScannedSpace, starts: NDArray[np.uint64], ends: NDArray[np.uint64]
) -> NDArray[np.int64]:
    categories = space.categories

    def has(bit: int) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (categories & np.uint64(bit)) != 0
        return found

    chosen = has(flags.PAGE_IS_PRESENT) & ~has(flags.PAGE_IS_PFNZERO)
    chosen |= has(flags.PAGE_IS_SWAPPED) & ~has(flags.PAGE_IS_GUARD)
    return residency(starts, ends, space.starts[chosen], space.ends[chosen])
