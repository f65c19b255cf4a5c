"""A line chart of braille dots: space is blocks, time is braille.

Zero is always the baseline, there is no box, a series at zero is faint: colour appears when
something happens. Lines that coincide take turns cell by cell, so that both colours stay visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmtui.draw import plot, scale, slots
from vmtui.draw.paint import DIM, FAINT, Paint, Row, Run, fit
from vmtui.draw.paint import width as cells_of
from vmtui.draw.plot import Plot, Series
from vmtui.model.fields.field import Unit

__all__ = ["Event", "Series", "chart"]

_VALUE = Paint("strong")
_LIVE = Paint("strong", bold=True)
_TITLE = Paint("text", bold=True)


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
    labels = plot.ticks(top, unit, plot_lines) if axes and height >= 4 else {}
    gutter = max(map(len, labels.values()), default=-1) + 1
    if width - gutter < 8:
        labels, gutter = {}, 0
    area = Plot(width - gutter, plot_lines, top)
    for one in series:
        area.add(one)
    area.marks([event.at for event in events])
    if limit_shown is not None:
        area.level(limit_shown)
    area.grid(tuple(labels))
    rows = [_heading(title, series, width, unit, limit=limit, axes=axes)]
    if not labels and plot_lines >= 2:
        area.corner(scale.tick(top, unit))
    for line, cells in enumerate(area.lines()):
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
