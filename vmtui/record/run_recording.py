"""A recording of one run of an experiment: all its moments, and a sample at the end of each step.

The samples are taken while the run stands still, so that nothing of it is measured with them. They
hold the machine and the processes of the experiment, with all their pages, and no other process:
such a file is meant to be given away.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from vmtui.errors import VmtuiError
from vmtui.lab.moments import Moment, Result
from vmtui.model.fields.field import Cost
from vmtui.observe.plan import Plan
from vmtui.observe.sample import Sample
from vmtui.observe.sampler import Sampler
from vmtui.record.recorder import about
from vmtui.record.records import About, RecordedTarget
from vmtui.record.run_tape import RunTape
from vmtui.record.watched import Watched
from vmtui.record.writer import Writer

if TYPE_CHECKING:
    from vmtui.lab.run import Run

INTERVAL = 0.25
"""Seconds between two samples, as the recording says: steps take as long as they take."""
_WHOLE = 1.0
"""A duty: nobody waits for these processes meanwhile."""


class RunRecording:
    """Belongs to the thread of the run."""

    def __init__(self, path: str | os.PathLike[str], run: Run, said: About | None = None) -> None:
        """Create the file.

        Args:
            path: where nothing is yet.
            run: what is recorded; not begun.
            said: what the file says of the host; None for this one.

        Raises:
            NotPermitted, VmtuiError: it cannot be created, or exists already.
        """
        self._writer = Writer(path, said or about(INTERVAL))
        try:
            self._tape = RunTape(self._writer, run)
            self._tape.foretell(run.forecast)
        except BaseException:
            self._writer.close()
            raise
        run.watches_machine = True  # whoever replays it may want to see that, too
        self._sampler = Sampler()
        self._plan = Plan(interval=1e-6, shown=frozenset(Cost))
        self._watched: dict[int, Watched] = {}

    @property
    def nbytes(self) -> int:
        """Bytes on disk now."""
        return self._writer.nbytes

    def take(self, moment: Moment) -> None:
        """The run has come to a moment and stands still.

        Raises:
            CannotRecord: the disk is full, or the file is gone.
        """
        self._tape.take(moment)
        if moment.finished_step:
            self._tick(moment)

    def finish(self, result: Result) -> None:
        """The run is over.

        Raises:
            CannotRecord: as `take`.
        """
        self._tape.finish(result)

    def close(self) -> None:
        """Let go of everything; harmless twice."""
        for watched in self._watched.values():
            watched.close()
        self._watched.clear()
        self._sampler.close()
        self._writer.close()

    def _tick(self, moment: Moment) -> None:
        living = sorted(moment.pids.values())
        for pid in [pid for pid in self._watched if pid not in living]:
            self._watched.pop(pid).close()
        for pid in living:
            self._attach(pid)
        sample = self._sampler.tick(self._plan)
        targets = [target for pid in living if (target := self._read(pid))]
        self._writer.add(*self.kept(replace(sample, ended=time.monotonic(), late=0.0), targets))

    def kept(
        self, sample: Sample, targets: list[RecordedTarget]
    ) -> tuple[Sample, list[RecordedTarget]]:
        """What of a tick is written: of the process list, those of the experiment."""
        pids = {target.reading.pid for target in targets}
        listed = tuple(one for one in sample.processes if one.stat.pid in pids)
        return replace(sample, processes=listed), targets

    def _attach(self, pid: int) -> None:
        if pid not in self._watched:
            try:
                self._watched[pid] = Watched(pid, _WHOLE)
            except VmtuiError as error:
                self._writer.event(time.time(), "missing", str(error), pid)

    def _read(self, pid: int) -> RecordedTarget | None:
        watched = self._watched.get(pid)
        return None if watched is None else watched.read(INTERVAL)
