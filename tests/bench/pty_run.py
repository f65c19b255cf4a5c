"""A full-screen program on a terminal of its own, watched from outside: CPU, bytes, moments.

Reads all it sends and answers what Textual asks a terminal, but draws nothing: drawing would cost
more than the programs that are measured.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
VMTUI = (sys.executable, "-m", "vmtui")
HTOP = ("htop", "-d", "10")
_TICKS = os.sysconf("SC_CLK_TCK")
_ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[>c": b"\x1b[>0;276;0c",
}
_REMEMBERED_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Spent:
    """What a program used up to a moment."""

    at: float
    """Seconds since it was started."""
    cpu_seconds: float
    """utime + stime, its own and of the children it waited for."""
    sent_bytes: int
    """All it wrote to the terminal."""

    def since(self, before: Spent) -> tuple[float, float]:
        """Percent of one CPU, and bytes a second."""
        passed = self.at - before.at
        return (
            100 * (self.cpu_seconds - before.cpu_seconds) / passed,
            (self.sent_bytes - before.sent_bytes) / passed,
        )


def disturbance(times: int = 60) -> float:
    """How many times its least CPU time a fixed loop takes now: 1.0 on a machine left alone.

    Neighbours on the same cores and caches make CPU time longer, not only the wait for it.
    """
    took: list[float] = []
    for _ in range(times):
        began = time.thread_time()
        sum(number * number for number in range(100_000))
        took.append(time.thread_time() - began)
        time.sleep(0.05)
    return median(took) / min(took)


class PtyRun:
    """Use it as a context manager: the program is killed at the end."""

    def __init__(
        self, command: Sequence[str], columns: int = 160, lines: int = 50, home: str = ""
    ) -> None:
        """Start the program on a terminal of that size.

        Args:
            command: its words.
            columns: cells in a line of the terminal.
            lines: lines of the terminal.
            home: where it looks for its configuration: an empty directory for its defaults.
        """
        self.sent_bytes = 0
        self._text = b""
        self._count: dict[bytes, int] = {}
        self._status: int | None = None
        self._began = time.perf_counter()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            size = struct.pack("HHHH", lines, columns, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
            os.environ.update(
                TERM="xterm-256color",
                COLORTERM="truecolor",
                LC_ALL="C.UTF-8",
                PYTHONPATH=os.pathsep.join(paths),
            )
            if home:
                os.environ["HOME"] = home
                for name in [name for name in os.environ if name.startswith("XDG_")]:
                    del os.environ[name]
            try:
                os.execvp(command[0], list(command))
            finally:
                os._exit(127)

    def __enter__(self) -> PtyRun:
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._terminal)

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._began

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._terminal, keys.encode())

    def drain(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Read for that long, or until it is so; whether it was. Ends when the program does."""
        end = self.now + seconds
        while not until():
            left = end - self.now
            if left <= 0:
                return False
            if select.select([self._terminal], [], [], min(left, 0.25))[0] and not self._read():
                return until()
        return True

    def shown(self, pattern: str, seconds: float = 60) -> float | None:
        """When the pattern was first sent, in seconds since the start; None if it was not."""
        wanted = re.compile(pattern.encode())
        found = self.drain(seconds, lambda: wanted.search(self._text) is not None)
        return self.now if found else None

    def counted(self, mark: bytes) -> int:
        """How often the mark was sent since it was first asked for, give or take a split one."""
        return self._count.setdefault(mark, 0)

    def forget(self) -> None:
        """What was sent until now is no longer searched."""
        self._text = b""

    def spent(self) -> Spent:
        """What it used until now."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return Spent(self.now, sum(map(int, fields[11:15])) / _TICKS, self.sent_bytes)

    def over(self, seconds: float) -> tuple[float, float]:
        """Percent of one CPU and bytes a second over the next seconds."""
        before = self.spent()
        self.drain(seconds)
        return self.spent().since(before)

    def peak_resident_bytes(self) -> int:
        """The largest resident set it ever had (VmHWM)."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", text)
        return int(found[1]) << 10 if found else 0

    def has_mapped(self, name: str) -> bool:
        """Whether a file of that name is mapped: whether a compiled module is imported."""
        return name in Path(f"/proc/{self.pid}/maps").read_text()

    def quit(self, keys: str = "q", seconds: float = 5) -> None:
        """Leave as a user does, and wait for the end."""
        with contextlib.suppress(OSError):
            self.press(keys)
        self.drain(seconds, self._has_ended)

    def _has_ended(self) -> bool:
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = status if pid else None
        return self._status is not None

    def _read(self) -> bool:
        try:
            data = os.read(self._terminal, 1 << 16)
        except OSError:
            return False
        self.sent_bytes += len(data)
        for mark in self._count:
            self._count[mark] += data.count(mark)
        self._text = (self._text + data)[-_REMEMBERED_BYTES:]
        for question, answer in _ANSWERS.items():
            if question in data:
                os.write(self._terminal, answer)
        return bool(data)
