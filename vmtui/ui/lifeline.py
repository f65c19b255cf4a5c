"""Leaving cleanly in every case: signals, a terminal that is gone, an app that no longer answers.

Textual alone leaves the alternate screen and the mouse on after SIGTERM and SIGHUP, and never ends
when its terminal disappears while SIGHUP is ignored or there is no controlling terminal. Here
Python-level handlers are used rather than the event loop's: they also run while the main thread
waits for a terminal that does not take its output. What does not end by itself within
`PATIENCE_SECONDS` is ended.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

PATIENCE_SECONDS = 1.5
_LOOK_EVERY_MS = 500
_FATAL = (signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT, signal.SIGINT)

MODES_OFF = (
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # mouse
    "\x1b[?2004l\x1b[?2048l\x1b[?1004l"  # bracketed paste, resize reports, focus reports
    "\x1b[?7h\x1b[?25h\x1b[0m"  # line wrap, cursor, colours
)
"""Safe to send twice, unlike leaving the alternate screen."""
LEAVE_SCREEN = "\x1b[<u\x1b[?1049l"


class Lifeline:
    """Watches over one run of the app, on the terminal at `keys_fd` and `screen_fd`."""

    def __init__(self, keys_fd: int = 0, screen_fd: int = 2) -> None:
        self.code: int | None = None
        """128 + the signal that ended the run (a lost terminal is SIGHUP); None otherwise."""
        self._keys_fd, self._screen_fd = keys_fd, screen_fd
        self._attributes = _attributes(keys_fd)
        self._before: dict[signal.Signals, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave: Callable[[int], None] = lambda _code: None
        self._over = threading.Event()

    @contextlib.contextmanager
    def before_the_app(self) -> Iterator[None]:
        """Until there is an app: keys wait for it unseen, and signals end the program at once."""

        def leave(number: int, _frame: FrameType | None) -> None:
            self._put_back(LEAVE_SCREEN + MODES_OFF)
            os._exit(128 + number)

        before = {
            number: signal.signal(number, leave)
            for number in _FATAL
            if signal.getsignal(number) is not signal.SIG_IGN
        }
        with contextlib.suppress(termios.error):
            tty.setcbreak(self._keys_fd, termios.TCSANOW)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            if self._attributes is not None:  # Textual gives back what it finds
                with contextlib.suppress(termios.error):
                    termios.tcsetattr(self._keys_fd, termios.TCSANOW, self._attributes)

    def guard(self, leave: Callable[[int], None]) -> None:
        """From now on end the run through `leave(exit code)`, called in the running event loop."""
        from asyncio import get_running_loop

        self._loop, self._leave = get_running_loop(), leave
        for number in _FATAL:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup means it
                self._before[number] = signal.signal(number, self._on_signal)
        threading.Thread(target=self._watch_terminal, name="vmtui-lifeline", daemon=True).start()

    def restore(self) -> None:
        """After the run: the terminal as it was found, the handlers too."""
        self._over.set()
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._put_back(MODES_OFF)

    def abandon(self) -> None:
        """There will be no app: take away what was painted before it."""
        self._put_back(LEAVE_SCREEN)

    def end(self, code: int) -> None:
        """End the run, by force if need be. From any thread or signal handler."""
        if self.code is not None or self._loop is None:
            return
        self.code = code
        force = threading.Timer(PATIENCE_SECONDS, self._force)
        force.daemon = True
        force.start()
        self._loop.call_soon_threadsafe(self._leave, code)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.end(128 + number)

    def _watch_terminal(self) -> None:
        """A closed terminal reports POLLHUP at once, whether or not SIGHUP comes."""
        poll = select.poll()
        poll.register(self._keys_fd, 0)
        while not self._over.is_set():
            if any(
                event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(_LOOK_EVERY_MS)
            ):
                self.end(128 + signal.SIGHUP)
                return

    def _force(self) -> None:
        # what is queued would be read after our last words: drop it, it is a screen
        with contextlib.suppress(termios.error):
            termios.tcflush(self._screen_fd, termios.TCOFLUSH)
        self._put_back(LEAVE_SCREEN + MODES_OFF)
        os._exit(self.code or 1)

    def _put_back(self, modes: str) -> None:
        """Modes and attributes, only as far as the terminal takes them without waiting."""
        try:
            if self._attributes is not None:
                termios.tcsetattr(self._keys_fd, termios.TCSANOW, self._attributes)
            poll = select.poll()
            poll.register(self._screen_fd, select.POLLOUT)
            if any(event == select.POLLOUT for _, event in poll.poll(0)):
                os.write(self._screen_fd, modes.encode("ascii"))
        except (OSError, termios.error):
            pass  # the terminal is gone: nobody is left to see its modes


def _attributes(fd: int) -> list[Any] | None:
    try:
        return termios.tcgetattr(fd)
    except (OSError, termios.error):
        return None
