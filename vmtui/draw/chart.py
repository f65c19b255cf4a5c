"""A line chart of braille dots: space is blocks, time is braille.

Zero is always the baseline, there is no box, a series at zero is faint: colour appears when
something happens. Lines that coincide take turns cell by cell, so that both colours stay visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmtui.draw import braille, scale, slots
from vmtui.draw.paint import DIM, FAINT, Paint, Row, Run, fit
from vmtui.draw.paint import width as cells_of
from vmtui.model.fields.field import Unit

_RULE = Paint("rule")
_VALUE = Paint("strong")
_LIVE = Paint("strong", bold=True)
_TITLE = Paint("text", bold=True)


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


@dataclass(frozen=True, slots=True)
class Event:
    """A mark on the time axis."""

    at: float
    """0 is the oldest end of the span, 1 its newest."""
    label: str = ""
    """One or two characters under the mark."""


def chart(
    title: str,
    series: Sequence[Series],
    width: int,
    height: int,
    *,
    unit: Unit = Unit.COUNT,
    span_seconds: float = 180.0,
    axes: bool = True,
    limit: float | None = None,
    events: Sequence[Event] = (),
    now: str = "now",
) -> list[Row]:
    """`height` rows of `width` cells: a line of titles and live values, then the plot.

    Args:
        title: what all series are about.
        series: drawn in this order; a chart of one series does not repeat its name.
        width: cells of every row.
        height: rows, the title's and the time axis's included.
        unit: how ticks and live values are written.
        span_seconds: how much time the values cover.
        axes: ticks, grid and a time axis; without them only the scale's top stands in the plot.
        limit: a horizontal line, such as a cgroup's; always inside the scale once a quarter used.
        events: vertical marks, for instance where the user marked a moment.
        now: the words at the right end of the time axis.
    """
    if width < 1 or height < 1:
        return []
    top, limit_shown = _top(series, unit, limit)
    plot_lines = height - 1 - (1 if axes and height >= 4 else 0)
    labels = _ticks(top, unit, plot_lines) if axes and height >= 4 else {}
    gutter = max(map(len, labels.values()), default=-1) + 1
    if width - gutter < 8:
        labels, gutter = {}, 0
    plot = _Plot(width - gutter, plot_lines, top)
    for one in series:
        plot.add(one)
    plot.marks([event.at for event in events])
    if limit_shown is not None:
        plot.level(limit_shown)
    plot.grid(tuple(labels))
    rows = [_heading(title, series, width, unit, limit=limit, axes=axes)]
    if not labels and plot_lines >= 2:
        plot.corner(scale.tick(top, unit))
    for line, cells in enumerate(plot.lines()):
        label = labels.get(line, "")
        rows.append(
            fit((Run(label.rjust(gutter - 1) + " ", FAINT), *cells), width) if gutter else cells
        )
    if axes and height >= 4:
        rows.append(_time_axis(width, gutter, span_seconds, events, now))
    return rows[:height]


def _top(series: Sequence[Series], unit: Unit, limit: float | None) -> tuple[float, float | None]:
    """The scale's top, and the limit if it is near enough to be inside."""
    known = [value for one in series for value in one.values if value is not None]
    top = max(known, default=0.0)
    if limit is not None and 0 < limit <= 4 * top:
        return scale.ceiling(max(top, limit), unit), limit
    return scale.ceiling(top, unit), None


def _ticks(top: float, unit: Unit, lines: int) -> dict[int, str]:
    """Labels by plot line."""
    parts = 4 if lines >= 12 else 2 if lines >= 5 else 1
    highest = 4 * lines - 1
    found: dict[int, str] = {}
    for part in range(parts + 1):
        dot = round(highest * part / parts)
        found[lines - 1 - dot // 4] = scale.tick(top * part / parts, unit)
    return found


def _heading(
    title: str, series: Sequence[Series], width: int, unit: Unit, *, limit: float | None, axes: bool
) -> Row:
    """Title and live values: swatches with axes, one bold figure at the right without.

    What does not fit is left out whole: first the limit, then the names.
    """
    figures = [scale.live(one.values[-1] if one.values else None, unit) for one in series]
    bound = (Run(f"  ╌ limit {scale.tick(limit, unit)}", DIM),) if limit else ()
    if not axes or len(series) == 1:
        swatch = (Run(" ━", Paint(slots.ink(series[0].slot))),) if axes and series else ()
        live = (Run(" " + " · ".join(figures), _LIVE),)
        left = (Run(title, _TITLE if axes else DIM), *swatch)
        if cells_of((*left, *bound, *live)) <= width:
            left = (*left, *bound)
        room = max(0, width - cells_of(live))
        return fit((*fit(left, room), *live), width)
    name = Run(title, _TITLE)
    entries = [
        (Run("  ━", Paint(slots.ink(one.slot))), Run(f" {one.name} ", DIM), Run(figure, _VALUE))
        for one, figure in zip(series, figures, strict=True)
    ]
    named = (name, *(run for entry in entries for run in entry))
    short = (name, *(run for swatch, _, value in entries for run in (swatch, Run(" "), value)))
    for line in ((*named, *bound), named, short):
        if cells_of(line) <= width:
            return fit(line, width)
    return fit(short, width)


def _time_axis(
    width: int, gutter: int, span_seconds: float, events: Sequence[Event], now: str
) -> Row:
    """`−3 min` at the left end, `now` at the right, event labels between where they fit."""
    room = width - gutter
    begin = scale.ago(span_seconds)
    if len(begin) + len(now) + 1 > room:
        begin = ""
    line = list((begin + now.rjust(room - len(begin)))[:room].ljust(room))
    for event in events:
        at = min(room - 1, max(0, int(event.at * room)))
        place = slice(at, at + len(event.label))
        if event.label and "".join(line[max(0, at - 1) : place.stop + 1]).isspace():
            line[place] = event.label
    return fit((Run(" " * gutter, FAINT), Run("".join(line), FAINT)), width)


class _Plot:
    """The cells of the plot while it is drawn: data first, then marks where cells are free."""

    def __init__(self, width: int, height: int, top: float) -> None:
        self._width, self._height = width, height
        self._scale = (4 * height - 1) / top if height else 0.0
        self._drawn: list[tuple[braille.Canvas, list[braille.Extent], Paint]] = []
        self._free: dict[tuple[int, int], tuple[str, Paint]] = {}

    def add(self, one: Series) -> None:
        """Draws a series on a canvas of its own."""
        spans = braille.extents(one.values, 2 * self._width, steps=one.steps)
        canvas = braille.Canvas(self._width, self._height)
        canvas.trace(spans, self._scale)
        self._drawn.append((canvas, spans, Paint(slots.ink(one.slot))))

    def marks(self, places: Sequence[float]) -> None:
        """Vertical lines."""
        for place in places:
            x = min(self._width - 1, max(0, int(place * self._width)))
            for y in range(self._height):
                self._free.setdefault((y, x), ("╎", DIM))

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
        dots, owners, faint = 0, [], False
        for canvas, spans, paint in self._drawn:
            if mask := canvas.dots[y][x]:
                dots |= mask
                if any(span and span[1] > 0 for span in spans[2 * x : 2 * x + 2]):
                    owners.append(paint)
                else:
                    faint = True
        if not dots:
            return self._free.get((y, x), (" ", _RULE))
        if not owners and faint:
            return braille.glyph(dots), FAINT
        return braille.glyph(dots), owners[x % len(owners)]
