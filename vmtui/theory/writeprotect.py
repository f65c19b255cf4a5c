"""A write to a page that is there but read-only: copy-on-write.

Every such write is one fault, whether it copies or not; only the frame tells. The page is written
in place when this process is surely the only one who needs it: it is marked exclusive, or nobody
else maps it and no entry in swap waits for it. Otherwise the process gets a copy, and the frame
stays with the others.

A page on its way to the LRU lists waits in a batch of the CPU, and the batch needs it as well. The
laboratory empties the batches after every operation; where it is told to keep them, nobody can say
which pages are still in one, and a page that could be written in place may be copied.
"""

from __future__ import annotations

from vmtui.theory.frames import Frame, forget_frame, leave_swap_cache
from vmtui.theory.huge import hugetlb_copy, only_mapper, write_protect_huge
from vmtui.theory.machine import Machine
from vmtui.theory.missing import new_anonymous
from vmtui.theory.process import HUGE_PAGES, Process
from vmtui.theory.tables import Pte
from vmtui.theory.vmas import Vma, prepare_anon_vma


def write_protect(machine: Machine, process: Process, vma: Vma, page: int, pte: Pte) -> None:
    """Make a present page writable, by reuse or by copy; the caller counts the fault."""
    block = page >> 9
    frame = pte.frame
    if not vma.shared and block in process.huge:
        if frame is not None and frame.object is not None:
            process.split_block(block)
            process.tables.build(page)
            _take_copy(machine, process, vma, page, frame)
            return
        if write_protect_huge(process, vma, block):
            return
    if frame is None:  # the zero page
        prepare_anon_vma(process.vmas, vma)
        process.ptes[page] = new_anonymous()
        return
    if vma.shared:
        # The file system is told (page_mkwrite) and notes the page for writing back.
        pte.writable = pte.dirty = frame.dirty = True
    elif vma.hugetlb:
        hugetlb_copy(process, block)
        machine.tally.copied += HUGE_PAGES
    elif frame.anonymous and (frame.exclusive or _reusable(process, page, frame)):
        if machine.batches_kept and not frame.exclusive:
            machine.maybe_copied.add((process.name, page))
        frame.exclusive = True
        pte.writable = pte.dirty = True
    else:
        forget_frame(frame)
        _take_copy(machine, process, vma, page, frame)


def _reusable(process: Process, page: int, frame: Frame) -> bool:
    if frame.map_count != 1:
        return False
    if frame.folio is not None:
        return only_mapper(process, page, frame.folio)
    return leave_swap_cache(frame)


def _take_copy(machine: Machine, process: Process, vma: Vma, page: int, frame: Frame) -> None:
    prepare_anon_vma(process.vmas, vma)
    process.ptes[page] = new_anonymous(zero=frame.zero)
    machine.tally.copied += 1
