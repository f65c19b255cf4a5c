"""Trying each source of the kernel once: what answers, what does not, and what would help.

Nothing is inferred from the kernel's version or from the user id: every file is opened, every
ioctl asked, on vmtui itself and, where that differs, on the other processes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vmtui.errors import NotPermitted, VmtuiError
from vmtui.kernel import (
    buddyinfo,
    capabilities,
    cgroup,
    identity,
    limits,
    maps,
    meminfo,
    mounts,
    oom,
    pressure,
    processes,
    procmap,
    smaps,
    smaps_rollup,
    stat,
    statm,
    status,
    swaps,
    vmstat,
    zoneinfo,
)
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.text import DisplayText, display, plain

AS_ROOT = "run vmtui as root"
NO_WORDS = plain("")


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing that vmtui can or cannot do here."""

    name: str
    ok: bool
    reason: DisplayText = NO_WORDS
    """Why not; or a detail of what is there."""
    unlock: str = ""
    """The one step that would bring it; empty when it is there or nothing would."""

    @property
    def state(self) -> str:
        """`ok` or `missing`."""
        return "ok" if self.ok else "missing"


def sources() -> Iterator[Capability]:
    """Every source of figures, tried now."""
    with Target(os.getpid()) as own:
        yield from _own_process(own)
        yield from _page_sources(own)
    yield _other_processes()
    yield _process_list()
    yield from _machine()


def _tried(name: str, read: Callable[[], object], unlock: str = "") -> Capability:
    """Whether `read` succeeds; `unlock` is what helps when it does not."""
    try:
        found = read()
    except VmtuiError as error:
        return Capability(name, False, display(str(error)), unlock or Missing.because(error).unlock)
    if isinstance(found, Missing):
        return Capability(name, False, display(found.reason), unlock or found.unlock)
    return Capability(name, True)


def _own_process(own: Target) -> Iterator[Capability]:
    yield _tried("stat", lambda: stat.read(own))
    yield _tried("statm", lambda: statm.read(own))
    yield _tried("status", lambda: status.read(own))
    yield _tried("identity", lambda: identity.read(own))
    yield _tried("limits", lambda: limits.read(own))
    yield _tried("oom_score", lambda: oom.read(own))
    yield _tried("smaps_rollup", lambda: smaps_rollup.read(own))
    yield _tried("maps", lambda: maps.read(own))
    yield _tried("smaps", lambda: smaps.read(own))
    yield _tried("PROCMAP_QUERY", lambda: _query(own), "Linux 6.11; until then maps is read")
    yield _tried("cgroup memory", lambda: _cgroup(own), "a memory controller for this cgroup")


def _cgroup(own: Target) -> object:
    member = cgroup.path_of(own)
    return member if isinstance(member, Missing) else cgroup.read(member, mounts.read())


def _query(own: Target) -> object:
    fd = own.open("maps")
    try:
        return procmap.query(fd, 0) or Missing("it found no VMA")
    finally:
        os.close(fd)


def _page_sources(own: Target) -> Iterator[Capability]:
    import numpy as np

    from vmtui.kernel import kpage
    from vmtui.kernel.pagemap import Pagemap

    try:
        pagemap = Pagemap(own)
    except VmtuiError as error:
        yield Capability("pagemap", False, display(str(error)), Missing.because(error).unlock)
        return
    with pagemap:
        newer = "Linux 6.7; until then pagemap is read entry by entry"
        yield Capability("pagemap", True)
        yield _known("PAGEMAP_SCAN", pagemap.can_scan, "this kernel has no such ioctl", newer)
        yield _known(
            "guard pages",
            pagemap.knows_guard,
            "PAGEMAP_SCAN of this kernel does not report them; entries may",
            "Linux 6.15",
        )
        yield _known(
            "frame numbers",
            pagemap.pfns_visible,
            "the kernel hides them without CAP_SYS_ADMIN in the initial user namespace",
            AS_ROOT,
        )
    nothing = np.zeros(1, np.uint64)
    yield _tried("kpageflags", lambda: kpage.flags_of(nothing), AS_ROOT)
    yield _tried("kpagecount", lambda: kpage.counts_of(nothing), AS_ROOT)


def _known(name: str, there: bool, reason: str, unlock: str) -> Capability:
    return Capability(name, True) if there else Capability(name, False, plain(reason), unlock)


def _other_processes() -> Capability:
    """Whether the maps of every process may be opened; kernel threads open for anyone."""
    name, refused, asked = "other processes", [], 0
    with processes.ProcessFiles() as files:
        for pid in sorted(files.pids()):
            try:
                with Target(pid) as target:
                    asked += 1
                    os.close(target.open("maps"))
            except NotPermitted:
                refused.append(pid)
            except VmtuiError:  # it exited in between
                continue
    if not refused:
        return Capability(name, True, plain(f"all {asked}"))
    first = ", ".join(map(str, refused[:3])) + (", …" if len(refused) > 3 else "")
    if "CAP_SYS_PTRACE" in capabilities.effective_capabilities():
        words = f"{len(refused)} of {asked} refuse even with CAP_SYS_PTRACE: {first}"
        return Capability(name, False, plain(words))
    words = f"{len(refused)} of {asked} belong to others or may not be dumped: {first}"
    return Capability(name, False, plain(words), AS_ROOT)


def _process_list() -> Capability:
    with processes.ProcessFiles() as files:
        for pid in files.pids():
            files.stat(pid)
        hidden = files.hidden
    if os.path.exists("/proc/1") and not hidden:
        return Capability("process list", True)
    why = "others' processes are hidden (hidepid, or a container's own /proc)"
    return Capability("process list", False, plain(why), AS_ROOT)


def _machine() -> Iterator[Capability]:
    yield _tried("meminfo", meminfo.read)
    yield _tried("vmstat", vmstat.read)
    yield _tried("pressure", pressure.read, "boot with psi=1, or a kernel with CONFIG_PSI")
    yield _tried("swaps", swaps.read)
    yield _tried("buddyinfo", buddyinfo.read)
    yield _tried("zoneinfo", zoneinfo.read)
