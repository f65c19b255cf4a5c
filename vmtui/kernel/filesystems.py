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
