"""The picture of `thrashing`: how fast work goes, against the memory that it is given.

Touches a second on a scale of powers of ten, and under it, where there is room, misses of 1,000
touches; from left to right more memory. A point appears when its stretch of work is done, the one
that is being measured stands in brackets. What the theory says is dotted, and lies under them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from rich.cells import cell_len

from vmtui import units
from vmtui.draw import plot, scale, slots
from vmtui.draw.paint import DIM, FAINT, STRONG, Paint, Row, Run, fit, spread
from vmtui.draw.paint import width as cells_of
from vmtui.draw.plot import Plot, Series
from vmtui.model.fields.field import Unit

_TITLE = Paint("text", bold=True)
_RULE = Paint("rule")
_LEAST_DECADES = (3, 7)
"""1k to 10M are always on the scale, so that points do not move when others appear."""
_WITH_MISSES = 15
"""Lines from which misses have a plot of their own."""
_MOST_MISSES = 1000.0


@dataclass(frozen=True, slots=True)
class Point:
    """A stretch of work."""

    share: float
    """Memory given, as a share of the working set: 1 is just enough."""
    rate: float
    """Touches a second."""
    misses: float
    """Of 1,000 touches."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """The points of one order of touches, and what was expected of them."""

    name: str
    slot: str
    glyph: str
    points: tuple[Point, ...]
    rates: Sequence[float | None] = ()
    """Expected touches a second, evenly spaced over the span."""
    misses: Sequence[float | None] = ()
    """Expected misses of 1,000, likewise."""
    now: Point | None = None
    """The one that is being measured."""
    remark: str = ""
    """What is particular about it, where there is room for words."""


@dataclass(frozen=True, slots=True)
class Cliff:
    """All that was measured so far."""

    sweeps: tuple[Sweep, ...]
    work: int
    """Bytes of the working set."""
    span: tuple[float, float] = (0.3, 1.5)
    """Shares at the left and the right end."""


@dataclass(frozen=True, slots=True)
class CliffWords:
    """One language."""

    rate: str
    misses: str
    predicted: str
    now: str
    fits: str
    given: str
    """With `{}` where the size of the working set stands."""


EN = CliffWords(
    rate="touches a second", misses="misses per 1,000", predicted="predicted", now="now",
    fits="the work fits", given="memory given to {} of work →",
)  # fmt: skip
JA = CliffWords(
    rate="毎秒のアクセス数", misses="1,000 回中のミス", predicted="予測", now="いま",
    fits="すべて収まる", given="ワーキングセット {} に与えたメモリ →",
)  # fmt: skip


def picture(
    cliff: Cliff, words: CliffWords, cells: int, lines: int, *, hidden: bool = False
) -> list[Row]:
    """Exactly `lines` rows of `cells`; none where it would be too small to be read.

    Args:
        cliff: what was measured.
        words: of the language.
        cells: width.
        lines: height.
        hidden: whether predictions are kept secret.
    """
    if cells < 24 or lines < 6:
        return []
    below = lines // 3 if lines >= _WITH_MISSES else 0
    made = _rates(cliff, words, cells, lines - below - 2, hidden=hidden)
    if below:
        made += _misses(cliff, words, cells, below, hidden=hidden)
    return [*made, *_axis(cliff, words, cells)]


def _rates(cliff: Cliff, words: CliffWords, cells: int, lines: int, *, hidden: bool) -> list[Row]:
    low, high = _decades(cliff)
    area = Plot(cells - _GUTTER, lines - 1, float(high - low))
    if not hidden:
        for sweep in cliff.sweeps:
            _expect(area, sweep, [_log(rate, low) for rate in sweep.rates], cells)
    for sweep in cliff.sweeps:
        _points(area, cliff, sweep, words, [(point, _log(point.rate, low) or 0.0)
                                            for point in _all(sweep)])  # fmt: skip
    labels = {area.place(0, decade - low)[0]: scale.tick(10.0**decade, Unit.COUNT)
              for decade in range(low, high + 1)}  # fmt: skip
    _remarks(area, cliff, words, lines - 1)
    _mark_edge(area, cliff, cells)
    area.grid(tuple(labels))
    title = _heading(words.rate, cliff, words, cells, hidden=hidden,
                     shown=lambda point: units.count(point.rate))  # fmt: skip
    return [title, *_body(area, labels, cells)]


def _misses(cliff: Cliff, words: CliffWords, cells: int, lines: int, *, hidden: bool) -> list[Row]:
    area = Plot(cells - _GUTTER, lines - 1, _MOST_MISSES)
    if not hidden:
        for sweep in cliff.sweeps:
            _expect(area, sweep, sweep.misses, cells)
    for sweep in cliff.sweeps:
        _points(area, cliff, sweep, words, [(point, point.misses) for point in _all(sweep)],
                tell=False)  # fmt: skip
    labels = plot.ticks(_MOST_MISSES, Unit.COUNT, lines - 1)
    _mark_edge(area, cliff, cells)
    area.grid(tuple(labels))
    title = _heading(words.misses, cliff, words, cells, hidden=True,
                     shown=lambda point: f"{point.misses:,.0f}")  # fmt: skip
    return [title, *_body(area, labels, cells)]


_GUTTER = 6
"""Columns for the scale's labels."""


def _body(area: Plot, labels: dict[int, str], cells: int) -> list[Row]:
    return [
        fit((Run(labels.get(y, "").rjust(_GUTTER - 1) + " ", FAINT), *body), cells)
        for y, body in enumerate(area.lines())
    ]


def _expect(area: Plot, sweep: Sweep, values: Sequence[float | None], cells: int) -> None:
    if values:
        dots = 2 * (cells - _GUTTER)
        last = len(values) - 1
        spaced = [values[round(x * last / max(1, dots - 1))] for x in range(dots)]
        area.add(Series(sweep.name, "dim", spaced, dotted=True))


def _points(
    area: Plot, cliff: Cliff, sweep: Sweep, words: CliffWords,
    points: Iterable[tuple[Point, float]], *, tell: bool = True,
) -> None:  # fmt: skip
    ink = Paint(slots.ink(sweep.slot), bold=True)
    for point, value in points:
        line, column = area.place(_x(cliff, point.share), value)
        if point is sweep.now:
            area.stamp(line, column - 1, f"({sweep.glyph})", STRONG)
            if tell:
                area.write(line, column + 3, words.now, STRONG, over_expected=True)
        area.stamp(line, column, sweep.glyph, ink)


def _mark_edge(area: Plot, cliff: Cliff, cells: int) -> None:
    """Just enough memory."""
    _, column = area.place(_x(cliff, 1.0), 0.0)
    area.marks([(column + 0.5) / (cells - _GUTTER)], _RULE)


def _remarks(area: Plot, cliff: Cliff, words: CliffWords, lines: int) -> None:
    """What is going on where, under the points that it is about."""
    _, edge = area.place(_x(cliff, 1.0), 0.0)
    for line in range(lines - 1, lines // 2, -1):
        if area.write(line, edge + 2, words.fits, DIM):
            break
    for sweep in cliff.sweeps:
        if sweep.remark and sweep.points:
            for line in range(lines - 1, 0, -1):
                if area.write(line, edge - cell_len(sweep.remark) - 1, sweep.remark, DIM):
                    break


def _heading(
    title: str, cliff: Cliff, words: CliffWords, cells: int,
    *, hidden: bool, shown: Callable[[Point], str],
) -> Row:  # fmt: skip
    """«touches a second ● random 40.9k ◆ cyclic 5,181 ╌ predicted», shorter where it must be."""
    entries: list[Row] = []
    for sweep in cliff.sweeps:
        latest = sweep.now or (sweep.points[-1] if sweep.points else None)
        mark = Run(f"  {sweep.glyph} ", Paint(slots.ink(sweep.slot), bold=True))
        value = Run(shown(latest) if latest else "", STRONG)
        entries.append((mark, Run(f"{sweep.name} ", DIM), value))
    tail: Row = () if hidden else (Run("  ╌ ", DIM), Run(words.predicted, DIM))
    whole: Row = (Run(title, _TITLE), *(run for entry in entries for run in entry), *tail)
    if cells_of(whole) > cells:
        whole = whole[: len(whole) - len(tail)]
    if cells_of(whole) > cells:
        short = (run for mark, _, value in entries for run in (mark, value))
        whole = (Run(title, _TITLE), *short)
    return fit(whole, cells)


def _axis(cliff: Cliff, words: CliffWords, cells: int) -> list[Row]:
    """Shares under the plot, and what they are of."""
    room = cells - _GUTTER
    line = [" "] * room
    low, high = cliff.span
    step = 20 if room >= 40 else 40
    for share in range(ceil(low * 100 / step) * step, floor(high * 100) + 1, step):
        text = f"{share}%"
        at = round(_x(cliff, share / 100) * (room - 1)) - len(text) // 2
        at = min(room - len(text), max(0, at))
        if all(char == " " for char in line[max(0, at - 1) : at + len(text) + 1]):
            line[at : at + len(text)] = text
    given = words.given.format(units.size(cliff.work))
    return [
        fit((Run(" " * _GUTTER), Run("".join(line), FAINT)), cells),
        spread((Run(""),), (Run(given, DIM),), cells),
    ]


def _decades(cliff: Cliff) -> tuple[int, int]:
    """Powers of ten at the foot and at the top."""
    rates = [point.rate for sweep in cliff.sweeps for point in _all(sweep) if point.rate > 0]
    low, high = _LEAST_DECADES
    if rates:
        low, high = min(low, floor(log10(min(rates)))), max(high, ceil(log10(max(rates))))
    return low, high


def _all(sweep: Sweep) -> tuple[Point, ...]:
    return sweep.points if sweep.now is None else (*sweep.points, sweep.now)


def _log(rate: float | None, low: int) -> float | None:
    return None if rate is None else max(0.0, log10(max(rate, 1.0)) - low)


def _x(cliff: Cliff, share: float) -> float:
    low, high = cliff.span
    return min(1.0, max(0.0, (share - low) / (high - low)))
