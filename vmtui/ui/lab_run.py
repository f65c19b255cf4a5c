"""Experiments in a thread of their own: one moment after the other, as fast as whoever looks wants.

The thread does one chunk, says so once, and waits: for its pace, for a key, or for nothing at full
speed. Whoever is told asks for what is newest; nothing is queued, and the user interface never
waits for the thread.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import cast

from textual.message import Message

from vmtui.errors import VmtuiError
from vmtui.lab.course import forecasts
from vmtui.lab.experiment import Experiment
from vmtui.lab.moments import Forecast, Moment, Result
from vmtui.lab.probe import probe
from vmtui.lab.run import Run
from vmtui.lab.spawner import Bench
from vmtui.lab.text import Language
from vmtui.theory import Kernel

SPEEDS: tuple[tuple[str, float], ...] = (
    ("¼×", 1.0), ("½×", 0.5), ("1×", 0.2), ("2×", 0.1), ("4×", 0.05), ("full speed", 0.0),
)  # fmt: skip
"""Words, and seconds between the beginnings of two moments."""
USUAL_SPEED = 2
_PATIENCE_SECONDS = 1.0
_TELL_EVERY_SECONDS = 0.25


class State(Enum):
    """Where a run is; the value is what the first line says of it."""

    PREPARING = "preparing"
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    OVER = "over"


class RunMoved(Message):
    """There is something new to see of a run; ask it for what is newest."""

    def __init__(self, run: LabRun) -> None:
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


class Laboratory:
    """What runs share: the bench, what is known of this kernel, the language, the one run."""

    def __init__(self, language: Language | None = None) -> None:
        self.language: Language = language or _language()
        self.bench: Bench | None = None
        self.current: LabRun | None = None
        self._kernel: Kernel | None = None

    def open_bench(self) -> Bench:
        """The bench, opened once; from the main thread, whose death its processes do not survive.

        Raises:
            NotSupported: no process can be started.
        """
        if self.bench is None:
            self.bench = Bench.open()
        return self.bench

    def kernel(self) -> Kernel:
        """What was found out about this kernel; the first call tries it out on the bench."""
        if self._kernel is None:
            assert self.bench is not None
            self._kernel = probe(self.bench).kernel
        return self._kernel

    def make(self, experiment: Experiment, values: Mapping[str, str]) -> Run:
        """A run on the bench; called in the run's thread.

        Raises:
            ScriptError, TooMuch: it is refused.
        """
        assert self.bench is not None
        return Run(experiment, values, self.bench, self.kernel())

    def predict(self, run: Run) -> Iterable[Forecast]:
        """What the theory says of every moment of a run, one after the other."""
        return forecasts(run.script, run.plan, run.kernel, run.keys)

    @property
    def busy(self) -> bool:
        """Whether processes of an experiment live."""
        run = self.current
        return run is not None and run.state in (State.RUNNING, State.PAUSED)

    @property
    def title(self) -> str:
        """Of the experiment whose run there is."""
        return self.current.experiment.title.of(self.language) if self.current else ""

    def begin(self, run: LabRun) -> None:
        """Start a run; the one before it ends first."""
        before, self.current = self.current, run
        if before is not None:
            before.close()
        run.start(after=before)

    def leave(self) -> None:
        """End the run, if there is one; does not wait."""
        if self.current is not None:
            self.current.close()

    def close(self) -> None:
        """End everything, and wait for it."""
        run, self.current = self.current, None
        if run is not None:
            run.close()
            run.join(_PATIENCE_SECONDS)
        if self.bench is not None:
            self.bench.close()
            self.bench = None


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
    ) -> None:
        """A run that has not started.

        Args:
            laboratory: whose bench it uses.
            experiment: what is run.
            values: of all its parameters.
            tell: hands a message to the user interface, from any thread.
            speed: index into SPEEDS.
        """
        self.experiment = experiment
        self.values = dict(values)
        self.state = State.PREPARING
        self.run: Run | None = None
        self.forecast: tuple[Forecast, ...] = ()
        self.latest: Moment | None = None
        self.past: tuple[Past, ...] = ()
        self.finished: tuple[Moment, ...] = ()
        """The last moment of every step that is done."""
        self.result: Result | None = None
        self.error = ""
        """Why it could not be run, or ended early; display text."""
        self.speed = speed
        self._laboratory = laboratory
        self._tell = tell
        self._told = False
        self._closed = False
        self._budget = 0
        """Steps that may still be done; −1 for all."""
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
            run = self.run = self._laboratory.make(self.experiment, self.values)
            ahead = threading.Thread(
                target=self._look_ahead, args=(run,), name="vmtui-forecast", daemon=True
            )
            ahead.start()
            if not self._closed:
                self._through(run)
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
        self._news()

    def _through(self, run: Run) -> None:
        began = time.monotonic()
        with contextlib.closing(cast("Generator[Moment]", run.moments())) as moments:
            for moment in moments:
                self._note(moment)
                if not self._may_go_on(moment, began):
                    break
                began = time.monotonic()
        if not self._closed:
            self.result = run.result()
            if self.result.stopped is not None:
                self.error = self.result.stopped.of(self._laboratory.language)

    def _note(self, moment: Moment) -> None:
        self.latest = moment
        self.past = (*self.past, Past(moment.step, moment.part, moment.chart))
        if moment.finished_step and moment.step >= 0:
            self.finished = (*self.finished, moment)
        with self._turn:
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
                    return True
                self._turn.wait(rest)
        return False

    def _news(self) -> None:
        """Tell the user interface, unless it has not looked at the last news yet."""
        if not self._told:
            self._told = True
            self._tell(RunMoved(self))


def _language() -> Language:
    chosen = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "ja" if next((one for one in chosen if one), "").startswith("ja") else "en"
