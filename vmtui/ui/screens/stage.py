"""The stage of one experiment: predict, run, step, compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType

from vmtui.draw.paint import Row, Run
from vmtui.lab.experiment import Experiment, Parameter, ParameterError
from vmtui.lab.script import changes_of
from vmtui.lab.text import Text
from vmtui.ui.dialogs import Ask, Choose, Option
from vmtui.ui.keymap import bind
from vmtui.ui.lab import words as lab_words
from vmtui.ui.lab.run import USUAL_SPEED, LabRun, Past, State
from vmtui.ui.screens.stage_view import StageView

if TYPE_CHECKING:
    from vmtui.ui.observatory import Observatory

_ABOUT = (
    "At the left the script, at the right every page of its regions; below, what the theory "
    "predicts and what the kernel did. The dotted line of a chart is the prediction for the whole "
    "run; where it was wrong, two lines show.",
    "p hides the predictions until everybody has written down a number; space runs, → does one "
    "step, { and } change the speed; a opens a process of the experiment in the microscope.",
    "M shows the whole machine instead, the experiment apart from it in yellow: what sar -r, -B "
    "and -W print, and pressure. What is changed outside its processes is asked for once.",
)


class StageScreen(StageView):
    """One experiment, again and again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("lab.reset", "reset", show=True),
        bind("lab.edit", "edit", show=True),
        bind("lab.observe", "observe", show=True),
        bind("lab.overlay", "overlay"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "lab.run", "lab.step", "lab.hide", "lab.reset", "lab.edit", "lab.c", "lab.observe",
        "lab.machine", "lab.notes", "help.show", "zoom.out", "rate.faster", "panel.next",
        "lab.overlay",
    )  # fmt: skip
    HELP_ROWS: ClassVar[list[Row]] = [(Run(text),) for text in _ABOUT]

    def __init__(self, experiment: Experiment) -> None:
        """The experiment with its usual parameters."""
        super().__init__(experiment)
        self._values = experiment.values()
        self._last: tuple[Past, ...] = ()
        """Of the last run that was finished."""
        self._overlaid = False
        self._agreed: frozenset[Text] = frozenset()
        """Changes outside the processes that were said yes to."""
        self._speed = USUAL_SPEED
        self.run_now: LabRun | None = None
        """The run that is shown."""

    def on_mount(self) -> None:
        """Prepare the run, so that its prediction can be seen."""
        super().on_mount()
        self._begin()

    def on_screen_suspend(self) -> None:
        """Stand still while nobody looks."""
        if self.run_now is not None and self.run_now.wants_to_run:
            self.run_now.pause()

    def on_unmount(self) -> None:
        """Its processes go with it."""
        self.laboratory.leave()

    def _begin(self) -> LabRun:
        before = self.run_now
        if before is not None and len(before.past) > 1 and before.state is State.OVER:
            self._last = before.past
        self._maker.reset()
        app = cast("Observatory", self.app)
        run = LabRun(
            self.laboratory, self.experiment, self._values, self.post_message, speed=self._speed,
            watches_machine=self._maker.on_machine,
            recorder=lambda: app.deck.recorder,
        )  # fmt: skip
        self.run_now = run
        self.laboratory.begin(run)
        self.look()
        return run

    @property
    def staged(self) -> LabRun | None:
        """The run that is shown."""
        return self.run_now

    def _twin(self) -> tuple[Past, ...]:
        return self._last if self._overlaid else ()

    # Running

    def action_run(self) -> None:
        """Run or pause; a run that is over starts again."""
        run = self.run_now
        if run is not None and run.wants_to_run and run.state is not State.OVER:
            run.pause()
        elif run is not None:
            self._with_consent(self._go_on)

    def _go_on(self) -> None:
        run = self.run_now
        if run is not None:
            (self._begin() if run.state is State.OVER else run).go_on()

    def action_step(self) -> None:
        """What is left of this step, or the next one."""
        self._with_consent(self._one_step)

    def _one_step(self) -> None:
        if self.run_now is not None:
            self.run_now.step()

    def _with_consent(self, act: Callable[[], None]) -> None:
        """Do it, once what changes outside the processes has been said yes to."""
        changes = changes_of(self.experiment, self._values)
        if changes and cast("Observatory", self.app).readonly:
            self.notify(lab_words.refused(self.language), severity="warning", timeout=6)
        elif self._agreed.issuperset(changes):
            act()
        else:

            def take(yes: bool | None) -> None:
                if yes:
                    self._agreed |= set(changes)
                    act()

            title = self.experiment.title.of(self.language)
            self.app.push_screen(lab_words.consent(changes, title, self.language), take)

    def action_reset(self) -> None:
        """From the beginning."""
        self._begin()

    def action_speed(self, step: int) -> None:
        """Slower or faster."""
        super().action_speed(step)
        if self.run_now is not None:
            self._speed = self.run_now.speed

    # What is shown

    def action_machine(self) -> None:
        """The whole machine in place of the experiment's picture, or back."""
        if not self._maker.on_machine and self.run_now is not None:
            self.run_now.watch_machine()
        super().action_machine()

    def no_machine_yet(self) -> str:
        """It is looked at from now on."""
        return (
            "次に進んだときから表示します"
            if self.language == "ja"
            else "shown from the next step on"
        )

    def action_overlay(self) -> None:
        """Draw the last finished run under this one, or stop that."""
        if not self._last and not self._overlaid:
            ja = self.language == "ja"
            said = "前に終わった実行がありません" if ja else "no run before this one has finished"
            self.notify(said, timeout=3)
            return
        self._overlaid = not self._overlaid
        self.look()

    # Elsewhere

    def action_observe(self) -> None:
        """Open a process of the experiment in the microscope; the run stands still."""
        run = self.run_now
        moment = run.latest if run else None
        if run is None or moment is None or run.state is State.OVER:
            ja = self.language == "ja"
            self.notify("いまプロセスはありません" if ja else "there is no process now", timeout=3)
            return
        found = list(moment.pids.items())[::-1]
        if moment.fault is not None and moment.fault.pid:
            found.insert(0, ("frozen", moment.fault.pid))
        if len(found) == 1:
            self._open(found[0][1])
            return

        def take(index: int | None) -> None:
            if index is not None:
                self._open(found[index][1])

        options = [Option(name, str(pid)) for name, pid in found]
        title = "どのプロセスを観察するか" if self.language == "ja" else "observe which process?"
        self.app.push_screen(Choose(title, options), take)

    def _open(self, pid: int) -> None:
        from vmtui.ui.screens.process import ProcessScreen

        if self.run_now is not None:
            self.run_now.pause()
        self.app.push_screen(ProcessScreen(pid, self.session.vma_columns))

    def action_back(self) -> None:
        """To the list; the processes end."""
        self.app.pop_screen()

    # Parameters

    def action_edit(self) -> None:
        """Change a parameter; the run begins anew with it."""
        parameters = self.experiment.parameters
        if not parameters:
            ja = self.language == "ja"
            self.notify(
                "変えられる値はありません" if ja else "this one has no parameters", timeout=3
            )
        elif len(parameters) == 1:
            self._ask(parameters[0])
        else:
            options = [Option(one.label.of(self.language), self._values[one.id])
                       for one in parameters]  # fmt: skip

            def take(index: int | None) -> None:
                if index is not None:
                    self._ask(parameters[index])

            title = "何を変えるか" if self.language == "ja" else "change what?"
            self.app.push_screen(Choose(title, options), take)

    def _ask(self, parameter: Parameter) -> None:
        def check(typed: str) -> str:
            try:
                parameter.checked(typed.strip())
            except ParameterError as error:
                return str(error)
            return ""

        def take(typed: str | None) -> None:
            if typed is not None:
                self._values = {**self._values, parameter.id: parameter.checked(typed.strip())}
                self._begin()

        self.app.push_screen(
            Ask(parameter.label.of(self.language), initial=self._values[parameter.id],
                check=check),
            take,
        )  # fmt: skip
