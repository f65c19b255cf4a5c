"""What all runs of the app share: the bench, what is known of this kernel, the language."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from vmtui.lab.course import forecasts
from vmtui.lab.experiment import Experiment
from vmtui.lab.moments import Forecast
from vmtui.lab.probe import probe
from vmtui.lab.run import Run
from vmtui.lab.spawner import Bench
from vmtui.lab.text import Language
from vmtui.theory import Kernel
from vmtui.ui.lab.run import LabRun, State

_PATIENCE_SECONDS = 1.0


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


def _language() -> Language:
    chosen = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "ja" if next((one for one in chosen if one), "").startswith("ja") else "en"
