"""A cause of a difference, and the amounts that its words are made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vmtui import units
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.page_moves import PageMove

if TYPE_CHECKING:
    from vmtui.model.vma_difference import VmaDifference  # asks for the causes of a row


class Why(StrEnum):
    """The causes by name, for scripts."""

    LEAK = "leak"
    HEAP = "heap"
    STACK = "stack"
    THREAD = "thread"
    HUGETLB = "hugetlb"
    GUARD = "guard"
    ARENA = "arena"
    RESERVED = "reserved"
    FILE = "file"
    SHMEM = "shmem"
    MAPPED = "mapped"
    UNMAPPED = "unmapped"
    PROTECTED = "protected"
    TOUCHED = "touched"
    PAGED_OUT = "paged-out"
    PAGED_IN = "paged-in"
    GIVEN_BACK = "given-back"
    EVICTED = "evicted"
    COLLAPSED = "collapsed"
    SPLIT = "split"
    FORKED = "forked"
    UNSHARED = "unshared"
    COPIED = "copied"
    MERGED = "merged"
    DIRTIED = "dirtied"
    CLEANED = "cleaned"
    LOCKED = "locked"
    QUALITY = "quality"
    STILL = "still"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason."""

    why: Why
    text: str
    """A clause."""


def amount(pages: int) -> str:
    """So many pages as a size."""
    return units.size(pages * PAGE_SIZE)


def some(row: VmaDifference, pages: int) -> str:
    """How much came (or, negative, went), with a blank.

    Nothing where it is all of the change, for that stands before it.
    """
    return "" if pages * PAGE_SIZE == change_of(row, "rss") else f"{amount(abs(pages))} "


def pages_of(row: VmaDifference, *moves: PageMove) -> int:
    """Pages that moved so; 0 where that is not known."""
    return sum(0 if isinstance(found := row.pages(move), Missing) else found for move in moves)


def change_of(row: VmaDifference, name: str) -> int:
    """By how much a figure changed; 0 where that is not known."""
    delta = row.delta(name)
    return 0 if isinstance(delta, Missing) else delta
