"""What of a process only ever grows, how fast, and for how long there is room."""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.missing import Missing
from vmtui.model.growth import Leak, Room
from vmtui.model.vma_difference import Difference, VmaDifference


@dataclass(frozen=True, slots=True)
class Leaking:
    """One VMA that only ever grew."""

    row: VmaDifference
    leak: Leak

    @property
    def bytes_a_minute(self) -> int:
        """How fast."""
        return round(self.leak.bytes_per_second * 60)


@dataclass(frozen=True, slots=True)
class LeakReport:
    """All of them, the fastest first."""

    rows: tuple[Leaking, ...]
    seconds: float
    """How long was looked at."""
    room: Room | Missing
    """What they may still grow into, together."""

    @property
    def bytes_per_second(self) -> float:
        """How fast all of them grow together."""
        return sum(one.leak.bytes_per_second for one in self.rows)

    @property
    def seconds_left(self) -> float | Missing:
        """Until the room is used up at that rate."""
        room = self.room
        return room if isinstance(room, Missing) else room.seconds(self.bytes_per_second)


def leak_report(difference: Difference) -> LeakReport | Missing:
    """The report; Missing where too few moments between the two are known."""
    found = difference.leaks()
    if isinstance(found, Missing):
        return found
    rows = tuple(Leaking(row, leak) for row, leak in found)
    return LeakReport(rows, difference.seconds, difference.room)
