"""Reading files of /proc and /sys: bytes in, and each errno as one of vmtui's errors."""

from __future__ import annotations

import errno
import os

from vmtui.errors import NotPermitted, NotSupported, ProcessGone, VmtuiError
from vmtui.text import display

PROC = "/proc"
SYS = "/sys"
PAGE_SIZE: int = os.sysconf("SC_PAGE_SIZE")
"""Bytes of a base page on this machine."""

_CHUNK = 1 << 16


def translated(
    error: OSError, what: str | bytes, *, of_process: bool, unlock: str | None = None
) -> VmtuiError:
    """The vmtui error for an errno met while reading `what`.

    Args:
        error: what the system call said.
        what: the file in the user's words, for instance `/proc/42/smaps`; raw: it is shown safely.
        of_process: whether the file belongs to a process, so that «no such file» means it is gone.
        unlock: the step that would help where it was refused; None for the usual one.
    """
    what = display(what)
    if unlock is None:
        unlock = "run vmtui as root" + (", or as the process's own user" if of_process else "")
    match error.errno:
        case errno.ESRCH:
            return ProcessGone(f"{what}: the process has exited or has no user memory")
        case errno.ENOENT if of_process:
            return ProcessGone(f"{what}: the process has exited")
        case errno.EACCES | errno.EPERM:
            return NotPermitted(f"{what}: the kernel refused to show it to this user", unlock)
        case errno.ENOENT | errno.ENOTTY | errno.EOPNOTSUPP | errno.ENOSYS | errno.EINVAL:
            return NotSupported(f"{what}: this kernel does not offer it")
        case _:
            return VmtuiError(f"{what}: {os.strerror(error.errno or 0)}")


def read_fd(fd: int, limit: int | None = None) -> bytes:
    """Everything from the file's start up to `limit` bytes. Raises OSError."""
    first = os.pread(fd, _CHUNK if limit is None else limit, 0)
    if limit is not None and len(first) >= limit:
        return first[:limit]
    chunks, at = [first], len(first)
    while chunks[-1] and (limit is None or at < limit):
        chunk = os.pread(fd, _CHUNK if limit is None else limit - at, at)
        chunks.append(chunk)
        at += len(chunk)
    return b"".join(chunks)


def read_system(path: str, limit: int | None = None) -> bytes:
    """A file of the whole machine, such as /proc/meminfo.

    Raises:
        NotPermitted, NotSupported, VmtuiError: by errno.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return read_fd(fd, limit)
        finally:
            os.close(fd)
    except OSError as error:
        raise translated(error, path, of_process=False) from error
