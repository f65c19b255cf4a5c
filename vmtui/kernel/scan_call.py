"""One PAGEMAP_SCAN ioctl: its argument filled in, its errors told apart.

Documentation/admin-guide/mm/pagemap.rst and `struct pm_scan_arg` of include/uapi/linux/fs.h, Linux
6.7. Costs some 2 µs and 20–26 ns for each page that is looked at.
"""

from __future__ import annotations

import errno
import fcntl
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vmtui.errors import NotSupported
from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE, translated
from vmtui.kernel.regions import Words

REGION_WORDS = 3
"""struct page_region: start, end, categories."""
_ARG_BYTES = 96  # struct pm_scan_arg: twelve 64-bit words


class Masks(NamedTuple):
    """Which pages match, and what is reported of them: PAGE_IS_*."""

    inverted: int
    """Categories whose absence is meant in the next two."""
    all_of: int
    any_of: int
    reported: int


class ScanCall:
    """The argument of one descriptor's scans. Not for two threads."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._argument = memoryview(bytearray(_ARG_BYTES)).cast("Q")

    def __call__(
        self, fd: int, start: int, end: int, vector: Words, masks: Masks, *, most_pages: int = 0
    ) -> tuple[int, int]:
        """Scan once: how many rows of `vector` were filled in, and the kernel's walk_end.

        Raises:
            NotSupported: this kernel has no PAGEMAP_SCAN, or does not know a category.
            VmtuiError: addresses that are not the user's (EFAULT), and all else.
        """
        self._fill(start, end, vector, masks, most_pages)
        try:
            filled = fcntl.ioctl(fd, flags.PAGEMAP_SCAN, self._argument)
        except OSError as error:
            if error.errno in (errno.ENOTTY, errno.EINVAL):
                raise NotSupported(f"{self._what}: this kernel has no PAGEMAP_SCAN") from error
            raise translated(error, f"PAGEMAP_SCAN of {self._what}", of_process=True) from error
        return int(filled), int(self._argument[4])

    def at_each(self, fd: int, addresses: Words, vector: Words, masks: Masks) -> Words:
        """The categories of single pages at rising addresses, 0 where one does not match.

        Args:
            fd: of pagemap.
            addresses: uint64 array of page-aligned addresses, rising.
            vector: at least two rows to work with.
            masks: which match.
        """
        answers = np.zeros(len(addresses), np.uint64)
        firsts, pages = _paired(addresses)
        starts = addresses[firsts]
        ends = starts + pages.astype(np.uint64) * np.uint64(PAGE_SIZE)
        self._fill(0, 0, vector[:2], masks)
        ioctl, argument, rows = fcntl.ioctl, self._argument, vector.data
        try:
            for first, start, end in zip(
                firsts.tolist(), starts.tolist(), ends.tolist(), strict=True
            ):
                argument[2] = start
                argument[3] = end
                if not (found := ioctl(fd, flags.PAGEMAP_SCAN, argument)):
                    continue
                for row in range(found):
                    for page in range(rows[row, 0], rows[row, 1], PAGE_SIZE):
                        answers[first + (page != start)] = rows[row, 2]
        except OSError as error:
            raise translated(error, f"PAGEMAP_SCAN of {self._what}", of_process=True) from error
        return answers

    def _fill(self, start: int, end: int, vector: Words, masks: Masks, most_pages: int = 0) -> None:
        address = vector.__array_interface__["data"][0]  # five times as fast as vector.ctypes
        words = (_ARG_BYTES, 0, start, end, 0, address, len(vector), most_pages, *masks)
        for index, word in enumerate(words):
            self._argument[index] = word


def _paired(addresses: Words) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Neighbouring pages two by two: index of the first of each pair, and 2 or 1 where alone."""
    place = np.arange(len(addresses))
    alone = np.ones(len(addresses), bool)
    alone[1:] = np.diff(addresses) != PAGE_SIZE
    since = place - np.maximum.accumulate(np.where(alone, place, 0))
    firsts = np.flatnonzero(since % 2 == 0)
    return firsts, np.diff(firsts, append=len(addresses))
