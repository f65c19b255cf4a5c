"""What the screen of differences shows: two moments of a session, or of recordings. No Textual."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vmtui.errors import VmtuiError
from vmtui.missing import Missing
from vmtui.text import display

if TYPE_CHECKING:
    from vmtui.model.machine_difference import MachineDifference
    from vmtui.model.process_difference import ProcessDifference
    from vmtui.model.vma_difference import Difference
    from vmtui.observe.sample import Sample
    from vmtui.told import Told

NO_PROCESS = Missing("open a process, mark a moment with m, and press d there")
NOT_AT_BOTH = Missing("the VMAs of this process are not known at both moments")


class Cancelled(VmtuiError):
    """Nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two moments laid side by side. Names are display text."""

    name_a: str
    name_b: str
    at_a: float
    at_b: float
    process: str
    """Whose VMAs they are; empty for nobody's."""
    difference: Difference | Missing
    processes: Sequence[ProcessDifference]
    machine: Sequence[MachineDifference]
    pid: int | None = None
    """Of the process, where its pages can be looked into from here."""


@dataclass(frozen=True, slots=True)
class Place:
    """A moment of a file, to compare with."""

    path: Path
    at: float | None
    """Wall clock; None for its last sample."""

    @property
    def name(self) -> str:
        """The file's name."""
        return display(str(self.path.name), 40)


def in_session(mark: Sample, now: Sample, between: Sequence[Sample], pid: int | None) -> Compared:
    """What changed since a mark, of the process that is looked into.

    Args:
        mark: the earlier moment.
        now: the later one.
        between: samples in between, oldest first.
        pid: the process; None for the list alone.
    """
    from vmtui.model.machine_difference import machine_differences  # these bring numpy
    from vmtui.model.process_difference import process_differences
    from vmtui.model.process_moment import ProcessMoment
    from vmtui.model.vma_difference import Difference
    from vmtui.observe.moments import moment_of, same_process

    difference: Difference | Missing = NO_PROCESS
    process = ""
    if pid is not None:
        moments = [
            moment_of(one) if one.target and one.target.pid == pid else NOT_AT_BOTH
            for one in (mark, *between, now)
        ]
        first, *middle, last = moments
        difference = NOT_AT_BOTH
        if isinstance(first, ProcessMoment) and isinstance(last, ProcessMoment):
            known = [one for one in middle if isinstance(one, ProcessMoment)]
            process = f"{pid} {display(last.comm)}"
            same = same_process(mark, now, pid)
            difference = Difference(first, last, known if same else (), same_process=same)
    return Compared(
        name_a="the mark",
        name_b="this moment",
        at_a=mark.taken_at,
        at_b=now.taken_at,
        process=process,
        difference=difference,
        processes=process_differences(mark.processes, now.processes),
        machine=machine_differences(mark.machine, now.machine),
        pid=pid,
    )


class Files:
    """Two recordings that are compared; opened, read and closed by one thread at a time."""

    def __init__(self, a: Place, b: Place) -> None:
        self.a, self.b = a, b

    def compare(self, told: Told, pair: tuple[int, int] | None = None) -> Compared:
        """What differs.

        Args:
            told: hears how far it is.
            pair: PIDs in A and B of the process to compare; None for the one that changed most.

        Raises:
            VmtuiError: a file cannot be read.
        """
        from vmtui.record.comparison import Comparison, check, side_of
        from vmtui.record.reader import Recording

        with ExitStack() as stack:
            first = stack.enter_context(Recording(self.a.path))
            check(first.about)
            second = first
            if self.b.path != self.a.path:
                second = stack.enter_context(Recording(self.b.path))
                check(second.about)
            comparison = Comparison(
                side_of(first, str(self.a.path), self.a.at),
                side_of(second, str(self.b.path), self.b.at),
            )
            chosen = pair or next(iter(comparison.in_depth), None)
            difference: Difference | Missing = Missing(
                "no process is in both with its VMAs", "record them by their PIDs"
            )
            process = ""
            if chosen is not None:
                difference = comparison.difference(*chosen, told)
                process = " → ".join(dict.fromkeys(map(str, chosen)))
                if not isinstance(difference, Missing):
                    process += f" {display(difference.after.comm)}"
            a, b = comparison.a, comparison.b
            return Compared(
                name_a=f"{a.host} {a.name}", name_b=f"{b.host} {b.name}", at_a=a.at, at_b=b.at,
                process=process, difference=difference, processes=comparison.processes,
                machine=comparison.machine,
            )  # fmt: skip


Make = Callable[["Told"], Compared]
