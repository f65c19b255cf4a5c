"""A memory cgroup for the processes of a run: what every kind can do, and which kind there is here.

`choose` makes nothing: it says where the group would be, so that the intent can be written down
first. A group is always ours alone: a new directory below (v2: beside) the group this app is in.
"""

from __future__ import annotations

import os
from typing import Protocol

from vmtui.errors import NotPermitted, NotSupported, VmtuiError
from vmtui.kernel import cgroup, mounts
from vmtui.kernel.cgroup import Membership
from vmtui.kernel.files import PROC, read_system
from vmtui.kernel.mounts import Mounts
from vmtui.lab.evidence import GroupKind, GroupView
from vmtui.lab.text import Text

SYSTEMD = "/run/systemd/system"
"""There when systemd runs the machine."""


class MemoryGroup(Protocol):
    """A memory cgroup that does not exist until `make`."""

    @property
    def kind(self) -> GroupKind:
        """How it is made."""

    @property
    def path(self) -> str:
        """The directory with its memory files."""

    @property
    def directories(self) -> tuple[str, ...]:
        """Every directory that `make` creates, in that order: to be removed from the last on."""

    @property
    def unit(self) -> str:
        """The systemd unit that holds it; "" without one. It goes when its last process ends."""

    def make(self) -> None:
        """Create it, with nobody in it and without limits.

        Raises:
            NotPermitted, NotSupported, VmtuiError: it cannot be made; nothing of it is left then.
        """

    def add(self, pid: int) -> None:
        """Put a process in, with all that it will use from now on and all children to come.

        Raises:
            ProcessGone, NotPermitted, VmtuiError: by errno.
        """

    def limit(self, memory: int | None, swap: int | None) -> None:
        """Bytes that its processes may have together, and bytes of swap on top; None: any.

        Raises:
            VmtuiError: they use more than that already.
        """

    def reading(self) -> GroupView:
        """Its account now.

        Raises:
            VmtuiError: it is gone.
        """

    def pids(self) -> tuple[int, ...]:
        """Who is in it."""

    def remove(self) -> None:
        """Kill whoever is in it and remove it; harmless twice.

        Raises:
            VmtuiError: something is left.
        """


def choose(name: str, membership: Membership | None = None, where: Mounts | None = None,
           systemd: str = SYSTEMD) -> MemoryGroup:  # fmt: skip
    """The group there could be here, not made yet.

    Args:
        name: unique; `vmtui-PID-random`.
        membership: of this app; read when not given.
        where: the hierarchies; read when not given.
        systemd: a directory that is there when systemd runs.

    Raises:
        NotSupported: there is no memory controller that one could use.
        NotPermitted: there is, for somebody else.
    """
    from vmtui.lab.resources.memcg_scope import ScopeGroup
    from vmtui.lab.resources.memcg_v1 import V1Group
    from vmtui.lab.resources.memcg_v2 import V2Group

    where = where or mounts.read()
    own = membership or cgroup.parse(read_system(f"{PROC}/self/cgroup"))
    if not isinstance(own, Membership):
        raise NotSupported(own.reason)
    if own.version == 1:
        return V1Group.below(cgroup.directory_of(own, where), name, _unified(where))
    if os.path.isdir(systemd):
        return ScopeGroup.of(name, where)
    return V2Group.beside(cgroup.directory_of(own, where), where, name)


def refusal() -> Text | None:
    """Why no group can be made here by this user; None when, as far as one can tell, it can."""
    try:
        choose("vmtui")
    except NotPermitted as error:
        return Text(f"{error}; {error.unlock}", f"{error}．メモリ cgroup には root が要る")
    except VmtuiError as error:
        return Text(f"no memory cgroup: {error}", f"メモリ cgroup が使えない：{error}")
    return None


def _unified(where: Mounts) -> bytes | None:
    """The cgroup2 directory of this app, which tells pressure even without any controller."""
    if where.v2 is None:
        return None
    for line in read_system(f"{PROC}/self/cgroup").splitlines():
        if line.startswith(b"0::/"):
            try:
                return cgroup.directory_of(Membership(line[3:], 2), where)
            except NotSupported:
                return None
    return None
