"""Experiments in a thread of their own: one moment after the other, as fast as whoever looks wants.

The thread does one chunk, says so once, and waits: for its pace, for a key, or for nothing at full
speed. Whoever is told asks for what is newest; nothing is queued, and the user interface never
waits for the thread.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, cast

from textual.message import Message

from vmtui.errors import VmtuiError
from vmtui.lab.evidence import GroupView, MachineView
from vmtui.lab.experiment import Experiment
from vmtui.lab.moments import Forecast, Moment, Result
from vmtui.lab.run import Run
from vmtui.ui.lab.taping import LabTaping

if TYPE_CHECKING:
    from vmtui.record.recorder import Recorder
    from vmtui.ui.lab.laboratory import Laboratory
    from vmtui.ui.lab.staged_run import StagedRun

SPEEDS: tuple[tuple[str, float], ...] = (
    ("¼×", 1.0), ("½×", 0.5), ("1×", 0.2), ("2×", 0.1), ("4×", 0.05), ("full speed", 0.0),
)  # fmt: skip
"""Words, and seconds between the beginnings of two moments."""
USUAL_SPEED = 2
_TELL_EVERY_SECONDS = 0.25
_GLANCE_SECONDS = 0.15
"""After so long without a moment one glances at the processes; charts move 4 times a second."""
_NEARER = 0.8
"""What every glance leaves of the way to the moment that is awaited: how long it is nobody knows.
"""


class State(Enum):
    """Where a run is; the value is what the first line says of it."""

    PREPARING = "preparing"
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    OVER = "over"


class RunMoved(Message):
    """There is something new to see of a run; ask it for what is newest."""

    def __init__(self, run: StagedRun) -> None:
        super().__init__()
        self.run = run


class RunFailed(Message):
    """The run's thread met an error that is vmtui's own."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


@dataclass(frozen=True, slots=True)
class Past:
    """What is kept of every moment for the curves."""

    step: int
    part: float
    chart: Mapping[str, int]
    machine: MachineView | None = None
    group: GroupView | None = None


@dataclass(frozen=True, slots=True)
class Passing:
    """A glance at a chunk under way; its place on the axis ends before that of its moment."""

    step: int
    since: float
    """The part of the step at the glance before."""
    part: float
    at: float
    chart: Mapping[str, int]
    machine: MachineView | None = None
    group: GroupView | None = None


class LabRun:
    """One run. Its attributes may be read from any thread; they are replaced, never changed."""

    def __init__(
        self,
        laboratory: Laboratory,
        experiment: Experiment,
        values: Mapping[str, str],
        tell: Callable[[Message], object],
        *,
        speed: int = USUAL_SPEED,
        watches_machine: bool = False,
        recorder: Callable[[], Recorder | None] = lambda: None,
    ) -> None:
        """A run that has not started.

        Args:
            laboratory: whose bench it uses.
            experiment: what is run.
            values: of all its parameters.
            tell: hands a message to the user interface, from any thread.
            speed: index into SPEEDS.
            watches_machine: whether the whole machine is looked at in any case.
            recorder: the recording that goes on just now, if one does; asked in any thread.
        """
        self.experiment = experiment
        self.values = dict(values)
        self.state = State.PREPARING
        self.run: Run | None = None
        self.forecast: tuple[Forecast, ...] = ()
        self.first: Moment | None = None
        """Before the first step."""
        self.latest: Moment | None = None
        self.past: tuple[Past, ...] = ()
        self.glances: tuple[Passing, ...] = ()
        """Since the latest moment; the next one replaces them."""
        self.finished: tuple[Moment, ...] = ()
        """The last moment of every step that is done."""
        self.result: Result | None = None
        self.error = ""
        """Why it could not be run, or ended early; display text."""
        self.speed = speed
        self._watches_machine = watches_machine
        self._taping = LabTaping(recorder)
        self._laboratory = laboratory
        self._tell = tell
        self._told = False
        self._closed = False
        self._budget = 0
        """Steps that may still be done; −1 for all."""
        self._under_way: float | None = None
        """When the chunk that is being done began."""
        self._turn = threading.Condition()
        self._thread: threading.Thread | None = None

    # For the user interface

    def start(self, after: LabRun | None = None) -> None:
        """Prepare in a thread of its own, once the run before has ended."""

        def work() -> None:
            if after is not None:
                after.join(None)
            self._work()

        self._thread = threading.Thread(target=work, name="vmtui-lab", daemon=True)
        self._thread.start()

    def seen(self) -> None:
        """What was told has been looked at; the next news may be told."""
        self._told = False

    def go_on(self) -> None:
        """Run to the end, or to the next pause of the script."""
        self._give(-1)

    def step(self) -> None:
        """Do what is left of this step, or the whole next one."""
        self._give(1)

    def pause(self) -> None:
        """Stand still after the chunk that is being done."""
        self._give(0)

    def toggle(self) -> None:
        """Run or pause."""
        (self.pause if self._budget else self.go_on)()

    def change_speed(self, step: int) -> str:
        """One faster (1) or slower (−1); its words."""
        with self._turn:
            self.speed = min(len(SPEEDS) - 1, max(0, self.speed + step))
            self._turn.notify_all()
        return SPEEDS[self.speed][0]

    def watch_machine(self) -> None:
        """From the next moment on, look at the whole machine too."""
        self._watches_machine = True
        if self.run is not None:
            self.run.watches_machine = True

    def close(self) -> None:
        """End it with all its processes; does not wait for that."""
        with self._turn:
            already, self._closed = self._closed, True
            self._turn.notify_all()
        run = self.run
        if run is not None and not already and self.state is not State.OVER:
            run.stop()

    def join(self, seconds: float | None) -> None:
        """Wait until its thread has ended."""
        if self._thread is not None:
            self._thread.join(seconds)

    @property
    def wants_to_run(self) -> bool:
        """Whether it goes on by itself."""
        return bool(self._budget)

    def _give(self, budget: int) -> None:
        with self._turn:
            if self.state is State.OVER:
                return
            self._budget = budget
            if self.state is not State.PREPARING and self.latest is not None:
                fresh = self.latest.step < 0 and not budget
                self.state = State.RUNNING if budget else State.READY if fresh else State.PAUSED
            self._turn.notify_all()
        self._news()

    # The thread

    def _work(self) -> None:
        try:
            run = self._laboratory.make(self.experiment, self.values)
            run.watches_machine |= self._watches_machine
            self.run = run
            ahead = threading.Thread(
                target=self._look_ahead, args=(run,), name="vmtui-forecast", daemon=True
            )
            ahead.start()
            threading.Thread(
                target=self._glance_often, args=(run,), name="vmtui-glance", daemon=True
            ).start()
            if not self._closed:
                try:
                    self._through(run)
                finally:
                    self._taping.finish(run)
        except VmtuiError as error:
            if not self._closed:  # else the bench may be gone already
                self.error = str(error)
        except BaseException as error:  # our own mistake: the user interface must hear of it
            self._tell(RunFailed(error))
        self.state = State.OVER
        self._news()

    def _look_ahead(self, run: Run) -> None:
        """The forecast, handed out in pieces: for a large region it takes seconds."""
        found: list[Forecast] = []
        told = time.monotonic()
        try:
            for one in self._laboratory.predict(run):
                if self._closed:
                    return
                found.append(one)
                if time.monotonic() - told > _TELL_EVERY_SECONDS:
                    told = time.monotonic()
                    self.forecast = tuple(found)
                    self._news()
        except BaseException as error:
            self._tell(RunFailed(error))
            return
        self.forecast = tuple(found)
        self._taping.foretell(self.forecast)
        self._news()

    def _glance_often(self, run: Run) -> None:
        """While a chunk takes long, look at its processes in passing."""
        try:
            while self.state is not State.OVER and not self._closed:
                time.sleep(_GLANCE_SECONDS)
                began = self._under_way
                if began is not None and time.monotonic() - began >= _GLANCE_SECONDS:
                    self._pass_by(run, began)
        except BaseException as error:
            self._tell(RunFailed(error))

    def _pass_by(self, run: Run, began: float) -> None:
        glance = run.glance()
        with self._turn:
            if self._under_way != began or self.latest is None:
                return  # its moment has come meanwhile
            step, part = self.latest.step, self.latest.part
            if self.latest.finished_step:
                step, part = step + 1, 0.0
            if step >= len(run.plan):
                return  # what it changed is being put back
            end = part + 1 / len(run.plan[step])
            since = self.glances[-1].part if self.glances else part
            near = end - (end - since) * _NEARER
            seen = Passing(step, since, near, glance.at, glance.chart, glance.machine, glance.group)
            self.glances = (*self.glances, seen)
        self._news()

    def _through(self, run: Run) -> None:
        began = time.monotonic()
        with contextlib.closing(cast("Generator[Moment]", run.moments())) as moments:
            for moment in moments:
                self._taping.take(run, moment, self.first, self.finished)
                self._note(moment)
                if not self._may_go_on(moment, began):
                    break
                began = time.monotonic()
        if not self._closed:
            self.result = run.result()
            if self.result.stopped is not None:
                self.error = self.result.stopped.of(self._laboratory.language)
            self.error = "; ".join(filter(None, (self.error, *run.left)))

    def _note(self, moment: Moment) -> None:
        with self._turn:
            self.latest, self.glances, self._under_way = moment, (), None
            self.first = self.first or moment
            self.past = (*self.past, _past(moment))
            if moment.finished_step and moment.step >= 0:
                self.finished = (*self.finished, moment)
            if self._budget > 0 and moment.finished_step and moment.step >= 0:
                self._budget -= 1
            if moment.pauses:
                self._budget = 0
            ready = moment.step < 0
            self.state = State.RUNNING if self._budget else State.READY if ready else State.PAUSED
        self._news()

    def _may_go_on(self, moment: Moment, began: float) -> bool:
        """Wait for permission and for the pace; False once it is closed."""
        with self._turn:
            while not self._closed:
                if not self._budget:
                    self._turn.wait()
                    continue
                rest = began + SPEEDS[self.speed][1] - time.monotonic()
                if rest <= 0 or moment.step < 0:
                    self._under_way = time.monotonic()
                    return True
                self._turn.wait(rest)
        return False

    def _news(self) -> None:
        """Tell the user interface, unless it has not looked at the last news yet."""
        if not self._told:
            self._told = True
            self._tell(RunMoved(self))


def _past(moment: Moment) -> Past:
    return Past(moment.step, moment.part, moment.chart, moment.machine, moment.group)
