"""Settings of the whole machine that a test may borrow as root: exactly given back, one at a time.

Two runs of the tests must not borrow the same setting: a lock in the temporary directory keeps them
apart. What somebody else uses already is left alone.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POOL = Path("/proc/sys/vm/nr_hugepages")
KSM = Path("/sys/kernel/mm/ksm/run")


class NotBorrowed(Exception):
    """It cannot be had here; says why."""


@contextmanager
def huge_pool(pages: int) -> Iterator[None]:
    """A pool of so many huge pages, where there was none.

    Raises:
        NotBorrowed: not root, somebody else's pool, or no memory in one piece.
    """
    with _borrowed(POOL, str(pages), only_if="0"):
        if (got := POOL.read_text().strip()) != str(pages):
            raise NotBorrowed(f"compaction gives {got} of {pages} huge pages")
        yield


@contextmanager
def ksm_running() -> Iterator[None]:
    """KSM at work: merging equal pages of those who asked for it.

    Raises:
        NotBorrowed: it is off and may not be switched on here.
    """
    if KSM.exists() and KSM.read_text().strip() == "1":
        yield
        return
    with _borrowed(KSM, "1", only_if="0"):
        yield


@contextmanager
def _borrowed(setting: Path, value: str, *, only_if: str) -> Iterator[None]:
    if os.geteuid() != 0:
        raise NotBorrowed(f"only root may set {setting}")
    if not setting.exists():
        raise NotBorrowed(f"this kernel has no {setting}")
    with _locked():
        before = setting.read_text().strip()
        if before != only_if:
            raise NotBorrowed(f"{setting} is {before}: somebody else's")
        try:
            setting.write_text(value)
        except OSError as error:
            raise NotBorrowed(f"{setting} cannot be set: {error.strerror}") from error
        try:
            yield
        finally:
            setting.write_text(before)
            assert setting.read_text().strip() == before


@contextmanager
def alone(patience: float = 0.0) -> Iterator[None]:
    """With no other run of the tests changing the machine.

    Args:
        patience: seconds to wait for that.

    Raises:
        NotBorrowed: another run is at it.
    """
    until = time.monotonic() + patience
    while True:
        try:
            locked = _locked()
            locked.__enter__()
            break
        except NotBorrowed:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
    try:
        yield
    finally:
        locked.__exit__(None, None, None)


@contextmanager
def _locked() -> Iterator[None]:
    path = f"{tempfile.gettempdir()}/vmtui-tests-{os.geteuid()}.lock"
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise NotBorrowed(f"{path}: {error.strerror}") from error
    try:
        if os.fstat(fd).st_uid != os.geteuid():
            raise NotBorrowed(f"{path} is somebody else's")
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            same = os.path.samestat(os.fstat(fd), os.stat(path))
        except OSError as error:
            raise NotBorrowed("another run of the tests has borrowed it") from error
        if not same:
            raise NotBorrowed("another run of the tests has just borrowed it")
        try:
            yield
        finally:
            os.unlink(path)
    finally:
        os.close(fd)
