"""An access to a page that is in swap: it comes back, in one fault.

When its frame is still in the swap cache no disk is needed and the fault is minor. Otherwise it is
major, unless swap readahead has fetched the page together with a neighbour: that is the one thing
here that is a range. Compressed memory is not read ahead.

The entry remembers whether the page belonged to this process alone. If so it comes back writable.
If fork has copied the entry meanwhile, it comes back read-only, and a write copies it for as long
as somebody else still refers to the slot.
"""

from __future__ import annotations

from vmtui.theory.frames import Frame, leave_swap_cache
from vmtui.theory.machine import Machine
from vmtui.theory.process import Process
from vmtui.theory.tables import FRAME, Pte
from vmtui.theory.vmas import Vma
from vmtui.theory.writeprotect import write_protect


def swap_in(
    machine: Machine, process: Process, vma: Vma, page: int, pte: Pte, *, write: bool
) -> None:
    """Bring a page back from swap."""
    slot = pte.slot
    if slot is None:
        return
    frame = slot.frame
    if frame is None:
        frame = Frame()
        frame.zero = slot.zero
        frame.slot, slot.frame = slot, frame
        machine.tally.swapped_in += not slot.zero
        if machine.kernel.swap_is_memory:  # nothing is read ahead
            machine.tally.major += 1
        else:
            machine.tally.maybe += 1
    else:
        machine.tally.minor += 1
    slot.count -= 1
    alone = not frame.map_count
    if vma.locked or machine.kernel.swap_is_memory or (write and alone):
        leave_swap_cache(frame)
    own = pte.exclusive or (alone and frame.slot is None)
    frame.exclusive = own
    frame.map_count += 1
    pte.kind, pte.frame, pte.slot = FRAME, frame, None
    pte.writable = own and vma.writable
    pte.dirty = own and write
    pte.exclusive = False
    if write and not pte.writable:
        write_protect(machine, process, vma, page, pte)
