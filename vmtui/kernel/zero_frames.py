"""The frames of the zero page, which reads of untouched private memory map: asked of ourselves.

/proc/self/pagemap, Documentation/admin-guide/mm/pagemap.rst. A page of our own that was read and
never written shows the frame. Costs about 0.1 ms; frame numbers need CAP_SYS_ADMIN.
"""

from __future__ import annotations

import mmap
import os

import numpy as np

from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE, PROC

_ENTRY = 8
_PROBED_PAGES = 16


def own_zero_frames() -> frozenset[int]:
    """The frames of the zero page, read from a few untouched pages of vmtui itself.

    Some architectures keep one for each cache colour, hence a few. Empty without CAP_SYS_ADMIN,
    since an unprivileged frame number reads as 0: the same probe tells both.
    """
    flagged = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    with mmap.mmap(-1, _PROBED_PAGES * PAGE_SIZE, flags=flagged) as memory:
        memory.madvise(getattr(mmap, "MADV_NOHUGEPAGE", 15))  # the huge zero page is another frame
        pages = np.frombuffer(memory, np.uint8)
        pages[::PAGE_SIZE].sum()  # a read maps the zero page
        first = pages.ctypes.data // PAGE_SIZE
        entries = np.zeros(_PROBED_PAGES, np.uint64)
        try:
            fd = os.open(f"{PROC}/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return frozenset()  # an undumpable vmtui may not look at itself, let alone at frames
        finally:
            del pages
        try:
            os.preadv(fd, [entries.data.cast("B")], first * _ENTRY)
        finally:
            os.close(fd)
    frames = (entries & np.uint64(flags.PM_PFN_MASK)).tolist()
    return frozenset(frames) - {0}
