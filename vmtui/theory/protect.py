"""mprotect: what may be done from now on; memory stays where it is.

Entries are kept, even with PROT_NONE. When writing becomes allowed (again), an entry becomes
writable at once only where the kernel is sure that nobody has to be asked: an anonymous page that
is this process's own, a shared page of memory, a shared page of a file that is dirty already. Every
other page needs one fault for its first write.
"""

from __future__ import annotations

from vmtui.theory.access import populate_as_locked
from vmtui.theory.frames import Frame
from vmtui.theory.machine import Machine
from vmtui.theory.process import Process
from vmtui.theory.tables import FRAME, Pte
from vmtui.theory.vmas import Vma, change


def protect(machine: Machine, process: Process, first: int, end: int, prot: str) -> None:
    """Change the protection of a range inside one VMA."""
    vma = process.vma(first)
    if vma is None or vma.prot == prot:
        return
    could_write = vma.writable
    (piece,) = process.cut(first, end)
    vma = change(process.vmas, piece, lambda piece: _set(piece, prot))
    for page in process.mapped(first, end):
        pte = process.ptes[page]
        if pte.kind == FRAME and pte.frame is not None:
            pte.writable = vma.writable and _may_write_at_once(vma, pte, pte.frame)
    if vma.locked and vma.writable and not could_write and not vma.shared:
        populate_as_locked(machine, process, vma, first, end)


def _set(vma: Vma, prot: str) -> None:
    vma.prot = prot
    if vma.writable:
        vma.accounted = not (vma.shared or vma.noreserve or vma.hugetlb)
    elif vma.anonymous and not vma.anon_vma:
        vma.accounted = False


def _may_write_at_once(vma: Vma, pte: Pte, frame: Frame) -> bool:
    if vma.hugetlb:
        return vma.shared
    if not vma.shared:
        return frame.anonymous and frame.exclusive
    return pte.dirty or (frame.object is not None and frame.object.kind == "shmem")
