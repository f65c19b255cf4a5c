"""Page faults of a process, each with its address: perf_event_open(2), software events.

include/uapi/linux/perf_event.h, Documentation/admin-guide/perf-security.rst. Faults taken in user
mode only: those a system call takes on the process's behalf (read(2) into fresh memory) need more
rights, and those of MAP_POPULATE and mlock never show. Events follow one thread. PAGE_FAULTS has
every fault, also one that ends in a signal; PAGE_FAULTS_MIN and _MAJ only those that were resolved.

Rights: own processes with perf_event_paranoid up to 2, else CAP_PERFMON; many distributions set 3
or 4, and containers often forbid the call altogether. A ring of 2ⁿ pages holds the records, 24
bytes a fault; what does not fit is counted in `lost`, once there is room again. An ordinary user's
rings are bounded by perf_event_mlock_kb (516) a CPU and RLIMIT_MEMLOCK together.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import platform
import struct
from dataclasses import dataclass
from types import TracebackType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.errors import NotPermitted, NotSupported, ProcessGone, VmtuiError
from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE

Words: TypeAlias = NDArray[np.uint64]

_SYSTEM_CALLS = {"x86_64": 298, "i686": 336, "aarch64": 241, "riscv64": 241, "ppc64le": 319}
_SYSTEM_CALLS |= {"loongarch64": 241, "s390x": 331}
_ATTRIBUTE_BYTES = 112
_HEADER = struct.Struct("=I2H")
_HEAD, _TAIL = 1024 // 8, 1032 // 8
_FEWEST_PAGES = 2
DEFAULT_PAGES = 64


@dataclass(frozen=True, slots=True)
class Faults:
    """What a ring held."""

    addresses: Words
    """The address of each fault, in the order they were taken."""
    pids: NDArray[np.uint32]
    """Who took it: of interest where forks are followed."""
    lost: int
    """Faults whose records did not fit."""
    unknown: int
    """Records of another kind: their meaning is not known, so the counts are not sure."""

    def between(self, start: int, end: int) -> int:
        """How many of them hit `start`–`end` (addresses)."""
        return int(((self.addresses >= start) & (self.addresses < end)).sum())


class FaultRing:
    """One event of one thread, and the ring its records come through."""

    def __init__(
        self,
        pid: int,
        event: int,
        *,
        cpu: int = -1,
        forks: bool = False,
        pages: int = DEFAULT_PAGES,
    ) -> None:
        """Open it; it counts from now on.

        Args:
            pid: process, or thread, to follow.
            event: `flags.PERF_PAGE_FAULTS`, `_MIN` or `_MAJ`.
            cpu: only what happens there; -1 for anywhere.
            forks: whether children that are forked from now on are followed too; this needs a cpu.
            pages: size of the ring, a power of two; a smaller one where it is refused.

        Raises:
            NotPermitted: perf_event_paranoid, a missing capability or a seccomp filter forbids it.
            NotSupported: this kernel has no perf events, or the architecture is not known here.
            ProcessGone: there is no such process.
        """
        self._fd = _open(pid, event, cpu, forks)
        try:
            self._ring = _mapped(self._fd, pages)
        except BaseException:
            os.close(self._fd)
            raise
        self._size = len(self._ring) - PAGE_SIZE
        self._records = np.frombuffer(self._ring, np.uint8, self._size, PAGE_SIZE)
        self._places = np.frombuffer(self._ring, np.uint64, PAGE_SIZE // 8)

    @property
    def room(self) -> int:
        """How many faults fit before records are lost."""
        return self._size // _SAMPLE_BYTES

    def drain(self) -> Faults:
        """All that has come since the last time."""
        head, tail = int(self._places[_HEAD]), int(self._places[_TAIL])
        if head == tail:
            return _NOTHING
        begin, end = tail % self._size, head % self._size
        if begin < end:
            raw = self._records[begin:end].copy()
        else:
            raw = np.concatenate((self._records[begin:], self._records[:end]))
        self._places[_TAIL] = head
        return decode(raw)

    def close(self) -> None:
        """Stop counting; harmless twice."""
        if self._fd >= 0:
            del self._records, self._places
            self._ring.close()
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> FaultRing:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


_SAMPLE = np.dtype(
    [
        ("type", np.uint32),
        ("misc", np.uint16),
        ("size", np.uint16),
        ("pid", np.uint32),
        ("tid", np.uint32),
        ("address", np.uint64),
    ]
)
_SAMPLE_BYTES = _SAMPLE.itemsize
_NOTHING = Faults(np.zeros(0, np.uint64), np.zeros(0, np.uint32), 0, 0)


def decode(raw: NDArray[np.uint8]) -> Faults:
    """The faults in the bytes of a ring: whole records, the oldest first.

    Raises:
        VmtuiError: the records do not fill the bytes.
    """
    if len(raw) % _SAMPLE_BYTES == 0:
        alike = raw.view(_SAMPLE)
        if (alike["type"] == flags.PERF_RECORD_SAMPLE).all() and (
            alike["size"] == _SAMPLE_BYTES
        ).all():
            return Faults(alike["address"].copy(), alike["pid"].copy(), 0, 0)
    return _decode_each(raw.tobytes())


def _decode_each(raw: bytes) -> Faults:
    """Record by record: where others than samples came, such as the note of a loss."""
    samples, lost, unknown, at = [], 0, 0, 0
    while at < len(raw):
        kind, size = 0, 0
        if at + _HEADER.size <= len(raw):
            kind, _, size = _HEADER.unpack_from(raw, at)
        if size < _HEADER.size or at + size > len(raw):
            raise VmtuiError("perf_event_open: its ring holds a broken record")
        if kind == flags.PERF_RECORD_SAMPLE and size == _SAMPLE_BYTES:
            samples.append(raw[at : at + size])
        elif kind == flags.PERF_RECORD_LOST:
            lost += int.from_bytes(raw[at + 16 : at + 24], "little")
        else:
            unknown += 1
        at += size
    found = np.frombuffer(b"".join(samples), _SAMPLE)
    return Faults(found["address"].copy(), found["pid"].copy(), lost, unknown)


def failed(every: Words, minor: Words, major: Words) -> Words:
    """The addresses of faults that were never resolved: in `every`, not in the other two."""
    rest = np.sort(every)
    resolved = np.sort(np.concatenate((minor, major)))
    values, counts = np.unique(rest, return_counts=True)
    done = np.searchsorted(resolved, values, "right") - np.searchsorted(resolved, values, "left")
    return np.repeat(values, np.maximum(counts - done, 0))


def _open(pid: int, event: int, cpu: int, forks: bool) -> int:
    number = _SYSTEM_CALLS.get(platform.machine())
    if number is None:
        raise NotSupported(f"perf_event_open: its number on {platform.machine()} is not known here")
    how = flags.PERF_EXCLUDE_KERNEL | flags.PERF_EXCLUDE_HYPERVISOR
    how |= flags.PERF_INHERIT if forks else 0
    attribute = bytearray(_ATTRIBUTE_BYTES)
    struct.pack_into(
        "=2I5Q",
        attribute,
        0,
        *(flags.PERF_TYPE_SOFTWARE, _ATTRIBUTE_BYTES, event, 1),  # a record for every one
        *(flags.PERF_SAMPLE_TID | flags.PERF_SAMPLE_ADDR, 0, how),
    )
    libc = ctypes.CDLL(None, use_errno=True)
    room = (ctypes.c_char * _ATTRIBUTE_BYTES).from_buffer(attribute)
    arguments = (pid, cpu, -1, flags.PERF_FLAG_FD_CLOEXEC)
    fd = libc.syscall(ctypes.c_long(number), room, *map(ctypes.c_long, arguments))
    if fd < 0:
        raise _refusal(ctypes.get_errno())
    return int(fd)


def _mapped(fd: int, pages: int) -> mmap.mmap:
    """The ring, halved until it fits what may be locked in memory."""
    while True:
        try:
            return mmap.mmap(fd, (1 + pages) * PAGE_SIZE)
        except OSError as error:
            if error.errno != errno.EPERM or pages <= _FEWEST_PAGES:
                raise _refusal(error.errno or 0) from error
        pages //= 2


def _refusal(number: int) -> VmtuiError:
    if number in (errno.EACCES, errno.EPERM):
        return NotPermitted(
            "perf_event_open: page faults of this process may not be watched "
            "(perf_event_paranoid, or a filter of the container)",
            "run vmtui as root, or set kernel.perf_event_paranoid to 2",
        )
    if number == errno.ESRCH:
        return ProcessGone("perf_event_open: the process has exited")
    if number in (errno.ENOSYS, errno.ENOENT, errno.EINVAL, errno.EOPNOTSUPP):
        return NotSupported("perf_event_open: this kernel does not offer it")
    return VmtuiError(f"perf_event_open: {os.strerror(number)}")


__all__ = ["DEFAULT_PAGES", "FaultRing", "Faults", "decode", "failed"]
