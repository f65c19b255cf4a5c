"""A small swap file for the time of a test, where the machine has no swap of its own."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from vmtui.kernel.files import PAGE_SIZE

_PAGES = 16_384
_PATIENCE_SECONDS = 10.0
_SIGNATURE = b"SWAPSPACE2"


class NoSwap(Exception):
    """There is no swap here and none can be made; says why."""


@contextmanager
def swap_available() -> Iterator[None]:
    """Some swap: the machine's if it has any on, else a file of 64 MiB (root), taken away after.

    Raises:
        NoSwap: neither is possible.
    """
    with open("/proc/swaps", encoding="utf-8") as swaps:
        already_on = len(swaps.readlines()) > 1
    if already_on:
        yield
        return
    if os.geteuid() != 0:
        raise NoSwap("no swap is on, and only root can add a swap file")
    libc = ctypes.CDLL(None, use_errno=True)
    directory = tempfile.mkdtemp(prefix="vmtui-swap-")  # mode 0700, random name
    path = f"{directory}/swap"
    try:
        _make(path)
        if libc.swapon(path.encode(), 0):
            raise NoSwap(f"swapon: {os.strerror(ctypes.get_errno())} (file system of {directory})")
        try:
            yield
        finally:
            _off(libc, path)
    finally:
        if os.path.exists(path):
            os.unlink(path)
        os.rmdir(directory)


def _off(libc: ctypes.CDLL, path: str) -> None:
    """Switch it off; again while the processes that it served are still ending."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while libc.swapoff(path.encode()) and time.monotonic() < until:
        if ctypes.get_errno() in (errno.EINVAL, errno.ENOENT):
            return  # it is off already
        time.sleep(0.05)


def _make(path: str) -> None:
    """An empty swap area, as mkswap writes it."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(fd, 0, _PAGES * PAGE_SIZE)
        header = bytearray(PAGE_SIZE)
        struct.pack_into("=3I", header, 1024, 1, _PAGES - 1, 0)  # version, last page, bad pages
        header[-len(_SIGNATURE) :] = _SIGNATURE
        os.pwrite(fd, bytes(header), 0)
        os.fsync(fd)
    except OSError as error:
        raise NoSwap(f"no room for a swap file: {error.strerror}") from error
    finally:
        os.close(fd)
