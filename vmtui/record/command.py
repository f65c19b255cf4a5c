"""A command started stopped: its program is mapped, and nothing of it has run or been touched.

The child asks to be traced (PTRACE_TRACEME) before execve, which then stops it in its new address
space, before its first instruction. It gets a SIGSTOP there and is let go at once, so that it is
never traced while it runs: an ordinary stopped process that `release` (SIGCONT) sets off. Only the
thread that forked may say so to ptrace(2): `start` does all of it.

A traced program would not get the rights that its file gives (set-user-ID, capabilities). Such a
one, and any where ptrace(2) is refused, stops before execve instead: its first sample shows the
image of vmtui. Call it before there are other threads, as any fork.

It is never left standing: should the thread that started it die, the kernel sends it a SIGCONT
(PR_SET_PDEATHSIG), which does nothing to one that runs.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import signal
import stat
import threading
from collections.abc import Sequence
from typing import NoReturn

from vmtui.errors import NotPermitted, NotSupported, VmtuiError
from vmtui.text import DisplayText, display

_TRACEME, _DETACH = 0, 17
_PR_SET_PDEATHSIG = 1
_CANNOT_RUN = 127
_NAME_CELLS = 40


class Command:
    """A process that this one started. From any thread, but for `start`."""

    def __init__(self, pid: int, words: Sequence[str], *, before_exec: bool) -> None:
        """Use `start`."""
        self.pid = pid
        self.words = tuple(words)
        self.before_exec = before_exec
        """Whether it was stopped before its own program was mapped."""
        self.exit_code: int | None = None
        """As the shell has it: 128 + the signal that ended it. None while it runs."""
        self._pidfd = os.pidfd_open(pid)
        self._held = True
        self._lock, self._waiting = threading.Lock(), threading.Lock()

    @classmethod
    def start(
        cls, words: Sequence[str], *, output: int | None = None, aside: bool = False
    ) -> Command:
        """Start it, stopped.

        Args:
            words: the program, looked up as the shell does, and its arguments.
            output: a descriptor for its output and errors; None leaves it those of this process.
            aside: whether it gets a session of its own and nothing to read, so that neither the
                terminal's keys nor its end reach it.

        Raises:
            VmtuiError, NotPermitted: there is no such program, or it may not be run.
            NotSupported: no process can be started.
        """
        path = _program(words[0])
        told, tell = os.pipe()
        with os.fdopen(told, "rb") as said:
            try:
                pid = os.fork()
            except OSError as error:
                os.close(tell)
                raise NotSupported(f"no process can be started: {error.strerror}") from error
            if pid == 0:
                _become(path, words, tell, output, traced=not _gives_rights(path), aside=aside)
            os.close(tell)
            before_exec = _stopped(pid, said.fileno(), words[0])
        return cls(pid, words, before_exec=before_exec)

    @property
    def name(self) -> DisplayText:
        """What it is called: the program's name without its directory."""
        return display(os.fsencode(os.path.basename(self.words[0])), _NAME_CELLS)

    @property
    def held(self) -> bool:
        """Whether it has not run yet."""
        return self._held

    def release(self) -> None:
        """Let it run; harmless twice."""
        with self._lock:
            if self._held:
                self._held = False
                self.send(signal.SIGCONT)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens once it has ended."""
        try:
            signal.pidfd_send_signal(self._pidfd, number)
        except ProcessLookupError:
            return

    def abandon(self) -> None:
        """It shall not run after all: end it, if it has not run yet, and wait for that."""
        with self._lock:
            held, self._held = self._held, False
        if held:
            self.send(signal.SIGKILL)
            self.wait()

    def wait(self) -> int:
        """Wait until it ends; its exit code."""
        with self._waiting:  # only one can be told by the kernel
            if self.exit_code is None:
                _, status = os.waitpid(self.pid, 0)
                code = os.waitstatus_to_exitcode(status)
                self.exit_code = 128 - code if code < 0 else code
            return self.exit_code

    def outcome(self) -> str:
        """How it ended, in words: `exited with 3`, `was ended by SIGTERM`."""
        code = self.exit_code
        if code is None:
            return "runs"
        if code <= 128:
            return f"exited with {code}"
        try:
            return f"was ended by {signal.Signals(code - 128).name}"
        except ValueError:
            return f"exited with {code}"


def _program(name: str) -> str:
    """Where the program is.

    Raises:
        VmtuiError, NotPermitted: nowhere, or it is no program.
    """
    shown = display(os.fsencode(name), _NAME_CELLS)
    found = shutil.which(name) if name else None
    if found is not None:
        return found
    if os.sep in name and os.path.exists(name):
        raise NotPermitted(f"{shown} may not be run by this user")
    raise VmtuiError(f"there is no command «{shown}»")


def _gives_rights(path: str) -> bool:
    """Whether execve gives rights with the file, which it does not to one that is traced."""
    if os.geteuid() == 0:  # who has them already
        return False
    try:
        mode = os.stat(path).st_mode
        if mode & (stat.S_ISUID | stat.S_ISGID):
            return True
        os.getxattr(path, "security.capability")
    except OSError:
        return False
    return True


def _become(
    path: str, words: Sequence[str], tell: int, output: int | None, *, traced: bool, aside: bool
) -> NoReturn:
    """In the child: the program, or the number of the error to the parent."""
    try:
        if aside:
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
        if output is not None:
            os.dup2(output, 1)
            os.dup2(output, 2)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores
            signal.signal(number, signal.SIG_DFL)
        _libc().prctl(_PR_SET_PDEATHSIG, int(signal.SIGCONT), 0, 0, 0)
        if not traced or _ptrace(_TRACEME, 0) != 0:
            os.kill(os.getpid(), signal.SIGSTOP)
        os.execv(path, list(words))
    except OSError as error:
        os.write(tell, str(error.errno or errno.EINVAL).encode())
    finally:
        os._exit(_CANNOT_RUN)


def _stopped(pid: int, said: int, name: str) -> bool:
    """In the parent: wait until it has stopped, and let go of it; whether that was before execve.

    Raises:
        VmtuiError, NotPermitted: execve has failed.
    """
    _, status = os.waitpid(pid, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        number = int(os.read(said, 16) or errno.EIO)
        why = f"{display(os.fsencode(name), _NAME_CELLS)}: {os.strerror(number)}"
        if number in (errno.EACCES, errno.EPERM):
            raise NotPermitted(why)
        raise VmtuiError(why)
    if os.WSTOPSIG(status) == signal.SIGSTOP:
        return True
    os.kill(pid, signal.SIGSTOP)  # comes into force when it is let go, before it runs
    _ptrace(_DETACH, pid)
    os.waitpid(pid, os.WUNTRACED)
    return False


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _ptrace(request: int, pid: int) -> int:
    call = _libc().ptrace
    call.restype = ctypes.c_long
    call.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
    made: int = call(request, pid, None, None)
    return made
