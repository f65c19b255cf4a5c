"""Rows of paint as Textual's strips: the one place where slots become styles on screen."""

from __future__ import annotations

from typing import Protocol, cast

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from vmtui.draw.glyphs import to_ascii
from vmtui.draw.paint import Paint, Row, fit, on


class Colours(Protocol):
    """What `ui.palette.Palette` does."""

    def style(self, paint: Paint) -> Style:
        """The look of a paint on this terminal."""


class Look(Protocol):
    """What a widget needs to know of the app to paint itself."""

    palette: Colours
    """The slots' colours; another one after a change of theme."""
    ascii: bool
    """Whether only ASCII may leave for the terminal."""


def look_of(widget: Widget) -> Look:
    """The palette and glyphs of the app the widget lives in."""
    return cast(Look, widget.app)


def strip_of(line: Row, cells: int, look: Look, ground: str = "") -> Strip:
    """The row as a strip of exactly `cells` on `ground`; equal neighbours joined."""
    if ground:
        line = on(line, ground)
    joined: list[tuple[str, Paint]] = []
    text, paint, used = "", None, 0
    for run_text, run_paint in line:
        used += cell_len(run_text)
        if run_paint == paint:
            text += run_text
            continue
        if paint is not None:
            joined.append((text, paint))
        text, paint = run_text, run_paint
    if paint is not None:
        joined.append((text, paint))
    if used != cells:
        joined = list(fit(line, cells, ground))
    if look.ascii:
        joined = [(to_ascii(text), paint) for text, paint in joined]
    style_of = look.palette.style
    return Strip([Segment(text, style_of(paint)) for text, paint in joined], cells)
