"""How many pages of a range are in each state: exact figures that add up, with no array behind."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from vmtui.missing import Missing

Figure: TypeAlias = int | Missing
"""A number of pages, or why it is not known."""


def added(one: Figure, other: Figure) -> Figure:
    """The sum of two figures; what is missing in either is missing in the sum."""
    if isinstance(one, Missing):
        return one
    return other if isinstance(other, Missing) else one + other


@dataclass(frozen=True, slots=True)
class PageCounts:
    """The pages of a range by state. `pages == absent + present + swapped + guard`, always.

    The kinds overlap: a page may be anon, huge, exclusive and locked at once. Of the present ones
    `zero + anon + file + shmem == present` and `zero + exclusive + shared == present`; where not
    all zero pages could be told (`zero` is Missing) the others are among `anon` and `shared`.
    """

    pages: int = 0
    """Pages of the range."""
    absent: int = 0
    """Never touched, or given back: no entry at all."""
    present: int = 0
    """An entry maps a frame; zero pages included."""
    swapped: int = 0
    """In swap (guard markers, which look alike in bit 62, not included)."""
    zero: Figure = 0
    """Mapped to the shared zero page, small or huge."""
    anon: int = 0
    """Present private pages, zero pages not included."""
    file: int = 0
    """Present pages of a file's page cache."""
    shmem: int = 0
    """Present pages of shared memory, tmpfs or shared hugetlb."""
    huge: Figure = 0
    """Present pages mapped by an entry of 2 MiB or larger."""
    exclusive: int = 0
    """Present pages that exactly one entry maps (bit 56)."""
    shared: int = 0
    """Present pages, not zero ones, that more than one entry maps."""
    dirty: Figure = 0
    """Present file and shmem pages whose frame is marked dirty."""
    ksm: Figure = 0
    """Present pages merged with equal ones by KSM."""
    locked: int = 0
    """Present pages of a VMA that is locked in memory."""
    guard: int = 0
    """Guard markers: touching the page faults."""

    def __add__(self, other: PageCounts) -> PageCounts:
        sums: dict[str, Any] = {
            field.name: added(getattr(self, field.name), getattr(other, field.name))
            for field in fields(self)
        }
        return PageCounts(**sums)


@dataclass(frozen=True, slots=True)
class Residency:
    """The part of the counts that PAGEMAP_SCAN tells without looking at any frame."""

    pages: int = 0
    """Pages of the range."""
    present: int = 0
    """As in `PageCounts`."""
    swapped: int = 0
    """As in `PageCounts`."""
    zero: Figure = 0
    """As in `PageCounts`; Missing where the kernel has no PAGEMAP_SCAN."""
    huge: Figure = 0
    """As in `PageCounts`; Missing where the kernel has no PAGEMAP_SCAN."""
    guard: int = 0
    """As in `PageCounts`."""

    @property
    def absent(self) -> int:
        """Pages without any entry."""
        return self.pages - self.present - self.swapped - self.guard
