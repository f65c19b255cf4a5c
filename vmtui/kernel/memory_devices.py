"""Which device numbers are memory: tmpfs, the kernel's own shared memory, hugetlbfs.

A VMA's device in maps says what is behind it, where its name could be anybody's. Mounted file
systems are in /proc/PID/mountinfo (Documentation/filesystems/proc.rst; readable by anyone). The
mounts that the kernel keeps for itself, behind shared anonymous memory, System V segments and
memfds, are in no list: an empty memfd of our own tells their numbers. Costs microseconds; once is
enough, and once more per target that lives in another mount namespace.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from vmtui.kernel.files import PROC, read_system
from vmtui.kernel.maps import device_number
from vmtui.kernel.target import Target

_MFD_HUGETLB = 0x4
_HUGE_SIZES = (0, 21 << 26, 30 << 26)
"""memfd_create's page sizes: the default one, 2 MiB, 1 GiB."""


@dataclass(frozen=True, slots=True)
class MemoryDevices:
    """Device numbers as the `device` column of maps holds them."""

    tmpfs: frozenset[int] = frozenset()
    """Shared memory: mounted tmpfs and the kernel's own."""
    hugetlbfs: frozenset[int] = frozenset()
    """Huge pages from the hugetlb pool."""

    def __or__(self, other: MemoryDevices) -> MemoryDevices:
        return MemoryDevices(self.tmpfs | other.tmpfs, self.hugetlbfs | other.hugetlbfs)


def parse(raw: bytes) -> MemoryDevices:
    """The mounted ones, from the text of /proc/PID/mountinfo; never raises."""
    found: dict[bytes, set[int]] = {b"tmpfs": set(), b"hugetlbfs": set()}
    for line in raw.split(b"\n"):
        place, _, kind = line.partition(b" - ")
        fields, of_kind = place.split(b" "), found.get(kind.partition(b" ")[0])
        if of_kind is None or len(fields) < 3:
            continue
        major, _, minor = fields[2].partition(b":")
        if major.isdigit() and minor.isdigit():
            of_kind.add(device_number(int(major), int(minor)))
    return MemoryDevices(frozenset(found[b"tmpfs"]), frozenset(found[b"hugetlbfs"]))


def read(target: Target | None = None) -> MemoryDevices:
    """Those of this machine, as vmtui's mount namespace or the target's shows them.

    Raises:
        ProcessGone, NotPermitted, NotSupported: mountinfo could not be read, by errno.
    """
    path = f"{PROC}/self/mountinfo"
    return parse(target.read("mountinfo") if target else read_system(path)) | _internal()


def _internal() -> MemoryDevices:
    """The kernel's own mounts."""
    return MemoryDevices(
        tmpfs=_memfd_devices((0,)),
        hugetlbfs=_memfd_devices(_MFD_HUGETLB | size for size in _HUGE_SIZES),
    )


def _memfd_devices(kinds: Iterable[int]) -> frozenset[int]:
    """The devices of empty memfds; none of the kinds that this kernel does not make."""
    found = set()
    for flags in kinds:
        try:
            fd = os.memfd_create("vmtui", flags | os.MFD_CLOEXEC)
        except OSError:
            continue
        try:
            device = os.fstat(fd).st_dev
        finally:
            os.close(fd)
        found.add(device_number(os.major(device), os.minor(device)))
    return frozenset(found)
