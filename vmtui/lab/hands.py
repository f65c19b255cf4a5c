"""The app's hands on one specimen: requests that return once they are done.

A request is one message and its answer another. Nothing here touches memory of an experiment
itself; what a request costs in faults is counted by the specimen around it (getrusage(2)).
"""

from __future__ import annotations

import contextlib
import marshal
import os
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from vmtui.errors import NotSupported, ProcessGone, VmtuiError
from vmtui.kernel import statm, vmstat
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.target import Target
from vmtui.lab import worker
from vmtui.missing import Missing
from vmtui.text import display

if TYPE_CHECKING:
    from vmtui.lab.spawner import Bench

__all__ = ["Hands", "Poked", "Reply", "Run", "channel_pair"]

Run: TypeAlias = tuple[int, int, int]
"""Pages to touch: number of the first, how many, every which one."""
Access: TypeAlias = Literal["read", "write", "exec"]

_MADV_PAGEOUT = 21
_WRITEBACK_LOOKS = 200
_PATIENCE_SECONDS = 5.0
"""For a process that nobody can wait(2) for: the kernel takes its memory apart first."""
_ROOM = worker.MOST_BYTES // 2
"""Bytes of contents in one message."""
_MOST_RUNS = 1500
"""Runs in one message."""
_BATCH = 1 << 15


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call returned and the faults taken inside it."""

    value: int
    errno: int
    """0 when it succeeded."""
    minor: int
    """By getrusage(2): the specimen's own faults, if it had any, included."""
    major: int


@dataclass(frozen=True, slots=True)
class Poked:
    """How touching an address ended. Unless it was harmless, the process is frozen there."""

    pid: int
    """The frozen process, to be looked at until `Hands.release`; 0 when there is none."""
    signal: int
    """0 when nothing happened."""
    code: int | Missing
    """si_code of the signal."""
    address: int | Missing
    """si_addr of the signal."""


class Hands:
    """One specimen. Belongs to one thread at a time; `kill` is for any."""

    def __init__(
        self, bench: Bench, name: str, pid: int, channel: socket.socket, parent: Hands | None
    ) -> None:
        """Use `Bench.start` and `Hands.fork`."""
        self.name = name
        self.pid = pid
        self.bench = bench
        self.parent = parent
        self.status: int | None = None
        """How it ended, as wait(2) tells; None while it lives, -1 when nobody could tell."""
        self.batch_pages = _BATCH
        """Pages touched in one message: so many that nobody's ring of fault records overflows."""
        self.between: list[Callable[[], None]] = []
        """Called between the messages of one long request, while the specimen rests."""
        self._channel = channel
        self._waiting = False
        try:
            self._target = Target(pid)
        except VmtuiError:
            channel.close()
            raise
        answered, *_ = self._receive()
        if answered != pid:
            raise VmtuiError(f"specimen {pid} answered as {answered}")

    @property
    def open(self) -> bool:
        """Whether it can be asked still."""
        return self._channel.fileno() >= 0

    @property
    def target(self) -> Target:
        """The process, to be read from /proc."""
        return self._target

    @property
    def alive(self) -> bool:
        """Whether the process runs still."""
        return self.open and self._target.alive()

    def give_way(self) -> None:
        """From now on it runs only when no other specimen wants to (nice 19).

        For who touches until somebody is killed. A process that is killed says «my memory is free»
        a moment before it is (exit_mmap sets MMF_OOM_SKIP before the last batch is freed). If the
        other one got the CPU just then, it would fail once more, and a second one would be killed.
        """
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, 19)

    def mapped_bytes(self) -> int:
        """All of its address space now, as RLIMIT_AS counts it.

        Raises:
            ProcessGone: it is dead.
        """
        return statm.read(self._target).size_pages * PAGE_SIZE

    def call(self, function: str, *arguments: int | bytes) -> Reply:
        """Any function of the C library by name; a failed one has an errno, it raises nothing.

        Raises:
            ProcessGone: the specimen died of it, or before.
        """
        reply = Reply(*self._ask("call", function, *arguments))
        if function == "madvise" and arguments[2] == _MADV_PAGEOUT:
            _wait_for_writeback()
        return reply

    def calls(self, function: str, every: Sequence[tuple[int, ...]]) -> Reply:
        """The same function with one tuple of arguments after the other, in one message.

        Returns:
            How many calls, the first error, and the faults of all of them.

        Raises:
            ProcessGone: the specimen died of it, or before.
        """
        return Reply(*self._ask("calls", function, list(every)))

    def touch(self, runs: Sequence[Run], *, write: bool) -> Reply:
        """Read or write the first byte of every page of `runs`, in order.

        Args:
            runs: page numbers are absolute (address / page size).
            write: never zeros.

        Raises:
            ProcessGone: a page could not be touched, or it was dead before.
        """
        value = minor = major = 0
        for number, batch in enumerate(_batches(runs, self.batch_pages)):
            if number:
                for between in self.between:
                    between()
            reply = Reply(*self._ask("touch", batch, write))
            value, minor, major = (value + reply.value, minor + reply.minor, major + reply.major)
        return Reply(value, 0, minor, major)

    def work(
        self, first: int, pages: int, order: str, *,
        write: bool, seconds: float, keep: int = 0, account: str = "",
    ) -> tuple[Reply, float]:  # fmt: skip
        """Touch pages over and over, as fast as it goes; see `treadmill.Treadmill.run`.

        Args:
            first: number of the first page.
            pages: how many.
            order: `random` or `cyclic`.
            write: never zeros; or read.
            seconds: about so long, on the clock on the wall.
            keep: how many pages may be there; 0 for all.
            account: memory.stat of its group; "" without one.

        Returns:
            The touches as value with their faults, and the seconds that they alone took.

        Raises:
            ProcessGone: it died of it, or before.
        """
        nanoseconds = round(seconds * 1e9)
        asked = (first, pages, order, write, nanoseconds, keep, account)
        *reply, spent = self._ask("work", *asked)
        return Reply(*reply), spent / 1e9

    def fork(self, name: str) -> Hands:
        """A child, waiting for its first request.

        Raises:
            ProcessGone: this specimen is dead.
            VmtuiError: the kernel refused to fork.
        """
        ours, theirs = channel_pair()
        try:
            with theirs:
                pid, error, *_ = self._ask("fork", passed=theirs)
            if error:
                raise VmtuiError(f"fork: {os.strerror(error)}")
        except BaseException:
            ours.close()
            raise
        return self.bench.adopt(Hands(self.bench, name, pid, ours, parent=self))

    def poke(self, address: int, kind: Access) -> Poked:
        """Have a short-lived child touch an address; it is frozen at its fault until `release`."""
        pid, number, code, where, refused = self._ask("poke", address, kind)
        if not number:
            quiet = Missing("nothing happened")
            return Poked(0, 0, quiet, quiet)
        if not pid:
            why = Missing(f"ptrace(2) of its own child: {os.strerror(refused)}")
            return Poked(0, number, why, why)
        return Poked(pid, number, code, where)

    def release(self) -> None:
        """End the frozen child, if there is one."""
        self._ask("release")

    def read(self, address: int, size: int) -> bytes:
        """What its memory holds. Touches it."""
        parts = (
            self._ask("read", address + done, min(_ROOM, size - done))[0]
            for done in range(0, size, _ROOM)
        )
        return b"".join(parts)

    def write(self, address: int, content: bytes) -> None:
        """Change what its memory holds. Touches it."""
        for done in range(0, len(content), _ROOM):
            self._ask("write", address + done, content[done : done + _ROOM])

    def memfd(self, name: str, pages: int) -> int:
        """A file in memory, all holes; its descriptor in the specimen.

        Raises:
            VmtuiError: the kernel refused.
        """
        return self._opened("memfd", name, pages)

    def file(self, name: str, pages: int, together: int = 1) -> int:
        """A file on a disk, cached and clean; its descriptor there.

        It has no name in any directory: nothing of it can be left behind.

        Args:
            name: for messages.
            pages: its size.
            together: how many pages are written at a time: the kernel keeps them in one folio.

        Raises:
            NotSupported: there is no directory for it.
            VmtuiError: no room, for instance.
        """
        if isinstance(self.bench.directory, Missing):
            raise NotSupported(f"{display(name)}: {self.bench.directory.reason}")
        return self._opened("file", self.bench.directory, pages, together)

    def keep_batches(self, kept: bool) -> None:
        """Whether pages stay in the CPU's batches after a request; its forks do as it does."""
        self._ask("keep", kept)

    def reset(self) -> None:
        """Unmap all regions and close all files: as it was when it began."""
        self._ask("reset")

    def exit(self) -> int:
        """End it and wait for its end; the wait status."""
        if self.status is None:
            self._ask("exit")
            self._end()
        assert self.status is not None
        return self.status

    def end(self) -> None:
        """End it whatever it is doing, killing it where it does not answer, and wait for it."""
        try:
            self.exit()
        except VmtuiError:
            if self.open:
                self.kill()
                self._end()

    def kill(self) -> None:
        """Kill it; harmless when it is dead."""
        try:
            self._target.signal(signal.SIGKILL)
        except ProcessGone:
            return

    def forget(self) -> None:
        """Let go of its descriptors; it ends when it notices."""
        self._channel.close()
        self._target.close()

    def _opened(self, name: str, *arguments: str | int) -> int:
        fd, error, *_ = self._ask(name, *arguments)
        if error:
            raise VmtuiError(f"a file for the experiment: {os.strerror(error)}")
        return int(fd)

    def _ask(self, name: str, *arguments: Any, passed: socket.socket | None = None) -> Any:
        if self._waiting or not self.open:
            # An answer that nobody waited for (Ctrl-C) would be taken for the next one.
            raise ProcessGone(f"the specimen {self.name} has ended or was interrupted")
        message = marshal.dumps((name, *arguments))
        try:
            if passed:
                socket.send_fds(self._channel, [message], [passed.fileno()])
            else:
                self._channel.send(message)
        except ConnectionError:
            self._end()
            raise self._gone() from None
        return self._receive()

    def _receive(self) -> Any:
        self._waiting = True
        try:
            data = self._channel.recv(worker.MOST_BYTES)
        except ConnectionError:
            data = b""
        self._waiting = False
        if not data:
            self._end()
            raise self._gone()
        answer = marshal.loads(data)
        if answer[1] == -1:
            raise VmtuiError(f"the specimen {self.name} failed: {answer[0]}")
        return answer

    def _end(self) -> None:
        """Close and wait for it: by its parent, or by the spawner that adopted it."""
        self._channel.close()
        try:
            if self.parent is not None and self.parent.open:
                self.status = int(self.parent._ask("reap", self.pid)[0])
            else:
                self.status = self.bench.reap(self.pid)
        except VmtuiError:
            self._target.ended(_PATIENCE_SECONDS)
            self.status = -1
        self._target.close()

    def _gone(self) -> ProcessGone:
        what = f"the specimen {self.name} (process {self.pid})"
        if self.status is None or self.status < 0:
            return ProcessGone(f"{what} has ended")
        if os.WIFSIGNALED(self.status):
            name = signal.Signals(os.WTERMSIG(self.status)).name
            return ProcessGone(f"{what} was ended by {name}")
        return ProcessGone(f"{what} exited with {os.waitstatus_to_exitcode(self.status)}")


def channel_pair() -> tuple[socket.socket, socket.socket]:
    """A socket that keeps messages apart, and its other end."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _batches(runs: Sequence[Run], most: int) -> list[list[Run]]:
    """The same pages in the same order, in messages of at most so many pages."""
    batches: list[list[Run]] = [[]]
    room = most
    for first, count, stride in runs:
        done = 0
        while done < count:
            if not room or len(batches[-1]) == _MOST_RUNS:
                batches.append([])
                room = most
            some = min(room, count - done)
            batches[-1].append((first + done * stride, some, stride))
            done, room = done + some, room - some
    return batches


def _wait_for_writeback() -> None:
    """Until what was paged out is written: a page on its way is not taken a second time."""
    for _ in range(_WRITEBACK_LOOKS):
        if not vmstat.read()["nr_writeback"]:
            return
