"""ELF files read once: their headers by file, their symbols by build id, within bounds.

A build id is a claim of the file. That of a file which root owns is believed, so that a library in
ten containers is read once; any other file is known by device, inode, size and change time.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TypeAlias

from vmtui.errors import VmtuiError
from vmtui.kernel import debug_files, elf, elf_symbols, mapped_files
from vmtui.kernel.elf import Elf, Section
from vmtui.kernel.elf_source import Budget, OutOfTime, Source
from vmtui.kernel.elf_symbols import ElfSymbols
from vmtui.kernel.mapped_files import FileIdentity
from vmtui.missing import Missing
from vmtui.model.symbols import SymbolTable, table_of

MOST_BYTES = 96 << 20
"""Memory that symbol tables take together; those not asked for longest go first."""
_MOST_FILES = 4096
_BUDGET = Budget(nbytes=320 << 20, seconds=5.0)

_Key: TypeAlias = tuple[object, ...]
_Part: TypeAlias = tuple[ElfSymbols, tuple[Section, ...] | Missing]
"""Symbols, and the sections they number: a debug file can number them in its own way."""


@dataclass(frozen=True, slots=True)
class Image:
    """An ELF file as it was when its headers were read."""

    identity: FileIdentity
    elf: Elf


@dataclass(frozen=True, slots=True)
class LoadedSymbols:
    """The symbols of an object, and where they were found."""

    table: SymbolTable
    source: str
    """`.symtab`, `.dynsym`, `debug file`, joined by commas."""
    debug_file: bytes | None = None
    """The separate file they come from."""


class SymbolCache:
    """Shared by all processes that are looked at; any thread may ask."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._images: OrderedDict[FileIdentity, Image | Missing] = OrderedDict()
        self._symbols: OrderedDict[_Key, LoadedSymbols | Missing] = OrderedDict()

    @property
    def nbytes(self) -> int:
        """Memory that the symbol tables take."""
        with self._lock:
            return sum(map(_nbytes, self._symbols.values()))

    def image(self, open_file: Callable[[], int], name: bytes) -> Image | Missing:
        """The headers of a file, read if they are not known.

        Args:
            open_file: gives a descriptor to read the file by; it is closed here.
            name: of the file, for sentences; raw.
        """
        try:
            fd = open_file()
        except VmtuiError as error:
            return Missing.because(error)
        try:
            identity = mapped_files.identity_of(fd)
            with self._lock:
                if (known := self._images.get(identity)) is not None:
                    self._images.move_to_end(identity)
                    return known
            found: Image | Missing = Image(identity, elf.read(Source(fd, name, _BUDGET)))
        except OutOfTime as error:
            return Missing(str(error))
        except VmtuiError as error:
            found = Missing.because(error)
        except OSError as error:
            return Missing(f"the file cannot be looked at: {os.strerror(error.errno or 0)}")
        finally:
            os.close(fd)
        with self._lock:
            self._images[identity] = found
            while len(self._images) > _MOST_FILES:
                self._images.popitem(last=False)
        return found

    def known_symbols(self, image: Image) -> LoadedSymbols | Missing | None:
        """The symbols of a file if they were read before; None where they were not."""
        key = _key(image)
        with self._lock:
            if (known := self._symbols.get(key)) is not None:
                self._symbols.move_to_end(key)
            return known

    def symbols(
        self, image: Image, open_file: Callable[[], int], name: bytes
    ) -> LoadedSymbols | Missing:
        """The symbols of a file, read if they are not known: up to 1 s for the largest.

        Args:
            image: its headers.
            open_file: gives a descriptor to read the file by; it is closed here.
            name: of the file, as the process knows it; raw.
        """
        if (known := self.known_symbols(image)) is not None:
            return known
        try:
            fd = open_file()
        except VmtuiError as error:
            return Missing.because(error)
        try:
            if mapped_files.identity_of(fd) != image.identity:
                return Missing("the file changed while it was read")
            found: LoadedSymbols | Missing = _loaded(Source(fd, name, _BUDGET), image.elf, name)
        except OutOfTime as error:
            return Missing(str(error))
        except VmtuiError as error:
            found = Missing.because(error)
        except OSError as error:
            return Missing(f"the file cannot be looked at: {os.strerror(error.errno or 0)}")
        finally:
            os.close(fd)
        self._keep(_key(image), found)
        return found

    def _keep(self, key: _Key, found: LoadedSymbols | Missing) -> None:
        with self._lock:
            self._symbols[key] = found
            total = sum(map(_nbytes, self._symbols.values()))
            while len(self._symbols) > 1 and (
                total > self._most_bytes or len(self._symbols) > _MOST_FILES
            ):
                total -= _nbytes(self._symbols.popitem(last=False)[1])


SHARED = SymbolCache()
"""The program's own."""


def _nbytes(symbols: LoadedSymbols | Missing) -> int:
    return 256 if isinstance(symbols, Missing) else symbols.table.nbytes


def _key(image: Image) -> _Key:
    identity, build_id = image.identity, image.elf.build_id
    if identity.owner == 0 and build_id:
        return build_id, identity.nbytes
    return (identity,)


def _loaded(source: Source, of: Elf, path: bytes) -> LoadedSymbols:
    """The best that there is: all symbols, if need be from a debug file, else those to link to.

    Raises:
        VmtuiError: there are none at all, in the words of the table that was tried first.
    """
    try:
        own = elf_symbols.read(source, of, elf.SYMBOLS)
    except VmtuiError as error:
        first = error
    else:
        return LoadedSymbols(table_of([(own, of.sections)]), ".symtab")
    parts: list[_Part] = []
    told: list[str] = []
    debug_file = None
    try:
        if (separate := _of_debug_file(source, of, path)) is not None:
            part, debug_file = separate
            parts.append(part)
            told.append("debug file")
    except VmtuiError:
        pass  # what the file itself has is then all there is
    for name, attempt in ((".gnu_debugdata", _packed), (".dynsym", _dynamic)):
        if debug_file is not None:
            break  # it has all of them
        try:
            if (found := attempt(source, of)) is not None:
                parts.append(found)
                told.append(name)
        except VmtuiError:
            continue
    if not parts:
        raise first
    return LoadedSymbols(table_of(parts), ", ".join(told), debug_file)


def _of_debug_file(source: Source, of: Elf, path: bytes) -> tuple[_Part, bytes] | None:
    file = debug_files.find(of, elf.debug_link(source, of), path)
    if file is None:
        return None
    try:
        found = elf_symbols.read(file.source, file.elf, elf.SYMBOLS)
    finally:
        os.close(file.fd)
    return (found, file.elf.sections), file.path


def _packed(source: Source, of: Elf) -> _Part | None:
    section = of.section(b".gnu_debugdata")
    if section is None:
        return None
    inner = Source(elf_symbols.mini_debug_info(source, section), source.what)
    headers = elf.read(inner)
    return elf_symbols.read(inner, headers, elf.SYMBOLS), headers.sections


def _dynamic(source: Source, of: Elf) -> _Part | None:
    return elf_symbols.read(source, of, elf.DYNAMIC_SYMBOLS), of.sections
