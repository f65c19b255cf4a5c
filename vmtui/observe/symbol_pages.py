"""How much of an object is in memory: its pages read from the process, summed by section.

50–70 ns a page for the entries, as every reading of pages; a library of 100 MiB takes 2 ms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vmtui.errors import NotSupported
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.symbol_residency import (
    Column,
    Parts,
    PiecePages,
    SectionRow,
    addresses_in,
    of_ranges,
    sections_of,
    whole,
)
from vmtui.model.symbols import SymbolTable, Words
from vmtui.observe.mapped_objects import MappedObject
from vmtui.observe.page_facts import CHUNK, FactReader
from vmtui.observe.page_places import Stretch

MOST_PAGES = 1 << 22
"""Pages of one object that are read: 16 GiB."""


@dataclass(frozen=True, slots=True, eq=False)
class ObjectPages:
    """An object and the states of all its pages at one moment."""

    of: MappedObject
    pages: tuple[PiecePages, ...]
    figures: Mapping[str, int]
    """Of the whole: size, resident, private_dirty, swapped, in bytes."""
    untold: Mapping[str, Missing]
    """What the kernel leaves open (pages of zeros, without PAGEMAP_SCAN), and why."""

    def sections(self) -> list[SectionRow] | Missing:
        """Every section that lies in memory, by address; with the last row they add up."""
        sections = self.of.sections
        return sections if isinstance(sections, Missing) else sections_of(self.pages, sections)

    def functions(self, table: SymbolTable) -> Functions:
        """Every function of a table, by address."""
        rows = np.flatnonzero(table.is_code)
        parts = of_ranges(self.pages, table.address[rows], table.size[rows])
        there = parts.size > 0
        rows = rows[there]
        kept = Parts(*(getattr(parts, name)[there] for name in Parts.__slots__))
        return Functions(table, rows, addresses_in(table, rows, self.pages), kept)


@dataclass(frozen=True, slots=True, eq=False)
class Functions:
    """Functions of an object; columns of one length."""

    table: SymbolTable
    rows: Column
    """Of the table."""
    address: Words
    """In the process."""
    parts: Parts


def read(target: Target, pagemap: Pagemap, of: MappedObject) -> ObjectPages:
    """The pages of an object now.

    Raises:
        ProcessGone: the process has exited.
        NotSupported: it has more pages than are read.
    """
    total = sum(piece.end - piece.start for piece in of.pieces) // PAGE_SIZE
    if total > MOST_PAGES:
        raise NotSupported(f"{of.name}: {total:,} pages are more than vmtui reads of one object")
    pages: list[PiecePages] = []
    untold: dict[str, Missing] = {}
    for piece in of.pieces:
        reader = FactReader(pagemap, "anon" if piece.anonymous else "file")
        first, count = piece.start // PAGE_SIZE, (piece.end - piece.start) // PAGE_SIZE
        facts = np.zeros(count, np.uint8)
        for at in range(0, count, CHUNK):
            reader.read(first + at, facts[at : at + CHUNK])
        reader.settle(Stretch(first, count), facts)
        untold |= reader.untold
        pages.append(PiecePages(piece, facts))
    return ObjectPages(of, tuple(pages), whole(pages), untold)
