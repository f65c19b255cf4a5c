"""Runs a program on a pseudo-terminal, reads all it sends, and says how it ended."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyte

ROOT = Path(__file__).parents[2]
ANSWERS = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[?2048$p": b"\x1b[?2048;0$y"}
"""What a terminal says when Textual asks what it can do."""


class _Screen(pyte.Screen):
    """One that can be read after half of a wide character was written over: pyte's own fails."""

    @property
    def display(self) -> list[str]:
        return [
            "".join(self.buffer[y][x].data for x in range(self.columns)) for y in range(self.lines)
        ]


class OnTerminal:
    """A Python program with a terminal of its own, killed at the latest when the test ends."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 80,
        lines: int = 24,
        ignore: tuple[signal.Signals, ...] = (),
        **environ: str,
    ) -> None:
        """Start `python *arguments`; `ignore` are signals it inherits as ignored (nohup)."""
        self.sent = b""
        """Everything the program wrote."""
        self.screen = _Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._status: int | None = None
        # a second handle on the slave keeps the terminal's attributes readable after the end
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.attributes_before: list[Any] = termios.tcgetattr(slave)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
                for fd in (0, 1, 2):
                    os.dup2(slave, fd)
                os.closerange(3, 64)
                for number in ignore:
                    signal.signal(number, signal.SIG_IGN)
                paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
                os.environ.update(TERM="xterm-256color", LANG="C.UTF-8")
                os.environ["PYTHONPATH"] = os.pathsep.join(paths)
                os.environ.pop("LC_ALL", None)
                os.environ.update(environ)
                os.execv(sys.executable, [sys.executable, *arguments])
            finally:
                os._exit(127)
        self._slave: int | None = slave

    def __enter__(self) -> OnTerminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.hang_up()

    def read(self, seconds: float = 0.05) -> bytes:
        """What came within that time."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            return b""
        self.sent += data
        self._stream.feed(data)
        for question, answer in ANSWERS.items():
            if question in data:
                os.write(self.master, answer)
        return data

    def until(self, is_so: Callable[[], bool], seconds: float = 15) -> bool:
        """Read until it is so, or the time is over."""
        deadline = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > deadline:
                return False
            self.read()
        return True

    def shows(self, words: str, seconds: float = 30) -> bool:
        """Whether the words come to stand on the screen."""
        return self.until(lambda: any(words in line for line in self.screen.display), seconds)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.master, keys.encode())

    def hang_up(self) -> None:
        """Close the terminal, as a dropped connection does."""
        for fd in (self.master, self._slave):
            if fd is not None:
                with contextlib.suppress(OSError):
                    os.close(fd)
        self.master, self._slave = -1, None

    def poll(self) -> int | None:
        """The exit code (negative: killed by that signal), or None while it runs."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status

    def ends_within(self, seconds: float) -> int | None:
        """The exit code once it has ended; None if it did not."""
        deadline = time.monotonic() + seconds
        while self.poll() is None and time.monotonic() < deadline:
            if self.master >= 0:
                self.read()
            else:
                time.sleep(0.02)
        while self.master >= 0 and self.read(0.1):
            pass
        return self.poll()

    def attributes(self) -> list[Any]:
        """The terminal's attributes now."""
        assert self._slave is not None
        return termios.tcgetattr(self._slave)
