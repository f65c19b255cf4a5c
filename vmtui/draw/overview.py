"""The whole VMA in one strip above a grid that shows a part of it, with the window underlined."""

from __future__ import annotations

from vmtui import units
from vmtui.draw.grid import Grid
from vmtui.draw.paint import FAINT, Paint, Row, Run, fit
from vmtui.draw.strip import Counts, strip

_WINDOW = Paint("strong")


def overview(counts: Counts | None, grid: Grid) -> list[Row]:
    """Two rows as wide as the grid: the size and the strip, and `▔` under the grid's window.

    Args:
        counts: slices of the whole VMA (`strip.slices`), any number of them.
        grid: the geometry below.
    """
    room = grid.width - grid.gutter
    label = Run(f" {units.size(grid.end - grid.start)}".ljust(grid.gutter), FAINT)
    span = grid.end - grid.start
    first = max(grid.top, grid.start) - grid.start
    last = min(grid.bottom, grid.end) - grid.start
    begin = min(room - 1, first * room // span)
    stop = max(begin + 1, -(-last * room // span))
    under = (
        Run(" " * (grid.gutter + begin), FAINT),
        Run("▔" * (min(stop, room) - begin), _WINDOW),
    )
    return [fit((label, *strip(counts, room)), grid.width), fit(under, grid.width)]
