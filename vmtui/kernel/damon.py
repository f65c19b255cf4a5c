"""Whether DAMON takes memory away here: /sys/kernel/mm/damon/admin (mm/damon/usage.rst).

Only root may read what a kdamond does; that one runs, its thread tells everybody. Nothing is ever
written: there is one setup for the whole machine, and it is somebody else's.
"""

from __future__ import annotations

import glob
import os

from vmtui.errors import NotPermitted, VmtuiError
from vmtui.kernel.files import PROC, SYS, read_system

_ADMIN = f"{SYS}/kernel/mm/damon/admin/kdamonds"
_TAKES = frozenset((b"pageout", b"migrate_cold"))
"""Actions after which a page is not where it was."""


def takes_pages(directory: str = _ADMIN, proc: str = PROC) -> bool:
    """Whether a scheme that pages out runs, as far as one can tell; costs some milliseconds.

    For who may not read the schemes, any kdamond is one that does.
    """
    try:
        return any(_takes(kdamond) for kdamond in _kdamonds(directory))
    except NotPermitted:
        return _has_a_thread(proc)


def _kdamonds(directory: str) -> list[str]:
    try:
        count = int(read_system(f"{directory}/nr_kdamonds", 16))
    except NotPermitted:
        raise
    except (VmtuiError, ValueError):
        return []  # no DAMON, or none with this interface
    return [f"{directory}/{number}" for number in range(count)]


def _takes(kdamond: str) -> bool:
    if _word(f"{kdamond}/state") != b"on":
        return False
    actions = glob.glob(f"{glob.escape(kdamond)}/contexts/*/schemes/*/action")
    return any(_word(action) in _TAKES for action in actions)


def _word(path: str) -> bytes:
    try:
        return read_system(path, 64).strip()
    except NotPermitted:
        raise
    except VmtuiError:
        return b""  # taken away meanwhile


def _has_a_thread(proc: str) -> bool:
    for pid in filter(str.isdigit, os.listdir(proc)):
        try:
            if read_system(f"{proc}/{pid}/comm", 64).startswith(b"kdamond."):
                return True
        except VmtuiError:
            continue
    return False
