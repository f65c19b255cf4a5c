"""What of an object is in memory, byte for byte: by section and by function.

A page is resident or not as a whole; a function has the bytes of it that lie on resident pages. So
figures of parts that do not overlap add up to that of the whole, however small the parts are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel.elf import Section
from vmtui.kernel.files import PAGE_SIZE
from vmtui.model.images import Piece
from vmtui.model.pages import EXCLUSIVE, FILE, GUARD, PRESENT, SWAPPED, ZERO, Bytes
from vmtui.model.symbols import SymbolTable, Words
from vmtui.text import DisplayText, display, plain

Column: TypeAlias = NDArray[np.int64]
FIGURES = ("size", "resident", "private_dirty", "swapped")
"""The columns of `Parts`, in bytes."""
_TOP = (1 << 64) - 1


class PiecePages(NamedTuple):
    """A piece of an object and its pages."""

    piece: Piece
    facts: Bytes
    """A byte a page, as `model.pages` defines them."""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Figures of the parts of an object; columns of one length, bytes."""

    size: Column
    """Of the part, as far as it has addresses in the process; once for each time it is loaded."""
    resident: Column
    """In memory for this process, pages of zeros not included: what Rss counts."""
    private_dirty: Column
    """On pages that are the process's own copies: written by it and shared with nobody."""
    swapped: Column
    """On pages of those that are in swap."""


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section of a loaded object."""

    name: DisplayText
    address: int | None
    """In the process; None for what lies in no section."""
    size: int
    resident: int
    private_dirty: int
    swapped: int
    raw_name: bytes = b""


IN_NO_SECTION = plain("(in no section)")
"""Headers, padding between sections and the rest of last pages: with it sections add up."""


def of_ranges(pages: Iterable[PiecePages], address: Words, size: Words) -> Parts:
    """The figures of ranges of addresses of the object (before it is moved).

    Args:
        pages: all pieces of the object.
        address: uint64 array.
        size: uint64 array; a range must not end beyond all addresses.
    """
    sums = np.zeros((len(FIGURES), len(address)), np.int64)
    ends = address + size
    for piece, facts in pages:
        first, last = piece.start - piece.bias, piece.end - piece.bias
        if first < 0 or last > _TOP:
            continue
        lo = np.clip(address, np.uint64(first), np.uint64(last))
        hi = np.clip(ends, np.uint64(first), np.uint64(last))
        rows = np.flatnonzero(hi > lo)
        begin = (lo[rows] - np.uint64(first)).astype(np.int64)
        finish = (hi[rows] - np.uint64(first)).astype(np.int64)
        sums[0, rows] += finish - begin
        for figure, mask in enumerate(_masks(facts), start=1):
            if mask.any():
                sums[figure, rows] += _bytes_between(mask, begin, finish)
    return Parts(*sums)


def whole(pages: Iterable[PiecePages]) -> dict[str, int]:
    """The figures of the object as a whole, by their names."""
    sums = dict.fromkeys(FIGURES, 0)
    for piece, facts in pages:
        sums["size"] += piece.end - piece.start
        for name, mask in zip(FIGURES[1:], _masks(facts), strict=True):
            sums[name] += int(np.count_nonzero(mask)) * PAGE_SIZE
    return sums


def sections_of(pages: Sequence[PiecePages], sections: Sequence[Section]) -> list[SectionRow]:
    """Every section that lies in memory, by address, and last what lies in none."""
    inside = [one for one in sections if one.in_memory and one.address + one.nbytes <= _TOP]
    inside.sort(key=lambda one: one.address)
    address = np.array([one.address for one in inside], np.uint64)
    size = np.array([one.nbytes for one in inside], np.uint64)
    parts = of_ranges(pages, address, size)
    made = list(_rows(inside, parts, pages))
    rest = whole(pages)
    for name in FIGURES:
        rest[name] -= sum(getattr(row, name) for row in made)
    if rest["size"] > 0 and min(rest.values()) >= 0:
        made.append(
            SectionRow(
                IN_NO_SECTION,
                None,
                rest["size"],
                rest["resident"],
                rest["private_dirty"],
                rest["swapped"],
            )
        )
    return made


def _rows(
    sections: Sequence[Section], parts: Parts, pages: Sequence[PiecePages]
) -> Iterator[SectionRow]:
    for row, section in enumerate(sections):
        if parts.size[row]:
            at = _address_in(section.address, pages)
            size, resident, dirty, swapped = (int(getattr(parts, name)[row]) for name in FIGURES)
            name = display(section.name)
            yield SectionRow(name, at, size, resident, dirty, swapped, section.name)


def _address_in(address: int, pages: Sequence[PiecePages]) -> int | None:
    """Where the process has it; the lowest place if it was loaded more than once."""
    for piece, _ in pages:
        if piece.start <= address + piece.bias < piece.end:
            return address + piece.bias
    return None


def addresses_in(table: SymbolTable, rows: Column, pages: Sequence[PiecePages]) -> Words:
    """Where the process has these symbols; where one starts at no address of it, 0."""
    found = np.zeros(len(rows), np.uint64)
    address = table.address[rows]
    for piece, _ in reversed(pages):
        first, last = piece.start - piece.bias, piece.end - piece.bias
        if first < 0 or last > _TOP:
            continue
        there = (address >= np.uint64(first)) & (address < np.uint64(last))
        found[there] = address[there] - np.uint64(first) + np.uint64(piece.start)
    return found


def _masks(facts: Bytes) -> Iterator[NDArray[np.bool_]]:
    """Per page, whether it counts as resident, private and dirty, swapped."""
    yield (facts & (PRESENT | ZERO)) == PRESENT
    yield (facts & (PRESENT | ZERO | FILE | EXCLUSIVE)) == PRESENT | EXCLUSIVE
    yield (facts & (PRESENT | SWAPPED | GUARD)) == SWAPPED


def _bytes_between(mask: NDArray[np.bool_], begin: Column, finish: Column) -> Column:
    """Bytes on the pages of a mask between offsets of the piece."""
    before = np.zeros(len(mask) + 1, np.int64)
    np.cumsum(mask, out=before[1:])
    padded = np.append(mask, False).astype(np.int64)

    def below(offset: Column) -> Column:
        page, rest = offset // PAGE_SIZE, offset % PAGE_SIZE
        under: Column = before[page] * PAGE_SIZE + padded[page] * rest
        return under

    return below(finish) - below(begin)
