"""What every stage shows: a run's script, pages, figures and curves at the moment it is at."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType

from vmtui.draw.edges import Heading
from vmtui.draw.lab import stage
from vmtui.draw.lab.scene import Scene
from vmtui.draw.paint import DIM, STRONG, TEXT, Row, Run, row
from vmtui.lab import report
from vmtui.lab.experiment import Experiment
from vmtui.lab.figures import FIGURES
from vmtui.ui.dialogs import Card
from vmtui.ui.keymap import bind
from vmtui.ui.lab import words as lab_words
from vmtui.ui.lab.run import Past, RunFailed, RunMoved, State
from vmtui.ui.lab.scene import SceneMaker
from vmtui.ui.lab.staged_run import StagedRun
from vmtui.ui.screens.lab_screen import LabFooter, LabScreen
from vmtui.ui.widgets.canvas import Canvas

if TYPE_CHECKING:
    from vmtui.ui.observatory import Observatory

_HEADER_STATES = {State.RUNNING: "live", State.PAUSED: "paused"}


class StageView(LabScreen):
    """One run; those that derive from it say where it comes from and what moves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("lab.run", "run", show=True),
        bind("lab.step", "step", show=True),
        bind("lab.hide", "hide", show=True),
        bind("lab.c", "as_c", show=True),
        bind("lab.notes", "notes", show=True),
        bind("lab.machine", "machine", show=True),
        bind("rate.slower", "speed(-1)"),
        bind("rate.faster", "speed(1)"),
        bind("panel.next", "chart(1)", "next chart"),
        bind("panel.previous", "chart(-1)", "previous chart"),
        bind("zoom.closer", "zoom(False)", "page by page"),
        bind("zoom.wider", "zoom(True)", "whole regions"),
        bind("zoom.out", "back", show=True),
        bind("help.explain", "explain"),
    ]

    def __init__(self, experiment: Experiment) -> None:
        """Nothing is shown yet."""
        super().__init__()
        self.experiment = experiment
        self._maker = SceneMaker("en")
        self._state_shown = State.PREPARING

    @property
    def staged(self) -> StagedRun | None:
        """The run that is shown."""
        raise NotImplementedError

    # Painting

    def on_run_moved(self, message: RunMoved) -> None:
        """Something new: paint what is newest."""
        message.run.seen()
        if message.run is self.staged:
            self.look()

    def on_run_failed(self, message: RunFailed) -> None:
        """An error of ours ends the app: a stage that stands still would lie."""
        raise message.error

    def look(self) -> None:
        """The moment that is newest."""
        run = self.staged
        if run is None or not self.is_mounted:
            return
        self._maker.language = self.language
        self._maker.before = self._twin()
        scene = self.scene(run)
        cells, lines = self.size.width, self.size.height - 2 - self.other_lines
        if cells > 0 and lines > 0:
            self.query_one("#body", Canvas).show(stage.rows(scene, cells, lines))
        self.say(self._heading(run))
        if run.state is not self._state_shown:
            self._state_shown = run.state
            self.query_one(LabFooter).read_bindings()

    @property
    def other_lines(self) -> int:
        """Lines between the body and the footer."""
        return 0

    def scene(self, run: StagedRun) -> Scene:
        """What is drawn of the run."""
        return self._maker.make(
            run, letters=self.session.letters_by_default,
            bars_by_letters=self.session.bars_by_letters,
        )  # fmt: skip

    def _twin(self) -> tuple[Past, ...]:
        """Another run, to be drawn under this one."""
        return ()

    def _heading(self, run: StagedRun) -> Heading:
        language, areas = self.language, self.areas()
        moment = run.latest
        steps = len(run.run.script.steps) if run.run else len(self.experiment.lines)
        at = 0 if moment is None else moment.step + 1
        facts = [f"{at}/{steps}", lab_words.speed(run.speed, language)]
        if self.size.width >= 100 and run.values:
            facts = [" ".join(f"{name} {value}" for name, value in run.values.items()), *facts]
        seconds = max([one.at for one in run.glances], default=moment.at if moment else 0.0)
        clock = "" if moment is None else f"{seconds // 60:02.0f}:{seconds % 60:04.1f}"
        return Heading(
            crumbs=("実験" if language == "ja" else "lab", self.experiment.title.of(language)),
            facts=" · ".join(facts),
            badge=lab_words.badge(run, language, hidden=self._maker.hidden),
            state=self.header_state(run),
            state_words=self.header_words(run),
            note=cast("Observatory", self.app).deck.badge,
            clock=clock,
            modes=areas[0],
            mode=areas[1],
        )

    def header_state(self, run: StagedRun) -> str:
        """How the first line paints where it is."""
        return _HEADER_STATES.get(run.state, "idle")

    def header_words(self, run: StagedRun) -> str:
        """Where it is, in a word."""
        return lab_words.state(run.state, self.language)

    # What is shown

    def action_hide(self) -> None:
        """Hide the predictions, or show them again."""
        self._maker.hidden = not self._maker.hidden
        self.look()

    def action_as_c(self) -> None:
        """The script as C, or as operations."""
        self._maker.as_c = not self._maker.as_c
        self.look()

    def action_zoom(self, whole: bool) -> None:
        """Whole regions, or a window page by page."""
        self._maker.whole = whole
        self.look()

    def action_chart(self, step: int) -> None:
        """Another chart first."""
        self._maker.first_chart += step
        self.look()

    def action_machine(self) -> None:
        """The whole machine in place of the experiment's picture, or back."""
        self._maker.on_machine = not self._maker.on_machine
        run = self.staged
        if self._maker.on_machine and run is not None and not any(p.machine for p in run.past):
            self.notify(self.no_machine_yet(), timeout=3)
        self.look()

    def no_machine_yet(self) -> str:
        """Why there is nothing to see of it."""
        raise NotImplementedError

    def action_speed(self, step: int) -> None:
        """Slower or faster."""
        if self.staged is not None:
            self.staged.change_speed(step)
            self.look()

    # Words

    def action_notes(self) -> None:
        """What a lecturer wants to remember."""
        language, experiment = self.language, self.experiment
        rows: list[Row] = [row(Run(experiment.answer.of(language), STRONG)), ()]
        rows += [row(Run(experiment.why.of(language), TEXT)), ()]
        for note in experiment.notes:
            rows += [row(Run("• ", DIM), Run(note.of(language), TEXT)), ()]
        rows.append(row(Run(report.needs(experiment, language), DIM)))
        self.app.push_screen(Card(experiment.question.of(language), rows))

    def action_explain(self) -> None:
        """What every figure of the table counts, and where it is read."""
        rows: list[Row] = []
        for name in dict.fromkeys(key.partition(".")[0] for key in self.experiment.figures):
            figure = FIGURES[name]
            rows.append(row(Run(figure.label.of(self.language), STRONG)))
            rows += [row(Run(figure.help.of(self.language), DIM)), ()]
        self.app.push_screen(Card(self.experiment.title.of(self.language), rows))
