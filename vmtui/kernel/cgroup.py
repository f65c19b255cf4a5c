"""The memory cgroup of a process, v1 or v2: /proc/PID/cgroup and the files of its directory.

Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst. The membership is readable by
anyone, the directory by default too. A mixed machine has the memory controller on a v1 hierarchy
and cgroup2 beside it: the v1 line of the memory controller wins where there is one. Names are raw
bytes (the kernel refuses newlines in them). A few µs a file.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from vmtui.errors import NotSupported, VmtuiError
from vmtui.kernel.files import read_fd, translated
from vmtui.kernel.lines import counters, not_printed
from vmtui.kernel.mounts import Mounts
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.text import display

NO_LIMIT = Missing("no limit is set")
V1_UNLIMITED = (1 << 63) - (1 << 20)
"""v1 prints «no limit» as LONG_MAX rounded down to a page; no machine has this much memory."""
_MEMBER = re.compile(rb"^([0-9]{1,9}):([^:\n]*):(/[^\n]*)$", re.MULTILINE)
_NUMBER = re.compile(rb"\s*([0-9]{1,20})\s*")


@dataclass(frozen=True, slots=True)
class Membership:
    """Which memory cgroup a process belongs to."""

    path: bytes
    """Below the hierarchy's root as this cgroup namespace sees it; raw: untrusted."""
    version: int
    """1 or 2."""


@dataclass(frozen=True, slots=True)
class MemoryEvents:
    """How often limits were met. v2 counts the group and those below it, v1 the group alone."""

    limit_hits: int | Missing
    """Charges that met the limit: v2 `max`, v1 `memory.failcnt`."""
    high: int | Missing
    """Throttled above `memory.high`; v2 only."""
    oom: int | Missing
    """Charges that failed for good; v2 only."""
    oom_kills: int | Missing
    """Processes killed for it."""


@dataclass(frozen=True, slots=True)
class MemoryCgroup:
    """A memory cgroup's account."""

    limit_bytes: int | Missing
    """The tightest limit of the group and of those above it that are visible here."""
    usage_bytes: int | Missing
    """Charged now, with page cache and everything below it; not known of a v2 root."""
    swap_bytes: int | Missing
    """In swap now, with everything below it."""
    events: MemoryEvents
    left_bytes: int | Missing
    """What may still be charged until the first of these limits is met: that of a group above can
    be, long before the group's own, by what others in it use."""


def parse(raw: bytes) -> Membership | Missing:
    """The memory cgroup in the text of /proc/PID/cgroup; never raises.

    A v2 path is returned whether or not the memory controller is enabled there: `read` finds out.
    """
    unified: Membership | None = None
    for number, controllers, path in _MEMBER.findall(raw):
        if b"memory" in controllers.split(b","):
            return Membership(path, 1)
        if number == b"0" and not controllers:
            unified = Membership(path, 2)
    return unified or Missing("the process is in no memory cgroup")


def path_of(target: Target) -> Membership | Missing:
    """The target's memory cgroup.

    Raises:
        ProcessGone, NotPermitted: as named.
    """
    return parse(target.read("cgroup"))


def directory_of(member: Membership, mounts: Mounts) -> bytes:
    """The directory of that cgroup in this mount namespace.

    Raises:
        NotSupported: its hierarchy is not mounted here, or the group lies outside of what is.
    """
    mount = mounts.v1 if member.version == 1 else mounts.v2
    if mount is None:
        raise NotSupported(f"the cgroup v{member.version} hierarchy is not mounted here")
    root = mount.root.rstrip(b"/")
    inside = member.path == root or member.path.startswith(root + b"/")
    below = member.path[len(root) :].strip(b"/")
    if not inside or b".." in below.split(b"/"):
        raise NotSupported(f"cgroup {display(member.path)} is outside of what is mounted here")
    return mount.directory + b"/" + below if below else mount.directory


def read(member: Membership, mounts: Mounts) -> MemoryCgroup:
    """The account of that cgroup now.

    Raises:
        NotSupported: no memory controller there, or the directory is not visible here.
        NotPermitted: as named.
    """
    directory = directory_of(member, mounts)
    if member.version == 1:
        return _read_v1(directory, mounts.v1.directory if mounts.v1 else directory)
    return _read_v2(directory, mounts.v2.directory if mounts.v2 else directory)


def _read_v1(directory: bytes, top: bytes) -> MemoryCgroup:
    usage = parse_number(file_in(directory, b"memory.usage_in_bytes"))
    stat = counters_in(directory, b"memory.stat")
    control = counters_in(directory, b"memory.oom_control")
    limit = stat.get("hierarchical_memory_limit", not_printed("hierarchical_memory_limit"))
    if not isinstance(limit, Missing) and limit >= V1_UNLIMITED:
        limit = NO_LIMIT
    levels = _levels(directory, top, b"memory.limit_in_bytes", b"memory.usage_in_bytes")
    return MemoryCgroup(
        limit_bytes=limit,
        usage_bytes=usage,
        swap_bytes=stat.get("total_swap", Missing("swap is not accounted to cgroups")),
        events=MemoryEvents(
            limit_hits=number_in(directory, b"memory.failcnt"),
            high=Missing("cgroup v1 has no memory.high"),
            oom=Missing("cgroup v1 does not count it"),
            oom_kills=control.get("oom_kill", not_printed("oom_kill")),
        ),
        left_bytes=_left([(limit, usage), *levels]),  # its group above may not be visible here
    )


def _read_v2(directory: bytes, top: bytes) -> MemoryCgroup:
    file_in(directory, b"cgroup.controllers")  # a wrong directory is an error, not an empty account
    usage = number_in(directory, b"memory.current")
    if isinstance(usage, Missing) and directory != top:
        raise NotSupported(f"{display(directory)}: the memory controller is not enabled there")
    events = counters_in(directory, b"memory.events")

    def count(name: str) -> int | Missing:
        return events[name] if name in events else Missing("the root cgroup has no memory.events")

    levels = _levels(directory, top, b"memory.max", b"memory.current")
    limits = [limit for limit, _ in levels if not isinstance(limit, Missing)]
    return MemoryCgroup(
        limit_bytes=min(limits, default=NO_LIMIT),
        usage_bytes=usage,
        swap_bytes=number_in(directory, b"memory.swap.current"),
        events=MemoryEvents(count("max"), count("high"), count("oom"), count("oom_kill")),
        left_bytes=_left(levels),
    )


Level = tuple[int | Missing, int | Missing]
"""Limit and usage of a group."""


def _levels(directory: bytes, top: bytes, limit: bytes, usage: bytes) -> list[Level]:
    """Of that directory and those above it up to the mount; a v2 root has neither."""
    found: list[Level] = []
    while True:
        most = number_in(directory, limit)
        if not isinstance(most, Missing) and most < V1_UNLIMITED:
            found.append((most, number_in(directory, usage)))
        if directory == top or b"/" not in directory:
            return found
        directory = directory.rpartition(b"/")[0]


def _left(levels: list[Level]) -> int | Missing:
    """The least that is left anywhere; Missing where a limit is set and its usage is not known."""
    left = []
    for limit, usage in levels:
        if isinstance(limit, Missing):
            continue
        if isinstance(usage, Missing):
            return usage
        left.append(max(0, limit - usage))
    return min(left, default=NO_LIMIT)


def parse_number(raw: bytes) -> int | Missing:
    """One number, or `max`, which is no limit; anything else is Missing too, never an exception."""
    match = _NUMBER.fullmatch(raw)
    if match is not None:
        return int(match[1])
    return NO_LIMIT if raw.strip() == b"max" else Missing("the kernel's answer is not a number")


def number_in(directory: bytes, name: bytes) -> int | Missing:
    """A file of one number in a group's directory; `max` and what cannot be read are Missing."""
    try:
        return parse_number(file_in(directory, name))
    except VmtuiError as error:
        return Missing.because(error)


def counters_in(directory: bytes, name: bytes) -> dict[str, int]:
    """A file of `name value` lines; none of them where it cannot be read."""
    try:
        return counters(file_in(directory, name), name.decode("ascii"))
    except VmtuiError:
        return {}


def file_in(directory: bytes, name: bytes) -> bytes:
    """A file of a group's directory.

    Raises:
        NotPermitted, NotSupported, VmtuiError: by errno.
    """
    path = directory + b"/" + name
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return read_fd(fd)
        finally:
            os.close(fd)
    except OSError as error:
        raise translated(error, path, of_process=False) from error


_CONTAINERS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    # Kubernetes puts the runtime's own scope below: the outer mark says more, so it is first.
    ("k8s", re.compile(rb"/kubepods(?:[./\n-]|$)|/kubelet-kubepods")),
    ("docker", re.compile(rb"/docker/[0-9a-f]{12,64}(?:[/\n]|$)|/docker-[0-9a-f]{12,64}\.scope")),
    ("podman", re.compile(rb"/libpod(?:-conmon)?-[0-9a-f]{12,64}|/libpod_parent(?:[/\n]|$)")),
    ("crio", re.compile(rb"/crio-[0-9a-f]{12,64}")),
    (
        "containerd",
        re.compile(rb"/cri-containerd-[0-9a-f]{12,64}|:cri-containerd:|/nerdctl-[0-9a-f]{12,64}"),
    ),
    ("lxc", re.compile(rb"/lxc(?:\.payload)?[./][^/]+|/lxc\.payload(?:[/\n]|$)")),
    ("nspawn", re.compile(rb"/systemd-nspawn@|/machine-(?!qemu|lxc)[^/]+\.scope")),
    ("vm", re.compile(rb"/machine-qemu[^/]*\.scope")),
    ("buildkit", re.compile(rb"/buildkit/[^/]+")),
    ("ecs", re.compile(rb"/ecs/[^/]+")),
    ("flatpak", re.compile(rb"/app-flatpak-[^/]+\.scope")),
    ("snap", re.compile(rb"/snap\.[^/]+\.(?:scope|service)")),
)


def container_of(path: bytes) -> str:
    """A short mark for the runtime whose naming it follows; the empty string for none.

    docker, podman, k8s (whatever runtime is below), crio, containerd, lxc, nspawn, vm (libvirt),
    buildkit, ecs, flatpak, snap. The kernel has no «is in a container»: names are all there is,
    and whoever makes the group chooses them. A mark for the eye, never a security statement.

    Args:
        path: of one of the process's cgroups, or the whole text of /proc/PID/cgroup.
    """
    return next((mark for mark, pattern in _CONTAINERS if pattern.search(path)), "")
