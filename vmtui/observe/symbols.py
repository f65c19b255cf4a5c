"""What lies at the addresses of a process: `object!function+offset`.

Everything here may read files and so belongs to a thread that may wait, never to the one that
draws. `name_of(…, may_load=False)` and the like answer from what is known already.
"""

from __future__ import annotations

import os
import time
from bisect import bisect_right
from dataclasses import dataclass
from functools import partial

import numpy as np

from vmtui.errors import ProcessGone, VmtuiError
from vmtui.kernel import perf_map
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.maps import Maps
from vmtui.kernel.perf_map import PerfMap
from vmtui.kernel.target import Target
from vmtui.missing import NOT_READ, Missing
from vmtui.model.symbols import SymbolTable, Words
from vmtui.observe.mapped_objects import NO_ELF, Layout, MappedObject, ObjectFinder
from vmtui.observe.symbol_cache import SHARED, LoadedSymbols, SymbolCache
from vmtui.observe.symbol_labels import PageLabel, SectionRun, label_of, runs_in, sections_between
from vmtui.text import DisplayText, display, plain
from vmtui.told import Told, nobody

__all__ = ["MappedObject", "PageLabel", "Place", "SectionRun", "Symbols"]

_NO_FILE = Missing("the address lies in memory that is of no file")
_NO_VMA = Missing("the process maps nothing at this address")
_NO_SYMBOL = Missing("no symbol covers this address")
_NO_SECTION = Missing("the address lies in no section")
_NO_OFFSET = Missing("this memory is not from the file: it began as zeros")


@dataclass(frozen=True, slots=True)
class Place:
    """What lies at one address of a process."""

    path: bytes | Missing
    """The file; untrusted."""
    offset: int | Missing
    """In the file, bytes; Missing where the memory is not from the file (.bss)."""
    object: DisplayText | Missing
    """The file's last part."""
    section: DisplayText | Missing
    symbol: DisplayText | Missing
    """Function or variable, as the file names it."""
    symbol_offset: int
    """Bytes from its beginning; 0 without one."""

    @property
    def text(self) -> DisplayText | Missing:
        """`libc.so.6!malloc+0x1a`; the section in place of a symbol, else bytes of the file."""
        if isinstance(self.object, Missing):
            return self.object
        if not isinstance(self.symbol, Missing):
            plus = f"+{self.symbol_offset:#x}" if self.symbol_offset else ""
            return plain(f"{self.object}!{self.symbol}{plus}")
        if isinstance(self.offset, Missing):
            return plain(f"{self.object}!{self.section or '?'}")
        where = f" ({self.section})" if self.section else ""
        return plain(f"{self.object}+{self.offset:#x}{where}")


class Symbols:
    """Of one process. Not for two threads at once."""

    def __init__(self, target: Target, cache: SymbolCache = SHARED) -> None:
        self._target = target
        self._cache = cache
        self._finder = ObjectFinder(target, cache)
        self._layout: Layout | None = None
        self._jit: tuple[PerfMap, SymbolTable] | None = None
        self._jit_due = 0.0
        self.jit: str | Missing = NOT_READ
        """The JIT compiler's map that is used, or why none is."""

    @property
    def objects(self) -> tuple[MappedObject, ...]:
        """The ELF files it maps, by lowest address; empty before `refresh`."""
        return self._layout.objects if self._layout else ()

    @property
    def missing(self) -> tuple[tuple[bytes, Missing], ...]:
        """Files that could not be looked into, by path, and why; no mere data files."""
        return self._layout.missing if self._layout else ()

    def refresh(self, maps: Maps) -> None:
        """Look at the files of these VMAs; those known from before are not opened again.

        Raises:
            ProcessGone: the process has exited.
        """
        self._layout = self._finder.find(maps, self._layout)
        self._refresh_jit()

    def symbols(self, one: MappedObject) -> LoadedSymbols | Missing:
        """The symbols of an object, read if need be."""
        return self._cache.symbols(one.image, partial(self._finder.open, one.file), one.path)

    def name_of(self, address: int, *, may_load: bool = True) -> DisplayText | Missing:
        """`libc.so.6!malloc+0x1a` for an address, or why there is no name."""
        return self.place_of(address, may_load=may_load).text

    def names_of(self, addresses: Words) -> list[DisplayText | Missing]:
        """The names of many addresses: every distinct one is looked up once."""
        made = {address: self.name_of(address) for address in set(addresses.tolist())}
        return list(map(made.__getitem__, addresses.tolist()))

    def place_of(self, address: int, *, may_load: bool = True) -> Place:
        """File, section and symbol at an address.

        Args:
            address: of the process.
            may_load: whether symbol tables may be read; else only those known are asked.
        """
        layout = self._layout
        found = layout.piece_at(address) if layout else None
        if found is None:
            return self._elsewhere(address)
        piece, one = found
        inside = address - piece.bias
        symbol, offset = self._symbol_at(one, inside, may_load)
        return Place(
            path=one.path,
            offset=self._file_offset(address, one),
            object=one.name,
            section=_section_at(one, inside),
            symbol=symbol,
            symbol_offset=offset,
        )

    def addresses_of(self, name: str, told: Told = nobody) -> list[tuple[int, DisplayText]]:
        """Where the process has symbols of a name: `malloc` in all objects, `libc.so.6!malloc`.

        Args:
            name: of the symbol, after that of an object if it shall be looked for there alone.
            told: hears how many of the objects have been looked into.
        """
        wanted_object, separator, wanted = name.rpartition("!")
        found = []
        for number, one in enumerate(self.objects):
            if separator and one.name != wanted_object:
                continue
            told(number, len(self.objects))
            loaded = self.symbols(one)
            if isinstance(loaded, Missing):
                continue
            for row in loaded.table.named(wanted.encode("utf-8", "surrogateescape")).tolist():
                at = int(loaded.table.address[row])
                found += [
                    (at + piece.bias, plain(f"{one.name}!{display(wanted)}"))
                    for piece in one.pieces
                    if piece.start <= at + piece.bias < piece.end
                ]
        return found

    def on_page(self, address: int, *, may_load: bool = True) -> PageLabel | Missing:
        """Which sections and symbols lie on the page of an address."""
        found = self._layout.piece_at(address) if self._layout else None
        if found is None:
            return _NO_FILE
        piece, one = found
        loaded = self._loaded(one, may_load)
        first = address // PAGE_SIZE * PAGE_SIZE - piece.bias
        return label_of(one, first, loaded if isinstance(loaded, Missing) else loaded.table)

    def runs(self, start: int, end: int) -> list[SectionRun]:
        """Stretches of pages of equal sections between two addresses, for the grid of pages."""
        found: list[SectionRun] = []
        layout = self._layout
        if layout is None:
            return found
        row = max(0, bisect_right(layout.starts, start) - 1)
        for piece, one in layout.pieces[row:]:
            if piece.start >= end:
                break
            lo, hi = max(start, piece.start), min(end, piece.end)
            if lo < hi:
                found += runs_in(piece, one, lo, hi)
        return found

    def _loaded(self, one: MappedObject, may_load: bool) -> LoadedSymbols | Missing:
        if may_load:
            return self.symbols(one)
        known = self._cache.known_symbols(one.image)
        return NOT_READ if known is None else known

    def _symbol_at(
        self, one: MappedObject, inside: int, may_load: bool
    ) -> tuple[DisplayText | Missing, int]:
        loaded = self._loaded(one, may_load)
        if isinstance(loaded, Missing):
            return loaded, 0
        return _named(loaded.table, inside)

    def _file_offset(self, address: int, one: MappedObject) -> int | Missing:
        row = self._layout.vma_at(address) if self._layout else None
        if self._layout is None or row is None or row not in one.rows:
            return _NO_OFFSET
        maps = self._layout.maps
        return address - int(maps.start[row]) + int(maps.offset[row])

    def _elsewhere(self, address: int) -> Place:
        """An address in no object: a JIT compiler's code, a data file, or memory of no file."""
        if self._jit is not None:
            symbol, offset = _named(self._jit[1], address)
            if not isinstance(symbol, Missing):
                return Place(_NO_FILE, _NO_FILE, plain("jit"), _NO_FILE, symbol, offset)
        layout = self._layout
        row = layout.vma_at(address) if layout else None
        if layout is None or row is None:
            return Place(_NO_VMA, _NO_VMA, _NO_VMA, _NO_VMA, _NO_VMA, 0)
        maps = layout.maps
        name, inside = maps.names[row], address - int(maps.start[row])
        if not name:
            return Place(_NO_FILE, _NO_FILE, _NO_FILE, _NO_FILE, _NO_FILE, 0)
        if maps.inode[row]:
            why = next((why for path, why in self.missing if path == name), NO_ELF)
            shown = display(os.path.basename(name) or name)
            return Place(name, inside + int(maps.offset[row]), shown, why, why, 0)
        return Place(_NO_FILE, inside, display(name), _NO_FILE, _NO_FILE, 0)

    def _refresh_jit(self) -> None:
        """A map can be large and grow all the time: reading it takes a twentieth of it at most."""
        began = time.monotonic()
        if began < self._jit_due:
            return
        self._read_jit()
        self._jit_due = began + 20 * (time.monotonic() - began)

    def _read_jit(self) -> None:
        previous = self._jit[0] if self._jit else None
        try:
            found = perf_map.read(self._target, previous)
        except ProcessGone:
            raise
        except VmtuiError as error:
            self._jit, self.jit = None, Missing.because(error)
            return
        if found is None:
            self._jit, self.jit = None, Missing("no JIT compiler wrote a map for this process")
        elif found is not previous:
            self._jit = (found, jit_table(found))
            self.jit = f"{len(self._jit[1]):,} functions"


def jit_table(found: PerfMap) -> SymbolTable:
    """A JIT map as a table; of several functions at one address the newest stays."""
    order = np.argsort(found.address, kind="stable")
    address = found.address[order]
    newest = np.ones(len(order), np.bool_)
    newest[:-1] = address[1:] != address[:-1]
    order, address = order[newest], address[newest]
    size = np.minimum(found.size[order], np.uint64(2**64 - 1) - address)
    return SymbolTable(
        address=address,
        size=size,
        is_code=np.ones(len(order), np.bool_),
        name_at=found.name[order],
        names=found.names,
        longest_so_far=np.maximum.accumulate(address + size),
        versioned=False,
    )


def _named(table: SymbolTable, inside: int) -> tuple[DisplayText | Missing, int]:
    if not 0 <= inside < 1 << 64:
        return _NO_SYMBOL, 0
    row = int(table.find(np.array([inside], np.uint64))[0])
    if row < 0 or not (name := table.name(row)):
        return _NO_SYMBOL, 0
    return display(name), inside - int(table.address[row])


def _section_at(one: MappedObject, inside: int) -> DisplayText | Missing:
    found = sections_between(one.sections, inside, inside + 1)
    if found:
        return found[0]
    return one.sections if isinstance(one.sections, Missing) else _NO_SECTION
