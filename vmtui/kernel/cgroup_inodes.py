"""Which memory cgroup an inode number is, as /proc/kpagecgroup names the owner of a frame.

Documentation/admin-guide/mm/pagemap.rst. A cgroup's inode is that of its directory. Walking the
hierarchy costs some 10 µs a group and is bounded; frames of a removed group are told as those of
the nearest one above that still exists.
"""

from __future__ import annotations

import os

from vmtui.kernel.mounts import Mounts
from vmtui.missing import Missing

_MOST_GROUPS = 20_000


def path_of(inode: int, mounts: Mounts, most: int = _MOST_GROUPS) -> bytes | Missing:
    """The group's path below its hierarchy's mount, `/` for the root; raw: untrusted.

    Args:
        inode: from /proc/kpagecgroup; 0 is a frame that is charged to nobody.
        mounts: where the hierarchies are mounted.
        most: groups that are looked at before it is given up.
    """
    if not inode:
        return Missing("the frame is charged to no memory cgroup")
    mount = mounts.v1 or mounts.v2
    if mount is None:
        return Missing("no hierarchy with the memory controller is mounted here")
    top = mount.directory
    waiting, seen = [top], 0
    while waiting:
        directory = waiting.pop(0)
        try:
            if os.stat(directory).st_ino == inode:
                return directory[len(top) :] or b"/"
            with os.scandir(directory) as entries:
                waiting += [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:  # it was removed meanwhile, or may not be entered
            continue
        seen += 1
        if seen >= most:
            return Missing(f"cgroup inode {inode} is not among the first {most:,} groups")
    return Missing(f"cgroup inode {inode} is in no directory that is visible here")
