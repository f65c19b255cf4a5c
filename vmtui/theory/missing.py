"""An access to a page whose entry is empty: where its first frame comes from.

* private anonymous memory: a read gets the shared zero page, a write a new frame;
* an object: its page, from the cache, from swap, from disk, or, in shared memory, newly made;
* a private mapping of an object that is written: a copy of that page.

Each is one fault. Where a whole 2 MiB may be filled at once, `huge` does it.
"""

from __future__ import annotations

from vmtui.theory.around import map_around, map_cached, whole_folio
from vmtui.theory.frames import Frame, Object
from vmtui.theory.huge import can_map_as_one, fill, fits, hugetlb_fill, map_as_one
from vmtui.theory.machine import LOCK, Machine
from vmtui.theory.process import Process
from vmtui.theory.tables import FRAME, ZERO, Pte
from vmtui.theory.vmas import Vma, prepare_anon_vma


def missing(
    machine: Machine, process: Process, vma: Vma, page: int, *, write: bool, who: int
) -> bool:
    """Fill an empty page.

    Returns:
        False when there is nothing behind it: the page lies past the end of its file.
    """
    if vma.hugetlb:
        return hugetlb_fill(machine, process, vma, page, write)
    if vma.object is not None:
        return _of_object(machine, process, vma, page, write=write, who=who)
    machine.tally.minor += 1
    if page >> 9 not in process.tables.pte and fits(machine.kernel, vma, page >> 9):
        fill(process, vma, page >> 9, write)
        return True
    process.tables.build(page)
    if write:
        if not vma.anon_vma:
            prepare_anon_vma(process.vmas, vma)
        process.ptes[page] = new_anonymous()
    else:
        process.ptes[page] = Pte(ZERO)
    return True


def new_anonymous(*, zero: bool = True) -> Pte:
    """An entry with a frame of its own; `zero` unless it is a copy of something else."""
    frame = Frame()
    frame.zero = zero
    frame.map_count = 1
    frame.exclusive = True
    return Pte(FRAME, frame, None, True, True)


def _of_object(
    machine: Machine, process: Process, vma: Vma, page: int, *, write: bool, who: int
) -> bool:
    tally, owner = machine.tally, vma.object
    if owner is None:
        return False
    process.tables.build_above(page)
    block = page >> 9
    if (
        owner.huge
        and not (write and not vma.shared)
        and block not in process.tables.pte
        and can_map_as_one(vma, block)
        and vma.index(page) >> 9 in owner.huge
    ):
        tally.minor += 1
        map_as_one(process, vma, owner, block)
        return True
    if not write:
        map_around(machine.kernel, process, vma, page)
        if page in process.ptes:
            tally.minor += 1
            return True
    if vma.past_the_end(page):
        return False
    frame = bring_in(machine, vma, owner, vma.index(page), who)
    process.tables.build(page)
    if write and not vma.shared:
        prepare_anon_vma(process.vmas, vma)
        process.ptes[page] = new_anonymous(zero=frame.zero)
        tally.copied += 1
        return True
    frame.map_count += 1
    if write:
        frame.dirty = True
        process.ptes[page] = Pte(FRAME, frame, None, True, True)
        _dirty_folio(process, vma, owner, page)
    else:
        process.ptes[page] = Pte(FRAME, frame, None, shared_memory(vma) and vma.writable)
        map_around(machine.kernel, process, vma, page)  # the fault is tried again after the disk
    return True


def shared_memory(vma: Vma) -> bool:
    """Whether it is a shared map of memory rather than of a file on disk."""
    return vma.shared and vma.object is not None and vma.object.kind == "shmem"


def bring_in(machine: Machine, vma: Vma, owner: Object, index: int, who: int) -> Frame:
    """The object's page in memory, and the count of what that took."""
    tally = machine.tally
    frame = owner.frames.get(index)
    if frame is not None:
        waits = frame.readahead and not vma.random and who != LOCK
        frame.readahead = False
        if waits:
            tally.major += 1
        else:
            tally.minor += 1
        return frame
    slot = owner.slots.pop(index, None)
    if slot is not None:
        frame, slot.frame = slot.frame, None
        if frame is None:
            frame = owner.add(index)
            frame.zero = slot.zero
            tally.maybe += 1
            tally.swapped_in += not slot.zero
        else:
            owner.frames[index] = frame
            tally.minor += 1
        frame.slot = None
        frame.dirty = True
        return frame
    frame = owner.add(index)
    if owner.kind == "shmem":
        tally.minor += 1
    else:
        _read_from_disk(machine, vma, owner, index, who)
    return frame


def _read_from_disk(machine: Machine, vma: Vma, owner: Object, index: int, who: int) -> None:
    tally = machine.tally
    if vma.random:
        if who == LOCK:
            tally.minor += 1
        else:
            tally.major += 1
        return
    around = machine.kernel.readahead_pages
    first = max(0, index - around // 2)
    for each in range(first, min(first + around, owner.pages)):
        if each not in owner.frames:
            owner.add(each)
    tally.maybe += 1
    tally.waited |= who != LOCK and not owner.guessed
    tally.guessed = owner.guessed = True
    tally.note("readahead decides which pages of a cold file come in first")


def _dirty_folio(process: Process, vma: Vma, owner: Object, page: int) -> None:
    """A store into a large folio of a file maps and dirties all of it."""
    folio = whole_folio(vma, page)
    if folio is None:
        return
    map_cached(process, vma, owner, folio)
    for each in folio:
        pte = process.ptes.get(each)
        if pte is not None and pte.frame is not None and pte.frame.object is owner:
            pte.writable = pte.dirty = pte.frame.dirty = True
