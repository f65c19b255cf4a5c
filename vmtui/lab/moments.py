"""The records a run hands out: what was predicted, what was measured, and every page of both.

A `Moment` is made after each chunk of a step, at least four a second. It holds everything the
stage, the command line and the tests show; nobody asks the kernel again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.lab.evidence import BlocksView, GroupView, KillView, MachineView, WorkView
from vmtui.lab.text import Text
from vmtui.missing import Missing
from vmtui.theory import Answer

Verdict: TypeAlias = Literal["as predicted", "differs", "not measurable here", "not predicted"]

VERDICTS: Mapping[str, Text] = {
    "as predicted": Text("as predicted", "予測どおり"),
    "differs": Text("differs", "予測と違う"),
    "not measurable here": Text("not measurable here", "ここでは測れない"),
    "not predicted": Text("not predicted", "予測しない"),
}


class Mark(IntEnum):
    """What a page has in common with the same page of a relative; one byte a page."""

    NONE = 0
    """Nothing to tell: no relative is alive, or the page never was shared."""
    SAME = 1
    """The same frame as in a relative."""
    ORIGINAL = 2
    """Once shared; the relative took a copy and this process kept the frame."""
    COPY = 3
    """Once shared; this process wrote and has a frame of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class RegionView:
    """One region as one process sees it now. All pages of all arrays are those of the region."""

    process: str
    """The name in the script: `parent`, `child`."""
    pid: int
    name: str
    """Of the region in the script; the parts of a spread region are `far-0`, `far-1` …"""
    start: int
    """Page number (address >> 12)."""
    pages: int
    mapped: bool
    """Whether the process has it (still); all its pages are absent if not."""
    states: NDArray[np.uint8]
    """`PageState` of each page, as measured. Empty when the region is too large to look at."""
    marks: NDArray[np.uint8]
    """`Mark` of each page. Empty with `states`."""
    wrong: int
    """Pages whose entry, or whose frame, differs from the prediction."""
    first_wrong: int | None = None
    """Index of the first such page."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of the table: a figure predicted and measured."""

    figure_id: str
    process: str
    """The process it is a figure of; "" for figures of the whole experiment."""
    predicted: Answer
    measured: int | Missing
    difference: int | None
    """Measured minus predicted; for a range, minus its nearer end; None where there is none."""
    verdict: Verdict
    why: Text
    """Empty when it is as predicted and exact; else the cause in one clause."""

    @property
    def key(self) -> str:
        """The figure and its process: `minor_faults.child`; the figure alone when it has none."""
        return f"{self.figure_id}.{self.process}" if self.process else self.figure_id


@dataclass(frozen=True, slots=True)
class FaultView:
    """A process frozen at a fault that nothing could repair."""

    process: str
    """Who tried: the name in the script. The access happened in a copy of it."""
    pid: int
    """The copy, stopped at the instruction until the next step; it can be observed."""
    kind: str
    """read, write or exec."""
    address: int
    """What was tried."""
    predicted: str
    """`SIGSEGV SEGV_MAPERR`, or `none`."""
    measured: str | Missing
    measured_address: int | Missing
    """`si_addr`: 0 where the processor does not say."""
    lies_in: Text
    """What is at the address: «the gap below buf», «buf, which is read-only»."""
    as_predicted: bool


@dataclass(frozen=True, slots=True)
class TablesView:
    """The page-table tree above the regions of a process, derived from its populated pages.

    Numbers are absolute: PTE table n covers pages n·512 …, PMD table n covers PTE tables n·512 …,
    PUD table n covers PMD tables n·512 …; PUD table n hangs in entry n of the PGD.
    """

    process: str
    pte: tuple[int, ...]
    pmd: tuple[int, ...]
    pud: tuple[int, ...]
    pages: tuple[int, ...]
    """Populated pages, when there are at most 64; else empty."""
    counts: tuple[int, int, int]
    """PTE, PMD and PUD tables in full; the tuples above stop at 4096."""
    nbytes: int
    """All of them, 4 KiB each, as predicted (with tables that are empty)."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The experiment after one chunk of a step."""

    number: int
    step: int
    """Index of the step in the script, from 0; −1 before the first."""
    part: float
    """0 to 1 of the step."""
    at: float
    """Seconds of running since the start; waiting of whoever watches does not count."""
    finished_step: bool
    label: str
    """Of a `pause` or `measure` step; empty otherwise."""
    pauses: bool
    """Whether the script wants to be looked at here before it goes on."""
    regions: tuple[RegionView, ...]
    comparisons: tuple[Comparison, ...]
    fault: FaultView | None
    tables: tuple[TablesView, ...]
    chart: Mapping[str, int]
    """Measured value of each comparison that has one, by its key; the curves of the stage."""
    pids: Mapping[str, int]
    """The live processes by their names in the script."""
    group: GroupView | None = None
    work: WorkView | None = None
    kill: KillView | None = None
    blocks: BlocksView | None = None
    machine: MachineView | None = None

    def comparison(self, figure_id: str, process: str = "") -> Comparison | None:
        """The line of that figure, or None when it is not shown."""
        for line in self.comparisons:
            if line.figure_id == figure_id and line.process == process:
                return line
        return None

    @property
    def wrong(self) -> int:
        """Pages that differ from the prediction."""
        return sum(view.wrong for view in self.regions)


@dataclass(frozen=True, slots=True)
class Glance:
    """A look in passing while a chunk is under way: its moment replaces it. Nothing is compared."""

    at: float
    """As in `Moment`."""
    chart: Mapping[str, int]
    """Some of the keys of `Moment.chart`."""
    group: GroupView | None = None
    machine: MachineView | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the theory says of one moment to come; its number is the moment's."""

    number: int
    step: int
    part: float
    chart: Mapping[str, Answer]
    """By the keys of `Moment.chart`."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step of a finished run, as its last moment had it."""

    title: str
    """The line of the script."""
    comparisons: tuple[Comparison, ...]
    verdict: Verdict
    why: Text


@dataclass(frozen=True, slots=True)
class Result:
    """A finished run."""

    experiment: str
    parameters: Mapping[str, str]
    steps: tuple[StepResult, ...]
    verdict: Verdict
    """`differs` when any exact or ranged prediction did not hold."""
    restored: bool
    """Whether nothing of it is left: processes ended, files gone."""
    stopped: Text | None = None
    """Why it ended before its last step."""
