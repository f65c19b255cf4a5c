"""The C library's allocator: large blocks go back to the kernel when they are freed (mallopt(3)).

glibc raises its threshold for mmap with every large block that is freed; arrays of some megabytes
would then come from the heap and leave holes there: 5 to 10 MiB of a long run.
"""

from __future__ import annotations

import ctypes

LARGE_BYTES = 256 << 10
_M_MMAP_THRESHOLD = -3


def give_back_large_blocks() -> None:
    """From now on, for this process. Does nothing where the C library has no mallopt."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
