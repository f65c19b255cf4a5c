"""A run in the laboratory while something is recorded: it is written with the samples.

That the file cannot be written to any more is the recorder's to say: the run goes on without.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from vmtui.lab.moments import Forecast, Moment
from vmtui.lab.run import Run

if TYPE_CHECKING:
    from vmtui.record.recorder import Recorder
    from vmtui.record.run_tape import RunTape


class LabTaping:
    """Any thread."""

    def __init__(self, recorder: Callable[[], Recorder | None]) -> None:
        self._recorder = recorder
        self._into: Recorder | None = None
        self._tape: RunTape | None = None
        self._forecast: tuple[Forecast, ...] = ()
        self._lock = threading.Lock()

    def take(
        self, run: Run, moment: Moment, first: Moment | None, finished: Sequence[Moment]
    ) -> None:
        """The run has come to a moment; where the recording has just begun, so had it before.

        Args:
            run: what is run.
            moment: the new one.
            first: the one before the first step, if it has come.
            finished: the last moment of every step so far.
        """
        recorder = self._recorder()
        if recorder is None or recorder.writer is None:
            self._into = self._tape = None
            return
        with self._writing():
            if recorder is not self._into:
                from vmtui.record.run_tape import RunTape

                self._into, self._tape = recorder, None
                before = () if first is None else (first, *finished)
                self._tape = RunTape(recorder.writer, run, before)
                if self._forecast:
                    self._tape.foretell(self._forecast)
            if self._tape is not None:
                self._tape.take(moment)
            for pid in moment.pids.values():
                recorder.watch(pid)

    def foretell(self, forecast: tuple[Forecast, ...]) -> None:
        """What the theory says of every moment is known."""
        with self._writing():
            self._forecast = forecast
            if self._tape is not None:
                self._tape.foretell(forecast)

    def finish(self, run: Run) -> None:
        """It is over, or was left."""
        with self._writing():
            tape, self._tape = self._tape, None
            if tape is not None:
                tape.finish(run.result())

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        from vmtui.record.writer import CannotRecord

        with self._lock, contextlib.suppress(CannotRecord):
            yield
