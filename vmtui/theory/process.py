"""A process, as far as memory goes: its VMAs, its page table entries, its page tables."""

from __future__ import annotations

from collections.abc import Iterator

from vmtui.theory.frames import Folio
from vmtui.theory.tables import Pte, Tables
from vmtui.theory.vmas import Vma, find, overlapping, split

FIRST_TO_DIE = 1000
"""oom_score_adj of every specimen, unless the script says otherwise."""
HUGE_PAGES = 512
"""Pages of 4 KiB in a huge one: as many as a PTE table has entries."""


class Process:
    """An address space."""

    __slots__ = ("huge", "may_map", "name", "ptes", "score_adj", "tables", "vmas")

    def __init__(self, name: str) -> None:
        self.name = name
        self.vmas: list[Vma] = []
        """In order of address."""
        self.ptes: dict[int, Pte] = {}
        """By page number. The 512 pages of a huge page have one each, too."""
        self.tables = Tables()
        self.huge: dict[int, Folio | None] = {}
        """By page >> 9: where one PMD entry maps 2 MiB; None for the huge zero page."""
        self.score_adj = FIRST_TO_DIE
        self.may_map: int | None = None
        """Pages of address space that it may still have (RLIMIT_AS); None for any."""

    def vma(self, page: int) -> Vma | None:
        """The VMA of a page."""
        return find(self.vmas, page)

    def reaches(self, first: int, end: int) -> bool:
        """Whether any VMA has pages in a range."""
        return bool(overlapping(self.vmas, first, end))

    def mapped(self, first: int, end: int) -> Iterator[int]:
        """Pages of a range that have an entry, in order; quick when the range is mostly empty.

        The entries may be changed or deleted while it runs.
        """
        if end - first > 2 * len(self.ptes):
            return iter(sorted(page for page in self.ptes if first <= page < end))
        return (page for page in range(first, end) if page in self.ptes)

    def cut(self, first: int, end: int) -> list[Vma]:
        """Split VMAs so that none crosses a border of the range.

        Returns:
            Those inside it, in order.
        """
        for at in (first, end):
            vma = self.vma(at)
            if vma is not None and vma.start < at:
                self.split_huge(at)
                split(self.vmas, vma, at)
        return overlapping(self.vmas, first, end)

    def split_huge(self, page: int) -> None:
        """Cut the mapping of 2 MiB at a page, if the page lies inside them."""
        if page % HUGE_PAGES:
            self.split_block(page // HUGE_PAGES)

    def split_block(self, block: int) -> None:
        """Map 2 MiB by 512 entries instead of one (split_huge_pmd).

        Anonymous frames stay where they are. Those of an object are not mapped at all then: they
        can be found again.
        """
        if block not in self.huge:
            return
        del self.huge[block]
        first = self.ptes[block * HUGE_PAGES].frame
        if first is None or first.object is None:
            return
        for page in range(block * HUGE_PAGES, (block + 1) * HUGE_PAGES):
            pte = self.ptes.pop(page)
            if pte.frame is not None:
                pte.frame.map_count -= 1
                pte.frame.dirty = pte.frame.dirty or pte.dirty
