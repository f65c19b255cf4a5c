"""Amortising: a source that was dear last time is read less often, and its age is shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from vmtui.errors import VmtuiError
from vmtui.missing import NOT_READ, Missing

T = TypeVar("T")

DUTY = 0.1
"""The largest share of time that any one heavy source may take."""


class Budget:
    """Remembers what each source cost and says when it may be read again."""

    def __init__(self, duty: float = DUTY) -> None:
        self.duty = duty
        self.spent_seconds = 0.0
        """What `read` and `spent` took since this was last set to 0."""
        self._free_at: dict[str, float] = {}

    def due(self, source: str, now: float) -> bool:
        """Whether `source` may be read at `now` (seconds, monotonic)."""
        return now >= self._free_at.get(source, 0.0)

    def spent(self, source: str, began: float, ended: float) -> None:
        """Note that `source` was being read from `began` to `ended`."""
        self.spent_seconds += ended - began
        self._free_at[source] = began + (ended - began) / self.duty

    def read(
        self, source: str, read: Callable[[], T], before: tuple[T | Missing, float]
    ) -> tuple[T | Missing, float]:
        """A new reading if one may be made, else the one before; with its time.

        Args:
            source: what the cost is remembered under.
            read: reads it; a VmtuiError becomes Missing.
            before: the last value and when it was read; `NOT_READ` for none.
        """
        began = time.monotonic()
        if before[0] is not NOT_READ and not self.due(source, began):
            return before
        value = tried(read)
        ended = time.monotonic()
        self.spent(source, began, ended)
        return value, ended


def tried(read: Callable[[], T]) -> T | Missing:
    """What `read` gives, or why it failed."""
    try:
        return read()
    except VmtuiError as error:
        return Missing.because(error)
