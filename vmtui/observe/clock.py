"""One clock: a cursor over the journal that stands at «now», is paused, stepped or scrubbed."""

from __future__ import annotations

from collections.abc import Callable

from vmtui.observe.journal import Journal
from vmtui.observe.sample import Sample


class Clock:
    """Everything on screen is a function of `current` and `previous`."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._cursor: int | None = None  # index into the journal; None follows the newest
        self.mark: Sample | None = None
        """The moment the user marked, to compare with."""

    @property
    def live(self) -> bool:
        """Whether the cursor follows the newest sample."""
        return self._cursor is None

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
        dropped = self.journal.append(sample)
        if self._cursor is not None:
            self._cursor = max(0, self._cursor - dropped)

    def pause(self) -> None:
        """Stand still at the newest sample."""
        if self._cursor is None and len(self.journal):
            self._cursor = len(self.journal) - 1

    def resume(self) -> None:
        """Follow the newest again."""
        self._cursor = None

    def step(self, ticks: int) -> None:
        """Move by that many ticks of the journal; pauses."""
        if not len(self.journal):
            return
        self._cursor = min(max(0, self._position() + ticks), len(self.journal) - 1)

    def first(self) -> None:
        """Go to the oldest sample kept."""
        if len(self.journal):
            self._cursor = 0

    def _position(self) -> int:
        return len(self.journal) - 1 if self._cursor is None else self._cursor

    @property
    def behind(self) -> float:
        """Seconds between the newest sample and the one under the cursor."""
        now = self.current
        return 0.0 if now is None else self.journal[-1].taken_at - now.taken_at

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
