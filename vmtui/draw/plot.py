"""The area of a chart where its lines are drawn, and the ticks beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rich.cells import cell_len

from vmtui.draw import braille, scale, slots
from vmtui.draw.paint import DIM, FAINT, Paint, Row
from vmtui.model.fields.field import Unit

_RULE = Paint("rule")
_Drawn: TypeAlias = tuple[braille.Canvas, list[braille.Extent], Paint]


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart."""

    name: str
    slot: str
    """A page state's slot, `kernel`, or a chrome ink such as `strong`."""
    values: Sequence[float | None]
    """Evenly spaced over the chart's span, oldest first; None leaves a gap."""
    steps: bool = True
    """Amounts hold until the next value; rates are joined by straight lines."""
    dotted: bool = False
    """A dot in every second column, never over another series: what is expected."""


def ticks(top: float, unit: Unit, lines: int) -> dict[int, str]:
    """Labels by plot line."""
    parts = 4 if lines >= 12 else 2 if lines >= 5 else 1
    highest = 4 * lines - 1
    found: dict[int, str] = {}
    for part in range(parts + 1):
        dot = round(highest * part / parts)
        found[lines - 1 - dot // 4] = scale.tick(top * part / parts, unit)
    return found


class Plot:
    """The cells of the plot while it is drawn: data first, then marks where cells are free."""

    def __init__(self, width: int, height: int, top: float) -> None:
        self._width, self._height = width, height
        self._scale = (4 * height - 1) / top if height else 0.0
        self._drawn: list[_Drawn] = []
        self._expected: list[_Drawn] = []
        self._free: dict[tuple[int, int], tuple[str, Paint]] = {}
        self._over: dict[tuple[int, int], tuple[str, Paint]] = {}

    def add(self, one: Series) -> None:
        """Draws a series on a canvas of its own."""
        spans = braille.extents(one.values, 2 * self._width, steps=one.steps)
        canvas = braille.Canvas(self._width, self._height)
        if one.dotted:
            for x in range(0, len(spans), 2):
                if (span := spans[x]) is not None:
                    canvas.column(x, *[round(span[1] * self._scale)] * 2)
        else:
            canvas.trace(spans, self._scale)
        drawn = self._expected if one.dotted else self._drawn
        drawn.append((canvas, spans, Paint(slots.ink(one.slot))))

    def marks(self, places: Sequence[float], paint: Paint = DIM) -> None:
        """Vertical lines."""
        for place in places:
            x = min(self._width - 1, max(0, int(place * self._width)))
            for y in range(self._height):
                self._free.setdefault((y, x), ("╎", paint))

    def level(self, value: float) -> None:
        """A horizontal line."""
        y = self._height - 1 - round(value * self._scale) // 4
        for x in range(self._width):
            self._free.setdefault((y, x), ("╌", DIM))

    def grid(self, lines: Sequence[int]) -> None:
        """A dot every fourth column on the lines that have a tick."""
        for y in lines:
            for x in range(0, self._width, 4):
                self._free.setdefault((y, x), ("·", _RULE))

    def place(self, x: float, value: float) -> tuple[int, int]:
        """Line and column of a point; `x` from 0, the left end, to 1."""
        line = self._height - 1 - round(value * self._scale) // 4
        column = int(x * (self._width - 1) + 0.5)
        return min(self._height - 1, max(0, line)), min(self._width - 1, max(0, column))

    def stamp(self, line: int, column: int, text: str, paint: Paint) -> None:
        """Characters over everything else, cut at the ends."""
        x = column
        for char in text:
            wide = cell_len(char)
            if 0 <= x <= self._width - wide:
                self._over[line, x] = char, paint
                if wide == 2:
                    self._over[line, x + 1] = "", paint
            x += wide

    def write(
        self, line: int, column: int, text: str, paint: Paint, *, over_expected: bool = False
    ) -> bool:
        """Words where nothing is drawn yet; False, and nothing written, where they do not fit.

        `over_expected`: they may hide what is only expected.
        """
        end = column + cell_len(text)
        cells = [(line, x) for x in range(column - 1, end + 1)]
        inside = column >= 0 and end <= self._width and 0 <= line < self._height
        drawn = self._drawn if over_expected else (*self._drawn, *self._expected)
        if not inside or any(
            (y, x) in self._over or any(canvas.dots[y][x] for canvas, *_ in drawn)
            for y, x in cells
            if 0 <= x < self._width
        ):
            return False
        self.stamp(line, column, text, paint)
        return True

    def corner(self, label: str) -> None:
        """The scale's top in the first line, unless the data needs the place."""
        if len(label) + 1 <= self._width and not any(
            canvas.dots[0][x] for canvas, *_ in self._drawn for x in range(len(label) + 1)
        ):
            for x, char in enumerate(label):
                self._free[0, x] = char, FAINT

    def lines(self) -> list[Row]:
        """The finished rows."""
        return [
            braille.runs([self._cell(x, y) for x in range(self._width)])
            for y in range(self._height)
        ]

    def _cell(self, x: int, y: int) -> tuple[str, Paint]:
        if (y, x) in self._over:
            return self._over[y, x]
        dots, owners, faint = 0, [], False
        for canvas, spans, paint in self._drawn:
            if mask := canvas.dots[y][x]:
                dots |= mask
                if any(span and span[1] > 0 for span in spans[2 * x : 2 * x + 2]):
                    owners.append(paint)
                else:
                    faint = True
        if not dots:
            for canvas, _, paint in self._expected:
                if mask := canvas.dots[y][x]:
                    return braille.glyph(mask), paint
            return self._free.get((y, x), (" ", _RULE))
        if not owners and faint:
            return braille.glyph(dots), FAINT
        return braille.glyph(dots), owners[x % len(owners)]
