"""The history of one process as charts: a strip below the table, and a page of its own."""

from __future__ import annotations

from vmtui.draw.beside import beside, equal_widths
from vmtui.draw.chart import Series, chart
from vmtui.draw.paint import Row
from vmtui.model.fields.field import Unit
from vmtui.model.target_history import TargetHistory

POINTS = 180
"""Ticks the charts are wide."""


def strip(history: TargetHistory, cells: int, lines: int, seconds: float) -> list[Row]:
    """Resident, swap and faults side by side; four small ones without axes in few lines."""
    if lines < 6:
        return _small(history, cells, lines)
    widths = equal_widths(3, cells, 3)
    drawings = [
        chart(
            "resident", _resident(history), widths[0], lines, unit=Unit.BYTES, span_seconds=seconds
        ),
        chart("swap", [Series("", "swapped", history.swap)], widths[1], lines, unit=Unit.BYTES,
              span_seconds=seconds),
        chart("faults/s", _faults(history), widths[2], lines, unit=Unit.RATE,
              span_seconds=seconds),
    ]  # fmt: skip
    return beside(drawings, widths, 3)


def _small(history: TargetHistory, cells: int, lines: int) -> list[Row]:
    widths = equal_widths(4, cells, 2)
    parts = (
        ("anon", Series("", "anon", history.anon), Unit.BYTES),
        ("file", Series("", "file", history.file), Unit.BYTES),
        ("swap", Series("", "swapped", history.swap), Unit.BYTES),
        ("faults/s", Series("", "strong", history.minor_rate, steps=False), Unit.RATE),
    )
    return beside(
        [
            chart(title, [series], width, lines, unit=unit, axes=False)
            for (title, series, unit), width in zip(parts, widths, strict=True)
        ],
        widths,
        2,
    )


def page(history: TargetHistory, cells: int, lines: int, seconds: float) -> list[Row]:
    """Six charts: memory on the left, what moves it on the right."""
    columns = 2 if cells >= 100 else 1
    widths = equal_widths(columns, cells, 4)
    charts: list[tuple[str, list[Series], Unit, float | None]] = [
        ("resident", _resident(history), Unit.BYTES, None),
        ("faults/s", _faults(history), Unit.RATE, None),
        (
            "shares",
            [Series("RSS", "strong", history.rss), Series("PSS", "shmem", history.pss),
             Series("USS", "anon", history.uss)],
            Unit.BYTES,
            None,
        ),
        ("swap", [Series("", "swapped", history.swap)], Unit.BYTES, None),
        ("cgroup", [Series("used", "strong", history.cgroup)], Unit.BYTES, history.limit),
        ("page tables", [Series("", "kernel", history.page_tables)], Unit.BYTES, None),
    ]  # fmt: skip
    deep = max(1, (len(charts) + columns - 1) // columns)
    tall = max(4, (lines - deep + 1) // deep)
    shown = min(len(charts), max(1, (lines + 1) // (tall + 1)) * columns)
    rows: list[Row] = []
    for first in range(0, shown, columns):
        if rows:
            rows.append(())
        drawings = [
            chart(title, series, width, tall, unit=unit, span_seconds=seconds, limit=limit)
            for (title, series, unit, limit), width in zip(
                charts[first : first + columns], widths, strict=False
            )
        ]
        rows += beside(drawings, widths[: len(drawings)], 4)
    return rows


def _resident(history: TargetHistory) -> list[Series]:
    return [
        Series("anon", "anon", history.anon),
        Series("shm", "shmem", history.shmem),
        Series("file", "file", history.file),
    ]


def _faults(history: TargetHistory) -> list[Series]:
    return [
        Series("minor", "strong", history.minor_rate, steps=False),
        Series("major", "swapped", history.major_rate, steps=False),
    ]
