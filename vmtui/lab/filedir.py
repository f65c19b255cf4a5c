"""A directory for the files of experiments: on a disk, because tmpfs behaves as shared memory."""

from __future__ import annotations

import os
import tempfile

import platformdirs

from vmtui.kernel import filesystems
from vmtui.missing import Missing

_IN_MEMORY = ("tmpfs", "ramfs", "devtmpfs", "hugetlbfs")


def choose() -> str | Missing:
    """The first writable directory that is not in memory: temporary files', cache, home."""
    places = [
        "/var/tmp",
        tempfile.gettempdir(),
        platformdirs.user_cache_dir(),
        os.path.expanduser("~"),
    ]
    writable = [place for place in places if os.access(place, os.W_OK | os.X_OK)]
    for place in writable:
        if filesystems.kind_of(place) not in _IN_MEMORY:
            return place
    if not writable:
        return Missing("there is no directory that this user may write to")
    return Missing("every directory for temporary files is in memory (tmpfs), not on a disk")
