"""What every operation can do: be read from a line, done, predicted, shown as C, and told.

An operation is a frozen dataclass in a file of its own; `__init__.py` lists it. `do` asks the
worker, `predict` asks the theory, both with the same pages from the same layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from vmtui.lab.evidence import Order
from vmtui.lab.layout import Layout, Reservation
from vmtui.lab.text import Text
from vmtui.lab.words import Words
from vmtui.theory import Answer, Outcome

if TYPE_CHECKING:
    from vmtui.lab.hands import Poked, Reply
    from vmtui.lab.scene import Scene
    from vmtui.theory import World


@dataclass(frozen=True, slots=True)
class Worked:
    """A slice of work: touches without end, counted."""

    touches: int
    seconds: float
    """That the touches alone took."""
    minor: int
    major: int
    order: Order = "random"
    nbytes: int = 0
    """Of the working set."""
    kept: int = 0
    """Bytes that the program itself leaves in memory; 0 for all."""


@dataclass(frozen=True, slots=True)
class Done:
    """What the kernel did."""

    errno: int = 0
    minor: int = 0
    major: int = 0
    """Page faults by getrusage, of which `in_calls` were taken inside a system call."""
    in_calls: bool = True
    """Whether perf cannot see these faults: they are taken by the kernel itself."""
    poked: Poked | None = None
    contents: int | None = None
    """Up to eight bytes that were read, as a number."""
    killed: tuple[str, ...] = ()
    """Processes that the kernel ended meanwhile, by their names in the script."""
    work: Worked | None = None


class Doable(Protocol):
    """An operation, or one chunk of it."""

    def do(self, scene: Scene, process: str) -> Done:
        """Have the worker do it."""

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        """Have the theory do it."""


class Operation:
    """The base of every operation."""

    keyword: ClassVar[str]
    usage: ClassVar[str]
    """The line as `vmtui lab show` explains it."""

    @classmethod
    def parse(cls, words: Words) -> Operation:
        """The operation from the words after its keyword.

        Raises:
            Unexpected: a word is not what could stand there.
        """
        raise NotImplementedError

    def source(self) -> str:
        """Its line; parsing it gives the same operation."""
        raise NotImplementedError

    def told(self) -> Text:
        """One sentence."""
        raise NotImplementedError

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        """C statements that do the same."""
        raise NotImplementedError

    def do(self, scene: Scene, process: str) -> Done:
        """Have the worker do it."""
        raise NotImplementedError

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        """Have the theory do it."""
        raise NotImplementedError

    def chunks(self, layout: Layout, most: int) -> Sequence[Doable]:
        """The same in at most `most` parts, whose effects add up."""
        return (self,)

    def seconds(self, layout: Layout) -> float:
        """How long the script wants it to take; 0 for as fast as it goes."""
        return 0.0

    # What the script has to know of it before it runs.

    def changes(self) -> tuple[Text, ...]:
        """What it changes outside the processes of the experiment, a sentence each."""
        return ()

    def refused(self) -> Text | None:
        """Why it cannot be done here and by this user; None when it can, as far as one can tell."""
        return None

    def reservation(self) -> Reservation | None:
        """The room it asks for."""
        return None

    def touched(self, layout: Layout) -> int:
        """Pages that may become memory by it."""
        return 0

    def region(self) -> str:
        """The region it works on, which must be mapped by then; "" for none."""
        return ""

    def file(self) -> str:
        """The file or memory object it works on, which must be mapped by then; "" for none."""
        return ""


def pages_done(replies: Iterable[Reply]) -> Done:
    """Several system calls as one; the first error is the error."""
    errno = minor = major = 0
    for reply in replies:
        errno = errno or reply.errno
        minor += reply.minor
        major += reply.major
    return Done(errno, minor, major)


def joined(outcomes: Sequence[Outcome]) -> Outcome:
    """Several predictions as one."""
    if len(outcomes) == 1:
        return outcomes[0]
    return Outcome(
        errno=next((one.errno for one in outcomes if one.errno), 0),
        minor=added([one.minor for one in outcomes]),
        major=added([one.major for one in outcomes]),
        faults=added([one.faults for one in outcomes]),
        failed=sum(one.failed for one in outcomes),
        fault=next((one.fault for one in outcomes if one.fault), None),
        copied=sum(one.copied for one in outcomes),
        notes=tuple(dict.fromkeys(note for one in outcomes for note in one.notes)),
        killed=tuple(name for one in outcomes for name in one.killed),
    )


def added(answers: Sequence[Answer]) -> Answer:
    """The sum of answers: its ends are the sums of theirs."""
    lows, highs = [one.low for one in answers], [one.high for one in answers]
    return Answer(
        None if None in lows else sum(low for low in lows if low is not None),
        None if None in highs else sum(high for high in highs if high is not None),
        next((one.cause for one in answers if one.cause), ""),
    )
