"""A page to read: what the thing under the cursor means, or everything about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget

from vmtui.draw.paint import Row, Run, width
from vmtui.ui.dialogs.dialog import Dialog
from vmtui.ui.dialogs.prose import wrapped
from vmtui.ui.keymap import bind
from vmtui.ui.widgets.canvas import Canvas

_MARGIN = 2


class Card(Dialog[None]):
    """Rows are broken where they are wider than the card; it scrolls when it is too long."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("table.up", "scroll(-1)", priority=True),
        bind("table.down", "scroll(1)", priority=True),
        bind("table.half_up", "scroll(-8)", priority=True),
        bind("table.half_down", "scroll(8)", priority=True),
        bind("dialog.accept", "leave"),
        bind("help.explain", "leave"),
        bind("app.quit", "leave"),
    ]

    def __init__(self, title: str, rows: Sequence[Row] | Callable[[int], Sequence[Row]]) -> None:
        """A card.

        Args:
            title: display text.
            rows: what it says; or a function of the width in cells that lays it out.
        """
        super().__init__(title)
        self._rows = rows

    def body(self) -> Iterable[Widget]:
        """The page."""
        with VerticalScroll(id="page"):
            yield Canvas(ground="bar", id="text")

    def on_resize(self) -> None:
        """Lay it out for the width there is."""
        self.query_one("#page").styles.max_height = self.room
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        text = self.query_one("#text", Canvas)
        cells = text.size.width - 2 * _MARGIN
        if cells <= 0:
            return
        rows = self._rows(cells) if callable(self._rows) else self._rows
        broken = [part for line in rows for part in _broken(line, cells)]
        text.show([(), *((Run(" " * _MARGIN), *line) for line in broken), ()])

    def action_scroll(self, lines: int) -> None:
        """A few lines up or down."""
        self.query_one("#page").scroll_relative(y=lines, animate=False)


def _broken(line: Row, cells: int) -> list[Row]:
    return [line] if width(line) <= cells else wrapped(line, cells)
