"""fork: a second address space with the same VMAs and, where it pays, the same entries.

Entries are copied only for VMAs that have ever had an anonymous page: everything else can be found
again by a fault. So memory that was only read, or is shared, starts empty in the child. What is
copied, is copied whole: zero pages, file pages, slots, guards, and even empty page tables.
Anonymous frames become read-only on both sides and are nobody's own from then on.
"""

from __future__ import annotations

from dataclasses import replace

from vmtui.theory.process import Process
from vmtui.theory.tables import FRAME, SWAP, Pte
from vmtui.theory.vmas import Vma, new_anon_vma


def fork(parent: Process, name: str) -> Process:
    """A child."""
    child = Process(name)
    child.score_adj, child.may_map = parent.score_adj, parent.may_map
    for vma in parent.vmas:
        if vma.dontfork:
            continue
        theirs = replace(vma, locked=False)
        child.vmas.append(theirs)
        if vma.wipeonfork or not vma.anon_vma:
            theirs.anon_vma, theirs.forked = 0, False
            continue
        if not vma.shared:  # a guard makes entries of shared memory be copied, and nothing more
            theirs.anon_vma, theirs.forked = new_anon_vma(), True
        _copy_entries(parent, child, vma)
        _copy_tables(parent, child, vma)
    return child


def _copy_entries(parent: Process, child: Process, vma: Vma) -> None:
    ours, theirs, private = parent.ptes, child.ptes, not vma.shared
    for page in parent.mapped(vma.start, vma.end):
        pte = ours[page]
        frame, slot = pte.frame, pte.slot
        if pte.kind == FRAME and frame is not None:
            if frame.object is not None and page >> 9 in parent.huge:
                continue  # 2 MiB of an object, found again by one fault
            frame.map_count += 1
            if private:
                pte.writable = False
                if frame.object is None:
                    frame.exclusive = False
            theirs[page] = Pte(FRAME, frame, None, pte.writable, pte.dirty and private)
            continue
        if pte.kind == SWAP and slot is not None:
            slot.count += 1
            pte.exclusive = False
        theirs[page] = Pte(pte.kind, None, slot)
    for block, folio in parent.huge.items():
        if vma.start <= block << 9 < vma.end and block << 9 in theirs:
            child.huge[block] = folio


def _copy_tables(parent: Process, child: Process, vma: Vma) -> None:
    for ours, theirs, shift in (
        (parent.tables.pte, child.tables.pte, 9),
        (parent.tables.pmd, child.tables.pmd, 18),
        (parent.tables.pud, child.tables.pud, 27),
    ):
        span = range(vma.start >> shift, (vma.end - 1 >> shift) + 1)
        theirs.update(ours.intersection(span) if len(span) < len(ours) else [
            number for number in ours if number in span
        ])  # fmt: skip
