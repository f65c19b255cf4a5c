"""Fault-around: a read fault on a file maps what is in memory around the page, in the same fault.

The window is 16 pages, aligned by *virtual* address, and never leaves the VMA or the page table. It
maps pages that are in the page cache and whose entries are empty; nothing is read from disk for it.
"""

from __future__ import annotations

from vmtui.theory.frames import Object
from vmtui.theory.kernel import Kernel
from vmtui.theory.process import Process
from vmtui.theory.tables import FRAME, Pte
from vmtui.theory.vmas import Vma


def map_around(kernel: Kernel, process: Process, vma: Vma, page: int) -> None:
    """Map the window around a page (do_fault_around)."""
    window = kernel.fault_around_pages
    if window <= 1 or vma.object is None:
        return
    first = max(page & -window, vma.start)
    end = min(first + window, (page | 511) + 1, vma.end)
    folio = whole_folio(vma, page)
    if folio is not None:
        first, end = min(first, folio.start), max(end, folio.stop)
    map_cached(process, vma, vma.object, range(first, end))


def map_cached(process: Process, vma: Vma, owner: Object, pages: range) -> None:
    """Map those pages that are cached and whose entries are empty."""
    ptes, cached, shift = process.ptes, owner.frames, vma.offset - vma.start
    # A shared writable map of shmem is writable at once: nobody keeps track of its dirty pages.
    writable = vma.shared and vma.writable and owner.kind == "shmem"
    for page in pages:
        frame = cached.get(page + shift)
        if frame is None or frame.readahead or page in ptes or page + shift >= owner.pages:
            continue
        frame.map_count += 1
        ptes[page] = Pte(FRAME, frame, None, writable)
        process.tables.build(page)


def whole_folio(vma: Vma, page: int) -> range | None:
    """The large folio of a file around a page, when it can be mapped as a whole.

    Only for files written in large pieces; it must lie inside the VMA and be aligned with it.
    """
    owner = vma.object
    if owner is None or owner.folio_pages == 1:
        return None
    index, size = vma.index(page), owner.folio_pages
    first = page - index % size
    if first % size or first < vma.start or first + size > vma.end:
        return None
    return range(first, first + size) if index - index % size + size <= owner.pages else None
