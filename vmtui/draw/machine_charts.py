"""What `sar -r`, `-B`, `-W` and `vmstat` print, as charts of the last minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vmtui.draw.beside import beside, equal_widths
from vmtui.draw.chart import Series, chart
from vmtui.draw.paint import Row
from vmtui.model.fields.field import Unit

POINTS = 180
"""Ticks the charts are wide."""
_WITH_AXES = 5
"""Lines from which a chart has ticks and a time axis."""
_NARROW = 30
_GAP = 3


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """One chart: what it says, and of which machine fields."""

    title: str
    short: str
    """The same in few cells; figures follow it."""
    unit: Unit
    lines: tuple[tuple[str, str, str], ...]
    """(name, machine field, slot); the first ones are the most telling."""
    narrow: int = 2
    """How many of them are drawn where there are few cells."""
    steps: bool = False
    """Whether they are amounts, which hold until the next value."""


CHARTS: tuple[ChartSpec, ...] = (
    ChartSpec(
        "memory", "avail·free", Unit.BYTES,
        (("avail", "mem_available", "strong"), ("free", "mem_free", "dim")), steps=True,
    ),
    ChartSpec(
        "in use", "used·cached", Unit.BYTES,
        (("used", "mem_used", "strong"), ("cached", "mem_cached", "file")), steps=True,
    ),
    ChartSpec(
        "to write", "dirty", Unit.BYTES,
        (("dirty", "dirty", "dirty"), ("writing", "writeback", "strong")), narrow=1, steps=True,
    ),
    ChartSpec("faults/s", "faults/s", Unit.RATE, (("", "fault_rate", "strong"),)),
    ChartSpec("major faults/s", "major/s", Unit.RATE, (("", "major_fault_rate", "swapped"),)),
    ChartSpec(
        "disk/s", "disk in·out", Unit.BYTES,
        (("in", "page_in_rate", "file"), ("out", "page_out_rate", "dirty")),
    ),
    ChartSpec(
        "reclaim", "reclaim", Unit.RATE,
        (("scan", "scan_rate", "strong"), ("took", "steal_rate", "swapped")),
    ),
    ChartSpec(
        "swap/s", "swap in·out", Unit.BYTES,
        (("in", "swap_in_rate", "swapped"), ("out", "swap_out_rate", "strong")),
    ),
    ChartSpec(
        "pressure", "pressure", Unit.PERCENT,
        (("some", "pressure_some", "strong"), ("full", "pressure_full", "swapped")),
    ),
)  # fmt: skip

FIELDS = tuple(dict.fromkeys(field for spec in CHARTS for _, field, _ in spec.lines))
"""Ids of the machine fields that are charted."""


def charts(
    series: Mapping[str, Sequence[float | None]],
    cells: int,
    lines: int,
    seconds: float,
    why_no_pressure: str = "",
) -> list[Row]:
    """All of them in exactly `lines` rows, as far as there is room for two lines each.

    Args:
        series: by machine field.
        cells: width of every row.
        lines: for all of them.
        seconds: the span of time.
        why_no_pressure: a clause; its chart then says that there is none.
    """
    across = 3 if lines >= 6 else 9 if lines < 3 else 5
    down = -(-len(CHARTS) // across)
    widths = equal_widths(across, cells, _GAP if cells >= 100 else 2)
    gap = 1 if lines >= down * 7 + down - 1 else 0
    rows: list[Row] = []
    room = lines - gap * (down - 1)
    for line in range(down):
        here = CHARTS[line * across : (line + 1) * across]
        height = room * (line + 1) // down - room * line // down
        drawn = [
            _one(spec, series, wide, height, seconds, why_no_pressure=why_no_pressure)
            for spec, wide in zip(here, widths, strict=False)
        ]
        rows += [()] * (gap if rows else 0)
        rows += beside(drawn, widths[: len(drawn)], _GAP if cells >= 100 else 2)
    return rows[:lines]


def _one(
    spec: ChartSpec,
    series: Mapping[str, Sequence[float | None]],
    cells: int,
    lines: int,
    seconds: float,
    *,
    why_no_pressure: str,
) -> list[Row]:
    narrow = cells < _NARROW
    title = spec.short if narrow else spec.title
    chosen = spec.lines[: spec.narrow] if narrow else spec.lines
    if spec.lines[0][1] == "pressure_some" and why_no_pressure:
        title = "pressure: not offered" if cells >= 24 else "pressure off"
    drawn = [
        Series(name, slot, series.get(field, ()), steps=spec.steps) for name, field, slot in chosen
    ]
    return chart(
        title, drawn, cells, lines, unit=spec.unit, span_seconds=seconds,
        axes=not narrow and lines >= _WITH_AXES,
    )  # fmt: skip
