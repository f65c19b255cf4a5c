"""What moves over a grid of pages: the cursor's keys, the zoom, the wheel, and going somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from textual.binding import BindingType

from vmtui.model.page_survey import PageSurvey
from vmtui.observe.sample import Sample
from vmtui.ui.keymap import bind
from vmtui.ui.page_cursor import CLOSEST, PageCursor
from vmtui.ui.screens.observe import ObserveScreen
from vmtui.ui.screens.target_screen import address_of

if TYPE_CHECKING:
    from vmtui.export.shown import Shown


class GridScreen(ObserveScreen):
    """A range of pages and a cursor on one of them; subclasses paint."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("cursor.left", "move(-1, 0)"),
        bind("cursor.right", "move(1, 0)"),
        bind("table.up", "move(0, -1)"),
        bind("table.down", "move(0, 1)"),
        bind("table.page_up", "windows(-1)"),
        bind("table.page_down", "windows(1)"),
        bind("table.half_up", "windows(-1)"),
        bind("table.half_down", "windows(1)"),
        bind("table.first", "edge(False)"),
        bind("table.last", "edge(True)"),
        bind("zoom.closer", "zoom(-1)", show=True),
        bind("zoom.wider", "zoom(1)", show=True),
        bind("zoom.fit", "fit", show=True),
        bind("filter.next", "change(1)", "next change", show=True),
        bind("filter.previous", "change(-1)", "previous change"),
        bind("goto.ask", "goto"),
    ]

    def __init__(self, start: int, end: int, cursor: PageCursor) -> None:
        """A grid over the addresses from `start` up to, not including, `end`."""
        super().__init__()
        self._start, self._end = start, end
        self._cursor = cursor
        self._ages: NDArray[np.uint8] | None = None
        self._survey: PageSurvey | None = None

    def _repaint(self) -> None:
        """Paint the pages that are known, with the cursor where it is now."""
        raise NotImplementedError

    def exported(self, sample: Sample) -> Shown | None:
        """The pages as stretches of one state."""
        from vmtui.export.shown import of_pages

        return None if self._survey is None else of_pages(self.export_name, self._survey)

    def action_move(self, columns: int, rows: int) -> None:
        """By cells and rows."""
        self._cursor.move(columns, rows)
        self._repaint()

    def action_windows(self, windows: int) -> None:
        """By windows."""
        self._cursor.move_windows(windows)
        self._repaint()

    def action_edge(self, last: bool) -> None:
        """The first or the last page."""
        self._cursor.go(self._end if last else self._start)
        self._repaint()

    def action_change(self, direction: int) -> None:
        """The next page that changed lately, or else the next place where the state changes."""
        if self._survey is None:
            return
        address = self._cursor.next_change(self._survey, self._ages, direction)
        if address is None:
            self.notify("nothing further that way", timeout=2)
        else:
            self._cursor.go(address)
            self._repaint()

    def action_zoom(self, wider: int) -> None:
        """One step closer (−1) or wider (1)."""
        self._cursor.zoom(wider)
        self._repaint()

    def action_fit(self) -> None:
        """The whole VMA."""
        self._cursor.fit()
        self.look()

    def on_mouse_scroll_down(self) -> None:
        """The wheel moves by lines."""
        self.action_move(0, 3)

    def on_mouse_scroll_up(self) -> None:
        """The wheel moves by lines."""
        self.action_move(0, -3)

    def action_goto(self) -> None:
        """Go to an address of this VMA."""

        def check(typed: str) -> str:
            address = address_of(typed)
            if address is None:
                return "an address is written in hexadecimal, as in 7f1a20000000"
            if not self._start <= address < self._end:
                return f"this VMA is {self._start:012x}–{self._end:012x}"
            return ""

        def take(typed: str) -> None:
            address = address_of(typed)
            if address is not None:
                self._cursor.go(address)
                self._cursor.zoom_to(CLOSEST)
                self._repaint()

        self.ask_where("go to an address", f"{self._start:x}", check, take)
