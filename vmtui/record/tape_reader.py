"""One moment of a recording as a sample: with the process, the pages and the parts looked into."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Protocol

from vmtui.missing import Missing
from vmtui.model.page_survey import PageSurvey
from vmtui.observe.machine_depth import PARTS, Known, MachineDepth
from vmtui.observe.page_reading import PageReading
from vmtui.observe.plan import PageWindow, PageWish, Plan, SymbolWish
from vmtui.observe.sample import Sample
from vmtui.observe.symbols_told import SymbolsTold
from vmtui.observe.target_reading import PackedSurvey, TargetReading, pack
from vmtui.record.pages import window_of
from vmtui.record.records import About, Event, RecordedTarget

NOT_IN_DEPTH = Missing(
    "only its line of the list was recorded", "record it by its PID: vmtui record PID"
)
NOT_RECORDED = Missing("recordings hold no such figures: this is seen live only")
NOT_READ_YET = Missing("it had not been read yet at this moment of the recording")
NO_ENTRIES = Missing("a recording holds the state of each page, not its entry and frame")
NO_SYMBOLS = Missing("a recording does not hold the files whose symbols these would be")


class Recorded(Protocol):
    """What is needed of a recording."""

    about: About
    """Where and how it was made."""

    @property
    def ticks(self) -> Sequence[float]:
        """Wall clock of every sample, oldest first."""

    @property
    def events(self) -> Sequence[Event]:
        """What happened, oldest first."""

    @property
    def all_pids(self) -> Sequence[int]:
        """Processes that were recorded in depth at any tick."""

    def sample(self, index: int) -> Sample:
        """One tick, without a target."""

    @property
    def has_depth(self) -> bool:
        """Whether any of the machine's dear parts was recorded."""

    def depth(self, index: int, wanted: Collection[str]) -> MachineDepth:
        """Those of the machine's dear parts that were known at that tick."""

    def target(self, index: int, pid: int) -> RecordedTarget | Missing:
        """One process at that tick, or that it was not recorded."""

    def refresh(self) -> int:
        """Take in what was written since; how many ticks are new. Indices may change."""

    def close(self) -> None:
        """Let go of the file."""


@dataclass(frozen=True, slots=True)
class View:
    """What of a plan decides what is in a sample."""

    target: int | None
    window: PageWindow | None
    depth: frozenset[str]
    page: PageWish | None
    symbols: SymbolWish | None


def view_of(plan: Plan) -> View:
    """What the screens look into."""
    if plan.target is None:
        return View(None, None, plan.depth, None, None)
    return View(plan.target, plan.window, plan.depth, plan.page, plan.symbols)


class TapeReader:
    """Belongs to one thread. What did not change from one sample to the next is the same object."""

    def __init__(self, recording: Recorded) -> None:
        self._recording = recording
        self._pids: frozenset[int] | None = None
        self._pages: tuple[tuple[object, ...], PageSurvey | Missing] = ((), NOT_IN_DEPTH)
        self._packed: PackedSurvey | None = None
        self._depth: tuple[frozenset[str], tuple[object, ...], MachineDepth] = (
            frozenset(), (), MachineDepth()
        )  # fmt: skip

    def sample(self, index: int, view: View) -> Sample:
        """The sample at that place in the recording, which becomes its number.

        Raises:
            VmtuiError: the file cannot be read there.
        """
        said = self._recording.sample(index)
        target = None if view.target is None else self._target(index, said, view.target, view)
        if target is not None and (view.page is not None or view.symbols is not None):
            target = replace(target, page=_page(view.page), symbols=_symbols(view.symbols))
        return replace(said, number=index, target=target, depth=self._depth_of(index, said, view))

    def refresh(self) -> int:
        """Take in what was written since; how many ticks are new."""
        self._pids = None
        return self._recording.refresh()

    def close(self) -> None:
        """Let go of the file."""
        self._recording.close()

    def _target(self, index: int, said: Sample, pid: int, view: View) -> TargetReading:
        found = self._recording.target(index, pid)
        if isinstance(found, Missing):
            if self._pids is None:
                self._pids = frozenset(self._recording.all_pids)
            return _from_list(said, pid, found if pid in self._pids else NOT_IN_DEPTH)
        if view.window is None:
            return replace(found.reading, pages=None, packed_pages=None)
        survey = self._survey(found, view.window)
        if isinstance(survey, Missing) or isinstance(found.pages, Missing):
            return replace(found.reading, pages=survey, packed_pages=None)
        return replace(
            found.reading, pages=survey, packed_pages=self._packed, pages_at=found.pages.at
        )

    def _survey(self, found: RecordedTarget, window: PageWindow) -> PageSurvey | Missing:
        made_of = found.pages, found.reading.vmas, window
        if len(self._pages[0]) != len(made_of) or any(
            old is not new for old, new in zip(self._pages[0], made_of, strict=True)
        ):
            survey = window_of(found.pages, found.reading.vmas, window.start, window.end)
            self._pages = made_of, survey
            if isinstance(survey, PageSurvey):
                self._packed = pack(survey, self._packed)
        return self._pages[1]

    def _depth_of(self, index: int, said: Sample, view: View) -> MachineDepth | None:
        """The dear parts of the machine; those that are looked at but not recorded say so."""
        if not view.depth:
            return None
        found = self._recording.depth(index, view.depth)
        made_of = tuple(getattr(found, name) for name in PARTS)
        if self._depth[0] != view.depth or any(
            old is not new for old, new in zip(self._depth[1], made_of, strict=True)
        ):
            absent = {name for name in view.depth if getattr(found, name) is None}
            parts: dict[str, Any] = {
                name: Known(self._why_absent(name), said.began, 0.0) for name in absent
            }
            self._depth = view.depth, made_of, replace(found, **parts)
        return self._depth[2]

    def _why_absent(self, name: str) -> Missing:
        """Frames one by one are never recorded, and older recordings have no such parts."""
        recorded = name != "closer" and self._recording.has_depth
        return NOT_READ_YET if recorded else NOT_RECORDED


@cache
def _page(wish: PageWish | None) -> PageReading | None:
    """Of one page there is its state on the level above, and no more."""
    return None if wish is None else PageReading(wish.address, NO_ENTRIES, None, None)


@cache
def _symbols(wish: SymbolWish | None) -> SymbolsTold | None:
    """Nothing is known of what lies in which file."""
    if wish is None:
        return None
    return SymbolsTold(
        objects=NO_SYMBOLS if wish.objects else None,
        parts=None if wish.parts_of is None else NO_SYMBOLS,
    )


def _from_list(said: Sample, pid: int, why: Missing) -> TargetReading:
    """What the process list knows of it, and why there is no more."""
    reading = replace(TargetReading.never(pid, why, said.taken_at), ended_at=None)
    listed = said.process(pid)
    if listed is None:
        return reading
    misc = listed.misc
    return replace(
        reading,
        stat=listed.stat,
        stat_at=listed.stat_at,
        statm=why if listed.statm is None else listed.statm,
        status=listed.status,
        rollup=listed.rollup,
        rollup_at=listed.rollup_at,
        oom_score=misc if isinstance(misc, Missing) else misc.oom_score,
        oom_score_adj=misc if isinstance(misc, Missing) else misc.oom_score_adj,
        cgroup_path=misc if isinstance(misc, Missing) else misc.cgroup,
    )
