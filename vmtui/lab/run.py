"""A run: each chunk predicted, done on the kernel, looked at, and compared page by page.

Used alike by the command line, the tests and the stage: `moments` is a generator, and whoever
watches decides when the next chunk is done. Whatever happens, every process is ended.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from types import TracebackType

from vmtui.errors import NotSupported, ProcessGone, VmtuiError
from vmtui.lab import collector, commitment
from vmtui.lab.blocks import Blocks
from vmtui.lab.comparing import compare, overall, told
from vmtui.lab.course import Course, Plan, forecasts, plan_of, tight_steps
from vmtui.lab.evidence import GroupView, MachineView
from vmtui.lab.expected import Expected, Theory
from vmtui.lab.experiment import Experiment
from vmtui.lab.figures import FIGURES
from vmtui.lab.glances import Glances
from vmtui.lab.killing import Killings
from vmtui.lab.limits import Limits, of_this_machine
from vmtui.lab.machine_view import MachineWatch
from vmtui.lab.measure import Meter
from vmtui.lab.moments import Comparison, Forecast, Glance, Moment, Result, StepResult
from vmtui.lab.operations import Doable, Done
from vmtui.lab.operations.exit import Exit
from vmtui.lab.operations.fork import Fork
from vmtui.lab.operations.looking import Measure, Pause
from vmtui.lab.operations.poke import Poke
from vmtui.lab.probe import refreshed
from vmtui.lab.resources.keeper import Keeper
from vmtui.lab.scene import Scene
from vmtui.lab.script import PARENT, Script, Step, parse
from vmtui.lab.seen import NOTHING_READ, Seen, Sight
from vmtui.lab.spawner import Bench
from vmtui.lab.steady import steady_looks
from vmtui.lab.stopwatch import Stopwatch
from vmtui.lab.surroundings import on_this_machine
from vmtui.lab.text import Text
from vmtui.lab.viewing import Viewer, fault_view, tables_view
from vmtui.lab.working import WorkLog
from vmtui.missing import Missing
from vmtui.theory import Kernel

_ON_MACHINE = ("cliff", "kill", "blocks")
"""Pictures of experiments that are about more than their own pages."""
_ALWAYS = ("errno",)
"""Compared in every step, shown only when there is something to show."""


class Stopped(VmtuiError):
    """The run ended before its last step."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


class Run:
    """One run of an experiment. Belongs to one thread; `close` may be called twice."""

    def __init__(
        self,
        experiment: Experiment,
        values: Mapping[str, str],
        bench: Bench,
        kernel: Kernel,
        *,
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing runs yet.

        Raises:
            ScriptError, TooMuch, NotSupported: it is refused.
        """
        self.experiment = experiment
        self.values = dict(values)
        self.kernel = refreshed(kernel)
        self.script: Script = on_this_machine(parse(experiment.script(values), values), bench)
        self.limits = limits or of_this_machine()
        self.limits.check(self.script)
        for step in self.script.steps:
            if why := step.operation.refused():
                raise NotSupported(f"line {step.line}, `{step.source}`: {why.en}")
        self.plan: Plan = plan_of(self.script)
        self.chunk_counts = tuple(map(len, self.plan))
        self.ram_bytes = commitment.ram_bytes()
        self.keys = tuple(dict.fromkeys((*experiment.figures, *experiment.charts)))
        self.watches_machine = bool(self.script.changes) or experiment.picture in _ON_MACHINE
        """Whether moments show the whole machine; may be changed from any thread."""
        self._machine = MachineWatch()
        self._bench = bench
        self._sleep = sleep
        self._course = Course(self.script, self.kernel, time.monotonic)
        self._viewer = Viewer()
        self._scene: Scene | None = None
        self._watch = Stopwatch()
        self._glances = Glances()
        self._killings = Killings()
        self._tight = tight_steps(self.script)
        self._work = WorkLog()
        self._shows_blocks = any(FIGURES[key.partition(".")[0]].as_it_goes for key in self.keys)
        self._blocks: Blocks | None = None
        self._number = 0
        self._steps: list[StepResult] = []
        self._stopped: Text | None = None
        self._restored = True
        self._keeper = Keeper(bench)
        self.left: tuple[str, ...] = ()
        """What could not be put back after it, a sentence each; set when it is closed."""
        self._committed = 0
        self._spent: list[int] = []
        """What each chunk of the step took, microseconds."""

    @cached_property
    def forecast(self) -> tuple[Forecast, ...]:
        """What the theory says of every moment; takes as long as the theory takes."""
        return tuple(forecasts(self.script, self.plan, self.kernel, self.keys))

    def told(self, index: int) -> Text:
        """The sentence that tells step `index`, its parameters filled in."""
        step = self.script.steps[index]
        own = self.experiment.lines[step.line - 1].told
        return own.filled(self.values) if own.en else step.told

    def moments(self) -> Iterator[Moment]:
        """Do the script. Closing the generator ends every process.

        Raises:
            VmtuiError: a worker failed; everything is cleaned up before.
        """
        try:
            with collector.old_ones_rest():
                self._watch.go()
                scene = self._open()
                yield self._shown(self._look(scene, -1, 1.0, Done()))
                self._watch.go()
                for index, step in enumerate(self.script.steps):
                    yield from self._step(scene, index, step)
        except Stopped as stopped:
            self._stopped = stopped.why
        except ProcessGone as gone:
            self._stopped = told(str(gone))
        finally:
            self.close()

    def glance(self) -> Glance:
        """What memory its processes use just now; from any thread, at any time, for the eye."""
        scene, group = self._scene, None
        if scene is not None and scene.group is not None:
            with contextlib.suppress(VmtuiError):  # it may just have been removed
                group = scene.group.reading()
        return Glance(self._watch.seconds, self._glances.take(), group, self._whole(group))

    def result(self) -> Result:
        """The outcome so far, as documents have it."""
        lines = tuple(line for step in self._steps for line in step.comparisons)
        complete = len(self._steps) == len(self.script.steps)
        return Result(
            self.experiment.id,
            self.values,
            tuple(self._steps),
            overall(lines) if complete else "differs",
            self._restored,
            self._stopped,
        )

    def stop(self) -> None:
        """End its processes at once, from any thread; the generator then finishes."""
        self._bench.kill()

    def close(self) -> None:
        """End every process of the run, then put back what else it changed."""
        scene, self._scene = self._scene, None
        if scene is None:
            return
        try:
            for meter in scene.meters.values():
                meter.close()
            for hands in reversed(list(scene.hands.values())):
                hands.end()
        finally:
            self.left = self._keeper.restore()
        ended = all(hands.status is not None for hands in scene.everyone)
        self._restored = ended and not self.left

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self) -> Scene:
        if (now := refreshed(self.kernel)) != self.kernel:  # it may have stood here for long
            self.kernel, self._course = now, Course(self.script, now, time.monotonic)
        hands = self._bench.start(PARENT)
        scene = self._scene = Scene(
            self.script.layout, {PARENT: hands}, self._keeper, everyone=[hands]
        )
        scene.lay_gaps()
        scene.meters[PARENT] = Meter(hands)
        self._committed = commitment.committed_bytes()
        self._blocks = Blocks() if self._shows_blocks else None
        self._work.begin()  # what the machine counted before is not the experiment's
        return scene

    def _step(self, scene: Scene, index: int, step: Step) -> Iterator[Moment]:
        chunks, seconds = self.plan[index], step.operation.seconds(self.script.layout)
        self._course.begin(step)
        self._viewer.begin(scene)
        self._work.begin()
        self._killings.of_step = ()
        if self._blocks:
            self._blocks.begin()
        began, self._spent = self._watch.seconds, []
        for done, chunk in enumerate(chunks, 1):
            part = done / len(chunks)
            did = self._do(scene, step, chunk)
            if seconds:
                self._sleep(max(0.0, began + seconds * part - self._watch.seconds))
            moment = self._look(scene, index, part, did)
            if done == len(chunks):
                self._finish(step, moment)
            yield self._shown(moment)
            self._watch.go()
            if self._watch.seconds > self.limits.seconds:
                most = f"{self.limits.seconds:.0f}"
                raise Stopped(
                    Text(f"it ran for {most} s, which is the most", f"上限の {most} 秒に達した")
                )

    def _shown(self, moment: Moment) -> Moment:
        """The moment, for whoever watches: time stands still until the next is asked for."""
        self._watch.rest()
        return moment

    def _do(self, scene: Scene, step: Step, chunk: Doable) -> Done:
        scene.release()
        operation = step.operation
        if {step.process, getattr(operation, "ends", step.process)} - scene.hands.keys():
            return Done()  # it was killed before; the theory has nobody there either
        outcome = self._course.predict(chunk)
        if outcome.fault and not isinstance(operation, Poke):
            signal = outcome.fault.signal
            raise Stopped(
                Text(
                    f"line {step.line} would end in {signal}; `poke` does that safely",
                    f"{step.line} 行目は {signal} に終わる．`poke` なら安全に試せる",
                )
            )
        if isinstance(operation, Exit):
            scene.meters.pop(operation.name).close()
        began = self._watch.seconds
        if step in self._tight:
            scene.hands[step.process].give_way()
        did = self._done(scene, step.process, chunk)
        self._spent.append(round((self._watch.seconds - began) * 1e6))
        if scene.group is not None:
            did = self._bury(scene, did, outcome.killed)
        if isinstance(operation, Fork):
            scene.meters[operation.name] = Meter(scene.hands[operation.name])
            self._viewer.forked(step.process, operation.name)
        if isinstance(operation, Exit):
            self._viewer.ended(operation.name)
        return did

    def _done(self, scene: Scene, process: str, chunk: Doable) -> Done:
        """The chunk, done; in a group it may be the last thing that a process does."""
        try:
            return chunk.do(scene, process)
        except ProcessGone:
            if scene.group is None or scene.hands[process].alive:
                raise
            return Done(in_calls=False)

    def _bury(self, scene: Scene, did: Done, predicted: tuple[str, ...]) -> Done:
        """Take leave of processes that were killed."""
        killed = self._killings.bury(scene)
        for name in killed:
            self._viewer.ended(name)
        if set(killed) != set(predicted):
            kills = self._killings.oom_kills(scene)
            self._course = self._course.settled(killed, kills if isinstance(kills, int) else 0)
        return replace(did, killed=killed) if killed else did

    def _look(self, scene: Scene, index: int, part: float, did: Done) -> Moment:
        course, viewer = self._course, self._viewer
        theory = course.theory()
        living = {
            name: meter for name, meter in scene.meters.items() if name in theory.world.processes
        }
        looks = steady_looks(living, theory.watched)
        pids = {name: hands.pid for name, hands in scene.hands.items()}
        self._glances.looked(pids, looks)
        step = self.script.steps[index] if index >= 0 else None
        group = None if scene.group is None else scene.group.reading()
        watched = group is not None or self.experiment.picture == "kill"
        self._work.look(did.work, course.last, group)
        kill = self._killings.view(scene, group, did.errno) if watched else None
        for name, look in looks.items():
            viewer.count(name, look, did if step and name == step.process else Done())
        views, marks, frames = viewer.views(scene, theory, looks, thorough=part >= 1.0)
        blocks = self._blocks.look(theory, frames) if self._blocks else None
        theory.blocks = blocks.answers if blocks else {}
        sight = Sight(
            scene.layout, looks, viewer.counted, marks, frames,
            frozen=bool(scene.frozen),
            copies_unsure=bool(course.world.maybe_copied),
            watched=sum(region.pages for region in theory.watched) * len(looks),
            wrong=sum(view.wrong for view in views),
            unsure=theory.world.unsure,
            errno=did.errno,
            poked=did.poked,
            contents=NOTHING_READ if did.contents is None else did.contents,
            committed=commitment.committed_bytes() - self._committed,
            microseconds=tuple(self._spent),
            group=group,
            work=self._work,
            kill=kill,
            killed=self._killings.of_step,
            blocks=blocks.measured if blocks else {},
        )  # fmt: skip
        lines = self._compared(theory, sight)
        if part >= 1.0:
            self._work.finish(course.last, group)
        operation = step.operation if step else None
        moment = Moment(
            number=self._number,
            step=index,
            part=part,
            at=self._watch.seconds,
            finished_step=part >= 1.0,
            label=operation.label if isinstance(operation, Measure | Pause) else "",
            pauses=isinstance(operation, Pause),
            regions=views,
            comparisons=lines,
            fault=fault_view(step, scene, course.last, did)
            if isinstance(operation, Poke)
            else None,
            tables=tuple(tables_view(name, theory, looks[name]) for name in looks),
            chart={
                line.key: line.measured for line in lines if not isinstance(line.measured, Missing)
            },
            pids=pids,
            group=group,
            work=self._work.view,
            kill=kill,
            blocks=blocks.view if blocks else None,
            machine=self._whole(group),
        )
        self._number += 1
        return moment

    def _compared(self, theory: Theory, sight: Sight) -> tuple[Comparison, ...]:
        names = ("", *sight.looks)
        expected = {process: Expected(theory, process) for process in names}
        seen = {process: Seen(sight, process) for process in names}
        lines = [
            compare(figure, expected[process], seen[process])
            for figure, process in self._course.shown(self.keys)
        ]
        shown = {line.figure_id for line in lines}
        for name in _ALWAYS:
            line = compare(FIGURES[name], expected[""], seen[""])
            if name not in shown and (line.measured or line.verdict == "differs"):
                lines.append(line)
        return tuple(lines)

    def _whole(self, group: GroupView | None) -> MachineView | None:
        """The whole machine, if it is looked at; from any thread."""
        own = self._keeper.swap_names
        return self._machine.look(own, group) if self.watches_machine else None

    def _finish(self, step: Step, moment: Moment) -> None:
        verdict = overall(moment.comparisons)
        why = next(
            (line.why for line in moment.comparisons if line.verdict == verdict), Text("", "")
        )
        self._steps.append(StepResult(step.source, moment.comparisons, verdict, why))
