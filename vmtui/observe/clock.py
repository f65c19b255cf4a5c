"""One clock: a cursor over the journal that stands at «now», is paused, stepped or scrubbed.

Over a recording the journal is the stretch around the cursor, and a tape reads it: the same keys
move the tape, and what is on screen changes when the tape has found it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from vmtui.observe.journal import Journal
from vmtui.observe.sample import Sample


@dataclass(frozen=True, slots=True)
class Found:
    """What a tape has read since it was last asked."""

    number: int
    """The sample to stand at."""
    journal: Journal | None = None
    """Another stretch than the one before; whoever takes it owns it."""
    samples: tuple[Sample, ...] = ()
    """What comes after the stretch, oldest first."""
    mark: Sample | None = None
    """The marked moment, with what is looked into now."""


class Tape(Protocol):
    """A recording that is read elsewhere; samples are numbered by their place in it."""

    @property
    def playing(self) -> bool:
        """Whether it moves by itself."""

    @property
    def last_at(self) -> float:
        """Wall clock of its last sample."""

    def play(self) -> None:
        """Move on by itself."""

    def pause(self) -> None:
        """Stand still."""

    def step(self, ticks: int) -> None:
        """Move by so many samples; pauses."""

    def seek(self, time: float) -> None:
        """Go to the last sample at or before that wall clock."""

    def mark(self, number: int) -> None:
        """Remember a moment: it is read again when something else is looked into."""

    def collect(self) -> Found | None:
        """What was read since the last call; None for nothing."""

    def kept_from(self, number: int) -> None:
        """What came before that sample was forgotten."""


class Clock:
    """Everything on screen is a function of `current` and `previous`."""

    def __init__(self, journal: Journal, tape: Tape | None = None) -> None:
        """Stand at the newest sample, or where the tape says.

        Args:
            journal: the samples there are.
            tape: what moves over a recording; None for the live kernel.
        """
        self.journal = journal
        self._tape = tape
        self._cursor: int | None = None  # index into the journal; None follows the newest
        self.mark: Sample | None = None
        """The moment the user marked, to compare with."""

    @property
    def live(self) -> bool:
        """Whether the cursor follows the newest sample of the live kernel."""
        return self._cursor is None and self._tape is None

    @property
    def state(self) -> str:
        """`live`, `paused` or `replay`."""
        return "replay" if self._tape else "live" if self.live else "paused"

    @property
    def moving(self) -> bool:
        """Whether another sample comes by itself."""
        return self.live if self._tape is None else self._tape.playing

    @property
    def heeds_plan(self) -> bool:
        """Whether what a screen wishes for now will be known of the moment that it shows."""
        return self.live or self._tape is not None

    @property
    def current(self) -> Sample | None:
        """The sample under the cursor; None before the first."""
        if not len(self.journal):
            return None
        return self.journal[-1 if self._cursor is None else self._cursor]

    @property
    def previous(self) -> Sample | None:
        """The sample before it whose process list is another one."""
        return self._before(lambda sample, now: sample.process_tick != now.process_tick)

    @property
    def previous_tick(self) -> Sample | None:
        """The sample just before it."""
        return self._before(lambda sample, now: True)

    def _before(self, differs: Callable[[Sample, Sample], bool]) -> Sample | None:
        now = self.current
        if now is None:
            return None
        index = self._position() - 1
        while index >= 0:
            sample = self.journal[index]
            if differs(sample, now):
                return sample
            index -= 1
        return None

    def add(self, sample: Sample) -> None:
        """Take in the newest sample; a paused cursor keeps showing what it shows."""
        if self._tape is not None:
            self._take(self._tape)
            return
        dropped = self.journal.append(sample)
        if self._cursor is not None:
            self._cursor = max(0, self._cursor - dropped)

    def _take(self, tape: Tape) -> None:
        found = tape.collect()
        if found is None:
            return
        if found.journal is not None:
            self.journal = found.journal
        if sum(self.journal.append(sample) for sample in found.samples):
            tape.kept_from(self.journal[0].number)
        if len(self.journal):
            place = found.number - self.journal[0].number  # the tape leaves nothing out
            self._cursor = min(max(0, place), len(self.journal) - 1)
        if found.mark is not None:
            self.mark = found.mark

    def pause(self) -> None:
        """Stand still at the newest sample."""
        if self._tape is not None:
            self._tape.pause()
        elif self._cursor is None and len(self.journal):
            self._cursor = len(self.journal) - 1

    def resume(self) -> None:
        """Follow the newest again, or play on."""
        if self._tape is not None:
            self._tape.play()
        else:
            self._cursor = None

    def step(self, ticks: int) -> None:
        """Move by that many samples; pauses."""
        if self._tape is not None:
            self._tape.step(ticks)
        elif len(self.journal):
            self._cursor = min(max(0, self._position() + ticks), len(self.journal) - 1)

    def first(self) -> None:
        """Go to the oldest sample there is."""
        if self._tape is not None:
            self._tape.seek(float("-inf"))
        elif len(self.journal):
            self._cursor = 0

    def last(self) -> None:
        """Follow the newest again, or go to the end of the recording."""
        if self._tape is not None:
            self._tape.seek(float("inf"))
        else:
            self._cursor = None

    def seek(self, time: float) -> None:
        """Go to the last sample at or before a wall clock; pauses."""
        if self._tape is not None:
            self._tape.pause()
            self._tape.seek(time)
        elif len(self.journal):
            later = (at for at in range(len(self.journal)) if self.journal[at].taken_at > time)
            self._cursor = max(0, next(later, len(self.journal)) - 1)

    def set_mark(self) -> None:
        """Mark the moment under the cursor."""
        self.mark = self.current
        if self._tape is not None and self.mark is not None:
            self._tape.mark(self.mark.number)

    def _position(self) -> int:
        return len(self.journal) - 1 if self._cursor is None else self._cursor

    @property
    def span(self) -> tuple[float, float]:
        """Wall clock of the first and the last sample at hand; of a recording, up to its end."""
        if not len(self.journal):
            return 0.0, 0.0
        last = self.journal[-1].taken_at if self._tape is None else self._tape.last_at
        return self.journal[0].taken_at, last

    @property
    def behind(self) -> float:
        """Seconds between the newest sample and the one under the cursor."""
        now = self.current
        return 0.0 if now is None else self.span[1] - now.taken_at

    def window(self, seconds: float) -> list[Sample]:
        """The samples of the last `seconds` up to the cursor, oldest first."""
        now = self.current
        if now is None:
            return []
        index = self._position()
        found = []
        while index >= 0 and self.journal[index].began >= now.began - seconds:
            found.append(self.journal[index])
            index -= 1
        return found[::-1]
