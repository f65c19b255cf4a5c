"""Which columns, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from textual.binding import BindingType
from textual.widget import Widget

from vmtui.draw.paint import DIM, STRONG, TEXT, Paint, Row, Run, spread
from vmtui.ui.dialogs.dialog import Dialog
from vmtui.ui.keymap import bind
from vmtui.ui.widgets.virtual_table import VirtualTable


class Item(NamedTuple):
    """A thing that can be shown: its id, its name, and what it means (display text)."""

    id: str
    label: str
    hint: str = ""


class ChooseMany(Dialog[tuple[str, ...]]):
    """Hands back the ids that are shown, in the order of the list, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("dialog.toggle", "show_or_hide"),
        bind("dialog.earlier", "shift(-1)"),
        bind("dialog.later", "shift(1)"),
        bind("dialog.accept", "take", priority=True),
    ]
    HINTS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("dialog.toggle", "show or hide"),
        ("dialog.earlier", "up"),
        ("dialog.later", "down"),
        ("dialog.accept", "take"),
        ("dialog.cancel", "leave"),
    )

    def __init__(self, title: str, items: Sequence[Item], shown: Sequence[str]) -> None:
        super().__init__(title)
        by_id = {item.id: item for item in items}
        first = [by_id[name] for name in shown if name in by_id]
        self._items = first + [item for item in items if item.id not in shown]
        self._shown = {item.id for item in first}

    def body(self) -> Iterable[Widget]:
        """The list, shown ones first."""
        yield VirtualTable(ground="bar", follow=True, id="items")

    def on_mount(self) -> None:
        """Fill it."""
        self._fill()
        self._table.focus()

    def on_resize(self) -> None:
        """The list takes the lines it needs, no more than there are."""
        self._table.styles.height = min(len(self._items), self.room)

    @property
    def _table(self) -> VirtualTable:
        return self.query_one("#items", VirtualTable)

    def _fill(self) -> None:
        self._table.set_source(list(self._items), key=lambda item: item.id, draw_row=self._draw)

    def _draw(self, item: Item, cells: int, selected: bool) -> Row:
        ground = "cursor" if selected else "bar"
        mark = "▸" if selected else " "
        box = "[x]" if item.id in self._shown else "[ ]"
        label = (STRONG if selected else TEXT)._replace(ground=ground)
        left = (Run(f" {mark} {box} ", Paint("strong", ground)), Run(item.label, label))
        if len(item.hint) > cells - 24:
            return (*left, Run(f"  {item.hint}", DIM._replace(ground=ground)))
        return spread(left, (Run(item.hint + " ", DIM._replace(ground=ground)),), cells, ground)

    def on_virtual_table_opened(self, event: VirtualTable.Opened) -> None:
        """A second click on a line; enter is taken before it gets here."""
        event.stop()
        self.action_show_or_hide()

    def action_show_or_hide(self) -> None:
        """Show or hide what is under the cursor."""
        self._shown ^= {self._table.row.id}
        self._fill()

    def action_shift(self, step: int) -> None:
        """Move what is under the cursor up or down the list."""
        at = self._table.cursor
        to = at + step
        if 0 <= to < len(self._items):
            self._items[at], self._items[to] = self._items[to], self._items[at]
            self._fill()
            self._table.select(self._items[to].id)

    def action_take(self) -> None:
        """What is shown, in this order."""
        self.dismiss(tuple(item.id for item in self._items if item.id in self._shown))
