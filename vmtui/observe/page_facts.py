"""Reads the facts of pages, a chunk at a time, asking each kernel interface only what is open.

The entries tell most of it. What they cannot tell is asked where it is possible at all: huge only
of blocks whose first and last page could belong to one huge page, zero only of private pages that
are not exclusive, dirty and KSM only of the pages they can apply to.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vmtui.errors import NotPermitted, NotSupported
from vmtui.kernel import flags, kpage
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.missing import Missing
from vmtui.model.pages import (
    FILE,
    FLAGGED,
    HUGE,
    PRESENT,
    ZERO,
    Bytes,
    MappingKind,
    Words,
    facts_of,
    uniform,
)
from vmtui.observe.page_places import BLOCK, Indices, Patches, Places, Stretch

__all__ = ["BLOCK", "CHUNK", "NO_SCAN", "FactReader"]

CHUNK = 1 << 16
"""Entries read at a time: 512 KiB, which mostly stays in the processor's cache."""

_FAR = 4096
"""Pages between two questions about zero pages from which these are two scans."""
NO_SCAN = "needs PAGEMAP_SCAN, which this kernel does not have (Linux 6.7)"
_PFN = np.uint64(flags.PM_PFN_MASK)
_PRESENT = np.uint64(flags.PM_PRESENT)
_ALIKE = np.uint64(flags.PM_PRESENT | flags.PM_FILE)
_NONE = np.uint64(0)


class FactReader:
    """Fills arrays of facts for one VMA or range. Holds one chunk of entries."""

    def __init__(self, pagemap: Pagemap, mapping: MappingKind, frame_flags: int = 0) -> None:
        """Over an open pagemap.

        Args:
            pagemap: of the process.
            mapping: what the range maps.
            frame_flags: KPF_DIRTY, KPF_KSM or both where they shall be looked up in kpageflags.
        """
        self._pagemap = pagemap
        self._hugetlb, self._private = mapping == "hugetlb", mapping == "anon"
        self._frame_flags = frame_flags if pagemap.pfns_visible else 0
        self._huge_mask = _ALIKE | _PFN if pagemap.pfns_visible else _ALIKE
        self._entries = np.empty(CHUNK, np.uint64)
        self._candidates: list[tuple[Indices, Indices]] = []
        self.untold: dict[str, Missing] = {}
        """Figures that some pages read so far left open, and why."""

    def read(self, first_page: int, out: Bytes) -> bool:
        """The facts of at most `CHUNK` pages from page number `first_page` into `out`.

        Huge pages are marked only once `settle` is called, for all chunks together.

        Returns:
            Whether any of them is not absent.

        Raises:
            ProcessGone: the process has exited.
        """
        entries = self._pagemap.entries(first_page, len(out), self._entries)
        return self._judge(entries, Stretch(first_page, len(out)), out)

    def read_patches(self, patches: Patches, out: Bytes) -> bool:
        """The same of several stretches, for which `CHUNK` entries are read at most."""
        for first_page, pages, at in patches.reads():
            self._pagemap.entries(first_page, pages, self._entries[at:])
        entries = self._entries[: patches.room]
        return self._judge(entries if patches.kept is None else entries[patches.kept], patches, out)

    def settle(self, places: Places, facts: Bytes) -> list[tuple[int, int]]:
        """Mark the huge pages among all that was read into `facts`, whose pages are `places`.

        Returns:
            The index ranges that were marked.

        Raises:
            ProcessGone: the process has exited.
        """
        found, self._candidates = self._candidates, []
        if not found:
            return []
        firsts = np.concatenate([first for first, _ in found])
        lasts = np.concatenate([last for _, last in found])
        # The last page of one block and the first of the next are neighbours: one question.
        probed = np.where(firsts // BLOCK % 2 == 0, lasts, firsts).astype(np.uint64)
        categories = self._pagemap.categories_at(
            probed * np.uint64(PAGE_SIZE),
            flags.PAGE_IS_HUGE | flags.PAGE_IS_PFNZERO,
            any_of=flags.PAGE_IS_HUGE,
        )
        marked = []
        for index in np.flatnonzero(categories).tolist():
            zero = bool(categories[index] & np.uint64(flags.PAGE_IS_PFNZERO))
            part = places.part(int(firsts[index]), int(lasts[index]) + 1)
            _mark_block(facts, part, HUGE | (ZERO if zero else 0))
            marked.append((part.start, part.stop))
        return marked

    def _judge(self, entries: Words, places: Places, out: Bytes) -> bool:
        facts_of(entries, out)
        alike = uniform(out)
        if alike == 0:
            return False
        if not self._hugetlb:
            self._find_huge(places, entries, out)
            if alike in (None, PRESENT):
                self._mark_zero(places, entries, out)
        if self._frame_flags:
            self._mark_flagged(entries, out)
        return True

    def _find_huge(self, places: Places, entries: Words, facts: Bytes) -> None:
        """Note each block that may be mapped as a whole, by its first and last page."""
        firsts, lasts = places.blocks()
        begin, finish = entries[firsts] & self._huge_mask, entries[lasts] & self._huge_mask
        # Within one huge page frame numbers rise with the addresses (hidden ones stay 0).
        apart = (lasts - firsts).astype(np.uint64) if self._pagemap.pfns_visible else _NONE
        candidates = (begin >= _PRESENT) & (finish - begin == apart)
        if not candidates.any():
            return
        if self._pagemap.pfns_visible:
            candidates &= (begin - places.pages_at(firsts).astype(np.uint64)) % BLOCK == 0
        if not candidates.all():
            firsts, lasts = firsts[candidates], lasts[candidates]
        if self._pagemap.can_scan:
            self._candidates.append((places.pages_at(firsts), places.pages_at(lasts)))
        else:
            self._mark_huge_without_scan(entries, facts, firsts, lasts)

    def _mark_huge_without_scan(
        self, entries: Words, facts: Bytes, firsts: NDArray[np.intp], lasts: NDArray[np.intp]
    ) -> None:
        """What is surely huge (the huge zero page) and what surely is not (no large folio)."""
        unclear = Missing(f"which pages are mapped huge {NO_SCAN}", "Linux 6.7 or newer")
        if self._private:
            zero = (facts[firsts] & FILE) != 0  # no file here: the huge zero page's bit 61
            for index in np.flatnonzero(zero).tolist():
                _mark_block(facts, slice(firsts[index], lasts[index] + 1), HUGE | ZERO)
            firsts, lasts = firsts[~zero], lasts[~zero]
        if not len(firsts):
            return
        if not self._pagemap.pfns_visible:
            self.untold["huge"] = unclear
            return
        try:
            frame_flags = kpage.flags_of(entries[firsts] & _PFN)
        except (NotPermitted, NotSupported):
            self.untold["huge"] = unclear
            return
        if (frame_flags & np.uint64(flags.KPF_THP | flags.KPF_COMPOUND_HEAD)).any():
            self.untold["huge"] = unclear  # a large folio: by one entry or by many, who knows

    def _mark_zero(self, places: Places, entries: Words, facts: Bytes) -> None:
        """The zero page is never exclusive, nor a file's: ask only about pages that are neither."""
        candidates = facts == PRESENT
        if not candidates.any():
            return
        if self._pagemap.zero_pfns:
            frames = entries & _PFN
            for zero_pfn in self._pagemap.zero_pfns:
                facts[candidates & (frames == np.uint64(zero_pfn))] |= ZERO
        elif self._pagemap.can_scan:
            asked = places.pages_at(np.flatnonzero(candidates))
            for pages in np.split(asked, np.flatnonzero(np.diff(asked) > _FAR) + 1):
                self._mark_zero_between(int(pages[0]), int(pages[-1]) + 1, places, facts)
        else:
            self.untold["zero"] = Missing(
                f"telling zero pages from shared ones {NO_SCAN}; they are counted as anon here",
                "run vmtui as root, or Linux 6.7 or newer",
            )

    def _mark_zero_between(self, first: int, last: int, places: Places, facts: Bytes) -> None:
        regions = self._pagemap.scan(
            first * PAGE_SIZE,
            last * PAGE_SIZE,
            all_of=flags.PAGE_IS_PFNZERO,
            return_mask=flags.PAGE_IS_PFNZERO,
        )
        for start, end in zip(regions.start.tolist(), regions.end.tolist(), strict=True):
            part = facts[places.part(start // PAGE_SIZE, end // PAGE_SIZE)]
            part |= (part == PRESENT) * np.uint8(ZERO)

    def _mark_flagged(self, entries: Words, facts: Bytes) -> None:
        """Dirty file pages and merged private ones, from kpageflags."""
        asked = np.zeros(len(facts), bool)
        if self._frame_flags & flags.KPF_DIRTY:
            asked |= (facts & (PRESENT | FILE)) == PRESENT | FILE
        if self._frame_flags & flags.KPF_KSM:
            asked |= (facts & (PRESENT | FILE | ZERO)) == PRESENT
        index = np.flatnonzero(asked)
        if not len(index):
            return
        try:
            frame_flags = kpage.flags_of(entries[index] & _PFN)
        except (NotPermitted, NotSupported) as error:
            self.untold["dirty"] = self.untold["ksm"] = Missing.because(error)
            self._frame_flags = 0
            return
        file = (facts[index] & FILE) != 0
        telling = np.where(file, np.uint64(flags.KPF_DIRTY), np.uint64(flags.KPF_KSM))
        facts[index[(frame_flags & telling) != 0]] |= FLAGGED


def _mark_block(facts: Bytes, place: slice, bits: int) -> None:
    """Mark a block, unless it was taken apart between the two questions."""
    block = facts[place]
    if (block & PRESENT).all():
        block |= np.uint8(bits)
        if bits & ZERO:
            # Entries of the huge zero page have bit 61, as if it were a file's.
            block &= np.uint8(~(FILE | FLAGGED) & 0xFF)
