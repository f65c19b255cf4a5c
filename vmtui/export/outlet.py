"""Where an export goes: a file that did not exist, one that is replaced at once, or the output.

A file that could not be finished does not stay: not after an error, a full disk, Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from vmtui.record.place import create_file, refused

WHAT = "an export"


@contextmanager
def new_file(path: str) -> Iterator[BinaryIO]:
    """A file to write to that did not exist, for its owner alone; it goes if this does not end.

    Raises:
        NotPermitted, VmtuiError: it cannot be made, or the disk is full.
    """
    with _unless_finished(path, path) as file:
        yield file


@contextmanager
def replaced_file(path: str) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` all at once: a reader sees the old one or the new.

    It is made beside it under a name nobody can foresee; a link named `path` is itself replaced.

    Raises:
        NotPermitted, VmtuiError: it cannot be made, or the disk is full.
    """
    directory, name = os.path.split(path)
    beside = os.path.join(directory, f".{name}.{secrets.token_hex(8)}")
    with _unless_finished(beside, path) as file:
        yield file
        file.flush()
        os.rename(beside, path)


@contextmanager
def _unless_finished(name: str, shown: str) -> Iterator[BinaryIO]:
    descriptor = create_file(name, WHAT)
    made = os.fstat(descriptor)
    file = os.fdopen(descriptor, "wb", buffering=1 << 16)
    try:
        yield file
        file.close()
    except BaseException as error:
        with contextlib.suppress(OSError):
            if os.path.samestat(os.lstat(name), made):
                os.unlink(name)
        with contextlib.suppress(OSError):  # what is buffered cannot be written either
            file.close()
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise refused(error, shown, WHAT) from error
        raise
