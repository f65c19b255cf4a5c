"""What a tree of page tables costs, and what a flat one would.

A flat table has one entry for every page that could exist. A tree has tables only where something
is mapped, and pays for it with the levels above: fully used, it is larger than the flat one.
Somewhere in between lies the crossing point.
"""

from __future__ import annotations

from vmtui.theory.tables import TABLE_BYTES, TableCounts

ENTRY_BYTES = 8
PAGE_BYTES = 4096
ENTRIES = TABLE_BYTES // ENTRY_BYTES
ADDRESS_BITS = 47
"""Of user space on x86-64 with four levels: 128 TiB."""


def flat_table_bytes(address_bits: int = ADDRESS_BITS) -> int:
    """One entry per page of the whole address space: 256 GiB for 128 TiB."""
    return (1 << address_bits) // PAGE_BYTES * ENTRY_BYTES


def dense_tables(pages: int) -> TableCounts:
    """The tables of so many pages in a row, starting where tables start."""
    pte = -(-pages // ENTRIES)
    pmd = -(-pte // ENTRIES)
    return TableCounts(pte, pmd, -(-pmd // ENTRIES))


def spread_tables(pages: int, stride_pages: int) -> TableCounts:
    """The tables of so many single pages, that many pages apart."""

    def reached(span: int) -> int:
        return min(pages, -(-pages * stride_pages // span)) if pages else 0

    return TableCounts(reached(ENTRIES), reached(ENTRIES**2), reached(ENTRIES**3))


def tree_bytes(pages: int, stride_pages: int = 1) -> int:
    """Bytes of these tables, the top level with them: what the mapping costs altogether."""
    return TABLE_BYTES + spread_tables(pages, stride_pages).bytes


def crossing_pages(address_bits: int = ADDRESS_BITS) -> int:
    """The most pages in a row for which the tree is not larger than the flat table.

    Of the flat table's room, the tree uses a part for its upper levels: 1/512 for the PMD tables,
    1/512² for the PUD tables, and the top. The rest is left for PTE tables, each for 512 pages. For
    128 TiB that is about 127.75 TiB: a process would have to use nearly all it has.
    """
    flat = flat_table_bytes(address_bits)
    low, high = 0, (1 << address_bits) // PAGE_BYTES
    while low < high:
        middle = (low + high + 1) // 2
        if tree_bytes(middle) <= flat:
            low = middle
        else:
            high = middle - 1
    return low


def crossing_bytes(address_bits: int = ADDRESS_BITS) -> int:
    """The same in bytes of memory."""
    return crossing_pages(address_bits) * PAGE_BYTES


def crossing_pages_spread(address_bits: int = ADDRESS_BITS) -> int:
    """The fewest pages for which the tree is larger, when they lie as badly as they can.

    Every page 2 MiB from the next needs a PTE table of its own: 4 KiB of table for 4 KiB of memory,
    so the crossing comes when about 1/512 of the pages are used.
    """
    return flat_table_bytes(address_bits) // TABLE_BYTES
