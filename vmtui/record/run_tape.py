"""A run on its way into a recording: how it began, every moment, what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from vmtui.lab.moments import Forecast, Moment, Result
from vmtui.lab.text import Text
from vmtui.record.retold import start_of
from vmtui.record.writer import Writer

if TYPE_CHECKING:
    from vmtui.lab.run import Run

_LEFT = Text("it was left before its last step", "最後の段階の前に終えられた")


class RunTape:
    """Any thread, one at a time."""

    def __init__(self, writer: Writer, run: Run, before: Sequence[Moment] = ()) -> None:
        """Write how it began.

        Args:
            writer: the recording.
            run: the run; its forecast is handed over when it is known.
            before: moments that had come before it was recorded.

        Raises:
            CannotRecord: nothing more can be written; so all methods.
        """
        self.writer = writer
        self._start = start_of(run)
        self._steps = len(run.script.steps)
        now = time.time()
        began = now - (before[-1].at if before else 0.0)
        self._number = writer.experiment(began, self._start)
        for moment in before:
            writer.moment(self._number, began + moment.at, moment)

    def foretell(self, forecast: Sequence[Forecast]) -> None:
        """What the theory says of every moment."""
        self._start = replace(self._start, predictions=tuple(forecast))
        self.writer.foretell(self._number, self._start)

    def take(self, moment: Moment) -> None:
        """The run has come to a moment, just now."""
        self.writer.moment(self._number, time.time(), moment)

    def finish(self, result: Result) -> None:
        """The run is over, or was left."""
        if len(result.steps) < self._steps and result.stopped is None:
            result = replace(result, stopped=_LEFT)
        self.writer.finish(self._number, result)
