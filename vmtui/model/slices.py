"""How much of each slice of an address range is in which state, from scanned regions.

A strip of 32 columns over a VMA of any size is 32 slices; their counts are exact and add up to the
VMA's own. Regions come from PAGEMAP_SCAN and may run across VMAs, so they are clipped here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE
from vmtui.model import pages
from vmtui.model.pages import MappingKind
from vmtui.model.states import PageState

if TYPE_CHECKING:
    from vmtui.model.vma_row import VmaRow

STATES = len(PageState)
SHARED = 1 << 32
"""A category of our own beside the kernel's: a private page that others map too (bit 56 clear)."""


@dataclass(frozen=True, slots=True, eq=False)
class ScannedSpace:
    """The populated regions of an address space, sorted and without overlap."""

    starts: NDArray[np.uint64]
    ends: NDArray[np.uint64]
    categories: NDArray[np.uint64]
    """PAGE_IS_* bits of each region."""
    knows_files: bool
    """Whether PAGE_IS_FILE was asked for; else a private page of a file mapping looks like file."""

    @property
    def nbytes(self) -> int:
        """Memory the arrays take."""
        return self.starts.nbytes + self.ends.nbytes + self.categories.nbytes

    def same_as(self, other: ScannedSpace) -> bool:
        """Whether both saw the same."""
        return (
            np.array_equal(self.starts, other.starts)
            and np.array_equal(self.ends, other.ends)
            and np.array_equal(self.categories, other.categories)
        )

    def replaced(self, part: ScannedSpace) -> ScannedSpace:
        """The same with the regions between `part`'s first and last address taken from it."""
        if not len(part.starts):
            return self
        below = self.within(0, int(part.starts[0]))
        above = self.within(int(part.ends[-1]), int(self.ends[-1]))
        return ScannedSpace(
            np.concatenate((below.starts, part.starts, above.starts)),
            np.concatenate((below.ends, part.ends, above.ends)),
            np.concatenate((below.categories, part.categories, above.categories)),
            self.knows_files,
        )

    def within(self, start: int, end: int) -> ScannedSpace:
        """The part between two addresses, regions at the edges clipped."""
        first = int(np.searchsorted(self.ends, np.uint64(start), side="right"))
        last = int(np.searchsorted(self.starts, np.uint64(end), side="left"))
        return ScannedSpace(
            np.maximum(self.starts[first:last], np.uint64(start)),
            np.minimum(self.ends[first:last], np.uint64(end)),
            self.categories[first:last],
            self.knows_files,
        )


_FACTS = (
    (flags.PAGE_IS_PRESENT, pages.PRESENT),
    (flags.PAGE_IS_SWAPPED, pages.SWAPPED),
    (flags.PAGE_IS_PFNZERO, pages.ZERO),
    (flags.PAGE_IS_HUGE, pages.HUGE),
    (flags.PAGE_IS_GUARD, pages.GUARD),
    (flags.PAGE_IS_FILE, pages.FILE),
)


def region_states(space: ScannedSpace, mapping: MappingKind, locked: bool) -> NDArray[np.uint8]:
    """The drawn state of each region, by the same rules as single pages.

    A scan alone cannot tell who else maps a page: private pages without `SHARED` are taken to be
    their owner's alone.

    Args:
        space: regions of one VMA.
        mapping: what the VMA maps.
        locked: whether the VMA is mlocked.
    """
    facts = np.full(len(space.categories), pages.EXCLUSIVE, np.uint8)
    for category, fact in _FACTS:
        facts[(space.categories & np.uint64(category)) != 0] |= fact
    facts[(space.categories & np.uint64(SHARED)) != 0] &= np.uint8(~pages.EXCLUSIVE & 0xFF)
    if not space.knows_files and mapping not in ("anon", "hugetlb"):
        facts[(facts & pages.PRESENT) != 0] |= pages.FILE
    return pages.states_of(facts, mapping=mapping, locked=locked)


def slice_counts(
    space: ScannedSpace,
    start: int,
    end: int,
    columns: int,
    mapping: MappingKind,
    *,
    locked: bool = False,
    no_access: bool = False,
) -> NDArray[np.int64]:
    """Pages of each state in each of `columns` equal slices of a range.

    Returns:
        An array of shape (columns, 12). With fewer pages than columns a page fills several
        columns; otherwise the rows add up to the range's pages.
    """
    size = (end - start) // PAGE_SIZE
    part = space.within(start, end)
    states = region_states(part, mapping, locked)
    # unsigned: [vsyscall] lies in the upper half of the address space
    firsts = ((part.starts - np.uint64(start)) // np.uint64(PAGE_SIZE)).astype(np.int64)
    lengths = ((part.ends - part.starts) // np.uint64(PAGE_SIZE)).astype(np.int64)
    if size < columns:
        lows = np.arange(columns) * size // columns
        highs = lows + 1
    else:
        edges = np.arange(columns + 1) * size // columns
        lows, highs = edges[:-1], edges[1:]
    counts = np.zeros((columns, STATES), np.int64)
    for state in np.flatnonzero(np.bincount(states, minlength=STATES)):
        chosen = states == state
        counts[:, state] = _pages_below(highs, firsts[chosen], lengths[chosen]) - _pages_below(
            lows, firsts[chosen], lengths[chosen]
        )
    rest = (highs - lows) - counts.sum(axis=1)
    counts[:, PageState.GUARD if no_access else PageState.ABSENT] += rest
    return counts


def slices_of(vma: VmaRow, space: ScannedSpace, columns: int) -> NDArray[np.int64]:
    """The same for a whole VMA: an array of shape (columns, 12)."""
    return slice_counts(
        space, vma.start, vma.end, columns, vma.kind.mapping,
        locked=bool(vma.is_locked), no_access=vma.no_access,
    )  # fmt: skip


def _pages_below(
    edges: NDArray[np.int64], firsts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How many of the runs' pages lie below each edge (page indices)."""
    before = np.concatenate(([0], np.cumsum(lengths)))
    index = np.searchsorted(firsts, edges, side="right")  # runs that begin at or below the edge
    last = np.maximum(index - 1, 0)
    inside = np.clip(edges - firsts[last], 0, lengths[last])
    return np.where(index > 0, before[last] + inside, 0)
