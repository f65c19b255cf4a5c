"""Small ELF files, made byte by byte, so that each field can be a lie."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

TEXT_AT, TEXT_BYTES = 0x1000, 0x400
DATA_AT, DATA_BYTES = 0x3000, 0x100
BUILD_ID = bytes(range(20))


@dataclass
class Sym:
    name: str
    value: int
    size: int = 0
    kind: int = 2
    binding: int = 1
    section: int = 1


SYMS = (
    Sym("first", 0x1000, 0x80),
    Sym("second", 0x1080, 0x80),
    Sym("_second_alias", 0x1080, 0x80, binding=0),
    Sym("label", 0x1100, kind=0, binding=0),
    Sym("last", 0x1300, 0x10),
    Sym("variable", 0x3000, 8, kind=1, section=2),
    Sym("undefined", 0, section=0),
    Sym("thread_local", 0x10, 8, kind=6, section=2),
)


@dataclass
class Part:
    name: str
    kind: int
    flags: int
    address: int
    raw: bytes
    link: int = 0
    entry: int = 0
    size: int | None = None


@dataclass
class Maker:
    """An ELF file of 64 or 32 bits, in either byte order."""

    bits: int = 64
    order: str = "<"
    syms: tuple[Sym, ...] = SYMS
    header: dict[str, int] = field(default_factory=dict)
    """Fields of the file header that lie."""
    table_kind: int = 2
    table_link: int = 4
    table_entry: int | None = None
    more: tuple[Part, ...] = ()

    def _sym(self, at: int, sym: Sym) -> bytes:
        info = sym.binding << 4 | sym.kind
        if self.bits == 64:
            fields = (at, info, 0, sym.section, sym.value, sym.size)
            return struct.pack(f"{self.order}IBBHQQ", *fields)
        return struct.pack(f"{self.order}IIIBBH", at, sym.value, sym.size, info, 0, sym.section)

    def build(self) -> bytes:
        names, table = b"\0", self._sym(0, Sym("", 0, kind=0, section=0, binding=0))
        for sym in self.syms:
            table += self._sym(len(names), sym)
            names += sym.name.encode() + b"\0"
        note = struct.pack(f"{self.order}III", 4, len(BUILD_ID), 3) + b"GNU\0" + BUILD_ID
        entry = (
            self.table_entry if self.table_entry is not None else (24 if self.bits == 64 else 16)
        )
        parts = [
            Part("", 0, 0, 0, b""),
            Part(".text", 1, 0x6, TEXT_AT, b"\x90" * TEXT_BYTES),
            Part(".data", 1, 0x3, DATA_AT, b"\x11" * DATA_BYTES),
            Part(".symtab", self.table_kind, 0, 0, table, self.table_link, entry),
            Part(".strtab", 3, 0, 0, names),
            Part(".note.gnu.build-id", 7, 0x2, 0x400, note),
            Part(".bss", 8, 0x3, DATA_AT + DATA_BYTES, b"", size=0x2000),
            *self.more,
        ]
        section_names = b"\0"
        name_at = []
        for part in (*parts, Part(".shstrtab", 3, 0, 0, b"")):
            name_at.append(len(section_names) if part.name else 0)
            section_names += part.name.encode() + b"\0" if part.name else b""
        parts.append(Part(".shstrtab", 3, 0, 0, section_names))
        return self._laid_out(parts, name_at)

    def _laid_out(self, parts: list[Part], name_at: list[int]) -> bytes:
        body, offsets = bytearray(b"\0" * 0x200), []
        for part in parts:
            at = part.address if part.address and part.kind != 8 else len(body)
            offsets.append(at)
            body += b"\0" * (at + len(part.raw) - len(body))
            body[at : at + len(part.raw)] = part.raw
        wide = self.bits == 64
        shoff = (len(body) + 7) // 8 * 8
        body += b"\0" * (shoff - len(body))
        for part, offset, name in zip(parts, offsets, name_at, strict=True):
            size = len(part.raw) if part.size is None else part.size
            body += struct.pack(
                self.order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII"),
                *(name, part.kind, part.flags, part.address, offset, size, part.link, 0, 8),
                part.entry,
            )
        loads = [
            (1, 5, 0, 0, TEXT_AT + TEXT_BYTES, TEXT_AT + TEXT_BYTES),
            (1, 6, DATA_AT, DATA_AT, DATA_BYTES, DATA_BYTES + 0x2000),
            (4, 4, 0x400, 0x400, 36, 36),
        ]
        phdrs = b"".join(
            struct.pack(f"{self.order}IIQQQQQQ", kind, flags, offset, at, at, file, memory, 4096)
            if wide
            else struct.pack(f"{self.order}8I", kind, offset, at, at, file, memory, flags, 4096)
            for kind, flags, offset, at, file, memory in loads
        )  # fmt: skip
        header = {
            "type": 3, "machine": 62 if wide else 3, "version": 1, "entry": TEXT_AT,
            "phoff": 64, "shoff": shoff, "flags": 0, "ehsize": 64 if wide else 52,
            "phentsize": 56 if wide else 32, "phnum": len(loads),
            "shentsize": 64 if wide else 40, "shnum": len(parts), "shstrndx": len(parts) - 1,
        } | self.header  # fmt: skip
        ident = b"\x7fELF" + bytes([self.bits // 32, 1 if self.order == "<" else 2, 1]) + b"\0" * 9
        body[: 16 + (48 if wide else 36)] = ident + struct.pack(
            self.order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"), *header.values()
        )
        body[64 : 64 + len(phdrs)] = phdrs
        return bytes(body)
