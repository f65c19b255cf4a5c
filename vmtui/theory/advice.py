"""madvise: one call, many meanings. What a word means for one VMA stands in the functions below;
reclaim has those that let memory go, collapse the one that makes huge pages.

A range with a hole is done all the same, and ENOMEM says so at the end; only populating stops
there. An advice that a VMA cannot take ends the call, and what came before it stays done.
"""

from __future__ import annotations

import errno
from collections.abc import Callable

from vmtui.theory.access import populate
from vmtui.theory.collapse import collapse
from vmtui.theory.huge import may_cut
from vmtui.theory.machine import POPULATE, Machine
from vmtui.theory.process import HUGE_PAGES, Process
from vmtui.theory.reclaim import cold, free, pageout
from vmtui.theory.tables import GUARD, Pte
from vmtui.theory.vmas import Vma, change, has_hole, overlapping, prepare_anon_vma
from vmtui.theory.zap import zap_range

_FLAGS: dict[str, tuple[str, object]] = {
    "normal": ("random", False),
    "random": ("random", True),
    "hugepage": ("huge", "hugepage"),
    "nohugepage": ("huge", "nohugepage"),
    "dontfork": ("dontfork", True),
    "dofork": ("dontfork", False),
    "wipeonfork": ("wipeonfork", True),
    "keeponfork": ("wipeonfork", False),
}
"""Advice that is only remembered, with the attribute of the VMA that remembers it."""


def advise(machine: Machine, process: Process, first: int, end: int, advice: str) -> int:
    """madvise(2).

    Returns:
        The errno.
    """
    at = first
    for vma in overlapping(process.vmas, first, end):
        low, high = max(first, vma.start), min(end, vma.end)
        if low > at and advice.startswith("populate"):
            return errno.ENOMEM
        at = high
        if advice in _FLAGS:
            error = _remember(process, vma, low, high, advice)
        else:
            error = _DONE[advice](machine, process, vma, low, high)
        if error:
            return error
    return errno.ENOMEM if has_hole(overlapping(process.vmas, first, end), first, end) else 0


def _remember(process: Process, vma: Vma, first: int, end: int, advice: str) -> int:
    name, value = _FLAGS[advice]
    if advice == "wipeonfork" and not vma.anonymous:
        return errno.EINVAL
    if not may_cut(vma, first, end):
        return errno.EINVAL
    if getattr(vma, name) != value:
        (piece,) = process.cut(first, end)
        change(process.vmas, piece, lambda piece: setattr(piece, name, value))
    return 0


def _dontneed(machine: Machine, process: Process, vma: Vma, first: int, end: int) -> int:
    """Empty the range at once; tables go where the call covers their 2 MiB and all is empty."""
    if vma.hugetlb:  # whole pages only: a beginning inside of one is wrong, an end is cut
        if first % HUGE_PAGES:
            return errno.EINVAL
        end -= end % HUGE_PAGES
    elif vma.locked:
        return errno.EINVAL
    zap_range(process, first, end, guards=False)
    if machine.kernel.reclaims_tables:
        tables = process.tables.pte
        for block in range(-(-first // HUGE_PAGES), end // HUGE_PAGES):
            pages = (block * HUGE_PAGES, (block + 1) * HUGE_PAGES)
            if block in tables and next(process.mapped(*pages), None) is None:
                tables.discard(block)
    return 0


def _populate_read(machine: Machine, process: Process, vma: Vma, first: int, end: int) -> int:
    if not vma.accessible:
        return errno.EINVAL
    done = populate(machine, process, vma, range(first, end), write=False, who=POPULATE)
    return 0 if done else errno.EFAULT


def _populate_write(machine: Machine, process: Process, vma: Vma, first: int, end: int) -> int:
    if not vma.writable:
        return errno.EINVAL
    done = populate(machine, process, vma, range(first, end), write=True, who=POPULATE)
    return 0 if done else errno.EFAULT


def _guard_install(machine: Machine, process: Process, vma: Vma, first: int, end: int) -> int:
    """Markers in the page tables: as good as PROT_NONE, without a VMA more."""
    if vma.locked or vma.hugetlb:
        return errno.EINVAL
    prepare_anon_vma(process.vmas, vma)
    zap_range(process, first, end, guards=True)
    for page in range(first, end):
        process.tables.build(page)
        process.ptes[page] = Pte(GUARD)
    return 0


def _guard_remove(machine: Machine, process: Process, vma: Vma, first: int, end: int) -> int:
    if vma.hugetlb:
        return errno.EINVAL
    for page in process.mapped(first, end):
        if process.ptes[page].kind == GUARD:
            del process.ptes[page]
    return 0


def _willneed(machine: Machine, process: Process, vma: Vma, first: int, end: int) -> int:
    """Reads ahead into the page cache; nothing is mapped, and nobody waits."""
    owner = vma.object
    if owner is not None and owner.kind == "file":
        for index in range(vma.index(first), min(vma.index(end), owner.pages)):
            if index not in owner.frames:
                owner.add(index)
                machine.tally.note("the pages arrive when the disk is ready")
    return 0


_DONE: dict[str, Callable[[Machine, Process, Vma, int, int], int]] = {
    "dontneed": _dontneed,
    "free": free,
    "pageout": pageout,
    "cold": cold,
    "willneed": _willneed,
    "populate_read": _populate_read,
    "populate_write": _populate_write,
    "collapse": collapse,
    "guard_install": _guard_install,
    "guard_remove": _guard_remove,
}
