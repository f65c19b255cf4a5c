"""The process list under the clock's cursor: rows, filtered, sorted or as a tree. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit
from vmtui.model.filter import Filter
from vmtui.model.processes import GROWTH_SECONDS, ProcessReading, ProcessRow
from vmtui.model.tree import arranged
from vmtui.observe.clock import Clock
from vmtui.observe.sample import Sample
from vmtui.observe.series import ResidentSeries

TREND_SECONDS = 300


class PastAt:
    """The past of one sample, looked up in the journal."""

    def __init__(
        self, sample: Sample, previous: Sample | None, series: ResidentSeries, boot_time: float
    ) -> None:
        self.boot_time = boot_time
        self._sample = sample
        self._previous = previous
        self._series = series
        self._tick = sample.process_tick
        self._minute = series.ticks_back(self._tick, GROWTH_SECONDS)
        self._trend = series.ticks_back(self._tick, TREND_SECONDS)

    def before(self, pid: int) -> ProcessReading | None:
        """The reading of that PID in the list before."""
        return None if self._previous is None else self._previous.process(pid)

    def resident_series(self, key: tuple[int, int]) -> Sequence[int]:
        """Resident pages over the last five minutes."""
        return self._series.window(key, self._tick, self._trend + 1)

    def resident_minute_ago(self, key: tuple[int, int]) -> int | Missing:
        """Resident pages a minute ago, or when vmtui first saw the process."""
        values = self._series.window(key, self._tick, self._minute + 1)
        if len(values) < 2:
            return Missing("needs two ticks of history")
        return values[0]


@dataclass(frozen=True, slots=True)
class Order:
    """How the list is sorted."""

    field: Field[ProcessRow]
    descending: bool = True

    def key(self, row: ProcessRow) -> Any:
        """A key for `sorted`; what is not known always comes last."""
        value = self.field.get(row)
        if isinstance(value, Missing):
            return (1, 0, row.pid)
        if self.field.unit is Unit.SERIES:
            value = len(value)
        if isinstance(value, str):
            value = value.lower()
            return (0, _Reversed(value) if self.descending else value, row.pid)
        return (0, -value if self.descending else value, row.pid)


class _Reversed(str):
    """Text that sorts backwards."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)


def first_direction(field: Field[Any]) -> bool:
    """Whether a column is sorted downwards when it is chosen: sizes and counts are."""
    return field.unit not in (Unit.TEXT, Unit.ID) or field.id.startswith("oom")


def rows_at(
    clock: Clock,
    boot_time: float,
    order: Order,
    passes: Filter[ProcessRow] | Callable[[ProcessRow], bool],
    *,
    tree: bool = False,
) -> tuple[list[ProcessRow], int]:
    """The rows to show, and how many processes there are in all."""
    sample = clock.current
    if sample is None:
        return [], 0
    past = PastAt(sample, clock.previous, clock.journal.series, boot_time)
    rows = [ProcessRow(reading, past) for reading in sample.processes]
    if tree:
        return arranged(rows, order.key, passes), len(rows)
    shown = [row for row in rows if passes(row)]
    shown.sort(key=order.key)
    return shown, len(rows)
