"""The skeleton of an ELF file: what is loaded where, its sections, its build id.

elf(5). Structures are decoded by pyelftools, some 20 µs each, header by header: its own walks
follow links between sections and so can be sent in circles by a file made for that. Every offset,
size and count comes from the file and is checked before use. Costs about 2 ms a file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from elftools.construct import ConstructError
from elftools.elf.enums import ENUM_SH_TYPE_BASE
from elftools.elf.structs import ELFStructs

from vmtui.errors import ParseError, VmtuiError
from vmtui.kernel.elf_source import Source
from vmtui.missing import Missing

MAGIC = b"\x7fELF"
EXECUTABLE, LIBRARY = "ET_EXEC", "ET_DYN"
WRITE, ALLOC, EXECUTE, TLS = 0x1, 0x2, 0x4, 0x400
"""SHF_*: of a section's flags."""
COMPRESSED = 0x800
NO_BITS = int(ENUM_SH_TYPE_BASE["SHT_NOBITS"])
STRINGS = int(ENUM_SH_TYPE_BASE["SHT_STRTAB"])
SYMBOLS = int(ENUM_SH_TYPE_BASE["SHT_SYMTAB"])
DYNAMIC_SYMBOLS = int(ENUM_SH_TYPE_BASE["SHT_DYNSYM"])
_NOTES = int(ENUM_SH_TYPE_BASE["SHT_NOTE"])

_MOST_SECTIONS = 8192
_MOST_SEGMENTS = 1024
_MOST_LOADED = 256
_MOST_NAMES_BYTES = 1 << 20
_MOST_NOTE_BYTES = 1 << 16
_MOST_NOTES = 256
_BUILD_ID = 3
_LONGEST_BUILD_ID = 64
_MANY_SECTIONS = 0
_MANY_SEGMENTS = 0xFFFF


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the file that is mapped (PT_LOAD)."""

    offset: int
    """Where in the file it begins."""
    address: int
    """Where it begins in memory, before the object is moved as a whole."""
    file_bytes: int
    memory_bytes: int
    """At least `file_bytes`; the rest is zeros that the file does not hold (.bss)."""


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of the file."""

    name: bytes
    """Untrusted."""
    kind: int
    """SHT_*."""
    flags: int
    """SHF_*."""
    address: int
    """In memory, before the object is moved; 0 where it is not loaded."""
    offset: int
    nbytes: int
    link: int
    """Another section's number: for symbols that of their names."""
    entry_bytes: int

    @property
    def in_memory(self) -> bool:
        """Whether it takes addresses of the process (thread-local zeros do not)."""
        zeros_of_threads = self.kind == NO_BITS and self.flags & TLS
        return bool(self.flags & ALLOC and self.nbytes and not zeros_of_threads)


@dataclass(frozen=True, slots=True)
class Elf:
    """What one ELF file says of itself."""

    bits: int
    """32 or 64."""
    little_endian: bool
    kind: str
    """ET_EXEC: at fixed addresses; ET_DYN: anywhere, as libraries and most programs."""
    machine: str
    """EM_X86_64 and so on."""
    segments: tuple[Segment, ...]
    """The loaded ones, in file order."""
    sections: tuple[Section, ...] | Missing
    """By their numbers, of which the first is none; Missing where they were stripped or damaged."""
    build_id: bytes
    """`b""` where it has none."""

    def section(self, name: bytes) -> Section | None:
        """The first section of a name."""
        if isinstance(self.sections, Missing):
            return None
        return next((one for one in self.sections if one.name == name), None)


@dataclass(frozen=True, slots=True)
class DebugLink:
    """Which file holds the symbols that were stripped (.gnu_debuglink)."""

    name: bytes
    """A file name without directory; untrusted."""
    crc: int
    """CRC-32 of that file's bytes."""


def read(source: Source) -> Elf:
    """The headers of a file.

    Raises:
        ParseError: it is no ELF file, or its first header or its segments are damaged.
        NotSupported, VmtuiError: as `Source.read`.
    """
    identity = source.read(0, 16, "ELF header") if source.nbytes >= 16 else b""
    if not identity.startswith(MAGIC):
        raise ParseError(f"{source.what}: not an ELF file")
    if identity[4] not in (1, 2) or identity[5] not in (1, 2):
        raise ParseError(f"{source.what}: an ELF file of an unknown class")
    structs = ELFStructs(little_endian=identity[5] == 1, elfclass=32 * identity[4])
    structs.create_basic_structs()
    header = _decoded(
        source, structs.Elf_Ehdr, source.read(0, structs.Elf_Ehdr.sizeof(), "ELF header")
    )
    kind, machine = str(header.e_type), str(header.e_machine)
    structs.create_advanced_structs(kind, machine, header.e_ident.EI_OSABI)
    first = _first_section(source, structs, header)
    program_headers = _program_headers(source, structs, header, first)
    loaded = [part for part in program_headers if part.p_type == "PT_LOAD" and part.p_memsz]
    if len(loaded) > _MOST_LOADED:
        raise ParseError(f"{source.what}: {len(loaded):,} segments to load, which no program has")
    try:
        sections: tuple[Section, ...] | Missing = _sections(source, structs, header, first)
    except ParseError as error:
        sections = Missing(str(error))
    return Elf(
        bits=structs.elfclass,
        little_endian=bool(structs.little_endian),
        kind=kind,
        machine=machine,
        segments=tuple(
            Segment(part.p_offset, part.p_vaddr, part.p_filesz, max(part.p_memsz, part.p_filesz))
            for part in loaded
        ),
        sections=sections,
        build_id=_build_id(source, structs, program_headers, sections),
    )


def debug_link(source: Source, elf: Elf) -> DebugLink | None:
    """Where the file says its symbols went; None where it says nothing that can be used.

    Raises:
        ParseError, NotSupported, VmtuiError: as `Source.read`.
    """
    section = elf.section(b".gnu_debuglink")
    if section is None or not 8 <= section.nbytes <= 4096:
        return None
    raw = source.read(section.offset, section.nbytes, "debug link")
    name, found, _ = raw.partition(b"\0")
    at = (len(name) + 1 + 3) // 4 * 4
    if not found or not name or b"/" in name or name in (b".", b"..") or at + 4 > len(raw):
        return None
    order = "<" if elf.little_endian else ">"
    return DebugLink(name, int(struct.unpack_from(f"{order}I", raw, at)[0]))


def _decoded(source: Source, layout: Any, raw: bytes) -> Any:
    try:
        return layout.parse(raw)
    except (ConstructError, UnicodeDecodeError, ValueError) as error:
        raise ParseError(f"{source.what}: a header of it cannot be decoded") from error


def _first_section(source: Source, structs: ELFStructs, header: Any) -> Any:
    """Section 0, which holds the counts that do not fit the file's header; None without it."""
    room = structs.Elf_Shdr.sizeof()
    if not header.e_shoff or header.e_shentsize != room:
        return None
    try:
        return _decoded(
            source, structs.Elf_Shdr, source.read(header.e_shoff, room, "list of sections")
        )
    except ParseError:
        return None


def _program_headers(source: Source, structs: ELFStructs, header: Any, first: Any) -> list[Any]:
    count = int(header.e_phnum)
    if count == _MANY_SEGMENTS and first is not None:
        count = int(first.sh_info)
    room = structs.Elf_Phdr.sizeof()
    if not count:
        return []
    if header.e_phentsize != room or count > _MOST_SEGMENTS:
        raise ParseError(f"{source.what}: {count:,} program headers of {header.e_phentsize} bytes")
    raw = source.read(header.e_phoff, count * room, "list of segments")
    return [
        _decoded(source, structs.Elf_Phdr, raw[at : at + room]) for at in range(0, len(raw), room)
    ]


def _sections(
    source: Source, structs: ELFStructs, header: Any, first: Any
) -> tuple[Section, ...] | Missing:
    room = structs.Elf_Shdr.sizeof()
    if not header.e_shoff:
        return Missing(f"{source.what}: its list of sections was stripped")
    count = int(header.e_shnum)
    if count == _MANY_SECTIONS and first is not None:
        count = int(first.sh_size)
    if header.e_shentsize != room or not 0 < count <= _MOST_SECTIONS:
        raise ParseError(f"{source.what}: {count:,} sections of {header.e_shentsize} bytes")
    raw = source.read(header.e_shoff, count * room, "list of sections")
    headers = [
        _decoded(source, structs.Elf_Shdr, raw[at : at + room]) for at in range(0, len(raw), room)
    ]
    names_at = int(header.e_shstrndx)
    if names_at == 0xFFFF and first is not None:
        names_at = int(first.sh_link)
    names = _names(source, headers[names_at]) if names_at < count else b""
    return tuple(
        Section(
            name=_name(names, part.sh_name),
            kind=ENUM_SH_TYPE_BASE.get(part.sh_type, 0)
            if isinstance(part.sh_type, str)
            else int(part.sh_type),
            flags=part.sh_flags,
            address=part.sh_addr,
            offset=part.sh_offset,
            nbytes=part.sh_size,
            link=part.sh_link,
            entry_bytes=part.sh_entsize,
        )
        for part in headers
    )


def _names(source: Source, part: Any) -> bytes:
    """The sections' names; without them they are nameless, which is no reason to give up."""
    try:
        return source.read(part.sh_offset, min(part.sh_size, _MOST_NAMES_BYTES), "names")
    except ParseError:
        return b""


def _name(names: bytes, at: int) -> bytes:
    return names[at : names.find(b"\0", at)] if 0 <= at < len(names) else b""


def _build_id(
    source: Source, structs: ELFStructs, parts: list[Any], sections: tuple[Section, ...] | Missing
) -> bytes:
    """From the note segments; from the note sections of a file that has no segments."""
    places = [(part.p_offset, part.p_filesz) for part in parts if part.p_type == "PT_NOTE"]
    if not isinstance(sections, Missing):
        places += [(one.offset, one.nbytes) for one in sections if one.kind == _NOTES]
    for offset, count in places[:_MOST_NOTES]:
        try:
            raw = source.read(offset, min(count, _MOST_NOTE_BYTES), "notes")
            if found := _build_id_in(source, structs, raw):
                return found
        except VmtuiError:
            continue
    return b""


def _build_id_in(source: Source, structs: ELFStructs, raw: bytes) -> bytes:
    room, at = structs.Elf_Nhdr.sizeof(), 0
    for _ in range(_MOST_NOTES):
        if at + room > len(raw):
            break
        note = _decoded(source, structs.Elf_Nhdr, raw[at : at + room])
        name_at = at + room
        text_at = name_at + (note.n_namesz + 3) // 4 * 4
        at = text_at + (note.n_descsz + 3) // 4 * 4
        if (
            raw[name_at : name_at + note.n_namesz] == b"GNU\0"
            and note.n_type in (_BUILD_ID, "NT_GNU_BUILD_ID")
            and at <= len(raw)
            and 0 < note.n_descsz <= _LONGEST_BUILD_ID
        ):
            return raw[text_at : text_at + note.n_descsz]
    return b""
