"""The dear parts of the machine: read while they are on screen, in the background, on a budget.

What is cheap is read within the tick. The rest has a thread of its own for each reading, and the
tick takes what is there: it never waits. A part is read again once its last reading was a small
share of the time since, so that however dear it is, it costs little.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from vmtui.missing import Missing
from vmtui.model.groups import GroupSurvey
from vmtui.model.machine_parts import BlockDetail, OverviewDetail
from vmtui.model.oom import OomRanking
from vmtui.observe.budget import DUTY
from vmtui.observe.errand import Cancelled, Errand

if TYPE_CHECKING:  # numpy comes with these
    from vmtui.model.page_cache import CacheSurvey
    from vmtui.observe.frames_closer import FramesCloser
    from vmtui.observe.packed_frames import PackedFrames

T = TypeVar("T")
Window = tuple[int, int]
"""First frame, and how many."""
_FRAMES_DUTY = 0.05
_PATIENCE_SECONDS = 0.05
"""How long a tick waits for a cheap part; then it goes on without."""
_ITEM_BYTES = 300
"""An estimate of a file, process or group that has changed."""


@dataclass(frozen=True, slots=True, eq=False)
class Known(Generic[T]):
    """A part and when it was read."""

    value: T | Missing
    at: float
    """When the reading ended, seconds of the monotonic clock."""
    took: float
    """Seconds."""
    nbytes: int = 0
    """What it takes in memory beyond the reading before it."""


@dataclass(frozen=True, slots=True, eq=False)
class MachineDepth:
    """The latest of every part that was on screen so far; None for one that never was."""

    overview: Known[OverviewDetail] | None = None
    blocks: Known[BlockDetail] | None = None
    files: Known[CacheSurvey] | None = None
    oom: Known[OomRanking] | None = None
    groups: Known[GroupSurvey] | None = None
    frames: Known[PackedFrames] | None = None
    closer: Known[FramesCloser] | None = None
    """The frames of the window, one by one."""

    def nbytes(self, before: MachineDepth | None) -> int:
        """What it takes in memory beyond the depth of the sample before."""
        total = 0
        for name in PARTS:
            known: Known[Any] | None = getattr(self, name)
            if known is not None and (before is None or known is not getattr(before, name)):
                total += known.nbytes
        return total


PARTS = ("overview", "blocks", "files", "oom", "groups", "frames", "closer")
"""What a plan may ask for."""


@dataclass(frozen=True, slots=True)
class Source:
    """How a part is read."""

    work: Callable[[Cancelled, Any, Window], Generator[tuple[Any, int], None, None]]
    """(cancelled, value before, window) → values, each with what it takes in memory."""
    least_seconds: float = 1.0
    """Between the beginnings of two readings."""
    duty: float = DUTY
    in_tick: bool = False
    """Whether it is so cheap that the tick waits for it."""
    shows_progress: bool = False
    """Whether the first reading's unfinished values are shown."""


@dataclass(slots=True)
class _State:
    known: Known[Any] | None = None
    is_whole: bool = False
    due: float = float("-inf")
    errand: Errand[Known[Any]] | None = None
    began: float = 0.0
    window: Window = (0, 0)


@dataclass(slots=True)
class DepthReader:
    """Belongs to the sampler thread."""

    sources: Mapping[str, Source] = field(default_factory=lambda: SOURCES)
    clock: Callable[[], float] = time.monotonic
    _states: dict[str, _State] = field(default_factory=dict)
    _depth: MachineDepth | None = None

    def look(
        self, wanted: frozenset[str], window: Window, slow: bool = True
    ) -> MachineDepth | None:
        """What is known now of all parts; begins to read what is wanted and due.

        Args:
            wanted: names among `PARTS`.
            window: the frames of which `closer` shows each.
            slow: whether parts that are read within the tick are due.
        """
        for name in self._states.keys() - wanted:
            self._leave(self._states[name])
        changed: dict[str, Known[Any]] = {}
        for name in sorted(wanted & self.sources.keys()):
            state = self._states.setdefault(name, _State())
            if state.window != window and name == "closer":
                self._leave(state)
                state.window, state.due = window, float("-inf")
            before = state.known
            self._advance(state, self.sources[name], slow=slow)
            if state.known is not None and state.known is not before:
                changed[name] = state.known
        if changed:
            self._depth = replace(self._depth or MachineDepth(), **changed)
        return self._depth

    @property
    def expecting(self) -> bool:
        """Whether something that is not on screen yet comes soon: look again before long."""
        return any(
            state.errand is not None and (state.known is None or not state.is_whole)
            for state in self._states.values()
        )

    def close(self) -> None:
        """Have all that is under way end."""
        for state in self._states.values():
            self._leave(state)

    def _advance(self, state: _State, source: Source, *, slow: bool) -> None:
        if state.errand is not None:
            self._take(state, source)
        now = self.clock()
        if state.errand is None and now >= state.due and (slow or not source.in_tick):
            state.began = now
            value = None if state.known is None else state.known.value
            state.errand = Errand(partial(self._read, source, value, state.window), "vmtui-depth")
            if source.in_tick:
                state.errand.wait(_PATIENCE_SECONDS)
                self._take(state, source)

    def _read(
        self, source: Source, before: Any, window: Window, cancelled: Cancelled
    ) -> Generator[Known[Any], None, None]:
        began = self.clock()
        for value, nbytes in source.work(cancelled, before, window):
            now = self.clock()
            yield Known(value, now, now - began, nbytes)

    def _take(self, state: _State, source: Source) -> None:
        """What the reading has found so far."""
        errand = state.errand
        assert errand is not None
        running, found = errand.running, errand.latest  # in this order: nothing is missed
        shown = not running or (source.shows_progress and not state.is_whole)
        if found is not None and shown:
            state.known = found
        if running:
            return
        now = self.clock()
        took = now - state.began if found is None else found.at - state.began
        if (error := errand.error) is not None:
            state.known = Known(Missing.because(error), now, took)
        state.errand, state.is_whole = None, True
        state.due = state.began + max(source.least_seconds, took / source.duty)

    def _leave(self, state: _State) -> None:
        """Nobody looks any more; when somebody does again, it is read at once if it is due."""
        if state.errand is not None:
            state.errand.cancel()
            state.errand = None


Key = Callable[[Any], Any]


def kept(before: tuple[T, ...], now: tuple[T, ...], key: Key) -> tuple[tuple[T, ...], int]:
    """The same things, those that have not changed as the objects they were: a history is light.

    Returns:
        The things, and what they take in memory beyond those before.
    """
    old = {key(one): one for one in before}
    made, changed = [], 0
    for one in now:
        same = old.get(key(one))
        if same == one and same is not None:
            made.append(same)
        else:
            made.append(one)
            changed += 1
    return tuple(made), changed * _ITEM_BYTES + 8 * len(made)


def _overview(
    _: Cancelled, _before: Any, _window: Window
) -> Generator[tuple[Any, int], None, None]:
    from vmtui.observe import machine_parts

    yield machine_parts.overview(), 2 * _ITEM_BYTES


def _blocks(_: Cancelled, _before: Any, _window: Window) -> Generator[tuple[Any, int], None, None]:
    from vmtui.observe import machine_parts

    yield machine_parts.blocks(), 2 * _ITEM_BYTES


def _files(
    cancelled: Cancelled, before: Any, _window: Window
) -> Generator[tuple[Any, int], None, None]:
    from vmtui.observe import page_cache  # numpy comes with it

    found = page_cache.survey(cancelled=cancelled)
    past = () if before is None or isinstance(before, Missing) else before.files
    files, nbytes = kept(past, found.files, lambda file: (file.device, file.inode, file.path))
    yield replace(found, files=files), nbytes


def _oom(
    cancelled: Cancelled, before: Any, _window: Window
) -> Generator[tuple[Any, int], None, None]:
    from vmtui.observe import oom_ranking

    found = oom_ranking.read(cancelled)
    if isinstance(found, Missing):
        yield found, 0
        return
    past = () if before is None or isinstance(before, Missing) else before.candidates
    candidates, nbytes = kept(past, found.candidates, lambda one: one.pid)
    yield replace(found, candidates=candidates), nbytes


def _groups(
    cancelled: Cancelled, before: Any, _window: Window
) -> Generator[tuple[Any, int], None, None]:
    from vmtui.observe import groups

    found = groups.survey(cancelled=cancelled)
    past = () if before is None or isinstance(before, Missing) else before.groups
    made, nbytes = kept(past, found.groups, lambda group: group.path)
    yield replace(found, groups=made), nbytes


def _frames(
    cancelled: Cancelled, _before: Any, _window: Window
) -> Generator[tuple[Any, int], None, None]:
    from vmtui.observe import frames, packed_frames

    for found in frames.survey(cancelled):
        packed = packed_frames.pack(found)
        yield packed, packed.nbytes


def _closer(_: Cancelled, _before: Any, window: Window) -> Generator[tuple[Any, int], None, None]:
    from vmtui.observe import frames_closer

    if window[1]:
        found = frames_closer.read(*window, with_counts=True)
        yield found, 18 * window[1]


SOURCES: Mapping[str, Source] = {
    "overview": Source(_overview, in_tick=True),
    "blocks": Source(_blocks, in_tick=True),
    "files": Source(_files, 2.0),
    "oom": Source(_oom),
    "groups": Source(_groups),
    "frames": Source(_frames, 5.0, _FRAMES_DUTY, shows_progress=True),
    "closer": Source(_closer),
}
