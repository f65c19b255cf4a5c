"""Below the page grid: the legend that adds up, the cell under the cursor, the VMA's history."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from vmtui.draw.beside import beside
from vmtui.draw.celldetail import cell_detail
from vmtui.draw.chart import Series, chart
from vmtui.draw.legend import legend
from vmtui.draw.paint import Paint, Row, Run
from vmtui.draw.scale import ago
from vmtui.model.fields.field import Unit

POINTS = 180
"""Ticks the chart is wide."""
LINES = 9
_GAP = 3
_DETAIL = 40


def below(
    counts: Sequence[int],
    cell: tuple[bytes, int],
    past: Sequence[tuple[int, int, int]],
    page_size: int,
    cells: int,
    *,
    seconds: float,
    every: bool,
) -> list[Row]:
    """A rule, then legend, cell and chart side by side.

    Args:
        counts: pages by state.
        cell: the states of the cell under the cursor, and its address.
        past: bytes (own, shared, swapped) at each tick, oldest first.
        page_size: bytes of a page.
        cells: width of the screen.
        seconds: what the chart spans.
        every: the full legend, also of states that do not occur.
    """
    left = 62 if cells >= 150 else 46
    right = max(20, cells - left - _DETAIL - 2 * _GAP - 2)
    whole = legend(counts, page_size, left, notes=cells >= 150, every=every)
    height = max(LINES, len(whole))
    detail = cell_detail(cell[0], cell[1], page_size, _DETAIL, LINES)
    parts = [whole, detail, history(past, right, LINES, seconds)]
    drawn = beside(parts, [left, _DETAIL, right], _GAP)[:height]
    return [(Run("─" * cells, Paint("rule")),), *((Run(" "), *line) for line in drawn)]


def at_the_side(
    counts: Sequence[int], cell: tuple[bytes, int], page_size: int, cells: int
) -> list[Row]:
    """Legend above cell, for the right of a 64-column grid."""
    return [
        (), *legend(counts, page_size, cells, notes=False), (),
        *cell_detail(cell[0], cell[1], page_size, cells, LINES),
    ]  # fmt: skip


def history(
    past: Sequence[tuple[int, int, int]], cells: int, lines: int, seconds: float
) -> list[Row]:
    """What of the VMA was its own, shared and in swap."""
    return list(_history(tuple(past[-POINTS:]), cells, lines, seconds))


@lru_cache(maxsize=4)
def _history(
    shown: tuple[tuple[int, int, int], ...], cells: int, lines: int, seconds: float
) -> list[Row]:
    """Pages are looked at several times a second, but it grows by a point a tick."""
    early: list[float | None] = [None] * (POINTS - len(shown))
    series = [
        Series(name, slot, early + [float(moment[at]) for moment in shown])
        for at, (name, slot) in enumerate((("own", "anon"), ("shared", "cow"), ("swap", "swapped")))
    ]
    title = ago(seconds).removeprefix("−")
    return chart(title, series, cells, lines, unit=Unit.BYTES, span_seconds=seconds)
