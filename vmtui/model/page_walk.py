"""How an address finds its page: the indices it is split into, and the tables on the way.

The indices are arithmetic. The tables are *derived*: there is no interface to read them, but a page
that is there needs each table above it. What a process's pages need in all is compared with VmPTE
of its status, which counts all levels but the topmost (and, with five, the second).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel.regions import Regions, Words
from vmtui.missing import Missing

_NAMES = {
    2: ("PGD", "PTE"),
    3: ("PGD", "PMD", "PTE"),
    4: ("PGD", "PUD", "PMD", "PTE"),
    5: ("PGD", "P4D", "PUD", "PMD", "PTE"),
}
_ENTRY_BYTES = 8


@dataclass(frozen=True, slots=True)
class Geometry:
    """How the processor splits addresses on this machine."""

    page_size: int
    levels: tuple[str, ...]
    """Names of the tables, the topmost first."""

    @property
    def entries(self) -> int:
        """Entries of a table: 512 with pages of 4 KiB."""
        return self.page_size // _ENTRY_BYTES

    @property
    def offset_bits(self) -> int:
        """Bits of an address within its page."""
        return self.page_size.bit_length() - 1

    @property
    def index_bits(self) -> int:
        """Bits of an index."""
        return self.entries.bit_length() - 1

    def shift(self, level: int) -> int:
        """The lowest bit of the index into the table at that level; 0 is the topmost level."""
        return self.offset_bits + self.index_bits * (len(self.levels) - 1 - level)

    def span(self, level: int) -> int:
        """Bytes of address space below one entry of a table at that level."""
        return 1 << self.shift(level)

    def index(self, address: int, level: int) -> int:
        """The entry an address takes in the table at that level."""
        return address >> self.shift(level) & self.entries - 1

    def indices(self, address: int) -> tuple[int, ...]:
        """The entries it takes on its way, the topmost table's first."""
        return tuple(self.index(address, level) for level in range(len(self.levels)))

    def base(self, address: int, level: int) -> int:
        """The first address that the table at that level stands for."""
        span = self.span(level) * self.entries
        return address // span * span


def geometry_of(space_end: int, page_size: int) -> Geometry:
    """The geometry of a machine.

    Args:
        space_end: the first address after a native process's own, as `Pagemap.space_end` says
            (0x7ffffffff000 with four levels on x86, where the kernel has the other half).
        page_size: bytes of a base page.
    """
    offset_bits = page_size.bit_length() - 1
    bits = (max(space_end, page_size * 2) - 1).bit_length() - offset_bits
    index_bits = (page_size // _ENTRY_BYTES).bit_length() - 1
    return Geometry(page_size, _NAMES[min(5, max(2, -(-bits // index_bits)))])


class Ending(Enum):
    """What a walk comes to."""

    PAGE = "page"
    """A page in memory."""
    SWAPPED = "swapped"
    """An entry that holds a slot in swap."""
    GUARD = "guard"
    """A guard marker."""
    EMPTY = "empty"
    """An entry, here or in a table above, that no page of the process needs."""


@dataclass(frozen=True, slots=True, eq=False)
class TableOnWay:
    """One table that an address leads through."""

    level: int
    """0 is the topmost."""
    name: str
    index: int
    """The address's own entry."""
    entry_span: int
    """Bytes of address space below one entry."""
    base: int
    """The first address the table stands for."""
    shares: NDArray[np.float32]
    """Per entry, which part of the addresses below it is populated: 0 to 1."""
    needed: bool
    """Whether any page needs this table. An empty one may exist all the same: nobody can tell."""

    @property
    def used(self) -> int:
        """Entries below which there is something."""
        return int(np.count_nonzero(self.shares))


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """The way of one address."""

    address: int
    geometry: Geometry
    tables: tuple[TableOnWay, ...]
    """From the topmost to the last one that is needed (or would be)."""
    ending: Ending
    mapped_bytes: int
    """What the last entry maps: a page, or a huge one where the walk stops early."""
    neighbours: bytes
    """`PageState` of each page below the last table, when that is a PTE table; else empty."""

    @property
    def stops_early(self) -> bool:
        """Whether a huge entry ends it above the last level."""
        return self.ending is Ending.PAGE and len(self.tables) < len(self.geometry.levels)

    @property
    def missing_at(self) -> TableOnWay | None:
        """The table whose entry is empty, where nothing is at the address."""
        if self.ending is not Ending.EMPTY:
            return None
        return next((table for table in self.tables if not table.shares[table.index]), None)


@dataclass(frozen=True, slots=True)
class Derived:
    """Tables that a process's pages need, and what VmPTE says."""

    counts: tuple[int, ...]
    """By level as in `Geometry.levels`; the topmost is 1."""
    counted: int
    """Those of them that VmPTE counts."""
    page_size: int
    read_bytes: int | Missing
    """VmPTE."""
    why: str
    """In a sentence, why the two differ; empty where they agree."""

    @property
    def derived_bytes(self) -> int:
        """Bytes of the counted tables."""
        return self.counted * self.page_size

    @property
    def difference(self) -> int | Missing:
        """Tables read but not derived; negative the other way round."""
        if isinstance(self.read_bytes, Missing):
            return self.read_bytes
        return (self.read_bytes - self.derived_bytes) // self.page_size


def blocks_touched(start: Words, end: Words, shift: int) -> int:
    """How many blocks of 2^shift bytes hold part of these ranges (rising, not overlapping)."""
    if not len(start):
        return 0
    first = (start >> np.uint64(shift)).astype(np.int64)
    last = ((end - np.uint64(1)) >> np.uint64(shift)).astype(np.int64)
    first[1:] = np.maximum(first[1:], last[:-1] + 1)
    return int((last - first + 1).sum())


def tables_needed(
    geometry: Geometry, populated: Regions, without_pte: NDArray[np.bool_], spans: Words
) -> tuple[int, ...]:
    """Tables of each level that these pages need, in the order of `Geometry.levels`.

    Args:
        geometry: of the machine.
        populated: present, swapped and guarded ranges of the whole process.
        without_pte: per range, whether an entry above a PTE table maps it and no PTE table is kept
            for it: pages of a file mapped huge, and hugetlb. (For an anonymous huge page the kernel
            keeps a table ready, to split it.)
        spans: per range, the bytes such an entry maps; elsewhere 0.
    """
    counts = [1]
    for level in range(1, len(geometry.levels)):
        kept = ~without_pte | (spans < np.uint64(geometry.span(level - 1)))
        if level == len(geometry.levels) - 1:
            kept = ~without_pte
        counts.append(
            blocks_touched(populated.start[kept], populated.end[kept], geometry.shift(level - 1))
        )
    return tuple(counts)


def counted_in_vmpte(geometry: Geometry, counts: Sequence[int]) -> int:
    """The tables that VmPTE counts: PUD, PMD and PTE, never PGD and P4D."""
    return sum(
        count
        for name, count in zip(geometry.levels, counts, strict=True)
        if name not in ("PGD", "P4D")
    )


def shares_below(
    populated: Regions, base: int, entry_span: int, entries: int
) -> NDArray[np.float32]:
    """Which part of each entry's addresses is populated: float32 array of `entries`."""
    borders = np.uint64(base) + np.arange(entries + 1, dtype=np.uint64) * np.uint64(entry_span)
    if not len(populated):
        return np.zeros(entries, np.float32)
    lengths = (populated.end - populated.start).astype(np.float64)
    before = np.concatenate(([0.0], np.cumsum(lengths)))
    at = np.searchsorted(populated.start, borders, side="right")
    last = np.maximum(at - 1, 0)
    inside = np.minimum(borders, populated.end[last]) - populated.start[last]
    reached = np.where(at > 0, before[last] + inside.astype(np.float64), 0.0)
    shares: NDArray[np.float32] = (np.diff(reached) / entry_span).astype(np.float32)
    return shares
