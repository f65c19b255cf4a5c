"""The process list under the clock's cursor: rows, filtered, sorted or as a tree. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

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
        pages = self._series.earlier(key, self._tick, self._minute)
        return Missing("needs two ticks of history") if pages is None else pages


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


class SortKeys:
    """The keys of the last sort, for readings that were not read anew: most, in a quiet tick."""

    def __init__(self) -> None:
        self._order: Order | None = None
        self._kept: dict[int, tuple[Any, ProcessReading]] = {}  # by id(): they stay referenced

    def sort(
        self, readings: Sequence[ProcessReading], order: Order, past: PastAt
    ) -> list[ProcessReading]:
        """The readings in that order."""
        kept = self._kept if order == self._order and not order.field.of_past else {}
        keyed = [
            kept.get(id(reading)) or (order.key(ProcessRow(reading, past)), reading)
            for reading in readings
        ]
        self._order, self._kept = order, {id(pair[1]): pair for pair in keyed}
        keyed.sort(key=_first)
        return [reading for _, reading in keyed]


def _first(pair: tuple[Any, ProcessReading]) -> Any:
    return pair[0]


class LazyRows(Sequence[ProcessRow]):
    """Rows that are made when they are asked for: some forty of thousands are on screen."""

    def __init__(self, readings: list[ProcessReading], past: PastAt) -> None:
        self._readings, self._past = readings, past
        self._made: dict[int, ProcessRow] = {}

    def __len__(self) -> int:
        return len(self._readings)

    @overload
    def __getitem__(self, index: int) -> ProcessRow: ...

    @overload
    def __getitem__(self, index: slice) -> list[ProcessRow]: ...

    def __getitem__(self, index: int | slice) -> ProcessRow | list[ProcessRow]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        made = self._made.get(index)
        if made is None:
            made = self._made[index] = ProcessRow(self._readings[index], self._past)
        return made

    def __iter__(self) -> Iterator[ProcessRow]:
        return (self[at] for at in range(len(self)))


def rows_at(
    clock: Clock,
    boot_time: float,
    order: Order,
    passes: Filter[ProcessRow] | Callable[[ProcessRow], bool] | None = None,
    *,
    tree: bool = False,
    keys: SortKeys | None = None,
) -> tuple[Sequence[ProcessRow], int]:
    """The rows to show, and how many processes there are in all.

    Args:
        clock: the sample under its cursor is listed.
        boot_time: when the machine started, seconds since 1970.
        order: the sort order; siblings' order in a tree.
        passes: the filter; None lets everything pass.
        tree: parents before children.
        keys: what the screen keeps from one tick to the next.
    """
    sample = clock.current
    if sample is None:
        return [], 0
    past = PastAt(sample, clock.previous, clock.journal.series, boot_time)
    readings: Sequence[ProcessReading] = sample.processes
    if tree:
        rows = [ProcessRow(reading, past) for reading in readings]
        return arranged(rows, order.key, passes or _everything), len(rows)
    if passes:
        readings = [reading for reading in readings if passes(ProcessRow(reading, past))]
    return LazyRows((keys or SortKeys()).sort(readings, order, past), past), len(sample.processes)


def _everything(_row: ProcessRow) -> bool:
    return True
