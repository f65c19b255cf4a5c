"""A script as the theory sees it go: the world chunk by chunk, and forecasts of every moment.

A run keeps one course in lockstep with the kernel; a second one, run ahead, is the forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from vmtui.lab.eviction import Eviction
from vmtui.lab.expected import Expected, Theory, Totals
from vmtui.lab.figures import FIGURES, Figure
from vmtui.lab.kinship import Kinship
from vmtui.lab.moments import Forecast
from vmtui.lab.operations import Doable, Operation
from vmtui.lab.operations.advise import Advise, AdviseChunk
from vmtui.lab.operations.contents import Get
from vmtui.lab.operations.exit import Exit
from vmtui.lab.operations.fork import Fork
from vmtui.lab.operations.limit import LimitMemory
from vmtui.lab.operations.lock import Lock, Unlock
from vmtui.lab.operations.map import Map
from vmtui.lab.operations.poke import Poke
from vmtui.lab.operations.touch import TouchChunk
from vmtui.lab.pages import PredictedPages
from vmtui.lab.script import PARENT, Script, Step
from vmtui.lab.writeback import Writeback
from vmtui.theory import Answer, Kernel, Outcome, World

Plan: TypeAlias = tuple[tuple[Doable, ...], ...]
"""The chunks of every step."""
Shown: TypeAlias = tuple[Figure, str]
"""A figure, and its process ("" for the whole experiment)."""

_MOST_CHUNKS = 40
_LEAST_PAGES = 32
_CHUNKS_A_SECOND = 5
"""Where the script sets the speed; four moments a second are promised."""
OWN_PAGES = 2500
"""No less than a process needs for itself."""
_ZERO = Answer.exactly(0)
NOTHING_DONE = Outcome(0, _ZERO, _ZERO, _ZERO)
"""What a process does that was killed before."""
_OF_GROUP = ("oom_kills", "group_usage")
"""Shown once there is a memory cgroup."""
_ON_OCCASION = {"contents": Get, "signal": Poke, "fault_address": Poke}


def plan_of(script: Script) -> Plan:
    """How each step is cut into chunks: as many moments as there are to see."""
    tight = tight_steps(script)
    return tuple(tuple(_chunks(step, script, step in tight)) for step in script.steps)


def tight_steps(script: Script) -> set[Step]:
    """Steps in which somebody may be killed: which part of them it is, nobody can say."""
    swaps = any(step.operation.keyword == "swap" for step in script.steps)
    room: int | None = None
    touched, found = dict[tuple[str, str], int](), set[Step]()
    for step in script.steps:
        operation = step.operation
        if isinstance(operation, LimitMemory):
            room = None if swaps and operation.swap is None else operation.room(script.layout)
        name = operation.region() or getattr(operation, "name", "")
        if more := operation.touched(script.layout):
            before = touched.get((step.process, name), 0)
            touched[step.process, name] = min(before + more, script.layout.pages(name))
        own = OWN_PAGES * len({process for process, _ in touched})
        if room is not None and sum(touched.values()) + own > room:
            found.add(step)
    return found


def _chunks(step: Step, script: Script, whole: bool) -> Sequence[Doable]:
    operation, layout = step.operation, script.layout
    if whole:
        return operation.chunks(layout, 1)
    paced = int(operation.seconds(layout) * _CHUNKS_A_SECOND)
    most = max(1, min(_MOST_CHUNKS, operation.touched(layout) // _LEAST_PAGES), paced)
    return operation.chunks(layout, most)


@dataclass(eq=False)
class Course:
    """The theory's world, and what happened in it."""

    script: Script
    kernel: Kernel
    clock: Callable[[], float] = lambda: 0.0
    """Seconds; it stands still in a forecast, which does not know how long one will look."""

    def __post_init__(self) -> None:
        self._writeback = Writeback(self.clock)
        self._eviction = Eviction(self.clock)
        self.world = World(self.kernel)
        self.kinship = Kinship()
        self.totals: dict[str, Totals] = {}
        self.killed: tuple[str, ...] = ()
        """In this step."""
        self.kills = 0
        """Since the beginning."""
        self.doubt = ""
        self._log: list[tuple[Step, Doable]] = []
        self._decided: dict[int, tuple[str, ...]] = {}
        """Who was killed by which entry of the log, where it was not as predicted."""
        self._more_kills = 0
        """Than were predicted, counted from the next step on."""
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
        self.killed, self.doubt = (), ""
        self.kills += self._more_kills
        self._more_kills = 0

    def predict(self, chunk: Doable) -> Outcome:
        """The next chunk of the step."""
        step, before = self.step, None
        assert step is not None
        operation = step.operation
        decided = self.world.decided = self._decided.get(len(self._log))
        self._log.append((step, chunk))
        if {step.process, getattr(operation, "ends", step.process)} - self.world.processes.keys():
            self.last = NOTHING_DONE
            return NOTHING_DONE
        if isinstance(operation, Fork):
            before = dict(self.theory().frames[step.process])
        runs = chunk.runs if isinstance(chunk, TouchChunk) else ()
        where = step.process, self.script.layout
        exposed = self._eviction.exposed(operation, runs, self.world, where)
        outcome = chunk.predict(self.world, self.script.layout, step.process)
        pages = sum(run.count for run in runs) if runs else 1
        outcome = self._writeback.widened(operation, outcome, pages, self.world, where)
        outcome = self._eviction.widened(outcome, exposed)
        self._eviction.look(self.world)
        self.totals.setdefault(step.process, Totals()).outcomes.append(outcome)
        if isinstance(operation, Fork) and before is not None:
            self.kinship.forked(step.process, operation.name, before)
        if isinstance(operation, Exit):
            self.kinship.ended(operation.name)
            self.totals.pop(operation.name, None)
        if decided:
            for name in set(decided) & self.world.processes.keys():
                self.world.exit(name)
            outcome = replace(outcome, killed=decided)
        for name in outcome.killed:
            self._mourn(name)
        self.doubt = self.doubt or outcome.doubt
        self.last = outcome
        if outcome.killed:
            self.pages.changed(None)
        elif isinstance(chunk, TouchChunk | AdviseChunk) and self._alone(operation.region()):
            self.pages.changed(chunk.runs)
        else:
            self.pages.changed(None)
        return outcome

    def settled(self, killed: tuple[str, ...], kills: int) -> Course:
        """The same course had it known who was killed by the last chunk; what it said stays said.

        From then on it goes along with the kernel, which has decided.

        Args:
            killed: by whomever.
            kills: by the OOM killer since the beginning.
        """
        other = Course(self.script, self.kernel, self.clock)
        other._decided = {**self._decided, len(self._log) - 1: killed}
        for step, chunk in self._log:
            if step is not other.step:
                other.begin(step)
            other.predict(chunk)
        other._more_kills = kills - self.kills
        other.killed, other.kills, other.doubt = self.killed, self.kills, self.doubt
        return other

    def _mourn(self, name: str) -> None:
        self.killed = (*self.killed, name)
        self.kills += 1
        self.kinship.ended(name)
        self.totals.pop(name, None)

    def _alone(self, name: str) -> bool:
        """Whether what happens in a region changes no page of another one."""
        inside, elsewhere = set[object](), set[object]()
        parts = self.script.layout.places[name]
        for process in self.world.processes.values():
            for vma in process.vmas:
                if vma.hugetlb:
                    return False  # its first fault shows in all that its PMD table spans
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
            killed=self.killed,
            kills=self.kills,
            doubt=self.doubt,
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
            if name in _OF_GROUP and self.world.limit_pages is None:
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
            course.predict(chunk)
            number += 1
            yield Forecast(number, index, done / len(chunks), _chart(course, keys))


def _chart(course: Course, keys: Sequence[str]) -> Mapping[str, Answer]:
    theory = course.theory()
    expected = {process: Expected(theory, process) for process in ("", *course.world.processes)}
    return {
        key_of(figure, process): figure.predicted(expected[process])
        for figure, process in course.shown(keys)
    }
