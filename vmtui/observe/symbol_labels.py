"""What to write beside pages: the sections and symbols on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vmtui.kernel.elf import Section
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.images import Piece
from vmtui.model.symbols import SymbolTable
from vmtui.observe.mapped_objects import MappedObject
from vmtui.text import DisplayText, display

_MOST_NAMES = 12
_MOST_SECTIONS = 400
"""With more sections than any linker makes, pages are labelled by object alone."""


@dataclass(frozen=True, slots=True)
class PageLabel:
    """What lies on one page."""

    object: DisplayText
    sections: tuple[DisplayText, ...]
    symbols: tuple[DisplayText, ...]
    """Functions and variables by address, the first few."""
    more: int
    """How many symbols more."""


@dataclass(frozen=True, slots=True)
class SectionRun:
    """A stretch of pages with the same sections on them: what a grid of pages writes beside it."""

    start: int
    end: int
    object: DisplayText
    sections: tuple[DisplayText, ...]


def label_of(one: MappedObject, first: int, table: SymbolTable | Missing) -> PageLabel:
    """Of the page that begins at an address of the object, before it is moved."""
    last = first + PAGE_SIZE
    rows = (
        []
        if isinstance(table, Missing) or not 0 <= first < last < 1 << 64
        else _rows_between(table, first, last)
    )
    names = tuple(
        display(table.name(row)) for row in rows[:_MOST_NAMES] if not isinstance(table, Missing)
    )
    more = max(0, len(rows) - _MOST_NAMES)
    return PageLabel(one.name, sections_between(one.sections, first, last), names, more)


def runs_in(piece: Piece, one: MappedObject, lo: int, hi: int) -> list[SectionRun]:
    """The pages of a piece between two addresses, cut where their sections change."""
    known = () if isinstance(one.sections, Missing) else one.sections
    sections = [section for section in known if section.in_memory]
    if not 0 < len(sections) <= _MOST_SECTIONS:
        return [SectionRun(lo, hi, one.name, ())]
    borders = {lo, hi}
    for section in sections:
        start = section.address + piece.bias
        for edge in (start, start + section.nbytes):
            borders |= {edge // PAGE_SIZE * PAGE_SIZE, -(-edge // PAGE_SIZE) * PAGE_SIZE}
    cuts = sorted(border for border in borders if lo <= border <= hi)
    runs: list[SectionRun] = []
    for start, end in pairwise(cuts):
        names = sections_between(sections, start - piece.bias, end - piece.bias)
        if runs and runs[-1].sections == names:
            runs[-1] = SectionRun(runs[-1].start, end, one.name, names)
        else:
            runs.append(SectionRun(start, end, one.name, names))
    return runs


def sections_between(
    sections: Iterable[Section] | Missing, first: int, last: int
) -> tuple[DisplayText, ...]:
    """The names of the sections with a byte between two addresses of the object."""
    if isinstance(sections, Missing):
        return ()
    return tuple(
        display(one.name)
        for one in sections
        if one.in_memory and one.address < last and one.address + one.nbytes > first
    )


def _rows_between(table: SymbolTable, first: int, last: int) -> list[int]:
    """Symbols with a byte between two addresses: the one around the first, those that begin."""
    around = int(table.find(np.array([first], np.uint64))[0])
    begin, end = np.searchsorted(table.address, np.array([first, last], np.uint64)).tolist()
    return [around, *range(begin, end)] if 0 <= around < begin else list(range(begin, end))
