"""Asked once before an experiment that changes more than its own processes: what, and go on?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget

from vmtui.draw.paint import DIM, TEXT, Paint, Row, Run, row
from vmtui.ui.dialogs.dialog import Dialog
from vmtui.ui.dialogs.prose import wrapped
from vmtui.ui.keymap import bind
from vmtui.ui.widgets.canvas import Canvas

_MARGIN = 2
_BULLET = "• "


class Consent(Dialog[bool]):
    """Hands back True for yes, None for leaving it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("dialog.accept", "agree"),
        bind("dialog.yes", "agree"),
        bind("dialog.no", "leave"),
    ]
    HINTS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("dialog.accept", "start"),
        ("dialog.cancel", "leave it"),
    )

    def __init__(self, title: str, lead: str, changes: Sequence[str], after: str) -> None:
        """A question.

        Args:
            title: what is about to be done; display text, as is all else.
            lead: the words before the list.
            changes: a sentence each.
            after: the words after it: how it is put back.
        """
        super().__init__(title)
        self._lead, self._changes, self._after = lead, changes, after

    def body(self) -> Iterable[Widget]:
        """The list."""
        with VerticalScroll(id="page"):
            yield Canvas(ground="bar", id="text")

    def on_resize(self) -> None:
        """Lay it out for the width there is."""
        super().on_resize()
        self.query_one("#page").styles.max_height = self.room
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        text = self.query_one("#text", Canvas)
        cells = text.size.width - 2 * _MARGIN
        if cells <= 0:
            return
        made: list[Row] = [*wrapped(row(Run(self._lead, DIM)), cells), ()]
        for change in self._changes:
            sentence = row(Run(_BULLET, Paint("dim")), Run(change, TEXT))
            made += wrapped(sentence, cells, indent=len(_BULLET))
        made += [(), *wrapped(row(Run(self._after, DIM)), cells)]
        text.show([(), *((Run(" " * _MARGIN), *line) for line in made), ()])

    def action_agree(self) -> None:
        """Start it."""
        self.dismiss(True)
