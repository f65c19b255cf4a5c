"""A script as the theory sees it go: the world chunk by chunk, and forecasts of every moment.

A run keeps one course in lockstep with the kernel; a second one, run ahead, is the forecast.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from vmtui.lab.expected import Expected, Theory, Totals
from vmtui.lab.figures import FIGURES, Figure
from vmtui.lab.kinship import Kinship
from vmtui.lab.moments import Forecast
from vmtui.lab.operations import Doable, Operation
from vmtui.lab.operations.advise import Advise
from vmtui.lab.operations.contents import Get
from vmtui.lab.operations.exit import Exit
from vmtui.lab.operations.fork import Fork
from vmtui.lab.operations.lock import Lock, Unlock
from vmtui.lab.operations.map import Map
from vmtui.lab.operations.poke import Poke
from vmtui.lab.operations.touch import TouchChunk
from vmtui.lab.pages import PredictedPages
from vmtui.lab.script import PARENT, Script, Step
from vmtui.theory import Answer, Kernel, Outcome, World

Plan: TypeAlias = tuple[tuple[Doable, ...], ...]
"""The chunks of every step."""
Shown: TypeAlias = tuple[Figure, str]
"""A figure, and its process ("" for the whole experiment)."""

_MOST_CHUNKS = 40
_LEAST_PAGES = 32
_CHUNKS_A_SECOND = 5
"""Where the script sets the speed; four moments a second are promised."""
_ON_OCCASION = {"contents": Get, "signal": Poke, "fault_address": Poke}


def plan_of(script: Script) -> Plan:
    """How each step is cut into chunks: as many moments as there are to see."""
    return tuple(tuple(_chunks(step, script)) for step in script.steps)


def _chunks(step: Step, script: Script) -> Sequence[Doable]:
    operation, layout = step.operation, script.layout
    paced = int(operation.seconds(layout) * _CHUNKS_A_SECOND)
    most = max(1, min(_MOST_CHUNKS, operation.touched(layout) // _LEAST_PAGES), paced)
    return operation.chunks(layout, most)


@dataclass(eq=False)
class Course:
    """The theory's world, and what happened in it."""

    script: Script
    kernel: Kernel

    def __post_init__(self) -> None:
        self.world = World(self.kernel)
        self.kinship = Kinship()
        self.totals: dict[str, Totals] = {}
        self.last: Outcome | None = None
        self.step: Step | None = None
        self.pages = PredictedPages(self.world, self.script.layout.watched)
        self._plain = all(_is_plain(step.operation) for step in self.script.steps)
        for gap in self.script.layout.gaps():
            self.world.gap(PARENT, gap.first, gap.pages)

    def begin(self, step: Step) -> None:
        """A step begins: its events are counted from 0."""
        self.step, self.last = step, None
        self.totals = {}

    def predict(self, chunk: Doable, *, last: bool = True) -> Outcome:
        """The next chunk of the step, or its last."""
        step, before = self.step, None
        assert step is not None
        operation = step.operation
        if isinstance(operation, Fork):
            before = dict(self.theory().frames[step.process])
        outcome = chunk.predict(self.world, self.script.layout, step.process)
        self.totals.setdefault(step.process, Totals()).outcomes.append(outcome)
        if isinstance(operation, Fork) and before is not None:
            self.kinship.forked(step.process, operation.name, before)
        if isinstance(operation, Exit):
            self.kinship.ended(operation.name)
            self.totals.pop(operation.name, None)
        self.last = outcome
        local = isinstance(chunk, TouchChunk) and not last and self._alone(operation.region())
        self.pages.changed(chunk.runs if local and isinstance(chunk, TouchChunk) else None)
        return outcome

    def _alone(self, name: str) -> bool:
        """Whether what happens in a region changes no page of another one."""
        inside, elsewhere = set[object](), set[object]()
        parts = self.script.layout.places[name]
        for process in self.world.processes.values():
            for vma in process.vmas:
                if vma.object is not None:
                    here = any(part.first <= vma.start < part.end for part in parts)
                    (inside if here else elsewhere).add(vma.object)
        return not inside & elsewhere

    def theory(self) -> Theory:
        """The state now."""
        operation = self.step.operation if self.step else None
        return Theory(
            self.world,
            self.script.layout,
            self.kinship,
            self.totals,
            self.pages,
            self.last,
            operation.expected if isinstance(operation, Get) else None,
            self._plain,
        )

    def shown(self, keys: Sequence[str]) -> list[Shown]:
        """Which figures there are now: those of live processes, and what the step is about."""
        operation = self.step.operation if self.step else None
        made = list[Shown]()
        for key in keys:
            name, _, process = key.partition(".")
            figure = FIGURES[name]
            if name in _ON_OCCASION and not isinstance(operation, _ON_OCCASION[name]):
                continue
            if figure.scope == "experiment":
                made.append((figure, ""))
                continue
            chosen = [process] if process else list(self.world.processes)
            made += [(figure, one) for one in chosen if one in self.world.processes]
        return made


def _is_plain(operation: Operation) -> bool:
    """Whether page entries alone tell what smaps says after it."""
    match operation:
        case Lock() | Unlock():
            return False
        case Advise():
            return operation.advice not in ("free", "pageout")
        case Map():
            return not operation.hugetlb
        case _:
            return True


def key_of(figure: Figure, process: str) -> str:
    """The figure and its process: `minor_faults.child`."""
    return f"{figure.id}.{process}" if process else figure.id


def forecasts(
    script: Script, plan: Plan, kernel: Kernel, keys: Sequence[str]
) -> Iterator[Forecast]:
    """What the theory says of every moment of a run, in order; number 0 is the beginning."""
    course, number = Course(script, kernel), 0
    yield Forecast(0, -1, 0.0, _chart(course, keys))
    for index, (step, chunks) in enumerate(zip(script.steps, plan, strict=True)):
        course.begin(step)
        for done, chunk in enumerate(chunks, 1):
            course.predict(chunk, last=done == len(chunks))
            number += 1
            yield Forecast(number, index, done / len(chunks), _chart(course, keys))


def _chart(course: Course, keys: Sequence[str]) -> Mapping[str, Answer]:
    theory = course.theory()
    expected = {process: Expected(theory, process) for process in ("", *course.world.processes)}
    return {
        key_of(figure, process): figure.predicted(expected[process])
        for figure, process in course.shown(keys)
    }
