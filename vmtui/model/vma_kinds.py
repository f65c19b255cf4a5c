"""What a VMA is for: eight kinds, told from its name, device and flags.

Names are chosen by the process and paths by anyone, so the rules go from what cannot be forged to
what can: pseudo names (`[heap]`) count only with inode 0, which no file has; then the device number
tells memory from disk (`kernel.memory_devices`); only for devices that are not known, as in a
recording of another machine, the kernel's own file names decide.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel.maps import Maps, device_number
from vmtui.kernel.memory_devices import MemoryDevices
from vmtui.model.pages import MappingKind


class VmaKind(StrEnum):
    """The kinds, in the order totals are shown."""

    HEAP = "heap"
    STACK = "stack"
    ANON = "anon"
    FILE = "file"
    SHMEM = "shmem"
    VDSO = "vdso"
    HUGETLB = "hugetlb"
    SPECIAL = "special"

    @property
    def mapping(self) -> MappingKind:
        """What the VMA maps, as the rules for page states name it."""
        return _MAPPINGS[self]

    @property
    def meaning(self) -> str:
        """What it is, in a few words."""
        return _MEANINGS[self]


KINDS = tuple(VmaKind)
"""Indexed by the codes that `kind_codes` gives."""

_MAPPINGS: dict[VmaKind, MappingKind] = {
    VmaKind.HEAP: "anon",
    VmaKind.STACK: "anon",
    VmaKind.ANON: "anon",
    VmaKind.FILE: "file",
    VmaKind.SHMEM: "shmem",
    VmaKind.VDSO: "special",
    VmaKind.HUGETLB: "hugetlb",
    VmaKind.SPECIAL: "special",
}

_MEANINGS = {
    VmaKind.HEAP: "memory below the program break, where malloc begins",
    VmaKind.STACK: "the main thread's stack",
    VmaKind.ANON: "private memory without a file: malloc, thread stacks, buffers",
    VmaKind.FILE: "a file: programs, libraries, data",
    VmaKind.SHMEM: "shared memory: tmpfs, memfd, System V, shared anonymous",
    VmaKind.VDSO: "code and clocks the kernel lends to every process",
    VmaKind.HUGETLB: "huge pages from the hugetlb pool",
    VmaKind.SPECIAL: "the kernel's own: rings of devices, perf or io_uring, trampolines",
}

_CODES = {kind: code for code, kind in enumerate(KINDS)}
_VDSO = (b"[vdso", b"[vvar", b"[vsyscall")
_KERNEL_SHMEM = (b"/memfd:", b"/SYSV")
_NO_MAJOR = device_number(1, 0)
"""Devices below have major number 0: file systems that are on no disk."""


def kind_codes(
    maps: Maps, devices: MemoryDevices, hugetlb: NDArray[np.bool_] | None = None
) -> NDArray[np.uint8]:
    """The kind of each VMA as an index into `KINDS`.

    Args:
        maps: the VMAs.
        devices: which device numbers are memory.
        hugetlb: per VMA, whether its flags or page size say hugetlb, where that is known.
    """
    codes = np.full(len(maps), _CODES[VmaKind.ANON], np.uint8)
    known: dict[tuple[bytes, int, bool, bool], int] = {}
    for row in np.flatnonzero((maps.inode != 0) | _named(maps)).tolist():
        name = maps.names[row]
        has_file, shared = bool(maps.inode[row]), maps.perms[row].endswith(b"s")
        key = (name, int(maps.device[row]), has_file, shared)
        code = known.get(key)
        if code is None:
            kind = _of_file(*key[:2], shared, devices) if has_file else _of_pseudo_name(name)
            code = known[key] = _CODES[kind]
        codes[row] = code
    if hugetlb is not None:
        codes[hugetlb] = _CODES[VmaKind.HUGETLB]
    return codes


def _named(maps: Maps) -> NDArray[np.bool_]:
    return np.fromiter(map(bool, maps.names), np.bool_, len(maps.names))


def _of_pseudo_name(name: bytes) -> VmaKind:
    """Of a name without a file: only the kernel gives those."""
    if name == b"[heap]":
        return VmaKind.HEAP
    if name.startswith((b"[stack]", b"[stack:")):
        return VmaKind.STACK
    if name.startswith(b"[anon:"):
        return VmaKind.ANON
    if name.startswith(b"[anon_shmem:"):
        return VmaKind.SHMEM
    return VmaKind.VDSO if name.startswith(_VDSO) else VmaKind.SPECIAL


def _of_file(name: bytes, device: int, shared: bool, devices: MemoryDevices) -> VmaKind:
    if device in devices.hugetlbfs or name.startswith(b"/anon_hugepage"):
        return VmaKind.HUGETLB
    if device in devices.tmpfs or name.startswith((b"[anon_shmem:", b"/dev/shm/")):
        return VmaKind.SHMEM
    if device < _NO_MAJOR and (name == b"/dev/zero (deleted)" or name.startswith(_KERNEL_SHMEM)):
        return VmaKind.SHMEM
    if name == b"/dev/zero" and not shared:  # the old way to ask for private memory
        return VmaKind.ANON
    return VmaKind.FILE if name.startswith(b"/") else VmaKind.SPECIAL
