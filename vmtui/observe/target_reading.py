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
from vmtui.model.page_survey import PageSurvey
from vmtui.model.slices import ScannedSpace
from vmtui.model.target_history import Moment
from vmtui.model.vmas import Vmas
from vmtui.observe.page_reading import PageReading
from vmtui.observe.symbols_told import SymbolsTold

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


def pack(survey: PageSurvey, before: PackedSurvey | None = None) -> PackedSurvey:
    """Compress the states: megabytes of equal neighbours become kilobytes.

    Args:
        survey: the pages now.
        before: the same range a tick ago; where nothing changed its bytes are shared.
    """
    states = zlib.compress(survey.states.data, 1)
    if before is not None and before.states == states:
        states = before.states
    return PackedSurvey(replace(survey, states=np.empty(0, np.uint8)), states, len(survey.states))


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
    packed_pages: PackedSurvey | None
    """The same compressed, which is what history keeps."""
    pages_at: float
    lock_seconds: float
    """Seconds this tick spent in reads that hold the target's mm lock."""
    page: PageReading | None = None
    """The one page on screen; None when none is open."""
    symbols: SymbolsTold | None = None
    """What is known of the symbols on screen; None when none are."""
    notes: Mapping[str, Missing] = field(default_factory=dict)
    """What was refused, by source."""

    @classmethod
    def never(cls, pid: int, why: Missing, now: float) -> TargetReading:
        """Of a process that could not be attached: nothing but the reason.

        Args:
            pid: its number.
            why: what the kernel answered.
            now: wall clock.
        """
        return cls(
            pid=pid, identity=why, ended_at=now, stat=why, stat_at=0.0, statm=why, status=why,
            rollup=why, rollup_at=0.0, vmas=why, vmas_at=0.0, space=why, space_at=0.0,
            limits=why, cgroup=why, cgroup_path=why, oom_score=why, oom_score_adj=why,
            pages=None, packed_pages=None, pages_at=0.0, lock_seconds=0.0,
        )  # fmt: skip

    def survey(self) -> PageSurvey | Missing | None:
        """The pages, unpacked if need be."""
        return self.pages.unpacked() if isinstance(self.pages, PackedSurvey) else self.pages

    def packed(self) -> TargetReading:
        """The same with its pages compressed, for the journal."""
        if self.packed_pages is None or isinstance(self.pages, PackedSurvey):
            return self
        return replace(self, pages=self.packed_pages)

    def heavy_bytes(self, before: TargetReading | None) -> int:
        """Memory of those parts that `before` does not share."""
        total = 0
        if not isinstance(self.space, Missing) and (
            before is None or before.space is not self.space
        ):
            total += self.space.nbytes
        if not isinstance(self.vmas, Missing) and (before is None or before.vmas is not self.vmas):
            total += self.vmas.nbytes
        packed = self.packed_pages
        if packed is not None:
            then = before and before.packed_pages
            total += 0 if then and then.states is packed.states else len(packed.states)
        if self.page is not None and (before is None or before.page is not self.page):
            total += self.page.nbytes
        if self.symbols is not None and (before is None or before.symbols is not self.symbols):
            total += self.symbols.nbytes(before.symbols if before else None)
        return total

    def light(self) -> TargetReading:
        """The figures alone."""
        return replace(
            self,
            space=TOO_OLD,
            vmas=TOO_OLD,
            pages=None if self.pages is None else TOO_OLD,
            packed_pages=None,
            page=None,
            symbols=None,
        )


def moment_of(reading: TargetReading) -> Moment:
    """What the charts take from it."""
    status, stat, rollup, group = reading.status, reading.stat, reading.rollup, reading.cgroup

    def of(record: object, name: str) -> int | Missing:
        return record if isinstance(record, Missing) else getattr(record, name)

    return Moment(
        at=reading.stat_at,
        minflt=of(stat, "minflt"),
        majflt=of(stat, "majflt"),
        anon=of(status, "rss_anon_bytes"),
        file=of(status, "rss_file_bytes"),
        shmem=of(status, "rss_shmem_bytes"),
        rss=of(status, "vm_rss_bytes"),
        pss=of(rollup, "pss_bytes"),
        uss=of(rollup, "uss_bytes"),
        swap=of(status, "vm_swap_bytes"),
        page_tables=of(status, "vm_pte_bytes"),
        cgroup=of(group, "usage_bytes"),
        cgroup_limit=of(group, "limit_bytes"),
    )
