"""Reads what the walk of an address is derived from: the populated ranges of the whole process.

PAGEMAP_SCAN tells them in 0.1–1 ms for ordinary processes, some 250 ms for 8 GiB. It is silent on
VMAs of the kernel's own frames ([vvar], device memory): the entries of small ones are read.
"""

from __future__ import annotations

import os
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vmtui.errors import NotSupported, VmtuiError
from vmtui.kernel import flags, procmap, status
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.regions import Regions, Words, joined
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.page_walk import (
    Derived,
    Ending,
    Geometry,
    TableOnWay,
    Walk,
    counted_in_vmpte,
    geometry_of,
    shares_below,
    tables_needed,
)
from vmtui.model.pages import states_of
from vmtui.model.vma_kinds import KINDS, VmaKind
from vmtui.model.vmas import Vmas
from vmtui.observe.page_facts import FactReader
from vmtui.observe.page_places import Stretch

NO_SCAN = "needs PAGEMAP_SCAN, which this kernel does not have (Linux 6.7)"
_POPULATED = flags.PAGE_IS_PRESENT | flags.PAGE_IS_SWAPPED
_MOST_SPECIAL_PAGES = 1 << 16
_ATTEMPTS = 3
_SPECIAL = [KINDS.index(kind) for kind in (VmaKind.SPECIAL, VmaKind.VDSO)]
_OF_FILES = [KINDS.index(kind) for kind in (VmaKind.FILE, VmaKind.SHMEM)]
_HUGETLB = KINDS.index(VmaKind.HUGETLB)


@cache
def machine_geometry() -> Geometry:
    """How this machine splits addresses: asked of vmtui's own, which are native ones.

    Raises:
        NotPermitted, NotSupported: vmtui may not look at itself.
    """
    with Target(os.getpid()) as own, Pagemap(own) as pagemap:
        return geometry_of(pagemap.space_end, PAGE_SIZE)


class Space:
    """The populated ranges of a process at one moment, each with how it is mapped."""

    def __init__(self, target: Target, pagemap: Pagemap, vmas: Vmas) -> None:
        """Scan.

        Raises:
            NotSupported: this kernel has no PAGEMAP_SCAN.
            ProcessGone: the process has exited.
        """
        if not pagemap.can_scan:
            raise NotSupported(f"which tables there are {NO_SCAN}")
        told = _POPULATED | flags.PAGE_IS_HUGE
        told |= flags.PAGE_IS_GUARD if pagemap.knows_guard else 0
        found = pagemap.scan(0, pagemap.space_end, any_of=_POPULATED, return_mask=told)
        self.regions, self.unseen = _with_special(found, pagemap, vmas)
        of_vma = np.searchsorted(vmas.maps.start, self.regions.start, side="right").astype(int) - 1
        codes = vmas.kind_codes[np.maximum(of_vma, 0)] if len(vmas) else np.zeros(0, np.uint8)
        huge = (self.regions.categories & np.uint64(flags.PAGE_IS_HUGE)) != 0
        hugetlb = codes == _HUGETLB
        self.without_pte: NDArray[np.bool_] = hugetlb | (huge & np.isin(codes, _OF_FILES))
        self.huge: NDArray[np.bool_] = huge | hugetlb
        self.spans = np.where(self.huge, np.uint64(_block_bytes()), np.uint64(0))
        for row in np.unique(of_vma[hugetlb]).tolist():
            size = _page_size_of(target, int(vmas.maps.start[row]))
            self.spans[of_vma == row] = np.uint64(size)

    def at(self, address: int) -> int | None:
        """The range that holds an address."""
        row = int(np.searchsorted(self.regions.start, np.uint64(address), side="right")) - 1
        return row if row >= 0 and address < int(self.regions.end[row]) else None


def _with_special(found: Regions, pagemap: Pagemap, vmas: Vmas) -> tuple[Regions, int]:
    """The same with the kernel's own frames, and how many pages of those were not looked at."""
    pieces, unseen = [found], 0
    for row in np.flatnonzero(np.isin(vmas.kind_codes, _SPECIAL)).tolist():
        low, high = int(vmas.maps.start[row]), int(vmas.maps.end[row])
        pages = (high - low) // PAGE_SIZE
        if low >= pagemap.space_end:
            continue  # [vsyscall] is not in the process's tables
        if pages > _MOST_SPECIAL_PAGES:
            unseen += pages
            continue
        entries = pagemap.entries(low // PAGE_SIZE, pages)
        there = np.flatnonzero(entries & np.uint64(flags.PM_PRESENT))
        starts = np.uint64(low) + there.astype(np.uint64) * np.uint64(PAGE_SIZE)
        starts = starts[~_covered(found, starts)]
        category = np.full(len(starts), flags.PAGE_IS_PRESENT, np.uint64)
        pieces.append(Regions(starts, starts + np.uint64(PAGE_SIZE), category))
    start = np.concatenate([piece.start for piece in pieces])
    end = np.concatenate([piece.end for piece in pieces])
    categories = np.concatenate([piece.categories for piece in pieces])
    order = np.argsort(start, kind="stable")
    return joined(start[order], end[order], categories[order]), unseen


def _covered(regions: Regions, addresses: Words) -> NDArray[np.bool_]:
    if not len(regions):
        return np.zeros(len(addresses), bool)
    row = np.searchsorted(regions.start, addresses, side="right") - 1
    inside: NDArray[np.bool_] = (row >= 0) & (addresses < regions.end[np.maximum(row, 0)])
    return inside


def _page_size_of(target: Target, address: int) -> int:
    """The page size of a hugetlb VMA; the usual one where the kernel does not say."""
    try:
        fd = target.open("maps")
        try:
            vma = procmap.query(fd, address, covering_or_next=False)
        finally:
            os.close(fd)
    except VmtuiError:
        return _block_bytes()
    return vma.page_size_bytes if vma is not None else _block_bytes()


def _block_bytes() -> int:
    """What an entry of the table above the PTE tables maps: 2 MiB with pages of 4 KiB."""
    return PAGE_SIZE // 8 * PAGE_SIZE


def walk(space: Space, pagemap: Pagemap, vmas: Vmas, address: int) -> Walk:
    """The way of one address.

    Raises:
        ProcessGone: the process has exited.
        NotPermitted, NotSupported: as `machine_geometry`.
    """
    geometry, row = machine_geometry(), space.at(address)
    last = len(geometry.levels) - 1
    mapped, ending = PAGE_SIZE, Ending.EMPTY
    if row is not None:
        bits = int(space.regions.categories[row])
        ending = (
            Ending.GUARD if bits & flags.PAGE_IS_GUARD
            else Ending.PAGE if bits & flags.PAGE_IS_PRESENT else Ending.SWAPPED
        )  # fmt: skip
        if space.huge[row]:
            mapped = int(space.spans[row])
            last = next(n for n in range(last, -1, -1) if geometry.span(n) >= mapped)
    tables = []
    for level in range(last + 1):
        base = geometry.base(address, level)
        shares = shares_below(space.regions, base, geometry.span(level), geometry.entries)
        needed = level == 0 or bool(shares.any())
        tables.append(
            TableOnWay(
                level, geometry.levels[level], geometry.index(address, level),
                geometry.span(level), base, shares, needed,
            )
        )  # fmt: skip
        if not needed:
            break
    states = b""
    if len(tables) == len(geometry.levels):
        states = _neighbours(pagemap, vmas, tables[-1].base, geometry.entries)
    return Walk(address, geometry, tuple(tables), ending, mapped, states)


def _neighbours(pagemap: Pagemap, vmas: Vmas, base: int, pages: int) -> bytes:
    """The state of each page below one PTE table, by its VMA's kind."""
    states = np.zeros(pages, np.uint8)
    end = base + pages * PAGE_SIZE
    first = int(np.searchsorted(vmas.maps.end, np.uint64(base), side="right"))
    after = int(np.searchsorted(vmas.maps.start, np.uint64(end), side="left"))
    for row in range(first, after):
        low = max(base, int(vmas.maps.start[row])) - base
        high = min(end, int(vmas.maps.end[row])) - base
        part = slice(low // PAGE_SIZE, high // PAGE_SIZE)
        mapping = KINDS[int(vmas.kind_codes[row])].mapping
        reader, facts = FactReader(pagemap, mapping), np.zeros(part.stop - part.start, np.uint8)
        page = base // PAGE_SIZE + part.start
        if reader.read(page, facts):
            reader.settle(Stretch(page, len(facts)), facts)
        states_of(facts, mapping=mapping, out=states[part])
    return states.tobytes()


def derived(target: Target, pagemap: Pagemap, vmas: Vmas, space: Space | None = None) -> Derived:
    """The tables a process's pages need, against VmPTE. Reads again while the two disagree.

    Args:
        target: the process.
        pagemap: its open pagemap.
        vmas: its VMAs, for their kinds.
        space: one that was read a moment ago.

    Raises:
        NotSupported: this kernel has no PAGEMAP_SCAN.
        ProcessGone: the process has exited.
    """
    geometry, steady = machine_geometry(), False
    for _ in range(_ATTEMPTS):
        before = status.read(target).vm_pte_bytes
        space = space or Space(target, pagemap, vmas)
        after = status.read(target).vm_pte_bytes
        counts = tables_needed(geometry, space.regions, space.without_pte, space.spans)
        told = Derived(counts, counted_in_vmpte(geometry, counts), PAGE_SIZE, after, "")
        steady = before == after
        if isinstance(after, Missing) or not told.difference:
            return told
        unseen, space = space.unseen, None
    more = told.difference
    assert isinstance(more, int)
    why = _why(more, steady, unseen, bool((vmas.kind_codes == _HUGETLB).any()))
    return Derived(told.counts, told.counted, PAGE_SIZE, after, why)


def _why(more: int, steady: bool, unseen: int, hugetlb: bool) -> str:
    """Why VmPTE holds so many tables more (or fewer) than the pages need."""
    if not steady:
        return "it changed while it was read"
    if more < 0:
        if hugetlb:
            return "processes share tables of large hugetlb mappings; the kernel counts them once"
        return "pages came while it was read"
    if unseen:
        return f"memory of a device ({unseen:,} pages) has tables too, and no scan shows them"
    tables = "1 table is" if more == 1 else f"{more:,} tables are"
    return (
        f"{tables} empty: pages were given back one by one, which leaves their table, "
        "or it was inherited so by fork"
    )
