"""A memory cgroup inside a systemd scope: the one way on a machine whose tree systemd manages.

Made from the documentation (systemd-run(1), systemd.resource-control(5), «Control Group APIs and
Delegation») and tested only with a made-up tree: no machine with it was at hand. systemd-run makes
a transient scope, delegated to us, around a placeholder that does nothing; the placeholder moves
into a leaf of its own, the memory controller is switched on below the scope, and a second leaf is
the group. The scope goes by itself when the last process in it has ended, whatever happens to us,
and the placeholder ends when our end of its pipe closes.

An ordinary user's processes may belong to a session that the user's systemd does not own: the
kernel then refuses to move them, and systemd is asked to (AttachProcessesToUnit).
systemd-oomd, where it runs, may kill a whole scope under pressure: that is not the kernel's choice.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass, field
from typing import Literal

from vmtui.errors import NotPermitted, NotSupported, ProcessGone, VmtuiError
from vmtui.kernel import cgroup
from vmtui.kernel.cgroup import Membership
from vmtui.kernel.files import PROC
from vmtui.kernel.mounts import Mounts
from vmtui.kernel.target import Target
from vmtui.lab import spawner
from vmtui.lab.evidence import GroupKind, GroupView
from vmtui.lab.resources import cgroupfs
from vmtui.lab.resources.memcg_v2 import kill_all, set_limits, view_of
from vmtui.missing import Missing

_PATIENCE_SECONDS = 5.0
_LOOKS = 100
_KEPT, _GROUP = "placeholder", "experiment"
_OF_USER = "/user.slice/user-{uid}.slice/user@{uid}.service"
_ATTACH = (
    "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
    "org.freedesktop.systemd1.Manager", "AttachProcessesToUnit", "ssau",
)  # fmt: skip


@dataclass(slots=True)
class ScopeGroup:
    """See `MemoryGroup`. Its directories are known once it is made: systemd chooses the place."""

    unit: str
    manager: Literal["--user", "--system"]
    where: Mounts
    proc: str = PROC
    kind: GroupKind = field(default="scope", init=False)
    _scope: str = field(default="", init=False)
    _placeholder: spawner.Held | None = field(default=None, init=False)

    @classmethod
    def of(cls, name: str, where: Mounts, uid: int | None = None) -> ScopeGroup:
        """Of the user's systemd, or of the machine's for root.

        Raises:
            NotSupported: no systemd-run, or the user's systemd may not limit memory.
        """
        if where.v2 is None or shutil.which("systemd-run") is None:
            raise NotSupported("no systemd-run(1), which makes groups on this machine")
        uid = os.getuid() if uid is None else uid
        if uid:
            of_user = os.fsdecode(where.v2.directory) + _OF_USER.format(uid=uid)
            control = cgroup.file_in(os.fsencode(of_user), b"cgroup.controllers")
            if b"memory" not in control.split():
                raise NotSupported("this user's systemd was not given the memory controller")
        return cls(f"{name}.scope", "--user" if uid else "--system", where)

    @property
    def path(self) -> str:
        """The leaf that is the group; "" before it is made."""
        return f"{self._scope}/{_GROUP}" if self._scope else ""

    @property
    def directories(self) -> tuple[str, ...]:
        """None of them outlives the scope: systemd removes it whole."""
        return ()

    def make(self) -> None:
        """Start the scope, and two leaves in it."""
        held = self._placeholder = spawner.Held([
            "systemd-run", self.manager, "--scope", "--quiet", "--collect",
            f"--unit={self.unit}", "--property=Delegate=yes", "--property=MemoryAccounting=yes",
            "--description=memory cgroup of a vmtui experiment", "--",
        ])  # fmt: skip
        try:
            self._scope = self._place(held)
            for leaf in (_KEPT, _GROUP):
                cgroupfs.make(f"{self._scope}/{leaf}")
            cgroupfs.write(f"{self._scope}/{_KEPT}", "cgroup.procs", str(held.pid))
            cgroupfs.write(self._scope, "cgroup.subtree_control", "+memory")
        except BaseException:
            held.end()
            self._placeholder, self._scope = None, ""
            raise

    def add(self, pid: int) -> None:
        """Move it, or have systemd move it."""
        try:
            cgroupfs.write(self.path, "cgroup.procs", str(pid))
        except NotPermitted:
            said = spawner.told([
                "busctl", self.manager, *_ATTACH, self.unit, f"/{_GROUP}", "1", str(pid),
            ])  # fmt: skip
            if said:
                raise NotPermitted(f"systemd would not move process {pid}: {said}") from None

    def limit(self, memory: int | None, swap: int | None) -> None:
        """Of the leaf: the scope itself is systemd's to change."""
        set_limits(self.path, memory, swap)

    def reading(self) -> GroupView:
        """Of the leaf."""
        return view_of(self.kind, self.path)

    def pids(self) -> tuple[int, ...]:
        """Of the leaf."""
        return cgroupfs.pids(self.path)

    def remove(self) -> None:
        """End everybody; systemd then takes the scope away."""
        if not self._scope:
            return
        kill_all(self.path)
        cgroupfs.remove(self.path)
        if self._placeholder is not None:
            self._placeholder.end()
        for _ in range(_LOOKS):
            if not os.path.exists(self._scope):
                self._scope, self._placeholder = "", None
                return
            time.sleep(_PATIENCE_SECONDS / _LOOKS)
        raise VmtuiError(f"{self._scope}: systemd has not removed it")

    def _place(self, held: spawner.Held) -> str:
        """The scope's directory, once the placeholder is in it."""
        for _ in range(_LOOKS):
            if said := held.ended():
                raise NotSupported(f"systemd-run made no scope: {said}")
            member = self._member(held.pid)
            if member is not None and member.path.endswith(b"/" + os.fsencode(self.unit)):
                return os.fsdecode(cgroup.directory_of(member, self.where))
            time.sleep(_PATIENCE_SECONDS / _LOOKS)
        raise NotSupported("systemd-run made no scope in five seconds")

    def _member(self, pid: int) -> Membership | None:
        try:
            with Target(pid, self.proc) as target:
                member = cgroup.path_of(target)
        except ProcessGone:
            return None
        return None if isinstance(member, Missing) or member.version == 1 else member
