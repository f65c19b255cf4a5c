"""How far something long is, in a line on a terminal that goes when it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 1.0
"""What is done within this time says nothing."""
_EVERY_SECONDS = 0.2
_CELLS = 24


class Progress:
    """Belongs to one piece of work; nothing is written where stderr is no terminal."""

    def __init__(self, what: str, total: int) -> None:
        """Begin.

        Args:
            what: the program's own words for what is done.
            total: how many steps it takes.
        """
        self._what, self._total = what, max(1, total)
        self._stream = sys.stderr  # while the app runs, Textual puts something else in its place
        self._began = time.monotonic()
        self._due = self._began + PATIENCE_SECONDS
        self._shown = False

    def at(self, done: int) -> None:
        """So many steps are done."""
        now = time.monotonic()
        if now < self._due or self._stream is None or not self._stream.isatty():
            return
        self._due, self._shown = now + _EVERY_SECONDS, True
        share = min(1.0, done / self._total)
        filled = round(share * _CELLS)
        bar = "#" * filled + "." * (_CELLS - filled)
        left = (now - self._began) * (1 - share) / share if share else 0.0
        rest = f", {left:.0f} s left" if share else ""
        self._stream.write(f"\r\x1b[K{self._what} [{bar}] {share:4.0%}{rest}; Ctrl-C cancels")
        self._stream.flush()

    def end(self) -> None:
        """Take the line away; harmless twice."""
        if self._shown:
            self._shown = False
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def over(self, parts: Iterable[T]) -> Iterator[T]:
        """Count the parts that pass, one step each."""
        for number, part in enumerate(parts):
            self.at(number)
            yield part
        self.end()
