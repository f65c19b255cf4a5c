"""One access to one page: what the processor and the page fault handler do together.

An empty entry, an entry in swap, and a write through a read-only entry go to the kernel, each as
one page fault. Everything else the processor does by itself; a write then sets the dirty bit.
Touching, MADV_POPULATE, mlock, MAP_POPULATE and mprotect of a locked VMA all end here.
"""

from __future__ import annotations

from vmtui.theory.huge import pages_of
from vmtui.theory.machine import LOCK, USER, Machine
from vmtui.theory.missing import missing
from vmtui.theory.process import Process
from vmtui.theory.swapin import swap_in
from vmtui.theory.tables import GUARD, SWAP, Pte
from vmtui.theory.vmas import Vma
from vmtui.theory.writeprotect import write_protect


def access(
    machine: Machine, process: Process, vma: Vma, page: int, write: bool, *, who: int = USER
) -> bool:
    """Read or write a page that its VMA allows to.

    Returns:
        False where even so nothing is there: a guard, or past the end of a file.
    """
    pte = process.ptes.get(page)
    if pte is None:
        if not missing(machine, process, vma, page, write=write, who=who):
            return False
    elif pte.kind == SWAP:
        swap_in(machine, process, vma, page, pte, write=write)
    elif pte.kind == GUARD:
        return False
    elif write and not pte.writable:
        machine.tally.minor += 1
        write_protect(machine, process, vma, page, pte)
    if write:
        _written(process, page, process.ptes[page], by_program=who == USER)
    return True


def _written(process: Process, page: int, pte: Pte, *, by_program: bool) -> None:
    """Note the dirty bit, and that there is something other than zeros."""
    frame = pte.frame
    if frame is None:
        return
    if not by_program:  # the kernel has no dirty bit to set: it marks the whole folio
        if not pte.dirty:
            for part in frame.folio.frames if frame.folio else (frame,):
                part.dirty = True
        return
    frame.zero = False
    if not pte.dirty:
        pte.dirty = True
        if page >> 9 in process.huge:
            for each in pages_of(page >> 9):
                process.ptes[each].dirty = True


def populate(
    machine: Machine, process: Process, vma: Vma, pages: range, *, write: bool, who: int
) -> bool:
    """Access a range page by page from inside the kernel, up to the first that fails.

    Returns:
        Whether none did.
    """
    machine.tally.most += len(pages)
    machine.tally.guessed |= vma.object is not None and vma.object.guessed
    return all(access(machine, process, vma, page, write, who=who) for page in pages)


def populate_as_locked(machine: Machine, process: Process, vma: Vma, first: int, end: int) -> bool:
    """What mlock and MAP_POPULATE do: write where writing would copy, read everywhere else."""
    if not vma.accessible:
        return False
    write = vma.writable and not vma.shared
    return populate(machine, process, vma, range(first, end), write=write, who=LOCK)
