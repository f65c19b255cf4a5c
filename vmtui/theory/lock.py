"""mlock: the pages of a range are made present and stay; munlock only lifts the promise."""

from __future__ import annotations

import errno

from vmtui.theory.access import populate_as_locked
from vmtui.theory.machine import Machine
from vmtui.theory.process import Process
from vmtui.theory.vmas import Vma, change, has_hole, overlapping


def lock(machine: Machine, process: Process, first: int, end: int) -> int:
    """mlock(2).

    Returns:
        The errno: ENOMEM for a hole, before which VMAs are marked but nothing is brought in; also
        for a page that cannot be brought in.
    """
    if error := _mark(process, first, end, locked=True):
        return error
    for vma in overlapping(process.vmas, first, end):
        if not populate_as_locked(machine, process, vma, max(first, vma.start), min(end, vma.end)):
            return errno.ENOMEM
    return 0


def unlock(process: Process, first: int, end: int) -> int:
    """munlock(2)."""
    return _mark(process, first, end, locked=False)


def _mark(process: Process, first: int, end: int, *, locked: bool) -> int:
    def apply(vma: Vma) -> None:
        vma.locked = locked

    at = first
    for vma in overlapping(process.vmas, first, end):
        low, high = max(first, vma.start), min(end, vma.end)
        if low > at:
            break
        at = high
        if vma.locked != locked:
            (piece,) = process.cut(low, high)
            change(process.vmas, piece, apply)
    return errno.ENOMEM if has_hole(overlapping(process.vmas, first, end), first, end) else 0
