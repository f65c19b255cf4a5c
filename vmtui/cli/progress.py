"""How far something long is, in a line on a terminal that goes when it is done.

Drawn by a thread, so that it moves whatever the work is: a large file that is opened, a kernel
file that is read. Work that knows how far it is says so; of other work one sees that it goes on.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 1.0
"""What is done within this time says nothing."""
_EVERY_SECONDS = 0.2
_CELLS = 24
_ROUND = "|/-\\"


class Progress:
    """Belongs to one piece of work; nothing is written where stderr is no terminal."""

    def __init__(self, what: str, total: int = 0, *, silent: bool = False) -> None:
        """Begin.

        Args:
            what: the program's own words for what is done.
            total: how many steps it takes; 0 where that is not known, or not yet.
            silent: write nothing: what is printed on the terminal meanwhile shows how far it is.
        """
        self._what, self._done, self._total = what, 0, total
        self._stream = sys.stderr  # while the app runs, Textual puts something else in its place
        self._began = time.monotonic()
        self._over = threading.Event()
        self._turn = threading.Lock()
        self._shown = False
        if not silent and self._stream is not None and self._stream.isatty():
            threading.Thread(target=self._run, name="vmtui-progress", daemon=True).start()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exit_: object) -> None:
        self.end()

    def at(self, done: int, total: int | None = None) -> None:
        """So many steps are done; of another number of them, if it has become known."""
        self._done, self._total = done, self._total if total is None else total

    def end(self) -> None:
        """Take the line away; harmless twice."""
        self._over.set()
        with self.away():
            return

    @contextmanager
    def away(self) -> Iterator[None]:
        """Without the line, so that something else can be printed."""
        with self._turn:
            if self._shown:
                self._shown = False
                self._write("\r\x1b[K")
            yield

    def over(self, parts: Iterable[T], total: int) -> Iterator[T]:
        """Count the parts that pass, one step each."""
        for number, part in enumerate(parts):
            self.at(number, total)
            yield part

    def _run(self) -> None:
        wait = PATIENCE_SECONDS
        while not self._over.wait(wait):
            wait = _EVERY_SECONDS
            with self._turn:
                if not self._over.is_set():
                    self._shown = True
                    self._write(f"\r\x1b[K{self._what} {self._how_far()}; Ctrl-C cancels")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # the terminal is gone: nobody is left to be told
            self._over.set()

    def _how_far(self) -> str:
        taken, done, total = time.monotonic() - self._began, self._done, self._total
        if not total or not done:
            sign = _ROUND[int(taken / _EVERY_SECONDS) % len(_ROUND)]
            return f"[{sign}] {f'{done:,}, ' if done else ''}{taken:.0f} s"
        share = min(1.0, done / total)
        filled = round(share * _CELLS)
        bar = "#" * filled + "." * (_CELLS - filled)
        rest = f", {taken * (1 - share) / share:.0f} s left" if share else ""
        return f"[{bar}] {share:4.0%}{rest}"
