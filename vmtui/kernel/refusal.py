"""What would unlock a file of a process that the kernel refused to show.

ptrace(2), «Ptrace access mode checking»: reading asks for the same user in all three ids and a
process that may be dumped, or for CAP_SYS_PTRACE; kernel.yama.ptrace_scope matters for attaching
alone, and so for `mem`. Reads two small files that anyone may read.
"""

from __future__ import annotations

import os
import re

from vmtui.errors import VmtuiError
from vmtui.kernel.capabilities import effective_capabilities, in_initial_user_namespace
from vmtui.kernel.files import PROC, read_system
from vmtui.kernel.users import user_name
from vmtui.text import display

AS_ROOT = "run vmtui as root"
_UIDS = re.compile(rb"^Uid:\t([0-9]+)\t([0-9]+)\t([0-9]+)\t", re.MULTILINE)


def unlock_of(pid: int, name: str, proc: str = PROC) -> str:
    """The one step that would make /proc/PID/`name` readable, as a clause; never raises."""
    try:
        privileged = "CAP_SYS_PTRACE" in effective_capabilities()
        outermost = in_initial_user_namespace()
        match = _UIDS.search(read_system(f"{proc}/{pid}/status"))
    except VmtuiError:
        return f"{AS_ROOT}, or as the process's own user"
    if privileged and not outermost:
        return "run vmtui as root outside of this container"
    if privileged:
        return "even root is refused: a security module protects it"
    if os.geteuid() == 0:
        return "run vmtui as a root that has CAP_SYS_PTRACE"
    owners = {int(uid) for uid in match.groups()} if match else set()
    if owners == {os.geteuid()}:
        if name == "mem":
            return f"{AS_ROOT}, or set kernel.yama.ptrace_scope to 0"
        return f"{AS_ROOT}: though this user's, it may not be dumped (setuid, or as it wished)"
    if owners == {0}:
        return f"{AS_ROOT} (CAP_SYS_PTRACE)"
    if len(owners) == 1:
        return f"{AS_ROOT} (CAP_SYS_PTRACE), or as {display(user_name(owners.pop()))}"
    return f"{AS_ROOT} (CAP_SYS_PTRACE): it changed its user id"
