"""The journal of one run: a file that tells what has to be undone, whoever is left to do it.

It lies in a directory of our own that outlives the machine's power: `/var/lib/vmtui` for root, the
state directory of an ordinary user otherwise. Whoever owns it holds a lock on it, which ends with
the owner. A journal that somebody else could have written is refused.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from typing import Any

from vmtui.errors import NotPermitted, VmtuiError
from vmtui.lab.resources import records, undo
from vmtui.text import display

ROOT_PLACE = "/var/lib/vmtui"
_SUFFIX = ".journal"
_TRIES = 100
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class NotOurs(VmtuiError):
    """A file or directory where a journal should be that is not this user's alone."""


def usual_place() -> str:
    """The directory of this user's journals; it exists only while something is to be undone."""
    if os.geteuid() == 0:
        return ROOT_PLACE
    import platformdirs

    return platformdirs.user_state_dir("vmtui")


def new_path(place: str) -> str:
    """Where a journal of this process may be created, under a name that nothing else has."""
    return f"{place}/{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"


class Journal:
    """An open journal."""

    def __init__(self, fd: int, path: str) -> None:
        """Use `create`."""
        self.fd = fd
        self.path = path
        self._number = 0

    @classmethod
    def create(cls, path: str) -> Journal:
        """A new journal, locked, on the disk; `path` is one of `new_path`.

        Raises:
            NotOurs, NotPermitted: there is no directory for it that is this user's alone.
            VmtuiError: no room, for instance.
        """
        place = os.path.dirname(path)
        try:
            with _locked(place) as directory:
                made = cls(os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600), path)
                fcntl.flock(made.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                records.append(made.fd, {"boot": records.boot_id(), "pid": os.getpid()})
                os.fsync(directory)
                return made
        except BaseException as error:
            with contextlib.suppress(OSError):
                os.unlink(path)
            undo.remove_place(place)
            match error:
                case PermissionError():
                    why = f"{place} cannot be written to: {error.strerror}"
                    raise NotPermitted(why) from error
                case OSError():
                    raise VmtuiError(f"the journal in {place}: {error.strerror}") from error
            raise

    @property
    def directory(self) -> str:
        """Where it lies."""
        return os.path.dirname(self.path)

    @property
    def stem(self) -> str:
        """A name that nothing else has."""
        return os.path.basename(self.path).removesuffix(_SUFFIX)

    def intend(self, kind: str, facts: dict[str, Any]) -> int:
        """Write down what is about to be done; its number. Raises OSError."""
        self._number += 1
        records.append(self.fd, {"change": self._number, "kind": kind, "facts": facts})
        return self._number

    def did(self, number: int, learned: dict[str, Any]) -> None:
        """Write down that it was done. Raises OSError."""
        records.append(self.fd, {"done": number, "learned": learned})

    def undid(self, number: int) -> None:
        """Write down that nothing is to be undone of it. Raises OSError."""
        records.append(self.fd, {"undone": number})

    def close(self) -> None:
        """Let go of it; the file stays."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def opened(path: str) -> int:
    """The descriptor of a journal somebody left, which only this user can have written.

    Raises:
        NotOurs: somebody else could have.
        FileNotFoundError: it has just been taken away.
    """
    try:
        fd = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise NotOurs(f"{display(path)} is not a journal of vmtui: {error.strerror}") from error
    found = os.fstat(fd)
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077:
        return fd
    os.close(fd)
    raise NotOurs(f"{display(path)} is not this user's alone: it is not trusted; look at it")


def all_in(place: str) -> tuple[str, ...]:
    """The journals of a directory; none that is just being made.

    Raises:
        NotOurs, NotPermitted: the directory is not this user's alone.
    """
    try:
        with _locked(place, make=False):
            names = sorted(os.listdir(place))
    except FileNotFoundError:
        return ()
    except PermissionError as error:
        raise NotPermitted(f"{place} is another user's; run vmtui as that user") from error
    except OSError as error:
        raise NotOurs(f"{place} is not a directory of vmtui: {error.strerror}") from error
    return tuple(f"{place}/{name}" for name in names if name.endswith(_SUFFIX))


@contextlib.contextmanager
def _locked(place: str, *, make: bool = True) -> Iterator[int]:
    """The directory, ours alone, in nobody else's use. Raises OSError, NotOurs."""
    for _ in range(_TRIES):
        if make:
            with contextlib.suppress(FileExistsError):
                os.makedirs(os.path.dirname(place), exist_ok=True)
                os.mkdir(place, 0o700)
        directory = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            found = os.fstat(directory)
            if not found.st_nlink:
                continue  # its last user has just removed it
            if not undo.is_ours(found):
                raise NotOurs(f"{place} can be written to by others: vmtui does not use it")
            yield directory
            return
        finally:
            os.close(directory)
    raise VmtuiError(f"{place} comes and goes")
