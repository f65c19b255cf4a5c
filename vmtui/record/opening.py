"""A recording opened for reading: read-only, whoever wrote it, whether or not it was finished.

A recorder that was killed leaves a write-ahead log beside the file; SQLite reads both where it may
write to the directory, and elsewhere a private copy of the two is read. Nothing in a file can make
SQLite do more than read tables: the schema must be ours to the letter.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from vmtui.errors import NotPermitted, VmtuiError
from vmtui.kernel import locked_files
from vmtui.record import schema
from vmtui.record.tags import Damaged
from vmtui.text import display

_MAGIC = b"SQLite format 3\0"
_MOST_CELL_BYTES = 128 << 20
_STEPS = 1_000_000
"""Virtual machine steps of SQLite between two questions whether it goes on too long."""
_MOST_ASKED = 2000
_UNSOUND = (sqlite3.Error, OverflowError, UnicodeDecodeError)
"""What reading a damaged file raises; the last where SQLite's own message quotes its bytes."""


class CannotReplay(VmtuiError):
    """The file cannot be read as a recording; the message says why, and names the file."""


class File:
    """An open recording's SQLite side. One thread at a time."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open it.

        Raises:
            CannotReplay: it is not there, no recording, or damaged.
            NotPermitted: this user may not read it.
        """
        self.path = os.path.abspath(path)
        self.shown = str(display(os.fsencode(self.path), limit=None))
        self._private: tempfile.TemporaryDirectory[str] | None = None
        self._asked = 0
        self._locked: tuple[locked_files.Key, ...] = ()
        self._examine()
        self._connection: sqlite3.Connection | None = None
        try:
            try:
                self._connection = self._connected(self.path)
                self._locked = locked_files.hold((self.path, self.path + "-shm"))
            except sqlite3.OperationalError as error:
                if not self._unreadable_here(error):
                    raise
                self._connection = self._connected(self._copied())
        except _UNSOUND as error:
            self.close()
            self._leave_if_interrupted(error)
            raise CannotReplay(f"{self.shown} is damaged: {_said(error)}") from error
        except Damaged as error:
            self.close()
            raise CannotReplay(f"{self.shown} cannot be replayed: {error}") from error
        except BaseException:
            self.close()
            raise

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """What a query finds.

        Raises:
            CannotReplay: the file is damaged, or was closed.
        """
        if self._connection is None:
            raise CannotReplay(f"{self.shown} is closed")
        self._asked = 0
        try:
            return self._connection.execute(sql, values).fetchall()
        except _UNSOUND as error:
            self._leave_if_interrupted(error)
            raise CannotReplay(f"{self.shown} is damaged: {_said(error)}") from error

    def _leave_if_interrupted(self, error: Exception) -> None:
        """Ctrl-C while SQLite works: Python's exception ends as one of SQLite's.

        Raises:
            KeyboardInterrupt: that was it.
        """
        code = getattr(error, "sqlite_errorname", "")
        if code == "SQLITE_INTERRUPT" and self._asked <= _MOST_ASKED:
            raise KeyboardInterrupt from error

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Damage found inside is told with the file's name."""
        try:
            yield
        except Damaged as error:
            raise CannotReplay(f"{self.shown} is damaged: {error}") from error

    def close(self) -> None:
        """Let go of it; harmless twice."""
        if getattr(self, "_connection", None) is not None:
            assert self._connection is not None
            self._connection.close()
            self._connection = None
        locked_files.release(self._locked)
        self._locked = ()
        if self._private is not None:
            self._private.cleanup()
            self._private = None

    def _examine(self) -> None:
        """What can be told without SQLite; that it is a plain file first of all."""
        with suppress(OSError, ValueError):
            if locked_files.is_held(os.stat(self.path)):
                return  # this process has it open already, and must not close it
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError as error:
            raise CannotReplay(f"there is no {self.shown}") from error
        except PermissionError as error:
            raise NotPermitted(
                f"{self.shown} may not be read by this user",
                "recordings belong to whoever made them: copy it, or become its owner",
            ) from error
        except (OSError, ValueError) as error:
            raise CannotReplay(f"{self.shown} cannot be opened") from error
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise CannotReplay(f"{self.shown} is not a file")
            head = os.read(descriptor, 100)
        except OSError as error:
            raise CannotReplay(f"{self.shown} cannot be read: {error.strerror}") from error
        finally:
            os.close(descriptor)
        if not head:
            raise CannotReplay(f"{self.shown} is empty")
        if not head.startswith(_MAGIC[: len(head)]):
            raise CannotReplay(f"{self.shown} is not a recording of vmtui")
        if len(head) < 100:
            raise CannotReplay(f"{self.shown} is damaged: it is cut off at the beginning")

    def _connected(self, path: str) -> sqlite3.Connection:
        quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        connection = sqlite3.connect(
            f"file:{quoted}?mode=ro", uri=True, isolation_level=None, check_same_thread=False,
            timeout=2.0,
        )  # fmt: skip
        try:
            connection.text_factory = bytes
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_CELL_BYTES)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            connection.set_progress_handler(self._too_long, _STEPS)
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA temp_store = MEMORY")
            schema.check(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _too_long(self) -> bool:
        self._asked += 1
        return self._asked > _MOST_ASKED

    def _unreadable_here(self, error: sqlite3.Error) -> bool:
        """Whether SQLite only lacks the right to make its side files here."""
        code = getattr(error, "sqlite_errorname", "")
        return code.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY"))

    def _copied(self) -> str:
        """A private copy of the file and its log."""
        self._private = tempfile.TemporaryDirectory(prefix="vmtui-replay-")
        copy = os.path.join(self._private.name, "recording")
        try:
            for suffix in ("", "-wal"):
                if os.path.exists(self.path + suffix):
                    shutil.copyfile(self.path + suffix, copy + suffix)
        except OSError as error:
            raise CannotReplay(
                f"{self.shown} was not finished and cannot be copied to a place where it could "
                f"be read: {error.strerror}"
            ) from error
        return copy


def _said(error: Exception) -> str:
    return f"SQLite says «{display(str(error))}»"
