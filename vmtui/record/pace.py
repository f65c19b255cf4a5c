"""How fast a recording is played: which sample is due when. Pure but for the numbers it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""What the keys for slower and faster go through: seconds of the recording in one second."""
LONGEST_WAIT = 5.0
"""Seconds; a longer gap between two samples, such as a night asleep, is not waited for."""
AT_ONCE = 60
"""Samples that become due together at most: what cannot be read as fast is played slower."""


@dataclass(slots=True)
class Pace:
    """Belongs to a feed, under its lock."""

    speed: float = 1.0
    playing: bool = False
    due: float = 0.0
    """When the next sample is, seconds of the feed's clock."""

    def restart(self, ticks: Sequence[float], index: int, now: float) -> None:
        """Begin to wait at a sample."""
        self.due = now + self._gap(ticks, index)

    def change(self, step: int) -> None:
        """One speed slower (−1) or faster (1)."""
        nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - self.speed))
        self.speed = SPEEDS[min(max(0, nearest + step), len(SPEEDS) - 1)]

    def advanced(self, ticks: Sequence[float], index: int, now: float) -> int:
        """The sample to show by now, when it was `index`.

        Args:
            ticks: wall clock of every sample.
            index: the sample shown until now.
            now: seconds of the feed's clock.
        """
        if not self.playing:
            return index
        begin, last = index, len(ticks) - 1
        while self.due <= now and index < last and index - begin < AT_ONCE:
            index += 1
            self.due += self._gap(ticks, index)
        if index - begin == AT_ONCE:
            self.due = now
        return index

    def _gap(self, ticks: Sequence[float], index: int) -> float:
        if index + 1 >= len(ticks):
            return 0.0
        return min(max(0.0, ticks[index + 1] - ticks[index]) / self.speed, LONGEST_WAIT)
