"""The symbol tables of an ELF file, as columns: numpy decodes a table in one go.

elf(5), Elf64_Sym. About 20 ms for 50,000 symbols, mostly the page cache's copy; pyelftools takes
80 µs for each. Names stay in their string table and are cut out only when shown.
"""

from __future__ import annotations

import lzma
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmtui.errors import NotSupported, ParseError
from vmtui.kernel import elf
from vmtui.kernel.elf import Elf, Section
from vmtui.kernel.elf_source import Source
from vmtui.missing import Missing

NO_TYPE, OBJECT, FUNCTION, CHOSEN_AT_START = 0, 1, 2, 10
"""STT_*: of a symbol's kind. The last is a function that returns the function to call."""
LOCAL, GLOBAL, WEAK = 0, 1, 2
"""STB_*: of a symbol's binding."""

_KINDS = (NO_TYPE, OBJECT, FUNCTION, CHOSEN_AT_START)
_UNDEFINED, _RESERVED, _ELSEWHERE = 0, 0xFF00, 0xFFFF
_MOST_TABLE_BYTES = 24 << 20
"""A million symbols of 64 bits: five times what the largest compilers have."""
_MOST_NAMES_BYTES = 64 << 20
_MOST_UNPACKED_BYTES = 64 << 20
_UNPACKING_BYTES = 64 << 20
_FIELDS_64 = (("name", 4), ("info", 1), ("other", 1), ("section", 2), ("value", 8), ("size", 8))
_FIELDS_32 = (("name", 4), ("value", 4), ("size", 4), ("info", 1), ("other", 1), ("section", 2))


@dataclass(frozen=True, slots=True, eq=False)
class ElfSymbols:
    """Functions, variables and labels that a file defines, in its order; columns of one length."""

    address: NDArray[np.uint64]
    """Before the object is moved."""
    size: NDArray[np.uint64]
    """Bytes; 0 where the file does not say, as for labels in assembly."""
    kind: NDArray[np.uint8]
    """STT_*."""
    binding: NDArray[np.uint8]
    """STB_*."""
    section: NDArray[np.uint16]
    """The number of the section it is in; may be none of this file."""
    name: NDArray[np.uint32]
    """Where in `names` its name begins; may lie beyond."""
    names: bytes
    """Names that end in NUL; untrusted."""

    def __len__(self) -> int:
        return len(self.address)


def read(source: Source, of: Elf, kind: int) -> ElfSymbols:
    """A table of a file.

    Args:
        source: the file.
        of: its headers.
        kind: `elf.SYMBOLS` (everything that was not stripped) or `elf.DYNAMIC_SYMBOLS` (what
            others link to).

    Raises:
        NotSupported: there is none, or it is larger than is read.
        ParseError: it is damaged.
    """
    name = ".symtab" if kind == elf.SYMBOLS else ".dynsym"
    if isinstance(of.sections, Missing):
        raise NotSupported(of.sections.reason)
    table = next((one for one in of.sections if one.kind == kind), None)
    if table is None:
        raise NotSupported(f"{source.what}: it has no {name}")
    layout = _layout(of)
    if table.entry_bytes != layout.itemsize or table.flags & elf.COMPRESSED:
        raise ParseError(f"{source.what}: the symbols in {name} are of an unknown form")
    strings = of.sections[table.link] if table.link < len(of.sections) else None
    if strings is None or strings.kind != elf.STRINGS or strings.flags & elf.COMPRESSED:
        raise ParseError(f"{source.what}: the symbols in {name} have no names")
    source.refuse_over(_MOST_TABLE_BYTES, table.nbytes, name)
    source.refuse_over(_MOST_NAMES_BYTES, strings.nbytes, f"names of {name}")
    count = table.nbytes // layout.itemsize
    raw = np.frombuffer(source.read(table.offset, count * layout.itemsize, name), layout)
    rows = raw[_wanted(raw)]
    return ElfSymbols(
        address=_addresses(rows, of),
        size=rows["size"].astype(np.uint64),
        kind=(rows["info"] & 0xF).astype(np.uint8),
        binding=(rows["info"] >> 4).astype(np.uint8),
        section=rows["section"].astype(np.uint16),
        name=rows["name"].astype(np.uint32),
        names=source.read(strings.offset, strings.nbytes, f"names of {name}"),
    )


def mini_debug_info(source: Source, section: Section) -> bytes:
    """The small ELF file packed into .gnu_debugdata: the symbols of functions, compressed.

    Raises:
        NotSupported: it is larger than is unpacked.
        ParseError: it is damaged.
    """
    part = ".gnu_debugdata"
    source.refuse_over(_MOST_UNPACKED_BYTES, section.nbytes, part)
    packed = source.read(section.offset, section.nbytes, part)
    try:
        unpack = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_UNPACKING_BYTES)
        made = unpack.decompress(packed, _MOST_UNPACKED_BYTES)
    except (lzma.LZMAError, EOFError) as error:
        raise ParseError(f"{source.what}: its {part} cannot be unpacked") from error
    source.check_time()
    if not unpack.eof:
        source.refuse_over(_MOST_UNPACKED_BYTES - 1, len(made), f"unpacked {part}")
        raise ParseError(f"{source.what}: its {part} is cut off")
    return made


def _layout(of: Elf) -> np.dtype[np.void]:
    order = "<" if of.little_endian else ">"
    fields = _FIELDS_64 if of.bits == 64 else _FIELDS_32
    return np.dtype([(name, f"{order}u{width}") for name, width in fields])


def _wanted(rows: NDArray[np.void]) -> NDArray[np.bool_]:
    """Symbols that stand for an address: defined here, neither sections, files nor thread-local."""
    section = rows["section"]
    wanted: NDArray[np.bool_] = (section != _UNDEFINED) & (
        (section < _RESERVED) | (section == _ELSEWHERE)
    )
    wanted &= rows["name"] != 0
    return wanted & np.isin(rows["info"] & 0xF, _KINDS)


def _addresses(rows: NDArray[np.void], of: Elf) -> NDArray[np.uint64]:
    """The values; on ARM bit 0 of a function says only which instruction set it is in."""
    addresses: NDArray[np.uint64] = rows["value"].astype(np.uint64)
    if of.machine == "EM_ARM":
        addresses[(rows["info"] & 0xF) == FUNCTION] &= np.uint64(0xFFFF_FFFE)
    return addresses
