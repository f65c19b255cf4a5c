"""Emptying entries: what munmap, exit, MADV_DONTNEED and truncate have in common."""

from __future__ import annotations

from vmtui.theory.frames import forget_frame, forget_slot
from vmtui.theory.process import HUGE_PAGES, Process
from vmtui.theory.tables import FRAME, GUARD, SWAP, Pte


def zap(pte: Pte) -> None:
    """Let go of what an entry refers to; the caller takes the entry out of its table."""
    if pte.kind == FRAME and pte.frame is not None:
        frame = pte.frame
        if frame.object is not None and pte.dirty:
            frame.dirty = True
        forget_frame(frame)
    elif pte.kind == SWAP and pte.slot is not None:
        forget_slot(pte.slot)


def zap_range(process: Process, first: int, end: int, *, guards: bool) -> None:
    """Empty the entries of a range.

    A huge page that lies inside goes with the page table that was laid by for it. One that lies
    only partly inside is split first.

    Args:
        process: whose.
        first: page number.
        end: page number after the last.
        guards: whether guards go as well.
    """
    _part_with_huge_pages(process, first, end)
    ptes = process.ptes
    for page in process.mapped(first, end):
        if guards or ptes[page].kind != GUARD:
            zap(ptes.pop(page))


def _part_with_huge_pages(process: Process, first: int, end: int) -> None:
    for block in [
        block
        for block in process.huge
        if block * HUGE_PAGES < end and (block + 1) * HUGE_PAGES > first
    ]:
        if first <= block * HUGE_PAGES and (block + 1) * HUGE_PAGES <= end:
            process.tables.pte.discard(block)
        process.split_block(block)


def free_tables(process: Process, first: int, end: int) -> None:
    """Give back tables that no VMA reaches into any more, after an unmap (free_pgtables)."""
    tables = process.tables
    for numbers, shift in ((tables.pte, 9), (tables.pmd, 18), (tables.pud, 27)):
        span = range(first >> shift, (end - 1 >> shift) + 1)
        present = [n for n in span if n in numbers] if len(span) < len(numbers) else [
            n for n in numbers if n in span
        ]  # fmt: skip
        for number in present:
            if not process.reaches(number << shift, number + 1 << shift):
                numbers.discard(number)
