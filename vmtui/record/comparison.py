"""Two moments of one or two recordings: opened, matched, compared; the largest one of a process."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from vmtui.errors import NotSupported, VmtuiError
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.machine_difference import MachineDifference, machine_differences
from vmtui.model.peak import Peak, peak_of
from vmtui.model.process_difference import ProcessDifference, process_differences
from vmtui.model.process_moment import ProcessMoment
from vmtui.model.vma_difference import Difference
from vmtui.observe.moments import moment_of
from vmtui.observe.sample import Sample
from vmtui.record.records import About
from vmtui.record.tape_reader import Recorded
from vmtui.text import DisplayText, display
from vmtui.told import Told

MOST_BETWEEN = 60
"""Moments between the two that are looked at: enough for a shape, quick to read."""
_SAME_BOOT_SECONDS = 3.0
"""The boot time is the clock less the uptime, each read at another moment."""


@dataclass(frozen=True, slots=True)
class Side:
    """A moment of a recording."""

    recording: Recorded
    index: int
    name: str
    """What the recording is called; display text."""

    @property
    def about(self) -> About:
        """Where it was made."""
        return self.recording.about

    @property
    def at(self) -> float:
        """Wall clock of the moment."""
        return self.recording.ticks[self.index]

    @property
    def seconds(self) -> float:
        """From the recording's first sample."""
        return self.at - self.recording.ticks[0]

    @property
    def host(self) -> DisplayText:
        """The machine."""
        return display(self.about.host)

    def sample(self) -> Sample:
        """The machine and the process list then.

        Raises:
            VmtuiError: the file cannot be read there.
        """
        return self.recording.sample(self.index)

    def moment(self, pid: int, index: int | None = None) -> ProcessMoment | Missing:
        """A process in depth then, or at another sample."""
        at = self.index if index is None else index
        found = self.recording.target(at, pid)
        if isinstance(found, Missing):
            return found
        return moment_of(self.recording.sample(at), found.reading)

    def start_of(self, pid: int) -> int | None:
        """The start tick of that process, from the list."""
        listed = self.sample().process(pid)
        return None if listed is None else listed.stat.start_ticks


def check(about: About) -> None:
    """Whether a recording can be looked at here.

    Raises:
        NotSupported: it was made on a machine with pages of another size.
    """
    if about.page_size != PAGE_SIZE:
        raise NotSupported(
            f"it was recorded on a machine with pages of {about.page_size >> 10} KiB, "
            f"and is replayed on one with such pages only; here they have {PAGE_SIZE >> 10} KiB"
        )


def side_of(recording: Recorded, path: str, at: float | None = None) -> Side:
    """The last sample at or before a wall clock; None for the last one.

    Raises:
        VmtuiError: it has no samples yet.
    """
    shown = display(os.fsencode(os.path.basename(path)), limit=None)
    if not recording.ticks:
        raise VmtuiError(f"{shown} has no samples yet")
    index = len(recording.ticks) - 1
    if at is not None:
        index = max(0, bisect_right(recording.ticks, at) - 1)
    return Side(recording, index, shown)


class Comparison:
    """What differs between two moments. Everything is made when it is asked for."""

    def __init__(self, a: Side, b: Side) -> None:
        self.a, self.b = a, b

    @property
    def same_recording(self) -> bool:
        """Whether both are moments of one recording."""
        return self.a.recording is self.b.recording

    @property
    def same_machine(self) -> bool:
        """Whether both are of one machine since one boot."""
        one, other = self.a.about, self.b.about
        return one.host == other.host and abs(one.boot_time - other.boot_time) <= _SAME_BOOT_SECONDS

    @cached_property
    def processes(self) -> list[ProcessDifference]:
        """Every process, the largest change first."""
        return process_differences(
            self.a.sample().processes, self.b.sample().processes, same_machine=self.same_machine
        )

    @cached_property
    def machine(self) -> list[MachineDifference]:
        """The parts of the machine's memory, and what was counted between."""
        return machine_differences(
            self.a.sample().machine, self.b.sample().machine, same_machine=self.same_machine
        )

    @cached_property
    def in_depth(self) -> list[tuple[int, int]]:
        """PIDs, in A and in B, of the processes that both know with their VMAs."""
        return self.pairs()

    def pairs(self, name: str | None = None) -> list[tuple[int, int]]:
        """The same, of one name alone where one is given; the largest change first."""
        ours, theirs = self._depth(self.a), self._depth(self.b)
        all_before, all_after = self.a.sample().processes, self.b.sample().processes
        first = [one for one in all_before if one.stat.pid in ours]
        second = [one for one in all_after if one.stat.pid in theirs]
        rows = process_differences(first, second, same_machine=self.same_machine)
        if self.same_machine:  # a service that was started anew has another PID
            stayed = {one.key for one in all_before} & {one.key for one in all_after}
            alone = [row.was for row in rows if row.was and not row.now]
            others = [row.now for row in rows if row.now and not row.was]
            alone, others = (
                [one for one in found if one.key not in stayed] for found in (alone, others)
            )
            rows += process_differences(alone, others, same_machine=False)
        return [
            (row.was.stat.pid, row.now.stat.pid)
            for row in rows
            if row.was is not None and row.now is not None and name in (None, str(row.comm))
        ]

    def _depth(self, side: Side) -> set[int]:
        return {
            pid
            for pid in side.recording.all_pids
            if not isinstance(side.recording.target(side.index, pid), Missing)
        }

    def difference(
        self, pid_a: int, pid_b: int, told: Told | None = None, most: int = MOST_BETWEEN
    ) -> Difference | Missing:
        """What differs between the VMAs of two processes, or of one at two moments.

        Args:
            pid_a: in A.
            pid_b: in B.
            told: hears how many of the moments between have been read.
            most: so many moments between are read at most.

        Raises:
            VmtuiError: a recording cannot be read there.
        """
        before, after = self.a.moment(pid_a), self.b.moment(pid_b)
        if isinstance(before, Missing):
            return before
        if isinstance(after, Missing):
            return after
        same = (
            self.same_machine and pid_a == pid_b
            and self.a.start_of(pid_a) == self.b.start_of(pid_b)
        )  # fmt: skip
        between: Iterable[ProcessMoment] = ()
        if same and self.same_recording:
            between = self._between(pid_a, told, most)
        difference = Difference(before, after, between, same_process=same)
        _ = difference.growth  # while the recording is open
        return difference

    def _between(self, pid: int, told: Told | None, most: int) -> Iterator[ProcessMoment]:
        indices = evenly(range(self.a.index + 1, self.b.index), most)
        for number, index in enumerate(indices):
            if told is not None:
                told(number, len(indices))
            try:
                moment = self.a.moment(pid, index)
            except VmtuiError:  # damaged there: the others still tell the shape
                continue
            if isinstance(moment, ProcessMoment):
                yield moment


def evenly(indices: range, most: int) -> Sequence[int]:
    """So many of them at most, evenly spread."""
    if len(indices) <= most:
        return indices
    step = (len(indices) - 1) / (most - 1)
    return [indices[round(number * step)] for number in range(most)]


def peak_in(recording: Recorded, pid: int, told: Told | None = None) -> Peak | None:
    """When the resident set of a process was largest; None if no sample has it.

    Args:
        recording: looked through from beginning to end.
        pid: the process.
        told: hears how many samples have been read.
    """
    places, sizes = [], []
    start: int | None = None
    total = len(recording.ticks)
    for index in range(total):
        if told is not None:
            told(index, total)
        try:
            listed = recording.sample(index).process(pid)
        except VmtuiError:  # damaged there: the others are looked through all the same
            continue
        if listed is None or (start is not None and listed.stat.start_ticks != start):
            continue  # not yet, no more, or another one of that number
        start = listed.stat.start_ticks
        places.append(index)
        sizes.append(listed.resident_pages * PAGE_SIZE)
    peak = peak_of(sizes)
    return None if peak is None else Peak(places[peak.at], places[peak.foot])
