"""A memory cgroup of version 1, with a cgroup2 directory beside it for its pressure.

v1 limits memory, and memory and swap together (`memsw`), which is never less than the former. What
its processes used before they came stays charged to the group they came from.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from vmtui.errors import NotSupported, VmtuiError
from vmtui.kernel import memory_group, swaps
from vmtui.lab.evidence import GroupKind, GroupView
from vmtui.lab.resources import cgroupfs

_MEMORY = "memory.limit_in_bytes"
_BOTH = "memory.memsw.limit_in_bytes"


@dataclass(slots=True)
class V1Group:
    """See `MemoryGroup`."""

    path: str
    pressure: str = ""
    """The cgroup2 directory; "" without one."""
    kind: GroupKind = field(default="v1", init=False)
    unit: str = field(default="", init=False)

    @classmethod
    def below(cls, own: bytes, name: str, unified: bytes | None) -> V1Group:
        """In the group `own`; its pressure below `unified`, if that is possible.

        Raises:
            NotPermitted: this user may not.
        """
        directory = os.fsdecode(own)
        cgroupfs.writable(directory)
        beside = "" if unified is None else os.fsdecode(unified)
        if not os.access(beside, os.W_OK | os.X_OK):
            beside = ""
        return cls(f"{directory}/{name}", f"{beside}/{name}" if beside else "")

    @property
    def directories(self) -> tuple[str, ...]:
        """Both."""
        return (self.path, self.pressure) if self.pressure else (self.path,)

    def make(self) -> None:
        """Create both; the one for the pressure may fail."""
        cgroupfs.make(self.path)
        if self.pressure:
            try:
                cgroupfs.make(self.pressure)
            except VmtuiError:
                self.pressure = ""

    def add(self, pid: int) -> None:
        """Into both."""
        cgroupfs.write(self.path, "cgroup.procs", str(pid))
        if self.pressure:
            cgroupfs.write(self.pressure, "cgroup.procs", str(pid))

    def limit(self, memory: int | None, swap: int | None) -> None:
        """`memsw` makes way first and follows last: it may never be the smaller one."""
        both = cgroupfs.UNLIMITED if memory is None or swap is None else memory + swap
        if os.path.exists(f"{self.path}/{_BOTH}"):
            cgroupfs.write(self.path, _BOTH, str(cgroupfs.UNLIMITED))
        elif swap is not None and swaps.read():
            raise NotSupported("this kernel does not account swap to cgroups (swapaccount=1)")
        cgroupfs.write(self.path, _MEMORY, str(cgroupfs.UNLIMITED if memory is None else memory))
        if both >= 0 and os.path.exists(f"{self.path}/{_BOTH}"):
            cgroupfs.write(self.path, _BOTH, str(both))

    def reading(self) -> GroupView:
        """The account of v1 and the pressure of cgroup2."""
        reading = memory_group.read_v1(os.fsencode(self.path))
        beside = os.fsencode(self.pressure) if self.pressure else None
        return cgroupfs.view(self.kind, self.path, reading, beside)

    def pids(self) -> tuple[int, ...]:
        """Of the memory group."""
        return cgroupfs.pids(self.path)

    def remove(self) -> None:
        """Both."""
        for directory in reversed(self.directories):
            cgroupfs.remove(directory)
