"""Files of this process that must not be opened once more: closing them would give up locks.

POSIX record locks (fcntl(2)) belong to the process: when any descriptor of a file is closed, all
of its locks on that file go. SQLite locks its files so; another reader then takes the shared
memory beside the file for abandoned and truncates it, and the writer ends by SIGBUS.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterable

Key = tuple[int, int]
"""Device and inode."""
_held: Counter[Key] = Counter()
_turn = threading.Lock()


def hold(paths: Iterable[str | os.PathLike[str]]) -> tuple[Key, ...]:
    """These files are locked from now on, until `release` is called with what this returns.

    Those that do not exist are left out.
    """
    keys = []
    for path in paths:
        try:
            about = os.stat(path)
        except OSError:
            continue
        keys.append((about.st_dev, about.st_ino))
    with _turn:
        _held.update(keys)
    return tuple(keys)


def release(keys: Iterable[Key]) -> None:
    """The locks are gone, or no longer needed."""
    with _turn:
        _held.subtract(keys)
        for key in [key for key, count in _held.items() if count <= 0]:
            del _held[key]


def is_held(about: os.stat_result) -> bool:
    """Whether that file is locked by this process."""
    return (about.st_dev, about.st_ino) in _held
