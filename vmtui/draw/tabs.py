"""The line of tabs of a screen that has several pages, with notes at its right."""

from __future__ import annotations

from collections.abc import Sequence

from vmtui.draw.paint import DIM, FAINT, STRONG, Row, Run, spread, width

_BLANKS = (3, 2, 1)
"""Columns between two titles, as there is room."""


def line(titles: Sequence[str], chosen: int, notes: Sequence[str], cells: int) -> Row:
    """Titles, the chosen one underlined; of the notes those that fit, first ones first."""
    gap = _gap(titles, cells)
    left: list[Run] = [Run(" ")]
    for index, title in enumerate(titles):
        look = STRONG._replace(underline=True) if index == chosen else DIM
        left += [Run(title, look), Run(" " * gap)]
    said = list(notes)
    while said and width((*left, Run(" · ".join(said)))) + 2 > cells:
        said.pop()
    return spread(tuple(left), (Run(" · ".join(said), FAINT), Run(" ")), cells)


def at(titles: Sequence[str], x: int, cells: int) -> int | None:
    """Which title a click hit."""
    place, gap = 1, _gap(titles, cells)
    for index, title in enumerate(titles):
        if place <= x < place + len(title):
            return index
        place += len(title) + gap
    return None


def _gap(titles: Sequence[str], cells: int) -> int:
    length = sum(map(len, titles)) + 2
    return next((gap for gap in _BLANKS if length + gap * len(titles) <= cells), 1)
