"""Where a recording goes: a file that did not exist, readable by its owner alone.

SQLite would follow a link planted under the name, or under the names of its own side files. So all
of them are created here, each with O_EXCL and O_NOFOLLOW, before SQLite hears of the path.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import time
from pathlib import Path

import platformdirs

from vmtui.errors import NotPermitted, VmtuiError
from vmtui.text import display

SUFFIX = ".vmtui"
SIDE_FILES = ("-journal", "-wal", "-shm")
_PLAIN = re.compile(rb"[^A-Za-z0-9.-]+")


def default_name(host: bytes, now: float | None = None) -> str:
    """A name nobody can foresee: `vmtui-HOST-20261124-044500-3f9c2a71.vmtui`."""
    when = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    where = _PLAIN.sub(b"_", host)[:40].decode("ascii").strip(".-_") or "host"
    return f"vmtui-{where}-{when}-{secrets.token_hex(4)}{SUFFIX}"


def default_directory() -> Path:
    """Where the app keeps its recordings: `$XDG_DATA_HOME/vmtui`. Not created here."""
    return Path(platformdirs.user_data_dir("vmtui", appauthor=False))


def default_path(host: bytes) -> Path:
    """A new path in the default directory, which is made (0700) if need be.

    Raises:
        VmtuiError, NotPermitted: the directory cannot be made.
    """
    directory = default_directory()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise refused(error, str(directory)) from error
    return directory / default_name(host)


def create(path: str, content: bytes) -> None:
    """Make the file and its side files; nothing stays where one of them cannot be made.

    Raises:
        NotPermitted: the directory may not be written to.
        VmtuiError: something of that name exists (a link too), or the disk is full.
    """
    made: list[str] = []
    try:
        for name in (path, *(path + suffix for suffix in SIDE_FILES)):
            descriptor = create_file(name)
            made.append(name)
            os.close(descriptor)
        os.unlink(path + SIDE_FILES[0])
        # last of all: a reader that SQLite lets in before would make the side files itself
        _fill(path, content)
    except BaseException:
        for name in made:
            _remove(name)
        raise


def same_file(path: str, descriptor: int) -> bool:
    """Whether the path still names the file behind a descriptor."""
    try:
        there = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(there.st_mode) and os.path.samestat(there, os.fstat(descriptor))


def create_file(name: str, what: str = "a recording") -> int:
    """A descriptor of a file that did not exist, readable by its owner alone.

    Args:
        name: its path; a link of that name is never followed.
        what: what it will hold, for the message.

    Raises:
        NotPermitted: the directory may not be written to.
        VmtuiError: something of that name exists, or the disk is full.
    """
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(name, flags, 0o600)
    except (OSError, ValueError) as error:
        raise refused(error, name, what) from error
    os.fchmod(descriptor, 0o600)
    return descriptor


def _fill(name: str, content: bytes) -> None:
    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            while content:
                content = content[os.write(descriptor, content) :]
        finally:
            os.close(descriptor)
    except OSError as error:
        raise refused(error, name) from error


def _remove(name: str) -> None:
    try:
        os.unlink(name)
    except OSError:
        return


def refused(error: OSError | ValueError, name: str, what: str = "a recording") -> VmtuiError:
    """Why a file could not be made or written, in a sentence that names it."""
    shown = display(os.fsencode(name), limit=None)
    number = error.errno if isinstance(error, OSError) else None
    match number:
        case errno.EEXIST | errno.ELOOP:
            return VmtuiError(f"{shown} exists already; {what} never replaces a file")
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return NotPermitted(f"{shown} cannot be created here", "choose another place with -o")
        case errno.ENOENT | errno.ENOTDIR:
            return VmtuiError(f"{shown}: there is no such directory")
        case errno.ENOSPC | errno.EDQUOT:
            return VmtuiError(f"{shown}: there is no space left for {what}")
        case _:
            why = error.strerror if isinstance(error, OSError) else "that is no name for a file"
            return VmtuiError(f"{shown} cannot be created: {why}")
