"""What kind of file system a path lies on: /proc/self/mountinfo (proc_pid_mountinfo(5)).

Readable by anyone. Device numbers would be shorter to compare, but btrfs and overlayfs give files
others than the mount has; so the mount with the longest matching path counts, the last one of
equals.
"""

from __future__ import annotations

import os

from vmtui.kernel.files import PROC, read_system
from vmtui.kernel.lines import unescaped


def parse(raw: bytes) -> tuple[tuple[bytes, str], ...]:
    """Where each file system is mounted and its kind, in file order; never raises."""
    found = []
    for line in raw.split(b"\n"):
        place, _, kind = line.partition(b" - ")
        where = place.split(b" ")
        if len(where) > 5 and kind:
            found.append((unescaped(where[4]), kind.split(b" ")[0].decode("ascii", "replace")))
    return tuple(found)


def kind_of(path: str, mountinfo: str = f"{PROC}/self/mountinfo") -> str:
    """The kind of file system (`ext4`, `tmpfs`) a path lies on; empty when none matches.

    Raises:
        NotPermitted, NotSupported: by errno.
    """
    wanted = os.path.realpath(os.fsencode(path)) + b"/"
    best, kind = -1, ""
    for mounted, its_kind in parse(read_system(mountinfo)):
        if wanted.startswith(mounted.rstrip(b"/") + b"/") and len(mounted) >= best:
            best, kind = len(mounted), its_kind
    return kind


_MADE_UP = frozenset(
    {"proc", "sysfs", "cgroup", "cgroup2", "debugfs", "tracefs", "securityfs", "bpf", "configfs",
     "pstore", "efivarfs", "mqueue", "devpts", "binfmt_misc", "fusectl", "selinuxfs"}
)  # fmt: skip
"""Kinds whose files the kernel makes up as they are read: nothing of them is ever cached."""


def made_up_devices(mountinfo: str = f"{PROC}/self/mountinfo") -> frozenset[int]:
    """Device numbers (`st_dev`) of the file systems whose files have no pages.

    Raises:
        NotPermitted, NotSupported: by errno.
    """
    found = set()
    for line in read_system(mountinfo).split(b"\n"):
        place, _, kind = line.partition(b" - ")
        where = place.split(b" ")
        major, _, minor = where[2].partition(b":") if len(where) > 5 else (b"", b"", b"")
        name = kind.split(b" ")[0].decode("ascii", "replace")
        if name in _MADE_UP and major.isdigit() and minor.isdigit():
            found.add(os.makedev(int(major), int(minor)))
    return frozenset(found)
