"""A laboratory without processes: moments made by hand, as the real one would hand them out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from vmtui.errors import VmtuiError
from vmtui.lab.course import plan_of
from vmtui.lab.experiment import Experiment
from vmtui.lab.experiments import BY_ID
from vmtui.lab.moments import Comparison, Forecast, Glance, Moment, RegionView, Result, StepResult
from vmtui.lab.run import Run
from vmtui.lab.script import parse
from vmtui.lab.text import NOTHING, Text
from vmtui.model.states import PageState
from vmtui.theory import Answer
from vmtui.ui.lab.laboratory import Laboratory
from vmtui.ui.observatory import Observatory
from vmtui.ui.session import Session
from vmtui.ui.settings import Settings

PAGES = 400
START = 0x1000_0200
COW = replace(
    BY_ID["cow"],
    parameters=tuple(replace(one, default="1600K") if one.id == "size" else one
                     for one in BY_ID["cow"].parameters),
)  # fmt: skip
PIDS = {"parent": 8123, "child": 8124}


def until(happened: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for another thread."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def compared(figure: str, process: str, value: int, *, off: int = 0) -> Comparison:
    """A line of the table."""
    return Comparison(
        figure, process, Answer.exactly(value), value + off, off,
        "differs" if off else "as predicted", Text("1 more", "1 多い") if off else NOTHING,
    )  # fmt: skip


def view(process: str, states: np.ndarray[Any, Any], marks: np.ndarray[Any, Any]) -> RegionView:
    """The region as a process has it."""
    return RegionView(process, PIDS[process], "buf", START, PAGES, True, states, marks, 0)


def moments(plan: Any, *, off: int = 0) -> Iterator[Moment]:
    """The seven steps of `cow`, page by page."""
    states = np.zeros(PAGES, np.uint8)
    marks = np.zeros(PAGES, np.uint8)
    child = np.zeros(PAGES, np.uint8)
    number = 0

    def now(step: int, part: float, regions: tuple[RegionView, ...], copied: int) -> Moment:
        nonlocal number
        number += 1
        both = len(regions) > 1
        resident = int((states != PageState.ABSENT).sum())
        lines = [compared("minor_faults", "parent", 0), compared("rss", "parent", resident * 4096)]
        if both:
            lines.append(compared("copied", "child", copied))
        lines.append(compared("frames", "", resident + copied))
        lines.append(compared("pages_as_predicted", "", PAGES, off=off))
        pids = PIDS if both else {"parent": PIDS["parent"]}
        chart = {line.key: int(cast(int, line.measured)) for line in lines}
        return Moment(
            number - 1, step, part, number / 10, part >= 1, "", False, regions, tuple(lines),
            None, (), chart, dict(pids),
        )  # fmt: skip

    yield now(-1, 1.0, (), 0)
    for step, chunks in enumerate(plan):
        for done in range(1, len(chunks) + 1):
            part = done / len(chunks)
            if step == 1:
                states[: int(PAGES * part)] = PageState.ANON
            elif step == 2:
                states[:], marks[:], child[:] = PageState.COW, 1, PageState.COW
            elif step == 3:
                written = np.arange(0, int(PAGES * part), 10)
                states[written], child[written], marks[written] = 2, 2, 2
            elif step == 5:
                states[:], marks[:] = PageState.ANON, 0
            theirs = np.where(marks == 2, 3, marks).astype(np.uint8)
            regions = [] if step == 6 else [view("parent", states.copy(), marks.copy())]
            if 2 <= step < 5:
                regions.append(view("child", child.copy(), theirs))
            copied = int((marks == 2).sum()) if len(regions) > 1 else 0
            yield now(step, part, tuple(regions), copied)


class MadeUpRun:
    """What `LabRun` and the stage ask of a run."""

    def __init__(self, experiment: Experiment, values: Mapping[str, str], *, off: int = 0) -> None:
        self.experiment = experiment
        self.script = parse(experiment.script(values), values)
        self.plan = plan_of(self.script)
        self.chunk_counts = tuple(map(len, self.plan))
        self.ram_bytes = 8 << 30
        self.values = dict(values)
        self.watches_machine = False
        self.left: tuple[str, ...] = ()
        self.closed = threading.Event()
        self._off = off
        self._over = False
        self.go = threading.Event()
        """Cleared, the next moment is long in coming."""
        self.go.set()

    def told(self, index: int) -> Text:
        return self.experiment.lines[index].told.filled(self.values)

    def moments(self) -> Iterator[Moment]:
        try:
            for moment in moments(self.plan, off=self._off):
                self.go.wait()
                if self._over:
                    return
                yield moment
        finally:
            self.closed.set()

    def result(self) -> Result:
        steps = tuple(
            StepResult(step.source, (), "as predicted", NOTHING) for step in self.script.steps
        )
        return Result(self.experiment.id, dict(self.values), steps, "as predicted", True)

    def glance(self) -> Glance:
        return Glance(99.0, {"rss.parent": 123 << 20})

    def stop(self) -> None:
        self._over = True
        self.go.set()


class MadeUpLaboratory(Laboratory):
    """Never starts a process."""

    def __init__(self, *, off: int = 0, refuses: str = "") -> None:
        super().__init__("en")
        self.off, self.refuses = off, refuses
        self.runs: list[MadeUpRun] = []

    def open_bench(self) -> Any:
        return SimpleNamespace()

    def make(self, experiment: Experiment, values: Mapping[str, str]) -> Run:
        if self.refuses:
            raise VmtuiError(self.refuses)
        self.runs.append(MadeUpRun(experiment, values, off=self.off))
        return cast(Run, self.runs[-1])

    def predict(self, run: Run) -> Iterator[Forecast]:
        for moment in moments(run.plan):
            chart = {key: Answer.exactly(value) for key, value in moment.chart.items()}
            yield Forecast(moment.number, moment.step, moment.part, chart)


class SilentFeed:
    """Observe has nothing to show."""

    def __init__(self) -> None:
        self.stopped = False

    def start(self, *_listeners: object) -> None: ...

    def follow(self, _plan: object) -> None: ...

    def stop(self) -> None:
        self.stopped = True


def app(laboratory: Laboratory | None = None, **options: Any) -> Observatory:
    """The whole app with that laboratory."""
    from vmtui.text import plain
    from vmtui.ui.screens.processes import ProcessesScreen

    feed = SilentFeed()
    session = Session(
        feed=cast(Any, feed), host=plain("host"), kernel=plain("Linux 6.18"), memory_bytes=8 << 30,
        user=plain("root"), uid=0, privileged=True, boot_time=0.0,
    )  # fmt: skip
    settings = options.pop("settings", Settings())
    return Observatory(
        session, feed, settings, lambda: ProcessesScreen(None),
        laboratory=laboratory or MadeUpLaboratory(), **options,
    )  # fmt: skip
