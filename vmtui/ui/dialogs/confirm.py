"""Yes or no, with what it is about spelled out; the default is no."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType
from textual.widget import Widget

from vmtui.draw.paint import DIM, TEXT, Paint, Row, Run, row
from vmtui.ui.dialogs.dialog import Dialog
from vmtui.ui.keymap import bind
from vmtui.ui.widgets.canvas import Canvas

_INDENT = 2
_BETWEEN = 3


class Confirm(Dialog[bool]):
    """Hands back True only for an explicit yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("dialog.yes", "answer(True)"),
        bind("dialog.no", "answer(False)"),
        bind("dialog.switch", "switch", priority=True),
        bind("dialog.accept", "accept"),
    ]
    HINTS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("dialog.yes", "yes"),
        ("dialog.no", "no"),
        ("dialog.cancel", "leave"),
    )

    def __init__(
        self,
        title: str,
        facts: Sequence[tuple[str, str]] = (),
        *,
        yes: str = "yes",
        no: str = "no",
    ) -> None:
        """A question.

        Args:
            title: the question; display text.
            facts: (label, value) of what it is about: PID, name, user, start time.
            yes: the answer that does it, in words.
            no: the answer that does not, chosen at first.
        """
        super().__init__(title)
        self._facts, self._yes, self._no = facts, yes, no
        self._says_yes = False

    def body(self) -> Iterable[Widget]:
        """Facts and the two answers."""
        label_cells = max((cell_len(label) for label, _ in self._facts), default=0) + 2
        facts = [
            row(Run(" " * _INDENT + label.ljust(label_cells), DIM), Run(value, TEXT))
            for label, value in self._facts
        ]
        yield Canvas([(), *facts, ()], ground="bar")
        yield Canvas([self._answers()], ground="bar", id="answers")

    def _answers(self) -> Row:
        chosen, other = Paint("strong", "cursor", bold=True), DIM._replace(ground="bar")
        return row(
            Run(" " * _INDENT),
            Run(f"[ {self._no} ]", other if self._says_yes else chosen),
            Run(" " * _BETWEEN),
            Run(f"[ {self._yes} ]", chosen if self._says_yes else other),
        )

    def on_canvas_clicked(self, event: Canvas.Clicked) -> None:
        """A click on an answer is the answer."""
        if event.canvas.id != "answers":
            return
        no = range(_INDENT, _INDENT + cell_len(self._no) + 4)
        yes = range(no.stop + _BETWEEN, no.stop + _BETWEEN + cell_len(self._yes) + 4)
        if event.x in no or event.x in yes:
            self.action_answer(event.x in yes)

    def action_answer(self, yes: bool) -> None:
        """Hand it back."""
        self.dismiss(yes)

    def action_switch(self) -> None:
        """Choose the other answer."""
        self._says_yes = not self._says_yes
        self.query_one("#answers", Canvas).show([self._answers()])

    def action_accept(self) -> None:
        """The chosen answer."""
        self.dismiss(self._says_yes)
