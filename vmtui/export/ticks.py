"""The ticks of a recording one after another, each with what its rates and changes need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vmtui.missing import Missing
from vmtui.model.machine import MachineReading, MachineRow
from vmtui.model.processes import GROWTH_SECONDS, Past, ProcessRow
from vmtui.observe.journal import Journal
from vmtui.observe.listing import PastAt
from vmtui.observe.sample import Sample
from vmtui.record.reader import Recording
from vmtui.record.records import Event, RecordedTarget

_SPARE_SECONDS = 10.0
_JOURNAL_MINUTES = (GROWTH_SECONDS + 2 * _SPARE_SECONDS) / 60

Targets = Mapping[int, RecordedTarget]


@dataclass(frozen=True, slots=True)
class Tick:
    """A sample beside its past."""

    number: int
    """Its place in the recording, from 0."""
    seconds: float
    """Since the first sample of the recording."""
    sample: Sample
    past: Past
    machine_before: MachineReading | None
    """The machine when it was read last before this."""
    targets: Callable[[], Targets]
    """The processes that were recorded in depth; reads them."""
    events: Sequence[Event] = ()
    """What happened since the tick before."""

    def processes(self, pids: frozenset[int] = frozenset()) -> list[ProcessRow]:
        """The rows of the process list; of these processes alone when there are any."""
        return [
            ProcessRow(reading, self.past)
            for reading in self.sample.processes
            if not pids or reading.stat.pid in pids
        ]

    def machine(self) -> MachineRow:
        """The machine with its rates."""
        return MachineRow(self.sample.machine, self.machine_before)


def ticks_of(recording: Recording, first: int = 0, last: int | None = None) -> Iterator[Tick]:
    """The ticks from `first` to `last`, both included; what came before is read for their rates.

    Args:
        recording: used by one thread alone.
        first: place of the first tick.
        last: place of the last one; None for the end.

    Raises:
        CannotReplay: the file is damaged there.
    """
    end = len(recording) if last is None else last + 1
    times = recording.ticks
    begin = recording.at(times[first] - GROWTH_SECONDS - _SPARE_SECONDS)
    journal = Journal(_JOURNAL_MINUTES, recording.about.interval)
    events, told = list(recording.events), 0
    now: Sample | None = None
    listed: Sample | None = None  # the last one with another process list
    machine: MachineReading | None = None
    for index in range(begin, end):
        before, now = now, recording.sample(index)
        journal.append(now)
        if before is not None and before.process_tick != now.process_tick:
            listed = before
        if before is not None and before.machine.at != now.machine.at:
            machine = before.machine
        since = told
        while told < len(events) and (events[told].at <= now.taken_at or index == end - 1):
            told += 1
        if index < first:
            continue
        past = PastAt(now, listed, journal.series, recording.about.boot_time)
        yield Tick(
            index, times[index] - times[0], now, past, machine,
            lambda index=index: recording.targets(index),  # type: ignore[misc]  # bound at once
            tuple(events[since:told]),
        )  # fmt: skip


class NoPast:
    """The past of a sample that is looked at alone: nothing that changes is known."""

    def __init__(self, boot_time: float) -> None:
        self.boot_time = boot_time

    def before(self, pid: int) -> None:
        """No reading before."""
        return

    def resident_series(self, key: tuple[int, int]) -> Sequence[int]:
        """No history."""
        return ()

    def resident_minute_ago(self, key: tuple[int, int]) -> int | Missing:
        """Not known."""
        return Missing("needs a history")


def alone(sample: Sample, boot_time: float, number: int = 0) -> Tick:
    """A sample without its past: figures, no rates."""
    return Tick(number, 0.0, sample, NoPast(boot_time), None, dict)
