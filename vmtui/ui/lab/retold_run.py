"""A recorded run as the stage shows one: played, stepped, scrubbed to any of its moments.

A thread of its own reads the moments one after the other. Any that has been read can be shown at
once; those that have not yet are waited for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.message import Message

from vmtui.errors import VmtuiError
from vmtui.lab.moments import Moment, Result
from vmtui.record.retold import Retold, check
from vmtui.ui.lab.glow import TRAIL, Eye
from vmtui.ui.lab.run import SPEEDS, USUAL_SPEED, Passing, Past, RunFailed, RunMoved, State

if TYPE_CHECKING:
    from vmtui.record.reader import RecordedExperiment, Recording

_ALL = 1 << 30


class RetoldRun:
    """A `StagedRun`. Its attributes may be read from any thread; they are replaced as a whole."""

    def __init__(
        self,
        told: Retold,
        recorded: RecordedExperiment,
        again: Callable[[], Recording],
        tell: Callable[[Message], object],
        *,
        speed: int = USUAL_SPEED,
    ) -> None:
        """A run that stands at its beginning; `start` reads it.

        Args:
            told: its script and words.
            recorded: where it stands in the recording.
            again: opens the recording once more, for the thread that reads.
            tell: hands a message to the user interface, from any thread.
            speed: index into SPEEDS.
        """
        self.run = told
        self.experiment = told.experiment
        self.values = told.values
        self.forecast = told.forecast
        self.result: Result | None = None
        self.error = ""
        self.speed = speed
        self.latest: Moment | None = None
        self.past: tuple[Past, ...] = ()
        self.finished: tuple[Moment, ...] = ()
        self.glances: tuple[Passing, ...] = ()
        self.index = -1
        """Of the moment that is shown."""
        self.trail: tuple[Moment, ...] = ()
        """The moments before it."""
        self.focus: Mapping[str, int] = {}
        """Where one looked at the last of them."""
        self._eye = Eye()
        self._focuses: list[Mapping[str, int]] = []
        """After every moment."""
        self._recorded = recorded
        self._again = again
        self._tell = tell
        self._told = self._closed = False
        self._turn = threading.Condition()
        self._budget = 0
        """Steps that it may still go on by itself."""
        self._wanted = 0
        self._due = 0.0
        self._count = len(recorded.moments)
        self._all: list[Past] = []
        self._ends: list[tuple[int, Moment]] = []
        """The last moment of every step, with its index."""
        self._pauses: set[int] = set()
        self._thread: threading.Thread | None = None

    # For the user interface

    @property
    def state(self) -> State:
        """Where it is."""
        if self.latest is None:
            return State.OVER if self.error else State.PREPARING
        if self._budget:
            return State.RUNNING
        if self.index >= self._count - 1:
            return State.OVER
        return State.READY if self.index == 0 else State.PAUSED

    @property
    def count(self) -> int:
        """How many moments there are."""
        return self._count

    @property
    def reading(self) -> bool:
        """Whether moments are still to be read."""
        return len(self._all) < self._count and not self.error

    @property
    def at(self) -> float:
        """When the moment that is shown was seen, wall clock."""
        return self._recorded.moments[max(0, self.index)] if self._count else self._recorded.began

    @property
    def wants_to_run(self) -> bool:
        """Whether it goes on by itself."""
        return bool(self._budget)

    def start(self) -> None:
        """Begin to read."""
        self._thread = threading.Thread(target=self._work, name="vmtui-retold", daemon=True)
        self._thread.start()

    def seen(self) -> None:
        """What was told has been looked at; the next news may be told."""
        self._told = False

    def go_on(self) -> None:
        """To the end, or to the next pause of the script; from the end, once more."""
        self._give(_ALL)

    def step(self) -> None:
        """What is left of this step, or the whole next one."""
        self._give(1)

    def pause(self) -> None:
        """Stand still."""
        self._give(0)

    def seek(self, index: int) -> None:
        """Go to a moment, and stand still there."""
        with self._turn:
            self._budget = 0
            self._wanted = min(max(0, index), self._count - 1)
            self._turn.notify_all()
        self._news()

    def move(self, moments: int) -> None:
        """Go so many moments on from where one is, or is about to be."""
        self.seek(self._wanted + moments)

    def change_speed(self, step: int) -> str:
        """One faster (1) or slower (−1); its words."""
        with self._turn:
            self.speed = min(len(SPEEDS) - 1, max(0, self.speed + step))
            self._turn.notify_all()
        return SPEEDS[self.speed][0]

    def close(self) -> None:
        """End it; its thread closes the file."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()

    def _give(self, budget: int) -> None:
        with self._turn:
            if budget and self._wanted >= self._count - 1:
                self._wanted = 0
            self._budget = budget if self._count > 1 else 0
            self._due = time.monotonic()
            self._turn.notify_all()
        self._news()

    # The thread

    def _work(self) -> None:
        try:
            with self._again() as recording:
                while not self._closed:
                    self._do_one_thing(recording)
        except VmtuiError as error:
            self.error = str(error)
            self._news()
        except BaseException as error:  # our own mistake: the user interface must hear of it
            self._tell(RunFailed(error))

    def _do_one_thing(self, recording: Recording) -> None:
        """Read one more moment, show one, or wait."""
        reads = len(self._all) < self._count
        if reads:
            self._read_next(recording)
        with self._turn:
            self._advance()
            wanted = self._wanted
            if wanted == self.index or wanted >= len(self._all):
                if not reads and not self._closed:
                    self._turn.wait(
                        max(0.0, self._due - time.monotonic()) if self._budget else None
                    )
                return
        first = max(0, wanted - TRAIL)
        *trail, moment = (recording.moment(self._recorded.number, index)
                          for index in range(first, wanted + 1))  # fmt: skip
        self._show(moment, wanted, tuple(trail))

    def _read_next(self, recording: Recording) -> None:
        index = len(self._all)
        try:
            moment = recording.moment(self._recorded.number, index)
            check(moment, self.run)
        except VmtuiError as error:  # what comes before it can still be seen
            if not index:
                raise
            with self._turn:
                self._count, self.error = index, str(error)
                self._wanted = min(self._wanted, index - 1)
            self._news()
            return
        self._all.append(Past(moment.step, moment.part, moment.chart, moment.machine, moment.group))
        self._eye.look(moment)
        self._focuses.append(dict(self._eye.focus))
        if moment.finished_step and moment.step >= 0:
            self._ends.append((index, moment))
        if moment.pauses:
            self._pauses.add(index)

    def _advance(self) -> None:
        """Move on by what has become due."""
        if not self._budget or self._wanted != self.index:
            return
        if self._wanted >= min(self._count, len(self._all)) - 1:
            if self._wanted >= self._count - 1:
                self._budget = 0
                self._news()
            return
        if time.monotonic() < self._due:
            return
        self._wanted += 1
        self._due = time.monotonic() + SPEEDS[self.speed][1]
        if any(end == self._wanted for end, _ in self._ends):
            self._budget -= 1
        if self._wanted in self._pauses or self._wanted == self._count - 1:
            self._budget = 0

    def _show(self, moment: Moment, index: int, trail: tuple[Moment, ...]) -> None:
        with self._turn:
            self.latest, self.index, self.trail = moment, index, trail
            self.focus = self._focuses[index - 1] if index else {}
            self.past = tuple(self._all[: index + 1])
            self.finished = tuple(one for end, one in self._ends if end <= index)
        ended = index == self._count - 1 == len(self._recorded.moments) - 1
        self.result = self._recorded.result if ended else None
        self._news()

    def _news(self) -> None:
        """Tell the user interface, unless it has not looked at the last news yet."""
        if not self._told:
            self._told = True
            self._tell(RunMoved(self))
