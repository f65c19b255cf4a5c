"""The files of *all* processes, for the process list: descriptors of stat and statm are kept.

A pread on a kept descriptor costs 4–5 µs where open, read and close cost 30, and it fails with
ESRCH once the process is gone even if its number lives on in another process: so it is the detector
of exit and reuse as well. Two descriptors a process need a raised RLIMIT_NOFILE; past the budget a
file is opened for each read (evicting the oldest would, in a sweep over all, evict every one).

Readable by anyone. Under hidepid the kernel lists a process and refuses its files: `hidden` counts
those. For one thread.
"""

from __future__ import annotations

import errno
import os
import resource
from types import TracebackType

from vmtui.errors import ProcessGone, VmtuiError
from vmtui.kernel.files import PROC, read_fd, translated

_STATM_SIZE = 256
_STAT_SIZE = 2048
"""52 numbers of 20 digits and a name of 64 bytes fit."""
_DESCRIPTORS_AT_MOST = 65_536
_DESCRIPTORS_FOR_OTHERS = 256
"""Left to the rest of the program."""


def raised_descriptor_limit(at_most: int = _DESCRIPTORS_AT_MOST) -> int:
    """Raise the soft RLIMIT_NOFILE to the hard one, `at_most` in any case; what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return at_most
    wanted = at_most if hard == resource.RLIM_INFINITY else min(hard, at_most)
    if wanted <= soft:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # a sandbox may refuse: then fewer are kept
        return soft
    return wanted


class ProcessFiles:
    """Reads of /proc by number. Use it as a context manager or `close()` it."""

    def __init__(self, proc: str = PROC, budget: int | None = None) -> None:
        """Keep no descriptor yet.

        Args:
            proc: where procfs is mounted.
            budget: how many descriptors to keep; by default the limit is raised and used.
        """
        if budget is None:
            budget = raised_descriptor_limit() - _DESCRIPTORS_FOR_OTHERS
        self._budget = max(budget, 0)
        self._proc = proc
        self._statm: dict[int, int] = {}
        self._stat: dict[int, int] = {}
        self._hidden: set[int] = set()
        self._names: list[str] = []
        self._listed: list[int] = []

    @property
    def hidden(self) -> int:
        """Processes that are listed while the kernel refuses their files (hidepid)."""
        return len(self._hidden)

    def pids(self) -> list[int]:
        """Every process listed now, in order; lets go of those that no longer are.

        The same list as before, while there are the same processes.

        Raises:
            VmtuiError: /proc itself cannot be listed.
        """
        try:
            names = os.listdir(self._proc)
        except OSError as error:
            raise translated(error, self._proc, of_process=False) from error
        if names == self._names:
            return self._listed
        self._names = names
        self._listed = listed = sorted(int(name) for name in names if name.isdecimal())
        present = set(listed)
        for pid in (self._statm.keys() | self._stat.keys()) - present:
            self.drop(pid)
        self._hidden &= present
        return listed

    def statm(self, pid: int) -> bytes | None:
        """The text of statm; None once the process is gone, or when it is hidden.

        After None the number may be asked again: it is another process then.
        """
        fd = self._statm.get(pid)
        if fd is None:
            return self._first(self._statm, pid, "statm", _STATM_SIZE)
        try:
            return os.pread(fd, _STATM_SIZE, 0)
        except OSError:
            self.drop(pid)
            return None

    def stat(self, pid: int) -> bytes | None:
        """The text of stat; None as for `statm`."""
        fd = self._stat.get(pid)
        if fd is None:
            return self._first(self._stat, pid, "stat", _STAT_SIZE)
        try:
            return os.pread(fd, _STAT_SIZE, 0)
        except OSError:
            self.drop(pid)
            return None

    def read(self, pid: int, name: str, limit: int | None = None) -> bytes:
        """Any other file of a process, at most `limit` bytes: opened, read and closed.

        Raises:
            ProcessGone, NotPermitted, NotSupported: by errno.
        """
        path = f"{self._proc}/{pid}/{name}"
        try:
            fd = self._open(path)
            try:
                text = read_fd(fd, limit)
            finally:
                os.close(fd)
        except OSError as error:
            raise self._why(error, pid, path) from error
        if pid in self._statm and self.statm(pid) is None:  # what was read is another process's
            raise ProcessGone(f"{path}: the process has exited")
        return text

    def status(self, pid: int) -> bytes:
        """The text of status.

        Raises:
            ProcessGone, NotPermitted, NotSupported: by errno.
        """
        return self.read(pid, "status")

    def rollup(self, pid: int) -> bytes:
        """The text of smaps_rollup: 0.2 ms for a small process, 200 ms for 8 GiB.

        Raises:
            ProcessGone, NotPermitted, NotSupported: by errno.
        """
        return self.read(pid, "smaps_rollup")

    def cmdline(self, pid: int, limit: int = 4096) -> bytes:
        """The start of the command line, arguments divided by NUL; empty for a kernel thread.

        Raises:
            ProcessGone, NotPermitted: by errno.
        """
        return self.read(pid, "cmdline", limit)

    def oom_score(self, pid: int) -> bytes:
        """The text of oom_score.

        Raises:
            ProcessGone, NotPermitted: by errno.
        """
        return self.read(pid, "oom_score")

    def oom_score_adj(self, pid: int) -> bytes:
        """The text of oom_score_adj.

        Raises:
            ProcessGone, NotPermitted: by errno.
        """
        return self.read(pid, "oom_score_adj")

    def cgroup(self, pid: int) -> bytes:
        """The text of cgroup.

        Raises:
            ProcessGone, NotPermitted, NotSupported: by errno.
        """
        return self.read(pid, "cgroup")

    def drop(self, pid: int) -> None:
        """Let go of a process's descriptors; harmless twice."""
        for kept in (self._statm, self._stat):
            fd = kept.pop(pid, None)
            if fd is not None:
                os.close(fd)

    def close(self) -> None:
        """Let go of everything; harmless twice."""
        for kept in (self._statm, self._stat):
            while kept:
                os.close(kept.popitem()[1])
        self._hidden.clear()

    def __enter__(self) -> ProcessFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _first(self, kept: dict[int, int], pid: int, name: str, size: int) -> bytes | None:
        """Open, read, and keep the descriptor while there is room for it."""
        path = f"{self._proc}/{pid}/{name}"
        try:
            fd = self._open(path)
        except PermissionError:
            self._hidden.add(pid)
            return None
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ESRCH):
                self.drop(pid)
                return None
            raise translated(error, path, of_process=True) from error
        try:
            text = os.pread(fd, size, 0)
        except OSError:
            os.close(fd)
            self.drop(pid)
            return None
        self._hidden.discard(pid)
        if len(self._statm) + len(self._stat) < self._budget:
            kept[pid] = fd
        else:
            os.close(fd)
        return text

    def _why(self, error: OSError, pid: int, path: str) -> VmtuiError:
        """A file that is absent while its process is there is one this kernel does not have."""
        gone = error.errno != errno.ENOENT or not os.path.exists(f"{self._proc}/{pid}")
        return translated(error, path, of_process=gone)

    def _open(self, path: str) -> int:
        """A descriptor; where the process has none left, kept ones are given back first."""
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE) or not (self._stat or self._statm):
                raise
        self._budget = (len(self._statm) + len(self._stat)) // 2
        for kept in (self._stat, self._statm):
            while kept and len(self._statm) + len(self._stat) > self._budget:
                os.close(kept.popitem()[1])
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
