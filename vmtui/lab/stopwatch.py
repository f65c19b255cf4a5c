"""How long an experiment has been running, without the time that somebody looked at it."""

from __future__ import annotations

import time


class Stopwatch:
    """Seconds of running; what happens between the stretches does not count."""

    def __init__(self) -> None:
        self._done = 0.0
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """So far."""
        return self._done + (0.0 if self._since is None else time.monotonic() - self._since)

    def go(self) -> None:
        """Begin a stretch."""
        self._since = time.monotonic()

    def rest(self) -> None:
        """End it."""
        self._done, self._since = self.seconds, None
