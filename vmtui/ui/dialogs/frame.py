"""One frame on a sheet: what it is, and who maps it, looked for while one reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.widget import Widget
from textual.worker import get_current_worker

from vmtui.draw import frames_legend, mapper_lines
from vmtui.draw.paint import STRONG, Row, Run, fit, on, row
from vmtui.draw.sentences import words
from vmtui.errors import VmtuiError
from vmtui.missing import Missing
from vmtui.model.frame_words import in_words
from vmtui.model.frames import FrameKind
from vmtui.model.mappers import Mapper, Mappers
from vmtui.observe import frames_closer, mappers
from vmtui.observe.frames_closer import OneFrame
from vmtui.text import display
from vmtui.ui.dialogs.dialog import Dialog
from vmtui.ui.dialogs.prose import wrapped
from vmtui.ui.keymap import bind
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.virtual_table import VirtualTable

_MARGIN = 2


class FrameDialog(Dialog[Mapper]):
    """Hands back the mapper that was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("table.up", "move(-1)"),
        bind("table.down", "move(1)"),
        bind("dialog.accept", "take", priority=True),
    ]
    HINTS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("dialog.accept", "its page there"),
        ("dialog.cancel", "leave"),
    )

    def __init__(self, pfn: int) -> None:
        """Frame `pfn` of the running machine."""
        super().__init__(f"frame {pfn:x}")
        self._pfn = pfn
        self._rows: list[Row] = [row(words("being read"))]
        self._state: list[Row] = []
        self._found: tuple[Mapper, ...] = ()

    def body(self) -> Iterable[Widget]:
        """What it is, how the search stands, and those it has found."""
        yield Canvas(ground="bar", id="facts")
        table = VirtualTable(ground="bar", id="mappers")
        table.can_focus = False
        yield table

    def on_mount(self) -> None:
        """Begin to look."""
        self._search()

    def on_resize(self) -> None:
        """Lay out anew."""
        super().on_resize()
        self.call_after_refresh(self._lay_out)

    @property
    def _table(self) -> VirtualTable:
        return self.query_one("#mappers", VirtualTable)

    def _lay_out(self) -> None:
        facts = self.query_one("#facts", Canvas)
        cells = facts.size.width - 2 * _MARGIN
        if cells <= 0:
            return
        lines = [part for line in (*self._rows, (), *self._state) for part in wrapped(line, cells)]
        blank = Run(" " * _MARGIN)
        facts.show([(blank, *line) for line in lines])
        header = (blank, *mapper_lines.HEADER) if self._found else ()
        room = max(1, self.room - len(lines))
        self._table.styles.height = min(len(self._found) + 1, room) if self._found else 0
        self._table.set_source(
            self._found, key=lambda one: (one.pid, one.address), draw_row=self._draw, header=header
        )

    def _draw(self, mapper: Mapper, cells: int, selected: bool) -> Row:
        line = (Run(" " * _MARGIN), *mapper_lines.line(mapper, None))
        ground = "cursor" if selected else "bar"
        return on(fit(line, cells, ground), ground)

    # The search

    @work(thread=True, exclusive=True)
    def _search(self) -> None:
        """In a thread: it takes until all are found, or some seconds."""
        worker = get_current_worker()
        tell = self.app.call_from_thread
        one = frames_closer.one(self._pfn)
        if worker.is_cancelled:
            return
        tell(self._take_frame, one)
        try:
            wanted = mappers.wanted_frame(self._pfn)
            for search in mappers.search(wanted, lambda: worker.is_cancelled):
                if worker.is_cancelled:
                    return
                tell(self._take_search, search)
        except VmtuiError as error:
            if not worker.is_cancelled:
                tell(self._take_error, str(error))

    def _take_frame(self, one: OneFrame) -> None:
        if self.is_mounted:
            self._rows = about(one)
            self._lay_out()

    def _take_search(self, search: Mappers) -> None:
        if self.is_mounted:
            self._found, self._state = search.found, [mapper_lines.state(search)]
            self._lay_out()
            self._draw_hints()

    def _take_error(self, why: str) -> None:
        if self.is_mounted:
            self._state = [row(words(why))]
            self._lay_out()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to take before one is found."""
        if action == "take" and not self._found:
            return False
        return super().check_action(action, parameters)

    def on_virtual_table_opened(self, event: VirtualTable.Opened) -> None:
        """A second click on a line takes it."""
        self.dismiss(event.row)

    def action_move(self, step: int) -> None:
        """Another mapper."""
        self._table.action_move(step)

    def action_take(self) -> None:
        """The mapper under the cursor."""
        if self._table.row is not None:
            self.dismiss(self._table.row)


def about(one: OneFrame) -> list[Row]:
    """Kind, flags in words, map count, memory cgroup."""
    if not one.is_memory:
        return [row(words("no memory at this frame number: devices, or nothing"))]
    kind = one.kind
    if not isinstance(kind, FrameKind) or isinstance(one.flags, Missing):
        return [row(words(_why(one.flags)))]
    rows = [row(frames_legend.swatch(kind), Run(f" {kind.title}", STRONG),
                words(f"  {kind.meaning}"))]  # fmt: skip
    for flag in in_words(one.flags):
        rows.append(row(Run(f"  {flag.name:<12}"), words(flag.meaning)))
    count = one.map_count
    said = _why(count) if isinstance(count, Missing) else _times(count)
    rows.append(row(Run(f"  {'map count':<12}"), words(said)))
    group = one.cgroup
    if not isinstance(group, Missing):
        rows.append(row(Run(f"  {'charged to':<12}"), words(display(group))))
    return rows


def _times(count: int) -> str:
    return f"{count:,}: so many entries of page tables map it" if count else "0: nobody maps it"


def _why(value: object) -> str:
    if not isinstance(value, Missing):
        return ""
    return f"{value.reason}: {value.unlock}" if value.unlock else value.reason
