"""One attached process, held so that a reused PID is never shown or signalled.

A pidfd (pidfd_open(2), Linux 5.3) and a descriptor of /proc/PID are kept; every file is opened
relative to the latter, which answers ESRCH once the process is gone, and signals go through
pidfd_send_signal(2). A held pagemap reads as empty after the exit, without an error: whoever
sweeps asks `alive()` afterwards.
"""

from __future__ import annotations

import errno
import os
import select
import signal
from types import TracebackType

from vmtui.errors import NotPermitted, NotSupported, ProcessGone
from vmtui.kernel.files import PROC, read_fd, translated
from vmtui.kernel.refusal import unlock_of


class Target:
    """A process to look at. Cheap: two descriptors; use it as a context manager or `close()` it."""

    def __init__(self, pid: int, proc: str = PROC) -> None:
        """Attach.

        Raises:
            ProcessGone: there is no such process.
            NotPermitted: /proc/PID may not be entered (hidepid).
            NotSupported: the kernel has no pidfd_open.
        """
        self.pid = pid
        self._where = f"{proc}/{pid}"
        self._pidfd = self._dirfd = -1
        try:
            self._pidfd = os.pidfd_open(pid)
        except ProcessLookupError as error:
            raise ProcessGone(f"there is no process {pid}") from error
        except OSError as error:
            raise NotSupported(f"pidfd_open for process {pid}: {error.strerror}") from error
        try:
            self._dirfd = os.open(self._where, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            hidden = error.errno == errno.ENOENT and self.alive()
            self.close()
            if hidden:
                raise NotPermitted(
                    f"{self._where}: /proc hides the processes of others (hidepid=2)",
                    "run vmtui as root",
                ) from error
            raise translated(error, self._where, of_process=True) from error
        if not self.alive():  # the number may have been reused between the two calls
            zombie = os.access("stat", os.F_OK, dir_fd=self._dirfd)  # once reaped it is gone
            self.close()
            told = "; it is a zombie until its parent takes note" if zombie else ""
            raise ProcessGone(f"process {pid} has exited{told}")

    def alive(self) -> bool:
        """Whether the process runs still; a zombie does not."""
        return not self.ended(0.0)

    def ended(self, seconds: float) -> bool:
        """Whether it ends within that time; a zombie has ended."""
        if self._pidfd < 0:
            return True
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def open(self, name: str, flags: int = os.O_RDONLY) -> int:
        """A descriptor of /proc/PID/`name`; the caller closes it.

        Raises:
            ProcessGone, NotPermitted, NotSupported: by errno.
        """
        try:
            return os.open(name, flags | os.O_CLOEXEC, dir_fd=self._dirfd)
        except OSError as error:
            gone = not self.alive()
            refused = error.errno in (errno.EACCES, errno.EPERM)
            raise translated(
                error,
                f"{self._where}/{name}",
                of_process=gone,
                unlock=unlock_of(self.pid, name) if refused else "",
            ) from error

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The bytes of /proc/PID/`name`, at most `limit`.

        Raises:
            ProcessGone, NotPermitted, NotSupported: by errno.
        """
        fd = self.open(name)
        try:
            return read_fd(fd, limit)
        except OSError as error:
            raise translated(error, f"{self._where}/{name}", of_process=True) from error
        finally:
            os.close(fd)

    def readlink(self, name: str) -> bytes:
        """Where the link /proc/PID/`name` points.

        Raises:
            ProcessGone, NotPermitted, NotSupported: by errno.
        """
        try:
            return os.readlink(name.encode(), dir_fd=self._dirfd)
        except OSError as error:
            raise translated(error, f"{self._where}/{name}", of_process=True) from error

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to exactly this process.

        Raises:
            ProcessGone, NotPermitted: by errno.
        """
        try:
            signal.pidfd_send_signal(self._pidfd, number)
        except OSError as error:
            raise translated(error, f"process {self.pid}", of_process=True) from error

    def identity(self) -> int:
        """The pidfd's inode: unique per boot where the kernel has pidfs (6.9)."""
        return os.fstat(self._pidfd).st_ino

    def close(self) -> None:
        """Let go of both descriptors; harmless twice."""
        for fd in (self._pidfd, self._dirfd):
            if fd >= 0:
                os.close(fd)
        self._pidfd = self._dirfd = -1

    def __enter__(self) -> Target:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
