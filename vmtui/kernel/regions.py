"""Stretches of pages that are alike, as PAGEMAP_SCAN reports them: three columns, no object each.

Pure: `struct page_region` of include/uapi/linux/fs.h without the system call around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Regions:
    """What PAGEMAP_SCAN found, by rising address; neighbours that are alike are one region."""

    start: Words
    """First byte of each region."""
    end: Words
    """First byte after it."""
    categories: Words
    """PAGE_IS_* of its pages, among those asked for."""

    def __len__(self) -> int:
        return len(self.start)


def joined(start: Words, end: Words, categories: Words) -> Regions:
    """Regions by rising address, with neighbours that touch and are alike made one."""
    if not len(start):
        return Regions(start, end, categories)
    breaks = np.ones(len(start), bool)
    breaks[1:] = (start[1:] != end[:-1]) | (categories[1:] != categories[:-1])
    firsts = np.flatnonzero(breaks)
    lasts = np.append(firsts[1:], len(start)) - 1
    return Regions(start[firsts], end[lasts], categories[firsts])
