"""Long work in a thread of its own: what it has found so far, how it ended, and a way to stop it.

The work is a generator of frozen records, each more complete than the one before; whoever watches
takes the latest whenever it likes and never waits. For work that somebody asked for, such as the
frames of all memory or who maps a page; what is read every tick belongs to the sampler.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Generic, TypeVar

from vmtui.errors import VmtuiError

T = TypeVar("T")
Cancelled = Callable[[], bool]
"""Asked by the work between two steps; True: it shall end early, with what it has."""


class Errand(Generic[T]):
    """One generator run to its end in a daemon thread."""

    def __init__(
        self, work: Callable[[Cancelled], Generator[T, None, None]], name: str = "errand"
    ) -> None:
        """Start.

        Args:
            work: called in the thread; what it yields replaces `latest`.
            name: of the thread.
        """
        self._work = work
        self._stop = threading.Event()
        self._latest: T | None = None
        self._error: VmtuiError | None = None
        self._crash: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def latest(self) -> T | None:
        """The last record; None before the first."""
        return self._latest

    @property
    def running(self) -> bool:
        """Whether more may come."""
        return self._thread.is_alive()

    @property
    def error(self) -> VmtuiError | None:
        """Why it ended early, other than by `cancel`.

        Raises:
            BaseException: a bug in the work, raised here rather than lost in its thread.
        """
        if self._crash is not None:
            raise self._crash
        return self._error

    def cancel(self) -> None:
        """Have it end soon; harmless twice. What it found stays."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> T | None:
        """The last record once it has ended, or after that time. Never for the UI thread."""
        self._thread.join(seconds)
        return self._latest

    def _run(self) -> None:
        try:
            with closing(self._work(self._stop.is_set)) as records:
                for record in records:
                    self._latest = record
                    if self._stop.is_set():
                        return
        except VmtuiError as error:
            self._error = error
        except Exception as error:
            self._crash = error
