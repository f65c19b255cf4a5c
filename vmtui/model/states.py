"""The twelve states a page can be drawn in: one legend everywhere.

A state is what a page *is drawn as*; the counts of a range (`PageCounts`) are not exclusive and
come from the same entries. Lower-case letters are ordinary, capitals worth a look.
"""

from __future__ import annotations

from enum import IntEnum


class PageState(IntEnum):
    """One byte per page in every array of states."""

    ABSENT = 0
    ZERO = 1
    ANON = 2
    COW = 3
    FILE = 4
    SHMEM = 5
    DIRTY = 6
    SWAPPED = 7
    HUGE = 8
    KSM = 9
    LOCKED = 10
    GUARD = 11

    @property
    def slot(self) -> str:
        """The palette slot: the lower-case name."""
        return self.name.lower()

    @property
    def letter(self) -> str:
        """The glyph of one page."""
        return LETTERS[self]

    @property
    def meaning(self) -> str:
        """What it says, in a few words."""
        return _MEANINGS[self]


LETTERS = "·0acfsDWHKLX"
"""Indexed by PageState."""

_MEANINGS = (
    "no page behind it yet",
    "the shared zero page: read, never written",
    "private, its own",
    "private, shared since a fork until written",
    "page cache of a file",
    "shared memory or tmpfs",
    "written, not yet written back",
    "in swap",
    "part of a huge page",
    "merged with equal pages by KSM",
    "locked in memory",
    "guard: touching it faults",
)
