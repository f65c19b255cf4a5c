"""What all kinds of groups do with directories and files of a cgroup hierarchy; and errors of it.

Writing a pid to `cgroup.procs` moves that process; a group can be removed when nobody is in it.
"""

from __future__ import annotations

import errno
import os
import signal
import time

from vmtui.errors import NotPermitted, ProcessGone, VmtuiError
from vmtui.kernel import memory_group
from vmtui.kernel.cgroup import file_in
from vmtui.kernel.files import translated
from vmtui.kernel.memory_group import GroupReading
from vmtui.lab.evidence import GroupKind, GroupView

UNLIMITED = -1
_ROUNDS = 200
_PAUSE_SECONDS = 0.01


def write(directory: str, name: str, value: str) -> None:
    """One value into a file of a group.

    Raises:
        NotPermitted, NotSupported, ProcessGone, VmtuiError: by errno.
    """
    path = f"{directory}/{name}"
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(fd, value.encode("ascii"))
        finally:
            os.close(fd)
    except OSError as error:
        raise refused(error, path, value) from error


def refused(error: OSError, path: str, value: str) -> VmtuiError:
    """The error of a write, in words of what was tried."""
    if path.endswith("cgroup.procs") and error.errno == errno.ESRCH:
        return ProcessGone(f"process {value} has exited")
    if error.errno == errno.EBUSY:
        return VmtuiError(f"{path}: more than {value} is in use already")
    return translated(error, path, of_process=False, unlock="run vmtui as root")


def make(directory: str) -> None:
    """A new group; never one that exists.

    Raises:
        NotPermitted, NotSupported, VmtuiError: by errno.
    """
    try:
        os.mkdir(directory, 0o755)
    except OSError as error:
        raise translated(error, directory, of_process=False, unlock="run vmtui as root") from error


def writable(directory: str) -> None:
    """Whether groups can be made in a directory.

    Raises:
        NotPermitted: they cannot, by this user.
    """
    if not os.access(directory, os.W_OK | os.X_OK):
        raise NotPermitted(f"{directory}: this user may not make a cgroup there", "run as root")


def pids(directory: str) -> tuple[int, ...]:
    """Who is in a group; nobody when it is gone."""
    try:
        return tuple(int(word) for word in file_in(directory.encode(), b"cgroup.procs").split())
    except VmtuiError:
        return ()


def remove(directory: str) -> None:
    """Kill whoever is in a group of ours, then remove it; harmless when it is gone.

    Raises:
        VmtuiError: it is still there after two seconds.
    """
    for _ in range(_ROUNDS):
        for pid in pids(directory):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            os.rmdir(directory)
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise translated(error, directory, of_process=False) from error
            time.sleep(_PAUSE_SECONDS)
        else:
            return
    raise VmtuiError(f"{directory}: somebody is still in it")


def view(kind: GroupKind, path: str, reading: GroupReading, pressure: bytes | None) -> GroupView:
    """The account of a group with its pressure, as moments have it."""
    waits = memory_group.read_pressure(pressure)
    return GroupView(
        kind, path, reading.limit, reading.usage, reading.swap_limit, reading.swap, reading.anon,
        reading.file, reading.failures, reading.oom_kills, reading.major_faults,
        reading.refaults_anon, reading.refaults_file, waits.some_avg10, waits.full_avg10,
    )  # fmt: skip
