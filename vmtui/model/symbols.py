"""Which symbol an address lies in: sorted columns, no object a symbol, many addresses at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel import elf
from vmtui.kernel.elf import Section
from vmtui.kernel.elf_symbols import CHOSEN_AT_START, FUNCTION, GLOBAL, NO_TYPE, WEAK, ElfSymbols
from vmtui.missing import Missing

Words: TypeAlias = NDArray[np.uint64]
Rows: TypeAlias = NDArray[np.int64]

_TOP = np.uint64(2**64 - 1)
_STEPS_BACK = 64
"""How many symbols that end before an address are passed over for one around them."""
_LONGEST_NAME = 4096
_MOST_NAMESAKES = 10_000
_UNDERSCORE, _DOLLAR, _DOT = b"_$."


@dataclass(frozen=True, slots=True, eq=False)
class SymbolTable:
    """Symbols by rising address, one at each; columns of one length."""

    address: Words
    """Before the object is moved."""
    size: Words
    """Bytes; where the file does not say, up to the next symbol or the end of the section."""
    is_code: NDArray[np.bool_]
    """Functions and labels in code; the others are variables."""
    name_at: NDArray[np.uint32]
    names: bytes
    longest_so_far: Words
    """The highest end of this symbol and all before it: says when looking back is of no use."""
    versioned: bool = True
    """Whether `@VERSION` behind a name is none of it, as in ELF files."""

    def __len__(self) -> int:
        return len(self.address)

    @property
    def nbytes(self) -> int:
        """Memory it takes."""
        columns = (self.address, self.size, self.is_code, self.name_at, self.longest_so_far)
        return len(self.names) + sum(column.nbytes for column in columns)

    def name(self, row: int) -> bytes:
        """The name as the file has it: untrusted, mangled where the language mangles."""
        at = int(self.name_at[row])
        end = self.names.find(b"\0", at, at + _LONGEST_NAME)
        name = self.names[at : end if end >= 0 else at + _LONGEST_NAME]
        return name.partition(b"@")[0] or name if self.versioned else name

    def find(self, addresses: Words) -> Rows:
        """The symbol around each address, the innermost of several; -1 where there is none.

        Args:
            addresses: uint64 array, any order, before the object is moved.
        """
        rows: Rows = np.searchsorted(self.address, addresses, side="right").astype(np.int64) - 1
        open_rows = np.flatnonzero(rows >= 0)
        for _ in range(_STEPS_BACK):
            if not len(open_rows):
                break
            row, address = rows[open_rows], addresses[open_rows]
            outside = address - self.address[row] >= self.size[row]
            hopeless = outside & (self.longest_so_far[row] <= address)
            rows[open_rows[hopeless]] = -1
            open_rows = open_rows[outside & ~hopeless]
            rows[open_rows] -= 1
            open_rows = open_rows[rows[open_rows] >= 0]
        rows[open_rows] = -1
        return rows

    def named(self, name: bytes) -> Rows:
        """The symbols of exactly this name; in a table made to have endlessly many, the first."""
        found: list[int] = []
        for wanted in (name + b"\0", name + b"@") if name else ():
            at = -1
            while len(found) < _MOST_NAMESAKES and (at := self.names.find(wanted, at + 1)) >= 0:
                found.append(at)
        return np.flatnonzero(np.isin(self.name_at, np.array(found, np.uint32)))


NO_SYMBOLS = SymbolTable(
    np.zeros(0, np.uint64), np.zeros(0, np.uint64), np.zeros(0, np.bool_),
    np.zeros(0, np.uint32), b"", np.zeros(0, np.uint64),
)  # fmt: skip


def table_of(
    parts: Sequence[tuple[ElfSymbols, tuple[Section, ...] | Missing]],
) -> SymbolTable:
    """One table of the symbols of several files, which describe the same object.

    Of those at one address the one is kept that tells most: sized before unsized, a function
    before a label, global before weak before local, and then the one with fewer underscores.

    Args:
        parts: what each file says, with its sections: these tell what is code, and where a symbol
            without a size must end.
    """
    if not parts:
        return NO_SYMBOLS
    every = _together([symbols for symbols, _ in parts])
    placed = [_placed(symbols, sections) for symbols, sections in parts]
    in_code = np.concatenate([code for code, _ in placed])
    ends = np.concatenate([end for _, end in placed])
    function = (every.kind == FUNCTION) | (every.kind == CHOSEN_AT_START)
    label = every.kind == NO_TYPE
    first, second = _first_characters(every)
    # Marks that assemblers leave are none: where code begins ($x), local jumps (.L1).
    mark = label & ((first == _DOLLAR) | (first == _DOT))
    order = np.flatnonzero(((every.size > 0) | function | (label & in_code)) & ~mark)
    rank = (
        np.where(every.size > 0, 0, 64)
        + np.where(label, 32, 0)
        + np.where(every.binding == GLOBAL, 0, np.where(every.binding == WEAK, 8, 16))
        + (first == _UNDERSCORE)
        + ((first == _UNDERSCORE) & (second == _UNDERSCORE))
    ).astype(np.uint8)
    order = order[np.lexsort((rank[order], every.address[order]))]
    address = every.address[order]
    alone = np.ones(len(order), np.bool_)
    alone[1:] = address[1:] != address[:-1]
    order, address = order[alone], address[alone]
    size = _sizes(address, every.size[order], ends[order])
    return SymbolTable(
        address=address,
        size=size,
        is_code=(function | (label & in_code))[order],
        name_at=every.name[order],
        names=every.names,
        longest_so_far=np.maximum.accumulate(address + size),
    )


def _placed(
    symbols: ElfSymbols, sections: tuple[Section, ...] | Missing
) -> tuple[NDArray[np.bool_], Words]:
    """Per symbol whether its section is code, and where that ends; False, 0 without a section."""
    known = () if isinstance(sections, Missing) else sections
    code = np.array([*(bool(one.flags & elf.EXECUTE) for one in known), False], np.bool_)
    ends = [min(one.address + one.nbytes, int(_TOP)) for one in known]
    numbers = np.minimum(symbols.section, len(known))
    return code[numbers], np.array([*ends, 0], np.uint64)[numbers]


def _together(parts: Sequence[ElfSymbols]) -> ElfSymbols:
    if len(parts) == 1:
        return parts[0]
    total = sum(len(part.names) for part in parts)
    offsets = np.cumsum([0, *(len(part.names) for part in parts[:-1])]).tolist()
    # A name beyond its own names is none, and must not become one of the next part.
    names_at = [
        np.where(part.name < len(part.names), part.name + np.uint64(offset), np.uint64(total))
        for part, offset in zip(parts, offsets, strict=True)
    ]
    return ElfSymbols(
        address=np.concatenate([part.address for part in parts]),
        size=np.concatenate([part.size for part in parts]),
        kind=np.concatenate([part.kind for part in parts]),
        binding=np.concatenate([part.binding for part in parts]),
        section=np.concatenate([part.section for part in parts]),
        name=np.concatenate(names_at).astype(np.uint32),
        names=b"".join(part.names for part in parts),
    )


def _first_characters(every: ElfSymbols) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Of each name the first two bytes, 0 where there are none."""
    names = np.frombuffer(every.names, np.uint8)
    known = every.name.astype(np.int64) + 1 < len(names)
    at = np.where(known, every.name, 0)
    first, second = (
        (names[at + place] * known if len(names) > 1 else np.zeros(len(at), np.uint8))
        for place in (0, 1)
    )
    return first, second


def _sizes(address: Words, size: Words, section_ends: Words) -> Words:
    """Sizes, made up where the file gives none, and never beyond the end of all addresses."""
    following = np.append(address[1:], _TOP)
    limit = np.maximum(address, np.minimum(following, section_ends))
    sizes: Words = np.minimum(np.where(size > 0, size, limit - address), _TOP - address)
    return sizes
