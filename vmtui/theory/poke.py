"""A stray pointer: which signal it brings, and why.

Three things can be wrong, and the kernel tells them apart. No VMA has the address: SEGV_MAPERR. The
VMA forbids the access: SEGV_ACCERR. The VMA allows it, but nothing can be there: SIGBUS past the
end of a file, SEGV_MAPERR on a guard. An address that is not even one (its upper bits are not all
equal) never reaches the page tables; the processor objects without saying where.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from vmtui.theory.access import access
from vmtui.theory.answers import Fault
from vmtui.theory.fork import fork
from vmtui.theory.machine import Machine
from vmtui.theory.process import Process
from vmtui.theory.tables import GUARD
from vmtui.theory.vmas import Vma
from vmtui.theory.zap import zap_range

Kind: TypeAlias = Literal["read", "write", "exec"]

USER_END = 1 << 47
KERNEL_START = (1 << 64) - USER_END


def fault_at(process: Process, address: int, kind: Kind) -> Fault | None:
    """The signal of an access to one byte; None when it goes well."""
    address %= 1 << 64
    if USER_END <= address < KERNEL_START:
        return Fault("SIGSEGV", "SI_KERNEL", 0, "non-canonical")
    if address >= KERNEL_START:
        return Fault("SIGSEGV", "SEGV_MAPERR", address, "kernel")
    page = address >> 12
    vma = process.vma(page)
    if vma is None:
        return Fault("SIGSEGV", "SEGV_MAPERR", address, "nothing")
    if not allows(vma, kind):
        return Fault("SIGSEGV", "SEGV_ACCERR", address, "gap" if vma.gap else "region")
    pte = process.ptes.get(page)
    if pte is not None and pte.kind == GUARD:
        return Fault("SIGSEGV", "SEGV_MAPERR", address, "guard page")
    if pte is None and vma.past_the_end(page):
        return Fault("SIGBUS", "BUS_ADRERR", address, "past the end of the file")
    return None


def allows(vma: Vma, kind: Kind) -> bool:
    """Whether the protection of a VMA allows an access."""
    match kind:
        case "read":
            return vma.accessible
        case "write":
            return vma.writable
        case "exec":
            return "x" in vma.prot


def poke(machine: Machine, process: Process, address: int, kind: Kind) -> Fault | None:
    """The access as the laboratory makes it: in a fork that ends right after.

    The fork leaves its traces: what was the process's own before is write-protected afterwards.
    """
    child = fork(process, "poke")
    fault = fault_at(child, address, kind)
    page = address >> 12
    vma = child.vma(page)
    if fault is None and vma is not None:
        access(machine, child, vma, page, kind == "write")
    leave(child)
    return fault


def leave(process: Process) -> None:
    """The end of a process: everything it refers to is let go."""
    if process.vmas:
        zap_range(process, process.vmas[0].start, process.vmas[-1].end, guards=True)
