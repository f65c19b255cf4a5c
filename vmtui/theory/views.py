"""What can be seen of it from outside: pagemap, kpagecount, smaps, maps and VmPTE.

Pure functions of the state. Every figure of the laboratory comes from here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from vmtui.theory.process import HUGE_PAGES, Process
from vmtui.theory.tables import SWAP, ZERO, TableCounts
from vmtui.theory.vmas import Vma, overlapping

if TYPE_CHECKING:
    from vmtui.theory.machine import Machine

PRESENT, SWAPPED, FILE, EXCLUSIVE, IS_GUARD, IS_ZERO, HUGE = 1, 2, 4, 8, 16, 32, 64
"""Bits of a word. A guard is a special kind of swap entry and shows as one: SWAPPED | IS_GUARD."""

ZERO_FRAME = -1


@dataclass(frozen=True, slots=True)
class Smaps:
    """The sums of some VMAs, in kB; each VMA is rounded by itself, as the kernel does."""

    rss: int = 0
    pss: int = 0
    private: int = 0
    shared: int = 0
    anonymous: int = 0
    swap: int = 0
    swap_pss: int = 0
    lazy_free: int = 0
    locked: int = 0
    anon_huge: int = 0


def words(machine: Machine, process: str, first: int, pages: int) -> bytes:
    """One byte per page, as pagemap and PAGEMAP_SCAN show it.

    EXCLUSIVE is bit 56: mapped once. For a huge page it is that of its first page, 512 times.
    """
    return page_by_page(machine, process, first, pages)[0]


def frames(machine: Machine, process: str, first: int, pages: int) -> list[int]:
    """Which frame each page is: equal numbers, equal frames; 0 none, −1 the zero page."""
    return page_by_page(machine, process, first, pages)[1]


def map_counts(machine: Machine, process: str, first: int, pages: int) -> list[int]:
    """kpagecount of each page's frame; 0 for none and for the zero page."""
    return page_by_page(machine, process, first, pages)[2]


def page_by_page(
    machine: Machine, process: str, first: int, pages: int
) -> tuple[bytes, list[int], list[int]]:
    """`words`, `frames` and `map_counts` at once: a quarter of a million pages take a while."""
    seen = machine.processes[process]
    made, ids, counts = bytearray(pages), [0] * pages, [0] * pages
    ptes, huge = seen.ptes, seen.huge
    for place, pte in enumerate(map(ptes.get, range(first, first + pages))) if ptes else ():
        if pte is None:
            continue
        frame = pte.frame
        if frame is not None:
            word = PRESENT if frame.object is None else PRESENT | FILE
            ids[place], counts[place] = frame.id, frame.map_count
            if huge and first + place >> 9 in huge:
                word |= HUGE
                frame = ptes[first + place & -HUGE_PAGES].frame or frame
            made[place] = word | EXCLUSIVE if frame.map_count == 1 else word
        elif pte.kind == ZERO:
            large = first + place >> 9 in huge
            made[place] = PRESENT | IS_ZERO | HUGE if large else PRESENT | IS_ZERO
            ids[place] = ZERO_FRAME
        else:
            made[place] = SWAPPED if pte.kind == SWAP else SWAPPED | IS_GUARD
    for vma in overlapping(seen.vmas, first, first + pages):
        if vma.hugetlb:
            _mark_hugetlb(seen, vma, first, made)
    return bytes(made), ids, counts


def _mark_hugetlb(process: Process, vma: Vma, first: int, made: bytearray) -> None:
    """PAGEMAP_SCAN says HUGE of empty hugetlb entries as well, once there is a table for them."""
    for page in range(max(vma.start, first), min(vma.end, first + len(made))):
        if page >> 18 in process.tables.pmd:
            made[page - first] |= HUGE


def vmas(
    machine: Machine, process: str, first: int, pages: int
) -> list[tuple[int, int, str, bool, str]]:
    """VMAs of a range: start page, pages, protection, whether shared, name of what is mapped."""
    return [
        (
            vma.start,
            vma.end - vma.start,
            vma.prot,
            vma.shared,
            vma.object.name if vma.object else "",
        )
        for vma in overlapping(machine.processes[process].vmas, first, first + pages)
    ]


def tables(machine: Machine, process: str, base: TableCounts | None = None) -> TableCounts:
    """Page tables of the regions, and those of the rest of the address space when given.

    Args:
        machine: everything.
        process: whose.
        base: tables outside the 512 GiB that the regions have to themselves.
    """
    own, rest = machine.processes[process].tables, base or TableCounts()
    return TableCounts(len(own.pte) + rest.pte, len(own.pmd) + rest.pmd, len(own.pud) + rest.pud)


def used_frames(machine: Machine) -> int:
    """How many different frames all processes map."""
    return len({
        id(pte.frame)
        for process in machine.processes.values()
        for pte in process.ptes.values()
        if pte.frame is not None
    })  # fmt: skip


def hugetlb_pages(machine: Machine, process: str) -> int:
    """Base pages of a process that come from the pool (HugetlbPages of status)."""
    seen = machine.processes[process]
    spans = [(vma.start, vma.end) for vma in seen.vmas if vma.hugetlb]
    return HUGE_PAGES * sum(
        start <= block * HUGE_PAGES < end for block in seen.huge for start, end in spans
    )


def smaps(machine: Machine, process: str, first: int, pages: int) -> Smaps:
    """The sums over all VMAs that have pages in a range."""
    seen = machine.processes[process]
    parts = [_smaps(seen, vma) for vma in overlapping(seen.vmas, first, first + pages)]
    return Smaps(*(sum(getattr(part, field.name) for part in parts) for field in fields(Smaps)))


def _smaps(process: Process, vma: Vma) -> Smaps:
    if vma.hugetlb:
        return Smaps()
    rss = private = anonymous = swapped = lazy = huge = pss = swap_pss = 0
    page_share = 4096 << 12
    ptes = process.ptes
    for page in process.mapped(vma.start, vma.end):
        pte = ptes[page]
        frame = pte.frame
        if frame is not None:
            rss += 1
            count = frame.map_count
            pss += page_share // count
            private += count == 1
            if frame.object is None:
                anonymous += 1
                lazy += frame.lazy and not (pte.dirty or frame.dirty)
                huge += page >> 9 in process.huge
        elif pte.kind == SWAP and pte.slot is not None:
            swapped += 1
            swap_pss += page_share // max(1, pte.slot.count)
    swapped += _swapped_of_object(process, vma)
    share = pss >> 22
    return Smaps(
        4 * rss, share, 4 * private, 4 * (rss - private), 4 * anonymous, 4 * swapped,
        swap_pss >> 22, 4 * lazy, share if vma.locked else 0, 4 * huge,
    )  # fmt: skip


def _swapped_of_object(process: Process, vma: Vma) -> int:
    """Pages of shared memory in swap have no entry; smaps counts them all the same."""
    owner = vma.object
    if owner is None or not owner.slots:
        return 0
    everywhere = vma.shared or not vma.writable
    pages = (vma.start + index - vma.offset for index in owner.slots)
    return sum(
        vma.start <= page < vma.end and (everywhere or page not in process.ptes) for page in pages
    )
