"""Huge pages: one PMD entry for 2 MiB of memory instead of a table of 512 entries.

*Transparent* huge pages are 512 ordinary frames in a row that are mapped, and copied on fork,
together until something needs one of them alone. Then only the mapping is split: the frames stay.
The page table that will be needed for it is laid by from the beginning, so a transparent huge page
saves no page table. *hugetlb* pages are never split, need no table, and come from a pool.

Here a huge page has its 512 entries like everything else; `Process.huge` says which blocks of them
are one entry in truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vmtui.theory.frames import Folio, Frame, Object
from vmtui.theory.kernel import Kernel
from vmtui.theory.process import HUGE_PAGES, Process
from vmtui.theory.tables import FRAME, ZERO, Pte
from vmtui.theory.vmas import Vma, prepare_anon_vma

if TYPE_CHECKING:
    from vmtui.theory.machine import Machine


def pages_of(block: int) -> range:
    """The pages of a 2 MiB block."""
    return range(block * HUGE_PAGES, (block + 1) * HUGE_PAGES)


def fits(kernel: Kernel, vma: Vma, block: int) -> bool:
    """Whether the first fault in a block may fill it with a huge page."""
    wanted = vma.huge == "hugepage" or kernel.huge_mode == "always"
    if not wanted or kernel.huge_mode == "never" or vma.huge == "nohugepage" or not vma.anonymous:
        return False
    return vma.start <= block * HUGE_PAGES and (block + 1) * HUGE_PAGES <= vma.end


def fill(process: Process, vma: Vma, block: int, write: bool) -> None:
    """Map a new huge page, or the huge zero page for a read; both set anon_vma."""
    pages = pages_of(block)
    process.tables.build(pages.start)
    prepare_anon_vma(process.vmas, vma)
    if write:
        _map(process, block, new_folio(), writable=True)
    else:
        process.huge[block] = None
        process.ptes.update((page, Pte(ZERO)) for page in pages)


def new_folio() -> Folio:
    """512 frames of one process."""
    frames = [Frame() for _ in range(HUGE_PAGES)]
    for frame in frames:
        frame.exclusive = True
    return Folio(frames)


def _map(process: Process, block: int, folio: Folio, *, writable: bool) -> None:
    process.huge[block] = folio
    for page, frame in zip(pages_of(block), folio.frames, strict=True):
        frame.map_count += 1
        process.ptes[page] = Pte(FRAME, frame, None, writable, True)


def write_protect_huge(process: Process, vma: Vma, block: int) -> bool:
    """A write to a huge page that is mapped read-only.

    Returns:
        Whether that settled it; otherwise the mapping has been split, and the page goes on alone.
    """
    folio = process.huge[block]
    if folio is None:
        prepare_anon_vma(process.vmas, vma)
        _map(process, block, new_folio(), writable=True)
        return True
    if folio.frames[0].exclusive or all(frame.map_count == 1 for frame in folio.frames):
        for page, frame in zip(pages_of(block), folio.frames, strict=True):
            frame.exclusive = True
            pte = process.ptes[page]
            pte.writable = pte.dirty = True
        return True
    del process.huge[block]
    return False


def only_mapper(process: Process, page: int, folio: Folio) -> bool:
    """Whether a page of a folio may be written in place (__wp_can_reuse_large_anon_folio).

    Not when anybody else maps any page of the folio, and not when this page is the last one: it is
    copied then, so that the other 511 frames can be freed.
    """
    start = page & -HUGE_PAGES
    mine = 0
    for each, frame in enumerate(folio.frames, start):
        pte = process.ptes.get(each)
        if pte is not None and pte.frame is frame:
            mine += 1
    return mine > 1 and mine == folio.mappings()


def split_folio(machine: Machine, folio: Folio, page: int) -> None:
    """Split the frames of a huge page apart, as reclaim does.

    Frames that hold only zeros are given back; the shared zero page takes their place.

    Args:
        machine: everything.
        folio: mapped by one process only.
        page: any page of it.
    """
    block = page // HUGE_PAGES
    folio.split()
    for each, frame in zip(pages_of(block), folio.frames, strict=True):
        for process in machine.holds(each, frame):
            process.huge.pop(block, None)
            vma = process.vma(each)
            if frame.zero and vma is not None and not vma.locked:
                frame.map_count -= 1
                process.ptes[each] = Pte(ZERO)


def mapped_by_others(machine: Machine, process: Process, page: int, folio: Folio) -> bool:
    """Whether another process maps any page of a folio."""
    pages = range(page & -HUGE_PAGES, (page | HUGE_PAGES - 1) + 1)
    for other in machine.others(process):
        for each, frame in zip(pages, folio.frames, strict=True):
            pte = other.ptes.get(each)
            if pte is not None and pte.frame is frame:
                return True
    return False


def can_map_as_one(vma: Vma, block: int) -> bool:
    """Whether a VMA shows 2 MiB of its object aligned and as a whole."""
    pages = pages_of(block)
    if vma.object is None or vma.start > pages.start or pages.stop > vma.end:
        return False
    first = vma.index(pages.start)
    return first % HUGE_PAGES == 0 and first + HUGE_PAGES <= vma.object.pages


def map_as_one(process: Process, vma: Vma, owner: Object, block: int) -> None:
    """Map 2 MiB of an object by one entry; there is no page table below it."""
    process.tables.build_above(block * HUGE_PAGES)
    process.huge[block] = None
    for page in pages_of(block):
        frame = owner.frames[vma.index(page)]
        frame.map_count += 1
        process.ptes[page] = Pte(FRAME, frame, None, vma.shared and vma.writable)


def may_cut(vma: Vma, first: int, end: int) -> bool:
    """Whether a VMA may be split there: hugetlb only between its pages of 2 MiB."""
    return not vma.hugetlb or not any(
        vma.start < page < vma.end and page % HUGE_PAGES for page in (first, end)
    )


def hugetlb_fill(machine: Machine, process: Process, vma: Vma, page: int, write: bool) -> bool:
    """Fill 2 MiB from the pool: one fault. A private page that is only read stays read-only."""
    block, owner = page // HUGE_PAGES, vma.object
    machine.tally.minor += 1
    if owner is None:
        process.tables.build_above(page)
        prepare_anon_vma(process.vmas, vma)
        _map(process, block, new_folio(), writable=vma.writable and write)
        return True
    for index in range(vma.index(block * HUGE_PAGES), vma.index((block + 1) * HUGE_PAGES)):
        if index not in owner.frames:
            owner.add(index)
    map_as_one(process, vma, owner, block)
    return True


def hugetlb_copy(process: Process, block: int) -> None:
    """Write to a hugetlb page that fork has shared: all 2 MiB are copied."""
    for page in pages_of(block):
        frame = process.ptes[page].frame
        if frame is not None:
            frame.map_count -= 1
    _map(process, block, new_folio(), writable=True)
