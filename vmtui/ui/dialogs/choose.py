"""One of a list: arrows and enter, a click, or a few letters of its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from vmtui.draw.paint import DIM, STRONG, TEXT, Paint, Row, Run, spread
from vmtui.ui.dialogs.dialog import Dialog
from vmtui.ui.keymap import bind
from vmtui.ui.widgets.virtual_table import VirtualTable


class Option(NamedTuple):
    """A line of the menu; both parts are display text."""

    label: str
    hint: str = ""


class Choose(Dialog[int]):
    """Hands back the index of the option, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("table.up", "move(-1)"),
        bind("table.down", "move(1)"),
        bind("table.page_up", "page(-1.0)"),
        bind("table.page_down", "page(1.0)"),
        bind("dialog.accept", "take", priority=True),
    ]
    HINTS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("dialog.accept", "take"),
        ("dialog.cancel", "leave"),
    )

    def __init__(self, title: str, options: Sequence[Option], current: int = 0) -> None:
        super().__init__(title)
        self._options = options
        self._current = current

    def body(self) -> Iterable[Widget]:
        """The letters typed so far, and the options that have them."""
        yield Input(placeholder="type to filter", compact=True, id="filter")
        table = VirtualTable(ground="bar", id="options")
        table.can_focus = False
        yield table

    def on_mount(self) -> None:
        """Start on the current one."""
        self._fill("")
        self._table.select(self._current)

    def on_resize(self) -> None:
        """The list takes the lines it needs, no more than there are."""
        self._table.styles.height = min(len(self._options), self.room - 1)

    @property
    def _table(self) -> VirtualTable:
        return self.query_one("#options", VirtualTable)

    def _fill(self, typed: str) -> None:
        wanted = typed.casefold()
        matching = [
            index
            for index, option in enumerate(self._options)
            if wanted in option.label.casefold() or wanted in option.hint.casefold()
        ]
        self._table.set_source(matching, key=int, draw_row=self._draw)
        if wanted:  # «pid» means PID, not PPID above it
            labels = [self._options[index].label.casefold() for index in matching]
            begin = [at for at, label in enumerate(labels) if label.startswith(wanted)]
            if begin:
                self._table.select(matching[begin[0]])

    def _draw(self, index: int, cells: int, selected: bool) -> Row:
        option, ground = self._options[index], "cursor" if selected else "bar"
        here = Run(" ▸ " if selected else "   ", Paint("strong", ground))
        label = Run(option.label, (STRONG if selected else TEXT)._replace(ground=ground))
        hint = Run(option.hint + " ", DIM._replace(ground=ground))
        return spread((here, label), (hint,), cells, ground)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Fewer options, or more again."""
        self._fill(event.value)

    def on_virtual_table_opened(self, event: VirtualTable.Opened) -> None:
        """A second click on an option takes it."""
        self.dismiss(event.row)

    def action_move(self, step: int) -> None:
        """Another option, while the letters stay in the filter."""
        self._table.action_move(step)

    def action_page(self, pages: float) -> None:
        """A page of options."""
        self._table.action_page(pages)

    def action_take(self) -> None:
        """The option under the cursor."""
        if self._table.row is not None:
            self.dismiss(self._table.row)
