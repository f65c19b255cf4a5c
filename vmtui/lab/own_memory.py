"""The memory of a specimen that is not its regions: that of the interpreter around them.

Part of `worker.py`'s bare interpreter: only the standard library, its lightest parts.
"""

from __future__ import annotations

import ctypes
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    Ranges: TypeAlias = list[tuple[int, int]]

_MADV_POPULATE_WRITE = 23

_libc = ctypes.CDLL(None)
_libc.sbrk.restype = ctypes.c_long


def find(first: int, end: int) -> Ranges:
    """What is writable and not between these addresses, as from and to; 0 for the heap's end."""
    found = []
    with open("/proc/self/maps", "rb", buffering=0) as file:
        text = file.readall() or b""
    for line in text.splitlines():
        if b" rw-p " in line:
            start, stop = (int(number, 16) for number in line[: line.index(b" ")].split(b"-"))
            if not first <= start < end:
                found.append((start, 0 if line.endswith(b"[heap]") else stop))
    return found


def make_private(memory: Ranges) -> None:
    """Copy what a fork shares of it, now rather than later."""
    for start, size in _sized(memory):
        _libc.madvise(start, size, _MADV_POPULATE_WRITE)


def keep(memory: Ranges) -> None:
    """Lock it, where memory will be short, so that its faults fall into no count.

    Only root's: others may lock so little that the script itself may need it.
    """
    if os.geteuid() == 0:
        for start, size in _sized(memory):
            _libc.mlock(start, size)


def _sized(memory: Ranges) -> Iterator[tuple[ctypes.c_ulong, ctypes.c_ulong]]:
    for start, end in memory:
        stop = end or _libc.sbrk(ctypes.c_long(0))
        yield ctypes.c_ulong(start), ctypes.c_ulong(stop - start)
