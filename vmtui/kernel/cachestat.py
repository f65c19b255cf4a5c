"""How much of a file is in the page cache: cachestat(2), or mincore(2) where that is missing.

cachestat (Linux 6.5) walks the file's tree of cached pages: some µs, and 5–20 ns a page. Newer
kernels answer only the file's owner and who may write it; mincore(2) does the same by calling every
page of a foreign file cached, so it is not asked for those. tmpfs, memfd and shared anonymous
memory have a page cache too; hugetlbfs has none.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import stat
from dataclasses import dataclass

import numpy as np

from vmtui.errors import NotPermitted, NotSupported, VmtuiError
from vmtui.kernel import locked_files
from vmtui.kernel.files import PAGE_SIZE, translated
from vmtui.missing import Missing

_SYS_CACHESTAT = 451
"""The same number on every architecture."""
_STEP_BYTES = 1 << 30
"""Mapped at a time for mincore."""
_UNKNOWN = Missing("mincore(2) tells only what is cached", "Linux 6.5 or newer has cachestat(2)")
_UNLOCK = "run vmtui as root, or as the file's owner"
_MAP_FAILED = ctypes.c_void_p(-1).value
_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
_libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]


@dataclass(frozen=True, slots=True)
class Cached:
    """Pages of one file. A large folio counts with all its pages, dirty as a whole."""

    cached: int
    dirty: int | Missing
    """Written and not yet on their way to disk."""
    writeback: int | Missing
    """On their way."""
    evicted: int | Missing
    """Once cached, and gone since; as far as the kernel remembers."""
    recently_evicted: int | Missing
    """Of those, the ones whose loss says that memory was too small."""


def read(fd: int, nbytes: int) -> Cached:
    """The page cache of an open file; reads nothing of it and brings nothing in.

    Args:
        fd: open for reading, not O_PATH.
        nbytes: its size.

    Raises:
        NotPermitted: it is another user's, and may not be written to.
        VmtuiError: its file system has no page cache (hugetlbfs), and all else.
    """
    try:
        return _by_cachestat(fd)
    except NotSupported:
        return Cached(_by_mincore(fd, nbytes), _UNKNOWN, _UNKNOWN, _UNKNOWN, _UNKNOWN)


def _by_cachestat(fd: int) -> Cached:
    whole, found = (ctypes.c_uint64 * 2)(0, 0), (ctypes.c_uint64 * 5)()
    ctypes.set_errno(0)
    if _libc.syscall(_SYS_CACHESTAT, fd, whole, found, 0):
        if ctypes.get_errno() == errno.EOPNOTSUPP:
            raise VmtuiError("this file system has no page cache")
        raise _error("the page cache of the file")
    cached, dirty, writeback, evicted, recently = found
    return Cached(cached, dirty, writeback, evicted, recently)


def _by_mincore(fd: int, nbytes: int) -> int:
    """Pages, by mapping the file without touching it."""
    owner = os.fstat(fd).st_uid
    if os.geteuid() not in (0, owner):
        raise NotPermitted("only root and the file's owner are told what of it is cached", _UNLOCK)
    pages = 0
    for start in range(0, nbytes, _STEP_BYTES):
        size = min(_STEP_BYTES, nbytes - start)
        address = _libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, fd, start)
        if address == _MAP_FAILED:
            raise _error("mapping the file")
        vector = np.zeros(-(-size // PAGE_SIZE), np.uint8)
        try:
            if _libc.mincore(address, size, vector.ctypes.data):
                raise _error("mincore(2)")
        finally:
            _libc.munmap(address, size)
        pages += int((vector & 1).sum())
    return pages


def _error(what: str) -> VmtuiError:
    code = ctypes.get_errno()
    return translated(OSError(code, os.strerror(code)), what, of_process=False, unlock=_UNLOCK)


def open_regular(path: str | bytes, dir_fd: int | None = None) -> tuple[int, os.stat_result]:
    """A regular file opened for reading, and its stat; nothing else is ever opened.

    Opening a device, a FIFO or a socket can have effects: what a path leads to is looked at first
    through O_PATH, and what is opened then is that very file.

    Raises:
        NotSupported: it is no regular file.
        VmtuiError: as `translated` says.
    """
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC, dir_fd=dir_fd)
    except OSError as error:
        raise translated(error, path, of_process=False) from error
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise NotSupported("not a regular file")
        if locked_files.is_held(about):
            raise NotSupported("vmtui itself holds it locked: a recording that is open here")
        fd = os.open(f"/proc/self/fd/{handle}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise translated(error, path, of_process=False) from error
    finally:
        os.close(handle)
    return fd, about
