"""MADV_COLLAPSE: small pages become a huge one, now.

What the 2 MiB have is copied into a new huge page, wherever it was: in frames of this process, in
frames shared with a child (who keeps them), in swap. It is enough that there is a page table, even
an empty one, in a VMA that once had an anonymous page; a guard is too much. Pages of shared memory
are collapsed in their object instead, if it has any, and mapped by one entry without a page table.
"""

from __future__ import annotations

import errno

from vmtui.theory.frames import Object
from vmtui.theory.huge import can_map_as_one, map_as_one, new_folio, pages_of
from vmtui.theory.machine import Machine
from vmtui.theory.process import HUGE_PAGES, Process
from vmtui.theory.tables import FRAME, GUARD, Pte
from vmtui.theory.vmas import Vma
from vmtui.theory.zap import zap


def collapse(machine: Machine, process: Process, vma: Vma, first: int, end: int) -> int:
    """Collapse every whole 2 MiB of a range; EINVAL if one of them could not be."""
    if vma.huge == "nohugepage" or vma.hugetlb or (vma.anonymous and not vma.anon_vma):
        return errno.EINVAL
    shift = 0 if vma.object is None else vma.offset - vma.start
    lowest, highest = -(-vma.start // HUGE_PAGES), vma.end // HUGE_PAGES
    if shift % HUGE_PAGES or lowest >= highest:
        return errno.EINVAL  # nowhere in this VMA could a huge page lie
    blocks = range(-(-first // HUGE_PAGES), end // HUGE_PAGES)
    if blocks.stop < blocks.start:
        return errno.EINVAL
    if vma.anonymous:
        done = [_collapse_anonymous(process, vma, block) for block in blocks]
    elif vma.object is not None and vma.object.kind == "shmem":
        done = [_collapse_shared(machine, process, vma, vma.object, block) for block in blocks]
    else:
        machine.tally.note("whether a file can be collapsed depends on its file system")
        return errno.EINVAL
    return 0 if all(done) else errno.EINVAL


def _collapse_anonymous(process: Process, vma: Vma, block: int) -> bool:
    if block in process.huge:
        return True
    pages = pages_of(block)
    entries = [process.ptes.get(page) for page in pages]
    has_table = block in process.tables.pte
    if not has_table or any(pte is not None and pte.kind == GUARD for pte in entries):
        return False
    folio = new_folio()
    for page, frame, pte in zip(pages, folio.frames, entries, strict=True):
        if pte is not None:
            old = pte.frame or pte.slot
            frame.zero = old.zero if old is not None else True
            zap(pte)
        frame.map_count = 1
        process.ptes[page] = Pte(FRAME, frame, None, vma.writable, True)
    process.huge[block] = folio
    return True


def _collapse_shared(
    machine: Machine, process: Process, vma: Vma, owner: Object, block: int
) -> bool:
    if not can_map_as_one(vma, block):
        return False
    pages = pages_of(block)
    first = vma.index(pages.start)
    entries = [process.ptes.get(page) for page in pages]
    if any(pte is not None and pte.kind == GUARD for pte in entries):
        return False
    indices = range(first, first + HUGE_PAGES)
    if not any(index in owner.frames or index in owner.slots for index in indices):
        return False
    if first // HUGE_PAGES not in owner.huge:
        _gather(machine, owner, first)
    process.split_block(block)
    if any(page in process.ptes for page in pages):
        return False
    process.tables.pte.discard(block)
    map_as_one(process, vma, owner, block)
    return True


def _gather(machine: Machine, owner: Object, first: int) -> None:
    """Put 512 pages of an object in a row; whoever mapped them has to look for them again."""
    indices = range(first, first + HUGE_PAGES)
    for process in machine.processes.values():
        for vma in process.vmas:
            if vma.object is owner:
                _unmap(process, vma, owner, indices)
    for index in indices:
        old = owner.frames.get(index) or owner.slots.pop(index, None)
        frame = owner.add(index)
        frame.zero = old.zero if old is not None else True
        frame.dirty = True
    owner.huge.add(first // HUGE_PAGES)


def _unmap(process: Process, vma: Vma, owner: Object, indices: range) -> None:
    start = vma.start + indices.start - vma.offset
    low, high = max(vma.start, start), min(vma.end, start + len(indices))
    for page in process.mapped(low, high):
        frame = process.ptes[page].frame
        if frame is not None and frame.object is owner:
            zap(process.ptes.pop(page))
    whole = low % HUGE_PAGES == 0 and high - low == HUGE_PAGES
    if whole and not vma.anon_vma:  # retract_page_tables
        process.tables.pte.discard(low // HUGE_PAGES)
