"""A table of any length: only the rows on screen are made, only the changed ones are sent.

Textual's DataTable costs 230–470 ms a refresh at 2,000 rows. This one draws the visible rows of a
lazily built sequence, compares them with what is shown, and refreshes the lines that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.theme import Theme
from textual.widget import Widget

from vmtui.draw.paint import Paint, Row, Run, fit
from vmtui.ui.keymap import bind
from vmtui.ui.widgets.canvas import bands
from vmtui.ui.widgets.strips import look_of, strip_of

_WHEEL_LINES = 3
_THUMB = Run("▐", Paint("rule"))


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from and how they are drawn."""

    rows: Sequence[Any]
    """Only its length and the visible items are asked for."""
    key: Callable[[Any], Hashable]
    """What makes a row the same row in the next tick: a PID with its start time, an address."""
    draw: Callable[[Any, int, bool], Row]
    """(row, cells, under the cursor) → the line."""
    header: Row = ()
    """The line that stays on top; empty for none."""
    selectable: Callable[[Any], bool] = lambda _row: True
    """False for rows the cursor steps over, such as the gaps between VMAs."""
    index_of: Callable[[Hashable], int | None] | None = None
    """Finds a key without making rows; otherwise they are searched outwards from the cursor."""


_NOTHING = Source((), key=id, draw=lambda _row, _cells, _selected: ())


class VirtualTable(Widget, can_focus=True):
    """The cursor stands on a key, not on a line: it stays on its row wherever that row goes."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "VirtualTable { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("table.up", "move(-1)"),
        bind("table.down", "move(1)"),
        bind("table.page_up", "page(-1.0)"),
        bind("table.page_down", "page(1.0)"),
        bind("table.half_up", "page(-0.5)"),
        bind("table.half_down", "page(0.5)"),
        bind("table.first", "edge(False)"),
        bind("table.last", "edge(True)"),
        bind("zoom.in", "open", show=True),
    ]

    class Highlighted(Message):
        """The cursor came to another row (key and row are None once the table is empty)."""

        def __init__(self, table: VirtualTable, key: Hashable, row: Any) -> None:
            super().__init__()
            self.table, self.key, self.row = table, key, row

        @property
        def control(self) -> VirtualTable:
            """For `@on(VirtualTable.Highlighted, "#id")`."""
            return self.table

    class Opened(Highlighted):
        """Enter, or a click on the row under the cursor."""

    class HeaderClicked(Message):
        """A cell of the header was clicked."""

        def __init__(self, table: VirtualTable, x: int) -> None:
            super().__init__()
            self.table, self.x = table, x

        @property
        def control(self) -> VirtualTable:
            """For `@on(VirtualTable.HeaderClicked, "#id")`."""
            return self.table

    def __init__(
        self,
        *,
        follow: bool = False,
        ground: str = "",
        id: str | None = None,  # noqa: A002  (Textual's name)
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.follow = follow
        """Whether the view moves with the cursor's row; otherwise it stays and the row moves."""
        self.cursor = -1
        """Index of the row under the cursor; -1 when there is none."""
        self.top = 0
        """Index of the first row on screen."""
        self._source = _NOTHING
        self._key: Hashable = None
        self._ground = ground
        self._shown: list[Row] = []
        self._strips: dict[int, Strip] = {}
        self._laid: dict[int, tuple[Row, bool, Run, Row]] = {}  # lines as drawn, with their margin

    # What is shown

    def set_source(
        self,
        rows: Sequence[Any],
        key: Callable[[Any], Hashable],
        draw_row: Callable[[Any, int, bool], Row],
        header: Row = (),
        *,
        selectable: Callable[[Any], bool] = _NOTHING.selectable,
        index_of: Callable[[Hashable], int | None] | None = None,
    ) -> None:
        """The rows of this tick; see `Source`. The cursor goes where its key went."""
        self._source = Source(rows, key, draw_row, header, selectable, index_of)
        before, was_seen = self.cursor, self.cursor in self.visible_rows()
        found = None if self._key is None else self._index_of(self._key)
        if found is None:
            self._stand_on(self._selectable_near(max(0, before), 1))
        else:
            self.cursor = found
            if self.follow and was_seen:
                self.top += found - before
        self._repaint()

    @property
    def rows(self) -> Sequence[Any]:
        """All rows, on screen or not."""
        return self._source.rows

    @property
    def key(self) -> Hashable:
        """The key under the cursor, or None."""
        return self._key

    @property
    def row(self) -> Any:
        """The row under the cursor, or None."""
        return self._source.rows[self.cursor] if self.cursor >= 0 else None

    def visible_rows(self) -> range:
        """Indices of the rows on screen."""
        return range(self.top, min(len(self._source.rows), self.top + self._page))

    @property
    def _page(self) -> int:
        return max(0, self.size.height - (1 if self._source.header else 0))

    # The cursor

    def select(self, key: Hashable) -> bool:
        """Put the cursor on a key and bring it into view; False if no row has it."""
        index = self._index_of(key)
        if index is not None:
            self._go(index)
        return index is not None

    def action_move(self, step: int) -> None:
        """One row up or down."""
        self._go(self._selectable_near(self.cursor + step, step))

    def action_page(self, pages: float) -> None:
        """A page or a part of one."""
        step = int(max(1, self._page - 1) * abs(pages)) or 1
        self._go(self._selectable_near(self.cursor + (step if pages > 0 else -step), pages))

    def action_edge(self, last: bool) -> None:
        """The first or the last row."""
        self._go(self._selectable_near(len(self._source.rows) if last else 0, -1 if last else 1))

    def action_open(self) -> None:
        """Say that the row under the cursor was chosen."""
        if self.cursor >= 0:
            self.post_message(self.Opened(self, self._key, self.row))

    def _go(self, index: int) -> None:
        self._stand_on(index)
        if index >= 0:
            # the unselectable rows above the first one come into view with it
            first = 0 if self._selectable_near(0, 1) == index else index
            self.top = max(min(self.top, first), index - self._page + 1)
        self._repaint()

    def _stand_on(self, index: int) -> None:
        self.cursor = index
        row = self.row
        key = None if index < 0 else self._source.key(row)
        if key != self._key:
            self._key = key
            self.post_message(self.Highlighted(self, key, row))

    def _selectable_near(self, index: int, step: float) -> int:
        """The first selectable row from `index` on in the step's direction, else in the other."""
        rows, count = self._source.rows, len(self._source.rows)
        if not count:
            return -1
        start = min(max(0, index), count - 1)
        ahead = range(start, count) if step > 0 else range(start, -1, -1)
        behind = range(start, -1, -1) if step > 0 else range(start, count)
        for way in (ahead, behind):
            for at in way:
                if self._source.selectable(rows[at]):
                    return at
        return -1

    def _index_of(self, key: Hashable) -> int | None:
        source = self._source
        if source.index_of is not None:
            return source.index_of(key)
        count = len(source.rows)
        hint = min(max(0, self.cursor), count - 1)
        for distance in range(count):  # a row rarely goes far in one tick
            for at in {hint - distance, hint + distance}:
                if 0 <= at < count and source.key(source.rows[at]) == key:
                    return at
        return None

    # Painting

    def _repaint(self) -> None:
        """Draw what is visible and refresh the lines that differ from what is shown."""
        self.top = max(0, min(self.top, len(self._source.rows) - self._page))
        drawn = [self._drawn(y) for y in range(self.size.height)]
        before, self._shown = self._shown, drawn
        changed = [y for y in range(len(drawn)) if before[y : y + 1] != drawn[y : y + 1]]
        for y in changed:
            self._strips.pop(y, None)
        if changed:
            self.refresh(*bands(changed, self.size.width))

    def _drawn(self, y: int) -> Row:
        source, cells = self._source, self.size.width - 1
        if source.header:
            if y == 0:
                return source.header
            y -= 1
        index = self.top + y
        if index >= len(source.rows):
            return ()
        selected = index == self.cursor
        line = source.draw(source.rows[index], cells, selected)
        ground = "cursor" if selected else self._ground
        margin = self._thumb(y, ground) or Run(" ", Paint(ground=ground))
        laid = self._laid.get(y)
        if laid is None or laid[0] is not line or laid[1] != selected or laid[2] != margin:
            whole = (*fit(line, cells, ground), margin)
            laid = self._laid[y] = (line, selected, margin, whole)
        return laid[3]

    def _thumb(self, y: int, ground: str) -> Run | None:
        """The position mark in the last column, where not everything fits on screen."""
        count, page = len(self._source.rows), self._page
        if count <= page:
            return None
        length = max(1, page * page // count)
        start = round(self.top * (page - length) / (count - page))
        here = start <= y < start + length
        return Run(_THUMB.text, _THUMB.paint._replace(ground=ground)) if here else None

    def render_line(self, y: int) -> Strip:
        """One line, exactly as wide as the widget."""
        width = self.size.width
        made = self._strips.get(y)
        if made is None or made.cell_length != width:
            line = self._shown[y] if y < len(self._shown) else ()
            made = self._strips[y] = strip_of(line, width, look_of(self), self._ground)
        return made

    def repaint(self, _theme: Theme | None = None) -> None:
        """Make every line anew, as after a change of theme or size."""
        self._strips.clear()
        self._shown.clear()
        self._laid.clear()
        self._repaint()
        self.refresh()

    # Events

    def on_mount(self) -> None:
        """Follow the theme."""
        self.app.theme_changed_signal.subscribe(self, self.repaint)

    def on_resize(self) -> None:
        """Other rows fit now; a cursor that was in view stays in view."""
        if self.cursor >= self.top + self._page > self.top and len(self._shown) > self._page:
            self.top = self.cursor - self._page + 1
        self.repaint()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the view, not the cursor."""
        event.stop()
        self.top += _WHEEL_LINES
        self._repaint()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the view, not the cursor."""
        event.stop()
        self.top -= _WHEEL_LINES
        self._repaint()

    def on_click(self, event: events.Click) -> None:
        """The header, the row under the cursor, or another row."""
        spot = event.get_content_offset(self)
        if spot is None:
            return
        if self._source.header and spot.y == 0:
            self.post_message(self.HeaderClicked(self, spot.x))
            return
        index = self.top + spot.y - (1 if self._source.header else 0)
        if index == self.cursor:
            self.action_open()
        elif index < len(self._source.rows) and self._source.selectable(self._source.rows[index]):
            self._go(index)
