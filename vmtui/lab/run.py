"""A run: each chunk predicted, done on the kernel, looked at, and compared page by page.

Used alike by the command line, the tests and the stage: `moments` is a generator, and whoever
watches decides when the next chunk is done. Whatever happens, every process is ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from types import TracebackType

from vmtui.errors import NotSupported, ProcessGone, VmtuiError
from vmtui.lab import commitment
from vmtui.lab.comparing import compare, overall, told
from vmtui.lab.course import Course, Plan, forecasts, plan_of
from vmtui.lab.expected import Expected, Theory
from vmtui.lab.experiment import Experiment
from vmtui.lab.figures import FIGURES
from vmtui.lab.limits import Limits, of_this_machine
from vmtui.lab.measure import Meter, ProcessLook
from vmtui.lab.moments import Comparison, Forecast, Moment, Result, StepResult
from vmtui.lab.operations import Doable, Done
from vmtui.lab.operations.exit import Exit
from vmtui.lab.operations.fork import Fork
from vmtui.lab.operations.looking import Measure, Pause
from vmtui.lab.operations.poke import Poke
from vmtui.lab.scene import Scene
from vmtui.lab.script import PARENT, Script, Step, parse
from vmtui.lab.seen import NOTHING_READ, Seen, Sight
from vmtui.lab.spawner import Bench
from vmtui.lab.stopwatch import Stopwatch
from vmtui.lab.surroundings import on_this_machine
from vmtui.lab.text import Text
from vmtui.lab.viewing import Viewer, fault_view, tables_view
from vmtui.missing import Missing
from vmtui.theory import Kernel

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
        self.kernel = kernel
        self.script: Script = on_this_machine(parse(experiment.script(values), values), bench)
        self.limits = limits or of_this_machine()
        self.limits.check(self.script)
        for step in self.script.steps:
            if why := step.operation.refused():
                raise NotSupported(f"line {step.line}, `{step.source}`: {why.en}")
        self.plan: Plan = plan_of(self.script)
        self.keys = tuple(dict.fromkeys((*experiment.figures, *experiment.charts)))
        self._bench = bench
        self._sleep = sleep
        self._course = Course(self.script, kernel)
        self._viewer = Viewer()
        self._scene: Scene | None = None
        self._watch = Stopwatch()
        self._number = 0
        self._steps: list[StepResult] = []
        self._stopped: Text | None = None
        self._restored = True
        self._committed = 0

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
            self._watch.go()
            scene = self._open()
            yield self._shown(self._look(scene, -1, 1.0, Done(), 0))
            self._watch.go()
            for index, step in enumerate(self.script.steps):
                yield from self._step(scene, index, step)
        except Stopped as stopped:
            self._stopped = stopped.why
        except ProcessGone as gone:
            self._stopped = told(str(gone))
        finally:
            self.close()

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
        """End every process of the run and say whether all are gone."""
        scene, self._scene = self._scene, None
        if scene is None:
            return
        for meter in scene.meters.values():
            meter.close()
        for hands in reversed(list(scene.hands.values())):
            hands.end()
        self._restored = all(hands.status is not None for hands in scene.everyone)

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
        hands = self._bench.start(PARENT)
        scene = self._scene = Scene(self.script.layout, {PARENT: hands}, everyone=[hands])
        scene.lay_gaps()
        scene.meters[PARENT] = Meter(hands)
        self._committed = commitment.committed_bytes()
        return scene

    def _step(self, scene: Scene, index: int, step: Step) -> Iterator[Moment]:
        chunks, seconds = self.plan[index], step.operation.seconds(self.script.layout)
        self._course.begin(step)
        self._viewer.begin(scene)
        began, microseconds = self._watch.seconds, 0
        for done, chunk in enumerate(chunks, 1):
            before, part = self._watch.seconds, done / len(chunks)
            did = self._do(scene, step, chunk, last=done == len(chunks))
            microseconds += round((self._watch.seconds - before) * 1e6)
            if seconds:
                self._sleep(max(0.0, began + seconds * part - self._watch.seconds))
            moment = self._look(scene, index, part, did, microseconds)
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

    def _do(self, scene: Scene, step: Step, chunk: Doable, *, last: bool) -> Done:
        scene.release()
        operation = step.operation
        outcome = self._course.predict(chunk, last=last)
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
        did = chunk.do(scene, step.process)
        if isinstance(operation, Fork):
            scene.meters[operation.name] = Meter(scene.hands[operation.name])
            self._viewer.forked(step.process, operation.name)
        if isinstance(operation, Exit):
            self._viewer.ended(operation.name)
        return did

    def _look(self, scene: Scene, index: int, part: float, did: Done, microseconds: int) -> Moment:
        course, viewer = self._course, self._viewer
        theory = course.theory()
        looks: dict[str, ProcessLook] = {
            name: meter.look(theory.watched, whole=False, counts=False)
            for name, meter in scene.meters.items()
        }
        step = self.script.steps[index] if index >= 0 else None
        for name, look in looks.items():
            viewer.count(name, look, did if step and name == step.process else Done())
        views, marks, frames = viewer.views(scene, theory, looks)
        sight = Sight(
            scene.layout, looks, viewer.counted, marks, frames,
            frozen=bool(scene.frozen),
            watched=sum(region.pages for region in theory.watched) * len(looks),
            wrong=sum(view.wrong for view in views),
            errno=did.errno,
            poked=did.poked,
            contents=NOTHING_READ if did.contents is None else did.contents,
            committed=commitment.committed_bytes() - self._committed,
            microseconds=microseconds,
        )  # fmt: skip
        lines = self._compared(theory, sight)
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
            pids={name: hands.pid for name, hands in scene.hands.items()},
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

    def _finish(self, step: Step, moment: Moment) -> None:
        verdict = overall(moment.comparisons)
        why = next(
            (line.why for line in moment.comparisons if line.verdict == verdict), Text("", "")
        )
        self._steps.append(StepResult(step.source, moment.comparisons, verdict, why))
