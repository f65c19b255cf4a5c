"""Which addresses of a process are locked in memory: VmFlags of smaps, read only where there are.

/proc/PID/status and smaps, Documentation/filesystems/proc.rst.
"""

from __future__ import annotations

import numpy as np

from vmtui.errors import NotSupported
from vmtui.kernel import smaps, status
from vmtui.kernel.target import Target
from vmtui.missing import Missing


def locked_ranges(target: Target) -> tuple[tuple[int, int], ...]:
    """The address ranges of VMAs locked in memory (VmFlags `lo`).

    VmLck in status says whether there are any; smaps, which walks every page table, is read only
    then.

    Raises:
        ProcessGone, NotPermitted, NotSupported: by errno.
    """
    locked_bytes = status.read(target).vm_locked_bytes
    if isinstance(locked_bytes, Missing) or not locked_bytes:
        return ()
    figures = smaps.read(target)
    locked = figures.with_flag("lo")
    if isinstance(locked, Missing):
        raise NotSupported(locked.reason)
    rows = np.flatnonzero(locked).tolist()
    return tuple((int(figures.maps.start[row]), int(figures.maps.end[row])) for row in rows)
