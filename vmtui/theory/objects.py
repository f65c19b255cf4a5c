"""What happens to files and shared memory themselves, in all processes at once."""

from __future__ import annotations

from collections.abc import Iterator

from vmtui.theory.frames import Object
from vmtui.theory.machine import Machine
from vmtui.theory.process import HUGE_PAGES, Process
from vmtui.theory.tables import FRAME, GUARD, Pte
from vmtui.theory.vmas import Vma
from vmtui.theory.zap import zap


def sync(machine: Machine, owner: Object) -> None:
    """fsync(2): dirty pages of a file are written, and write-protected to catch the next write."""
    if owner.kind != "file":
        return
    for _, vma, _, pte in _entries(machine, owner):
        frame = pte.frame
        if vma.shared and pte.kind == FRAME and frame is not None and frame.dirty:
            pte.writable = pte.dirty = False
    for frame in owner.frames.values():
        frame.dirty = frame.readahead = False


def evict(machine: Machine, owner: Object) -> None:
    """fsync and POSIX_FADV_DONTNEED: what nobody maps leaves the page cache."""
    if owner.kind != "file":
        return
    sync(machine, owner)
    for index in [index for index, frame in owner.frames.items() if not frame.map_count]:
        del owner.frames[index]
    owner.guessed = owner.guessed and bool(owner.frames)


def truncate(machine: Machine, owner: Object, pages: int) -> None:
    """ftruncate(2): what lies beyond the new end goes, even from private copies; tables stay."""
    owner.pages = pages
    for process, vma, page, pte in list(_entries(machine, owner)):
        if vma.index(page) >= pages and pte.kind != GUARD:
            process.split_block(page >> 9)
            if process.ptes.pop(page, None) is not None:
                zap(pte)
    owner.huge = {block for block in owner.huge if (block + 1) * HUGE_PAGES <= pages}
    for index in [index for index in owner.frames if index >= pages]:
        del owner.frames[index]
    for index in [index for index in owner.slots if index >= pages]:
        del owner.slots[index]


def _entries(machine: Machine, owner: Object) -> Iterator[tuple[Process, Vma, int, Pte]]:
    for process in machine.processes.values():
        for vma in process.vmas:
            if vma.object is owner:
                for page in process.mapped(vma.start, vma.end):
                    yield process, vma, page, process.ptes[page]
