"""How long an experiment has been running, without the time that somebody looked at it."""

from __future__ import annotations

import time


class Stopwatch:
    """Seconds of running; what happens between the stretches does not count.

    Belongs to one thread; any thread may read it.
    """

    def __init__(self) -> None:
        self._hands: tuple[float, float | None] = 0.0, None
        """Seconds of the stretches that are over, and when the present one began."""

    @property
    def seconds(self) -> float:
        """So far."""
        done, since = self._hands
        return done + (0.0 if since is None else time.monotonic() - since)

    def go(self) -> None:
        """Begin a stretch."""
        self._hands = self._hands[0], time.monotonic()

    def rest(self) -> None:
        """End it."""
        self._hands = self.seconds, None
