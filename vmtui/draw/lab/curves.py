"""Charts over the steps of a run: what was measured, and ahead of it, dotted, what is predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len

from vmtui import units
from vmtui.draw import plot, scale, slots
from vmtui.draw.lab.scene import GONE, Curves, Line, MapCost, Points, Scene
from vmtui.draw.lab.words import Words
from vmtui.draw.paint import DIM, FAINT, STRONG, Paint, Row, Run, fit, spread
from vmtui.draw.paint import width as cells_of
from vmtui.draw.plot import Plot, Series
from vmtui.model.fields.field import Unit

_TITLE = Paint("text", bold=True)
_VALUE = Paint("strong")
_RULE = Paint("rule")


def chart(scene: Scene, curves: Curves, cells: int, lines: int) -> list[Row]:
    """Title and live values, the plot, and the steps under it with `▲` at now."""
    if cells < 12 or lines < 3:
        return []
    lines_of = curves.lines
    if scene.hidden:
        lines_of = tuple(replace(line, expected=()) for line in lines_of)
    highest = [v for line in lines_of for points in (line.measured, line.expected, line.before)
               for _, v in points if v is not GONE]  # fmt: skip
    top = scale.ceiling(max(highest, default=0.0), curves.unit)
    height = lines - 2
    labels = plot.ticks(top, curves.unit, height) if height >= 2 else {}
    gutter = max(map(len, labels.values()), default=-1) + 1
    area = Plot(cells - gutter, height, top)
    dots = 2 * (cells - gutter)
    for line in lines_of:
        if line.before:
            area.add(Series(line.name, "faint", spread_out(line.before, dots, 1.0)))
        area.add(Series(line.name, line.slot, spread_out(line.measured, dots, scene.now)))
    for line in lines_of:
        if line.expected:
            area.add(Series(line.name, "dim", spread_out(line.expected, dots, 1.0), dotted=True))
    room = cells - gutter
    area.marks(step_marks(scene.starts, room), _RULE)
    area.grid(tuple(labels))
    rows = [heading(curves.title, lines_of, scene, curves, cells)]
    for y, body in enumerate(area.lines()):
        rows.append(fit((Run(labels.get(y, "").rjust(gutter - 1) + " ", FAINT), *body), cells))
    rows.append(fit((Run(" " * gutter), *axis(scene, room)), cells))
    return rows


def spread_out(points: Points, dots: int, until: float) -> list[float | None]:
    """The value in force at each column of dots; None where there is none, and after `until`.

    What is below zero is drawn as zero: the figure in the heading says how far.
    """
    found: list[float | None] = [None] * dots
    if not points:
        return found
    last = min(dots - 1, int(until * (dots - 1)))
    at, value = 0, None
    for x in range(last + 1):
        while at < len(points) and int(points[at][0] * (dots - 1)) <= x:
            value = None if points[at][1] is GONE else max(0.0, points[at][1])
            at += 1
        found[x] = value
    return found


def step_marks(starts: Sequence[float], room: int) -> list[float]:
    """Where steps begin, where they are not too near each other."""
    kept: list[float] = []
    for at in starts[1:]:
        if not kept or (at - kept[-1]) * room >= 3:
            kept.append(at)
    return kept


def axis(scene: Scene, room: int) -> Row:
    """Numbers of the steps where they begin, and `▲ now`."""
    line = [" "] * room
    words = f"▲ {scene.words.now}" if room >= 60 else "▲"
    wide = cell_len(words)
    here = min(room - wide, max(0, int(scene.now * room)))
    taken = set(range(here - 1, here + wide + 1))
    for number, at in enumerate(scene.starts, 1):
        text = str(number)
        x = min(room - len(text), int(at * room))
        place = range(x, x + len(text))
        if number == 1 or taken & set(range(x - 1, place.stop + 1)):
            continue
        for offset, char in enumerate(text):
            line[x + offset] = char
        taken |= set(place)
    before, after = "".join(line[:here]), "".join(line[here + wide :])
    return (Run(before, FAINT), Run(words, STRONG), Run(after, FAINT))


def heading(title: str, lines: Sequence[Line], scene: Scene, curves: Curves, cells: int) -> Row:
    """«pages copied ━ measured 1,331 ╌ predicted 1,331», shorter where there is no room."""
    figures = [scale.live(_last(line.measured, scene.now), curves.unit) for line in lines]
    name = Run(title, _TITLE)
    if cells < 44 and len(lines) == 1:
        return spread((name,), (Run(figures[0], STRONG),), cells)
    words = scene.words
    entries: list[Row] = []
    for line, figure in zip(lines, figures, strict=True):
        if len(lines) > 1 and _over(line.measured, scene.now):
            continue
        label = line.name or words.measured
        entries.append((Run("  ━", Paint(slots.ink(line.slot))), Run(f" {label} ", DIM),
                        Run(figure, _VALUE)))  # fmt: skip
    tail: list[Row] = []
    if len(lines) == 1 and lines[0].expected:
        value = _last(lines[0].expected, scene.now)
        said = "" if value is None else scale.live(value, curves.unit)
        tail.append((Run("  ╌", DIM), Run(f" {words.predicted} ", DIM), Run(said, _VALUE)))
    elif any(line.expected for line in lines):
        tail.append((Run("  ╌", DIM), Run(f" {words.predicted}", DIM)))
    if any(line.before for line in lines):
        tail.append((Run("  ━", FAINT), Run(f" {words.before}", FAINT)))
    while True:
        whole: Row = (name, *(run for entry in (*entries, *tail) for run in entry))
        if cells_of(whole) <= cells or not tail:
            break
        tail.pop()
    while cells_of(whole) > cells and entries:
        whole = (name, *(run for entry in entries for run in (entry[0], Run(" "), entry[2])))
        entries.pop(0)  # the processes that came last are the ones it is about
    return fit(whole, cells)


def _last(points: Points, now: float) -> float | None:
    """The value in force now; after the end of a process, its last one."""
    value = None
    for at, one in points:
        if at >= now - 1e-9 and value is not None:  # what begins now is not in force yet
            break
        value = value if one is GONE else one
    return value


def _over(points: Points, now: float) -> bool:
    """Whether the curve has ended before now."""
    past = [one for at, one in points if at < now - 1e-9]
    return bool(past) and past[-1] is GONE


def map_cost(cost: MapCost, words: Words, cells: int, lines: int) -> list[Row]:
    """Bytes of tables against bytes mapped, both in powers of two, beside the flat table."""
    if lines < 4 or cells < 30:
        return []
    from math import log2

    base = log2(cost.tree[0]) - 1
    top = log2(cost.flat) + 1 - base
    height = lines - 2
    gutter = 6
    room = cells - gutter
    area = Plot(room, height, top)
    low, high = log2(cost.mapped[0]), log2(cost.mapped[-1])
    points = [((log2(m) - low) / (high - low), log2(t) - base)
              for m, t in zip(cost.mapped, cost.tree, strict=True)]  # fmt: skip
    area.add(Series(words.flat, "strong", [log2(cost.flat) - base] * (2 * room)))
    area.add(Series(words.tree, "anon", spread_out(points, 2 * room, 1.0)))
    head = (Run(words.cost, _TITLE), Run("  ━", Paint("anon-ink")), Run(f" {words.tree}", DIM),
            Run("  ━", _VALUE), Run(f" {words.flat} ", DIM),
            Run(scale.tick(cost.flat, _BYTES), _VALUE))  # fmt: skip
    note = (Run(f"{words.crossing} ", FAINT), Run(units.size(cost.crossing, 5), DIM))
    gap = cells - cells_of(head) - cells_of(note)
    rows: list[Row] = [spread(head, note, cells) if gap > 2 else fit(head, cells)]
    labels = {_line_of(log2(v) - base, top, height): scale.tick(v, _BYTES)
              for v in (cost.tree[0], cost.flat)}  # fmt: skip
    for y, body in enumerate(area.lines()):
        rows.append(fit((Run(labels.get(y, "").rjust(gutter - 1) + " ", FAINT), *body), cells))
    foot = [" "] * room
    for size in (1 << 20, 1 << 30, 1 << 40, 1 << 47):
        text = scale.tick(size, _BYTES)
        x = min(room - len(text), max(0, int((log2(size) - low) / (high - low) * room) - 1))
        foot[x : x + len(text)] = text
    rows.append(fit((Run(" " * gutter), Run("".join(foot), FAINT)), cells))
    return rows


def _line_of(value: float, top: float, height: int) -> int:
    return height - 1 - round(value * (4 * height - 1) / top) // 4


_BYTES = Unit.BYTES
