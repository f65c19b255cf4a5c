"""A canvas of braille dots: each cell is two dots wide and four high, and has one paint."""

from __future__ import annotations

from collections.abc import Sequence

from vmtui.draw.glyphs import BRAILLE
from vmtui.draw.paint import Paint, Row, Run

Extent = tuple[float, float] | None
"""Lowest and highest value in one column of dots; None is a gap."""

_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK = Paint()


def extents(values: Sequence[float | None], columns: int, *, steps: bool) -> list[Extent]:
    """One extent per column of dots: lows and highs survive however many values share a column.

    Args:
        values: evenly spaced over the span; None where the kernel did not say.
        columns: how many columns of dots there are.
        steps: amounts hold until the next value; rates are joined by a straight line.
    """
    count = len(values)
    if not count:
        return [None] * columns
    if count < columns and not steps:
        return [_between(values, at * (count - 1) / max(1, columns - 1)) for at in range(columns)]
    found: list[Extent] = []
    for at in range(columns):
        first = at * count // columns
        share = values[first : max(first + 1, (at + 1) * count // columns)]
        known = [value for value in share if value is not None]
        found.append((min(known), max(known)) if known else None)
    return found


def _between(values: Sequence[float | None], place: float) -> Extent:
    """The value at a fractional index; a gap when either neighbour is one."""
    before = int(place)
    one = values[before]
    other = values[min(before + 1, len(values) - 1)]
    if one is None or place == before:
        return None if one is None else (one, one)
    if other is None:
        return None
    value = one + (other - one) * (place - before)
    return value, value


class Canvas:
    """Cells of braille dots, a bit mask each; the bottom row of dots is 0."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.dots = [[0] * width for _ in range(height)]

    def column(self, x: int, low: int, high: int) -> None:
        """Sets the dots of one column from `low` to `high`, both included and clipped."""
        top = 4 * self.height - 1
        for y in range(max(0, low), min(top, high) + 1):
            line, row = divmod(top - y, 4)
            self.dots[line][x // 2] |= _BITS[row][x % 2]

    def trace(self, spans: Sequence[Extent], scale: float) -> None:
        """Draws extents as a joined line, a value of `1 / scale` one dot high."""
        previous: tuple[int, int] | None = None
        for x, span in enumerate(spans):
            if span is None:
                previous = None
                continue
            low, high = round(span[0] * scale), round(span[1] * scale)
            joined = low, high
            if previous is not None:
                if low > previous[1] + 1:
                    joined = previous[1] + 1, high
                elif high < previous[0] - 1:
                    joined = low, previous[0] - 1
            self.column(x, *joined)
            previous = low, high


def runs(glyphs: Sequence[tuple[str, Paint]]) -> Row:
    """Cells as a row, equal neighbours in one run."""
    out: list[Run] = []
    text, paint = "", _BLANK
    for glyph, its in glyphs:
        if its != paint and text:
            out.append(Run(text, paint))
            text = ""
        text, paint = text + glyph, its
    if text:
        out.append(Run(text, paint))
    return tuple(out)


def glyph(dots: int) -> str:
    """The character of a mask; a blank without dots."""
    return chr(BRAILLE + dots) if dots else " "
