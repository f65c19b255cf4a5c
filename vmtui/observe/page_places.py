"""Which page stands where in an array of entries: one stretch of addresses, or many packed.

A table of page entries has `BLOCK` of them, 2 MiB: what can be mapped as a whole, hence «block».
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel.files import PAGE_SIZE

Indices: TypeAlias = NDArray[np.int64]

BLOCK = PAGE_SIZE // 8
"""Pages under one page-middle-directory entry: as many as a table has 8-byte entries."""
_GAP = 64
"""Pages in between that are read along (some µs) rather than starting another read."""


class Places(Protocol):
    """The pages that an array holds, by rising addresses."""

    def pages_at(self, indices: Indices) -> Indices:
        """The page numbers (address / page size) that stand at some indices."""

    def part(self, first_page: int, last_page: int) -> slice:
        """Where the pages from `first_page` up to `last_page` (not included) stand."""

    def blocks(self) -> tuple[Indices, Indices]:
        """Index of the first and the last page of each block, cut where addresses jump."""


class Stretch:
    """Pages of consecutive addresses."""

    def __init__(self, first_page: int, pages: int) -> None:
        self._first = first_page
        self._pages = pages

    def pages_at(self, indices: Indices) -> Indices:
        """See `Places`."""
        return indices + self._first

    def part(self, first_page: int, last_page: int) -> slice:
        """See `Places`."""
        return slice(max(0, first_page - self._first), max(0, last_page - self._first))

    def blocks(self) -> tuple[Indices, Indices]:
        """See `Places`."""
        return _blocks(self._first, self._pages)


class Patches:
    """Several stretches, one after the other, as if nothing lay between them.

    Those that nearly touch are read together, with what lies between them: `reads` and `kept`.
    """

    def __init__(self, first_pages: Indices, lengths: Indices) -> None:
        """Packed together.

        Args:
            first_pages: page number where each begins, rising; none overlaps the next.
            lengths: pages of each, at least one.
        """
        self.starts = np.cumsum(lengths) - lengths
        """Where each begins in the array."""
        self._pages = np.arange(int(lengths.sum())) + np.repeat(first_pages - self.starts, lengths)
        at = offsets(first_pages, lengths)
        self._read_at = at[_read_firsts(first_pages, lengths)]
        self._read_pages = first_pages[_read_firsts(first_pages, lengths)]
        self.room = int(at[-1] + lengths[-1])
        """Entries that are read for it, those between its stretches too."""
        self.kept: Indices | None = None
        """Where in what was read its pages stand; None when that is all."""
        if self.room > len(self._pages):
            self.kept = np.arange(len(self._pages)) + np.repeat(at - self.starts, lengths)

    def __len__(self) -> int:
        return len(self._pages)

    def reads(self) -> Iterator[tuple[int, int, int]]:
        """What to read: first page number, pages, and where in the buffer."""
        ends = np.append(self._read_at[1:], self.room)
        yield from zip(
            self._read_pages.tolist(),
            (ends - self._read_at).tolist(),
            self._read_at.tolist(),
            strict=True,
        )

    def pages_at(self, indices: Indices) -> Indices:
        """See `Places`."""
        found: Indices = self._pages[indices]
        return found

    def part(self, first_page: int, last_page: int) -> slice:
        """See `Places`."""
        first, last = np.searchsorted(self._pages, (first_page, last_page)).tolist()
        return slice(first, last)

    def blocks(self) -> tuple[Indices, Indices]:
        """See `Places`."""
        begins = self._pages % BLOCK == 0
        begins[self.starts] = True
        firsts = np.flatnonzero(begins)
        return firsts, np.append(firsts[1:], len(self._pages)) - 1


def offsets(first_pages: Indices, lengths: Indices) -> Indices:
    """Where each stretch stands in a buffer that also holds the small gaps between them."""
    gaps = first_pages[1:] - first_pages[:-1] - lengths[:-1]
    steps = lengths[:-1] + np.where(_near(gaps), gaps, 0)
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(steps)))


def _read_firsts(first_pages: Indices, lengths: Indices) -> Indices:
    """Which stretches begin a read of their own."""
    gaps = first_pages[1:] - first_pages[:-1] - lengths[:-1]
    return np.concatenate((np.zeros(1, np.int64), np.flatnonzero(~_near(gaps)) + 1))


def _near(gaps: Indices) -> NDArray[np.bool_]:
    return (gaps >= 0) & (gaps <= _GAP)


@lru_cache(maxsize=4)
def _blocks(first_page: int, pages: int) -> tuple[Indices, Indices]:
    """Index of the first and the last page of each block, cut at both ends of a stretch."""
    head = -first_page % BLOCK
    if head == 0 and first_page:
        return _blocks(0, pages)  # nearly all chunks: aligned, so alike
    firsts = np.arange(head, pages, BLOCK)
    if head:
        firsts = np.concatenate(([0], firsts))
    return firsts, np.append(firsts[1:], pages) - 1
