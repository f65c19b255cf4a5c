"""A widget that shows a drawing and sends only the lines that changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.theme import Theme
from textual.widget import Widget

from vmtui.draw.paint import Row
from vmtui.ui.widgets.strips import look_of, strip_of


def bands(lines: Iterable[int], width: int) -> list[Region]:
    """Regions that cover the lines (ascending), neighbours joined."""
    found: list[Region] = []
    for y in lines:
        if found and found[-1].bottom == y:
            found[-1] = Region(0, found[-1].y, width, found[-1].height + 1)
        else:
            found.append(Region(0, y, width, 1))
    return found


class Canvas(Widget):
    """Hosts a drawing: rows go in, changed lines come out.

    Textual resends a widget's whole region on `refresh()` even where nothing changed, so the rows
    are compared here and only the lines that differ are refreshed.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "Canvas { height: auto; }"

    class Clicked(Message):
        """The drawing was clicked."""

        def __init__(self, canvas: Canvas, x: int, y: int, chain: int) -> None:
            super().__init__()
            self.canvas = canvas
            """Whose drawing."""
            self.x, self.y = x, y
            """The cell, counted from the drawing's corner."""
            self.chain = chain
            """2 for the second click of a double one."""

        @property
        def control(self) -> Canvas:
            """For `@on(Canvas.Clicked, "#id")`."""
            return self.canvas

    def __init__(
        self,
        rows: Sequence[Row] = (),
        *,
        ground: str = "",
        id: str | None = None,  # noqa: A002  (Textual's name)
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.rows: list[Row] = list(rows)
        """What is shown now."""
        self._ground = ground
        self._strips: dict[int, Strip] = {}

    def show(self, rows: Sequence[Row]) -> None:
        """Replace the drawing; lines that stay as they are cost nothing."""
        before, self.rows = self.rows, list(rows)
        longest = max(len(before), len(self.rows))
        changed = [y for y in range(longest) if before[y : y + 1] != self.rows[y : y + 1]]
        for y in changed:
            self._strips.pop(y, None)
        if len(before) != len(self.rows) and self.styles.is_auto_height:
            self.refresh(layout=True)
        elif changed:
            self.refresh(*bands(changed, self.size.width))

    def render_line(self, y: int) -> Strip:
        """One line, exactly as wide as the widget."""
        width = self.size.width
        made = self._strips.get(y)
        if made is None or made.cell_length != width:
            line = self.rows[y] if y < len(self.rows) else ()
            made = self._strips[y] = strip_of(line, width, look_of(self), self._ground)
        return made

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the drawing has."""
        return len(self.rows)

    def repaint(self, _theme: Theme | None = None) -> None:
        """Make every line anew, as after a change of theme."""
        self._strips.clear()
        self.refresh()

    def on_mount(self) -> None:
        """Follow the theme."""
        self.app.theme_changed_signal.subscribe(self, self.repaint)

    def on_click(self, event: events.Click) -> None:
        """Say which cell it was."""
        spot = event.get_content_offset(self)
        if spot is not None:
            self.post_message(self.Clicked(self, spot.x, spot.y, event.chain))
