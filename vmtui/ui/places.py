"""Where vmtui reads its configuration and leaves its logs and pictures. Knows no Textual.

vmtui is often run as root, so nothing is read from the current directory, nothing of another
user's is trusted, and every file is made anew (`O_EXCL | O_NOFOLLOW`, 0600): a symlink planted
under a guessed name is refused, never followed.
"""

from __future__ import annotations

import errno
import os
import pwd
import stat
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from vmtui.errors import VmtuiError
from vmtui.text import display

_NAME = "vmtui"
_CONFIG_LIMIT_BYTES = 1 << 20


def invoking_user(environ: Mapping[str, str] = os.environ) -> pwd.struct_passwd | None:
    """Who called sudo, or None outside sudo."""
    if os.geteuid() != 0 or not environ.get("SUDO_UID", "").isdecimal():
        return None
    try:
        return pwd.getpwuid(int(environ["SUDO_UID"]))
    except KeyError:
        return None


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """`config.toml` in the XDG directory; under sudo in that of the user who called it."""
    if caller := invoking_user(environ):
        return Path(caller.pw_dir, ".config", _NAME, "config.toml")
    base = Path(environ.get("XDG_CONFIG_HOME", ""))
    if base.is_absolute():  # the XDG specification: a relative one is to be ignored
        return base / _NAME / "config.toml"
    return Path.home() / ".config" / _NAME / "config.toml"


def read_trusted(path: Path, environ: Mapping[str, str] = os.environ) -> str | None:
    """The text of a configuration file, or None where there is none.

    Raises:
        VmtuiError: it is not a regular file, belongs to somebody else, or cannot be read.
    """
    shown = display(str(path))
    try:
        # O_NONBLOCK: a pipe in its place must not stop us before we have looked at it
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise VmtuiError(f"{shown}: {os.strerror(error.errno or 0)}") from error
    with os.fdopen(fd, "rb") as file:
        status = os.fstat(fd)
        caller = invoking_user(environ)
        trusted = {0, os.geteuid()} | ({caller.pw_uid} if caller else set())
        if not stat.S_ISREG(status.st_mode) or status.st_uid not in trusted:
            raise VmtuiError(f"{shown}: not read, because it is not a regular file of yours")
        raw = file.read(_CONFIG_LIMIT_BYTES)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise VmtuiError(f"{shown} line {line}: not UTF-8") from error


def state_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Where logs and screenshots go. Root's own under sudo: never into another user's home."""
    if invoking_user(environ):
        return Path(pwd.getpwuid(0).pw_dir, ".local", "state", _NAME)
    return platformdirs.user_state_path(_NAME)


def new_file(directory: Path, name: str) -> tuple[int, Path]:
    """A file that did not exist before, open for writing and readable by its owner only.

    Raises:
        OSError: the directory cannot be made, or the name is taken.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / name
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags, 0o600), path
