"""What one tick knows of the process that is looked into: figures, VMAs, pages."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from vmtui.kernel.cgroup import MemoryCgroup
from vmtui.kernel.identity import Identity
from vmtui.kernel.limits import Limit
from vmtui.kernel.smaps_rollup import Rollup
from vmtui.kernel.stat import Stat
from vmtui.kernel.statm import Statm
from vmtui.kernel.status import Status
from vmtui.missing import Missing
from vmtui.model.slices import ScannedSpace
from vmtui.model.vmas import Vmas
from vmtui.observe.page_reader import PageSurvey

TOO_OLD = Missing("too long ago: of that moment only the figures are kept, not the pages")


@dataclass(frozen=True, slots=True)
class PackedSurvey:
    """A page survey of the past, its states compressed."""

    survey: PageSurvey
    """With an empty array of states."""
    states: bytes
    pages: int

    def unpacked(self) -> PageSurvey:
        """The survey as it was."""
        states = np.frombuffer(zlib.decompress(self.states), np.uint8)
        return replace(self.survey, states=states)


def pack(survey: PageSurvey) -> PackedSurvey:
    """Compress the states: megabytes of equal neighbours become kilobytes."""
    return PackedSurvey(
        replace(survey, states=np.empty(0, np.uint8)),
        zlib.compress(memoryview(survey.states), 1),
        len(survey.states),
    )


@dataclass(frozen=True, slots=True)
class TargetReading:
    """One process in depth. Parts that were not due this tick are those of an earlier one."""

    pid: int
    identity: Identity | Missing
    ended_at: float | None
    """Wall clock when it was found to have exited; everything else is then the last known."""
    stat: Stat | Missing
    stat_at: float
    statm: Statm | Missing
    status: Status | Missing
    rollup: Rollup | Missing
    rollup_at: float
    """Seconds of the monotonic clock, as all `_at` here."""
    vmas: Vmas | Missing
    vmas_at: float
    space: ScannedSpace | Missing
    """What is populated in the whole address space."""
    space_at: float
    limits: tuple[Limit, ...] | Missing
    cgroup: MemoryCgroup | Missing
    cgroup_path: bytes | Missing
    oom_score: int | Missing
    oom_score_adj: int | Missing
    pages: PageSurvey | PackedSurvey | Missing | None
    """The pages of the VMA on screen; None when no VMA is open."""
    pages_at: float
    lock_seconds: float
    """Seconds this tick spent in reads that hold the target's mm lock."""
    notes: Mapping[str, Missing] = field(default_factory=dict)
    """What was refused, by source."""

    def survey(self) -> PageSurvey | Missing | None:
        """The pages, unpacked if need be."""
        return self.pages.unpacked() if isinstance(self.pages, PackedSurvey) else self.pages

    def packed(self) -> TargetReading:
        """The same with its pages compressed, for the journal."""
        if self.pages is None or isinstance(self.pages, Missing | PackedSurvey):
            return self
        return replace(self, pages=pack(self.pages))

    def heavy_bytes(self, before: TargetReading | None) -> int:
        """Memory of those parts that `before` does not share."""
        total = 0
        if not isinstance(self.space, Missing) and (
            before is None or before.space is not self.space
        ):
            total += self.space.nbytes
        if not isinstance(self.vmas, Missing) and (before is None or before.vmas is not self.vmas):
            total += self.vmas.nbytes
        if isinstance(self.pages, PackedSurvey):
            shared = (
                before is not None
                and isinstance(before.pages, PackedSurvey)
                and before.pages.states is self.pages.states
            )
            total += 0 if shared else len(self.pages.states)
        elif self.pages is not None and not isinstance(self.pages, Missing):
            total += len(self.pages.states)
        return total

    def light(self) -> TargetReading:
        """The figures alone."""
        return replace(
            self, space=TOO_OLD, vmas=TOO_OLD, pages=None if self.pages is None else TOO_OLD
        )
