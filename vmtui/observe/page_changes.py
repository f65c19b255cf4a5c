"""Where the residency of a range is no longer what was read: a scan laid beside the facts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.regions import Regions
from vmtui.model.distinct import distinct
from vmtui.model.pages import Bytes, residency_facts
from vmtui.observe.page_facts import BLOCK, CHUNK


def changed_spans(
    first_page: int, facts: Bytes, regions: Regions, told: int
) -> Iterator[tuple[int, int]]:
    """Index ranges, whole blocks of at most a chunk, whose residency is not as in `facts`."""
    starts = (regions.start // np.uint64(PAGE_SIZE)).astype(np.int64) - first_page
    ends = (regions.end // np.uint64(PAGE_SIZE)).astype(np.int64) - first_page
    kinds = residency_facts(regions.categories) & np.uint8(told)
    lo, pages = 0, len(facts)
    while lo < pages:
        hi = min(pages, lo + CHUNK - (first_page + lo) % BLOCK)
        some = slice(int(np.searchsorted(ends, lo, "right")), int(np.searchsorted(starts, hi)))
        before = facts[lo:hi] & np.uint8(told)
        if some.stop - some.start == 1 and starts[some.start] <= lo and ends[some.start] >= hi:
            changed = np.flatnonzero(before != kinds[some.start])
        else:
            changed = np.flatnonzero(
                before != _expanded(lo, hi, starts[some], ends[some], kinds[some])
            )
        if len(changed):
            blocks = distinct((changed + first_page + lo) // BLOCK)
            for group in np.split(blocks, np.flatnonzero(np.diff(blocks) != 1) + 1):
                begin = int(group[0]) * BLOCK - first_page
                finish = (int(group[-1]) + 1) * BLOCK - first_page
                yield max(0, begin), min(pages, finish)
        lo = hi


def _expanded(
    lo: int, hi: int, starts: NDArray[np.int64], ends: NDArray[np.int64], kinds: Bytes
) -> Bytes:
    """The kind of every page from `lo` to `hi`, of the regions that touch it; 0 between them."""
    borders = np.empty(2 * len(starts) + 2, np.int64)
    borders[0], borders[-1] = lo, hi
    borders[1:-1:2], borders[2:-1:2] = np.maximum(starts, lo), np.minimum(ends, hi)
    filled = np.zeros(2 * len(starts) + 1, np.uint8)
    filled[1::2] = kinds
    return np.repeat(filled, np.diff(borders))
