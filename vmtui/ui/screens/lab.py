"""The laboratory's list: every experiment by the question it asks."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import BindingType

from vmtui.draw.edges import Heading
from vmtui.draw.lab import menu
from vmtui.draw.lab.words import EN, JA
from vmtui.draw.paint import Row, Run
from vmtui.errors import VmtuiError
from vmtui.lab import report
from vmtui.lab.experiment import Experiment
from vmtui.lab.experiments import ALL
from vmtui.lab.script import changes_of
from vmtui.lab.text import LANGUAGES
from vmtui.ui.keymap import bind
from vmtui.ui.screens.lab_screen import LabScreen
from vmtui.ui.widgets.canvas import Canvas

_ABOUT = (
    "Each experiment asks one question, predicts the answer page by page from a model of Linux "
    "virtual memory, runs on the real kernel in processes of its own, and compares.",
    "enter opens one; nothing runs before space. What an experiment changes outside its own "
    "processes it lists; it asks once, and puts everything back.",
)


class ListScreen(LabScreen):
    """All experiments; the one under the cursor is told beside them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("zoom.in", "open", show=True),
        bind("table.up", "move(-1)"),
        bind("table.down", "move(1)"),
        bind("table.page_up", "move(-10)"),
        bind("table.page_down", "move(10)"),
        bind("table.first", "move(-1000)"),
        bind("table.last", "move(1000)"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "zoom.in", "mode.observe", "lab.language", "help.show", "app.quit",
    )  # fmt: skip
    HELP_ROWS: ClassVar[list[Row]] = [(Run(text),) for text in _ABOUT]

    def __init__(self) -> None:
        super().__init__()
        self._cursor = 0
        self._places: dict[int, int] = {}
        self._items = {language: [item(one, language) for one in ALL] for language in LANGUAGES}

    def look(self) -> None:
        """The list, and what is under the cursor."""
        if not self.is_mounted:
            return
        words = JA if self.language == "ja" else EN
        cells, lines = self.size.width, self.size.height - 2
        drawn, self._places = menu.rows(
            self._items[self.language], self._cursor, cells, lines, words
        )
        self.query_one("#body", Canvas).show(drawn)
        areas, here = self.areas()
        title = "実験" if self.language == "ja" else "laboratory"
        count = f"{len(ALL)} 件" if self.language == "ja" else f"{len(ALL)} experiments"
        self.say(Heading((self.session.host, title), count, state="idle", modes=areas, mode=here))

    def action_move(self, step: int) -> None:
        """Another experiment."""
        self._cursor = min(len(ALL) - 1, max(0, self._cursor + step))
        self.look()

    def action_open(self) -> None:
        """Its stage; nothing runs there yet."""
        from vmtui.ui.screens.stage import StageScreen

        try:
            self.laboratory.open_bench()
        except VmtuiError as error:
            self.notify(str(error), severity="error", timeout=6)
            return
        self.app.push_screen(StageScreen(ALL[self._cursor]))

    @on(Canvas.Clicked, "#body")
    def _clicked(self, event: Canvas.Clicked) -> None:
        """A line; the second click opens it."""
        at = self._places.get(event.y)
        if at is None:
            return
        if at == self._cursor:
            self.action_open()
        else:
            self._cursor = at
            self.look()


def item(experiment: Experiment, language: str) -> menu.Item:
    """What the list has of an experiment."""
    spoken = next(one for one in LANGUAGES if one == language)
    values = experiment.values()
    lines = []
    for line in (line for line in experiment.lines if line.applies(values)):
        source = line.source
        for name, value in values.items():
            source = source.replace(f"{{{name}}}", value)
        lines.append(source)
    parameters = ("，" if spoken == "ja" else ", ").join(
        f"{one.label.of(spoken)} {values[one.id]}" for one in experiment.parameters
    )
    group = "" if not experiment.group else (JA if spoken == "ja" else EN).surprises
    return menu.Item(
        experiment.id, experiment.title.of(spoken), experiment.question.of(spoken),
        experiment.why.of(spoken), report.needs(experiment, spoken),
        experiment.needs.en == "nothing", tuple(lines), group, parameters,
        tuple(change.of(spoken) for change in changes_of(experiment, values)),
    )  # fmt: skip
