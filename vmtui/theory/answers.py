"""What the theory says, and how sure it is: exactly, between two bounds, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Answer:
    """A predicted number."""

    low: int | None
    high: int | None
    """Bounds, both included; None where nothing is predicted."""
    cause: str = ""
    """Why it is not exact; "" when it is."""

    @property
    def exact(self) -> bool:
        """Whether only one number is right."""
        return self.low is not None and self.low == self.high

    def holds(self, number: int) -> bool:
        """Whether a measured number is as predicted; everything is, where nothing was."""
        above = self.low is None or number >= self.low
        return above and (self.high is None or number <= self.high)

    @staticmethod
    def exactly(number: int) -> Answer:
        """That number and no other."""
        return Answer(number, number)

    @staticmethod
    def between(low: int, high: int, cause: str) -> Answer:
        """A range, or the number when both bounds are the same."""
        return Answer(low, high, "" if low == high else cause)

    @staticmethod
    def unknown(cause: str) -> Answer:
        """No prediction."""
        return Answer(None, None, cause)


@dataclass(frozen=True, slots=True)
class Fault:
    """An access that ended in a signal."""

    signal: Literal["SIGSEGV", "SIGBUS"]
    code: Literal["SEGV_MAPERR", "SEGV_ACCERR", "BUS_ADRERR", "SI_KERNEL"]
    address: int
    """si_addr: 0 where the processor does not say."""
    lies_in: str
    """region, gap, nothing, kernel, non-canonical, guard page or past the end of the file."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one operation does, apart from the state it leaves behind."""

    errno: int
    """Of the system call; 0 for success."""
    minor: Answer
    """Faults that needed no disk."""
    major: Answer
    """Faults that waited for the disk."""
    faults: Answer
    """Their sum, often exact where the two are not."""
    failed: int = 0
    """Accesses that ended in a signal."""
    fault: Fault | None = None
    """The first of these."""
    copied: int = 0
    """Pages that were copied because somebody else still needs the original."""
    notes: tuple[str, ...] = ()
    """What lowers the certainty, in words."""
    killed: tuple[str, ...] = ()
    """Processes that the kernel ends because their group has used up its memory."""
    doubt: str = ""
    """Why it may be others, or nobody; "" when it is exact."""
    swapped_in: int = 0
    """Pages read from swap, those that readahead brings along not counted."""
    swapped_out: int = 0
    """Pages written to swap."""
    misses: Answer = Answer(None, None, "no work is done")
    """Major faults of a thousand touches, where it is work that is done (see work)."""
    together: int = 1
    """Pages that one of these brings in at most, when they are wanted in a row."""
