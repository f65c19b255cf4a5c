"""Letting memory go: MADV_FREE, MADV_PAGEOUT, MADV_COLD.

Only what one process maps, once, is taken from it; pages shared by fork are skipped without a word.
A page of a file needs no swap: clean, it is dropped; dirty, it is unmapped but stays in the page
cache until it has been written. Anonymous and shared memory goes to swap. The entry then names the
slot (for shared memory it becomes empty: the object knows the slot), and the frame stays in the
swap cache when it had to be written, for the writing is not over when the call is. It is freed at
once when swap has its content already, and when it holds nothing but zeros.
"""

from __future__ import annotations

import errno

from vmtui.theory.frames import Frame, Object, Slot, forget_slot, leave_swap_cache
from vmtui.theory.huge import mapped_by_others, pages_of, split_folio
from vmtui.theory.machine import Machine
from vmtui.theory.process import HUGE_PAGES, Process
from vmtui.theory.tables import FRAME, SWAP, Pte
from vmtui.theory.vmas import Vma


def pageout(machine: Machine, process: Process, vma: Vma, first: int, end: int) -> int:
    """MADV_PAGEOUT."""
    if vma.locked or vma.hugetlb:
        return errno.EINVAL
    for page in process.mapped(first, end):
        pte = _alone(machine, process, page, first, end, whole=False)
        if pte is None or pte.frame is None or pte.frame.map_count != 1:
            continue
        if pte.frame.object is None:
            _page_out_anonymous(machine, process, page, pte, pte.frame)
        else:
            del process.ptes[page]
            _page_out_of_object(machine, pte.frame, pte.frame.object, dirty=pte.dirty)
    return 0


def cold(machine: Machine, process: Process, vma: Vma, first: int, end: int) -> int:
    """MADV_COLD: first in line when memory is short; only huge pages in part are changed by it."""
    if vma.locked or vma.hugetlb:
        return errno.EINVAL
    for page in process.mapped(first, end):
        _alone(machine, process, page, first, end, whole=True)
    return 0


def free(machine: Machine, process: Process, vma: Vma, first: int, end: int) -> int:
    """MADV_FREE: the pages stay, but may be thrown away as long as nobody writes to them again."""
    if vma.locked or not vma.anonymous:
        return errno.EINVAL
    for page in process.mapped(first, end):
        pte = process.ptes[page]
        if pte.kind == SWAP and pte.slot is not None:
            forget_slot(pte.slot)
            del process.ptes[page]
            continue
        small = _alone(machine, process, page, first, end, whole=True)
        if small is not None and small.frame is not None:
            _make_lazy(machine, page, small, small.frame)
    return 0


def _alone(
    machine: Machine, process: Process, page: int, first: int, end: int, *, whole: bool
) -> Pte | None:
    """The entry of a page as a small one: a huge page in the way is split.

    Args:
        machine: everything.
        process: whose.
        page: its number.
        first: of the range the call covers.
        end: of that range.
        whole: whether a huge page that lies inside the range may stay one.

    Returns:
        None when the page has no frame, or is part of a huge page that somebody else maps too.
    """
    pte = process.ptes[page]
    if pte.kind != FRAME or pte.frame is None:
        return None
    folio = pte.frame.folio
    if folio is None:
        if page // HUGE_PAGES not in process.huge:
            return pte
        machine.tally.note("reclaim of shared memory in huge pages is not predicted")
        return None
    if mapped_by_others(machine, process, page, folio):
        return None
    pages = pages_of(page // HUGE_PAGES)
    inside = first <= pages.start and pages.stop <= end and folio.mappings() == HUGE_PAGES
    if inside and (whole or _thrown_away_whole(process, pages, folio.frames[0])):
        return pte
    split_folio(machine, folio, page)
    pte = process.ptes[page]
    return pte if pte.kind == FRAME else None


def _thrown_away_whole(process: Process, pages: range, frame: Frame) -> bool:
    """Whether reclaim will drop a huge page after MADV_FREE; its page table goes with it then."""
    block = pages.start // HUGE_PAGES
    if not frame.lazy or any(process.ptes[page].dirty for page in pages if page in process.ptes):
        return False
    if process.huge.pop(block, None) is not None:
        process.tables.pte.discard(block)
    return True


def _make_lazy(machine: Machine, page: int, pte: Pte, frame: Frame) -> None:
    if frame.slot is not None or frame.dirty:
        if frame.map_count != 1 or not leave_swap_cache(frame):
            return
        frame.dirty = False
    pte.dirty = False
    locked = any(
        vma is not None and vma.locked
        for vma in (process.vma(page) for process in machine.holds(page, frame))
    )
    frame.lazy = frame.lazy or not locked


def _page_out_anonymous(
    machine: Machine, process: Process, page: int, pte: Pte, frame: Frame
) -> None:
    dirty = pte.dirty or frame.dirty
    if frame.lazy:
        if dirty:
            frame.lazy, frame.dirty = False, True
        else:
            frame.map_count -= 1
            del process.ptes[page]
        return
    slot = frame.slot
    if slot is None:
        if not machine.kernel.swap:
            return
        slot = Slot(zero=frame.zero)
        dirty = True
    slot.count += 1
    pte.kind, pte.frame, pte.slot, pte.exclusive = SWAP, None, slot, frame.exclusive
    pte.writable = pte.dirty = False
    frame.map_count -= 1
    frame.exclusive = False
    _write_to_swap(machine, frame, slot, dirty=dirty)


def _page_out_of_object(machine: Machine, frame: Frame, owner: Object, *, dirty: bool) -> None:
    frame.map_count -= 1
    frame.dirty = frame.dirty or dirty
    if frame.dirty and owner.kind == "file":
        frame.readahead = True
    elif not frame.dirty:
        del owner.frames[frame.index]
    elif machine.kernel.swap:
        del owner.frames[frame.index]
        slot = owner.slots[frame.index] = Slot(zero=frame.zero)
        _write_to_swap(machine, frame, slot, dirty=True)


def _write_to_swap(machine: Machine, frame: Frame, slot: Slot, *, dirty: bool) -> None:
    if dirty:
        slot.zero = frame.zero
        machine.tally.swapped_out += not frame.zero
    if dirty and not frame.zero and not machine.kernel.swap_is_memory:
        frame.slot, slot.frame = slot, frame
        frame.dirty = False
    else:
        frame.slot = slot.frame = None
