"""Who an attached process is: psutil for its start and ancestors, links of /proc/PID for the rest.

psutil costs 90 ms to import, so that happens on first use and never for the process list. `exe` and
`cwd` are links that need the same user or CAP_SYS_PTRACE; all else is readable by anyone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vmtui.errors import NotPermitted, ProcessGone, VmtuiError
from vmtui.kernel.files import PROC, read_fd
from vmtui.kernel.refusal import unlock_of
from vmtui.kernel.target import Target
from vmtui.kernel.users import user_name
from vmtui.missing import Missing

if TYPE_CHECKING:
    import psutil

__all__ = ["Ancestor", "Identity", "find", "read", "user_name"]

_COMMAND_LIMIT = 4096
"""Bytes of a command line that are looked at: it can be megabytes long."""


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A parent, or the parent of one."""

    pid: int
    name: bytes
    """Raw: untrusted."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What does not change, or hardly, while a process runs."""

    pid: int
    name: bytes
    """As set, lengthened by the command line where cut off at 15 bytes: untrusted."""
    user: str
    """Name of the real user; the number where it has none."""
    exe: bytes | Missing
    """What /proc/PID/exe points to, with the kernel's ` (deleted)`; raw."""
    cwd: bytes | Missing
    """Its working directory; raw."""
    create_time: float
    """Seconds by the Unix clock, to one tick (10 ms)."""
    terminal: str | Missing
    """Path of its controlling terminal."""
    parents: tuple[Ancestor, ...]
    """From its parent up to the first process that can be seen."""


def read(target: Target) -> Identity:
    """Who the target is.

    Raises:
        ProcessGone, NotPermitted: as named.
    """
    import psutil

    try:
        process = psutil.Process(target.pid)
        terminal = process.terminal()
        identity = Identity(
            pid=target.pid,
            name=os.fsencode(process.name()),
            user=user_name(process.uids().real),
            exe=_link(target, "exe"),
            cwd=_link(target, "cwd"),
            create_time=process.create_time(),
            terminal=terminal if terminal else Missing("it has no controlling terminal"),
            parents=_ancestors(process.parents()),
        )
    except psutil.NoSuchProcess as error:
        raise ProcessGone(f"process {target.pid} has exited") from error
    except psutil.AccessDenied as error:
        raise NotPermitted(
            f"process {target.pid}: the kernel refused to show it", unlock_of(target.pid, "exe")
        ) from error
    if not target.alive():  # psutil goes by number: what it read may be of another process
        raise ProcessGone(f"process {target.pid} has exited")
    return identity


def _link(target: Target, name: str) -> bytes | Missing:
    try:
        return target.readlink(name)
    except ProcessGone:
        return Missing("a kernel thread has none")
    except VmtuiError as error:
        return Missing.because(error)


def _ancestors(processes: list[psutil.Process]) -> tuple[Ancestor, ...]:
    import psutil

    found = []
    for process in processes:
        try:
            found.append(Ancestor(process.pid, os.fsencode(process.name())))
        except psutil.Error:  # it exited meanwhile: those above it are still ancestors
            continue
    return tuple(found)


def find(name: str, proc: str = PROC) -> list[int]:
    """The processes called exactly `name`, else those whose name or command line contains it.

    In ascending order, without this process itself. Those that cannot be read are left out.
    """
    wanted = os.fsencode(name)
    exact: list[int] = []
    partial: list[int] = []
    own = os.getpid()
    for pid in sorted(int(entry) for entry in os.listdir(proc) if entry.isdecimal()):
        if pid == own:
            continue
        comm = _start_of(f"{proc}/{pid}/comm").removesuffix(b"\n")
        if comm == wanted:
            exact.append(pid)
        elif not exact and (
            wanted in comm
            or wanted in _start_of(f"{proc}/{pid}/cmdline").rstrip(b"\0").replace(b"\0", b" ")
        ):
            partial.append(pid)
    return exact or partial


def _start_of(path: str) -> bytes:
    """The beginning of a file; empty for one that vanished or may not be read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return read_fd(fd, _COMMAND_LIMIT)
    except OSError:
        return b""
    finally:
        os.close(fd)
