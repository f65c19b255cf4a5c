"""A memory cgroup of version 2 beside the one this app is in, where nobody else manages the tree.

Made from the documentation (cgroup-v2.rst) and tested only against a directory made from it: the
machine this was written on has the memory controller on version 1. A group with processes cannot
have groups with controllers below it, so ours is not below the app's own but beside it, in the
same parent: there the memory controller is on already. Nothing of the parent is changed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from vmtui.errors import NotSupported, VmtuiError
from vmtui.kernel import memory_group
from vmtui.kernel.cgroup import file_in
from vmtui.kernel.mounts import Mounts
from vmtui.lab.evidence import GroupKind, GroupView
from vmtui.lab.resources import cgroupfs

_ANY = "max"


@dataclass(slots=True)
class V2Group:
    """See `MemoryGroup`."""

    path: str
    kind: GroupKind = field(default="v2", init=False)
    unit: str = field(default="", init=False)

    @classmethod
    def beside(cls, own: bytes, where: Mounts, name: str) -> V2Group:
        """Next to the group `own`; below it when that is the root.

        Raises:
            NotSupported: the memory controller is not on there.
            NotPermitted: this user may not.
        """
        top = where.v2.directory if where.v2 else own
        parent = own if own == top else own.rpartition(b"/")[0]
        if b"memory" not in file_in(parent, b"cgroup.subtree_control").split():
            raise NotSupported(
                f"{os.fsdecode(parent)}: the memory controller is not on for groups there"
            )
        directory = os.fsdecode(parent)
        cgroupfs.writable(directory)
        return cls(f"{directory}/{name}")

    @property
    def directories(self) -> tuple[str, ...]:
        """The one."""
        return (self.path,)

    def make(self) -> None:
        """Create it."""
        cgroupfs.make(self.path)

    def add(self, pid: int) -> None:
        """Move it."""
        cgroupfs.write(self.path, "cgroup.procs", str(pid))

    def limit(self, memory: int | None, swap: int | None) -> None:
        """The two are limited apart."""
        set_limits(self.path, memory, swap)

    def reading(self) -> GroupView:
        """Its account; version 2 tells the pressure in the same directory."""
        return view_of(self.kind, self.path)

    def pids(self) -> tuple[int, ...]:
        """Of the group."""
        return cgroupfs.pids(self.path)

    def remove(self) -> None:
        """Kill all at once where the kernel can (5.14), and remove it."""
        kill_all(self.path)
        cgroupfs.remove(self.path)


def set_limits(directory: str, memory: int | None, swap: int | None) -> None:
    """memory.max and memory.swap.max of a group."""
    if os.path.exists(f"{directory}/memory.swap.max"):
        cgroupfs.write(directory, "memory.swap.max", _ANY if swap is None else str(swap))
    cgroupfs.write(directory, "memory.max", _ANY if memory is None else str(memory))


def view_of(kind: GroupKind, directory: str) -> GroupView:
    """The account of a v2 group."""
    raw = os.fsencode(directory)
    return cgroupfs.view(kind, directory, memory_group.read_v2(raw), raw)


def kill_all(directory: str) -> None:
    """Everybody in a group of ours and below it, at once; kernels before 5.14 cannot."""
    try:
        cgroupfs.write(directory, "cgroup.kill", "1")
    except VmtuiError:
        return
