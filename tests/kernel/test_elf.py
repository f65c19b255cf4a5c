"""ELF files, honest and hostile: what they say, and that a lie gets a sentence and no more."""

from __future__ import annotations

import io
import lzma
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.elf_maker import BUILD_ID, DATA_AT, SYMS, TEXT_AT, Maker, Part, Sym
from vmtui.errors import NotSupported, ParseError, VmtuiError
from vmtui.kernel import elf, elf_symbols
from vmtui.kernel.elf_source import Budget, Source
from vmtui.missing import Missing
from vmtui.model.symbols import table_of

SAMPLE = Maker().build()


def look_through(raw: bytes) -> None:
    """Everything that vmtui asks of a file."""
    source = Source(raw, "made")
    headers = elf.read(source)
    elf.debug_link(source, headers)
    for kind in (elf.SYMBOLS, elf.DYNAMIC_SYMBOLS):
        symbols = elf_symbols.read(source, headers, kind)
        table = table_of([(symbols, headers.sections)])
        rows = table.find(np.array([0, TEXT_AT, DATA_AT, 2**63, 2**64 - 1], np.uint64))
        for row in rows[rows >= 0].tolist():
            table.name(row)
        table.named(b"first")


def refuses_in_words(raw: bytes) -> None:
    try:
        look_through(raw)
    except VmtuiError as error:
        assert str(error).isprintable()
        assert str(error).startswith("made: "), error


@pytest.mark.parametrize("bits", [64, 32])
@pytest.mark.parametrize("order", ["<", ">"])
def test_what_a_file_says(bits: int, order: str) -> None:
    raw = Maker(bits=bits, order=order).build()
    source = Source(raw, "made")
    headers = elf.read(source)
    assert (headers.bits, headers.little_endian) == (bits, order == "<")
    assert headers.build_id == BUILD_ID
    assert [one.address for one in headers.segments] == [0, DATA_AT]
    assert headers.segments[1].memory_bytes - headers.segments[1].file_bytes == 0x2000
    assert not isinstance(headers.sections, Missing)
    theirs = ELFFile(io.BytesIO(raw))
    assert [(one.name.decode(), one.address, one.nbytes) for one in headers.sections] == [
        (one.name, one["sh_addr"], one["sh_size"]) for one in theirs.iter_sections()
    ]
    symbols = elf_symbols.read(source, headers, elf.SYMBOLS)
    known = [sym for sym in SYMS if sym.section and sym.kind != 6]
    assert symbols.address.tolist() == [sym.value for sym in known]
    assert symbols.size.tolist() == [sym.size for sym in known]
    table = table_of([(symbols, headers.sections)])
    asked = [0x0FFF, 0x1000, 0x107F, 0x1080, 0x1100, 0x12FF, 0x1300, 0x1310, 0x3004, 0x3008]
    rows = table.find(np.array(asked, np.uint64)).tolist()
    names = [table.name(row).decode() if row >= 0 else "" for row in rows]
    # The label has no size: it ends where the next symbol begins.
    assert names == ["", "first", "first", "second", "label", "label", "last", "", "variable", ""]


def test_every_truncation_is_refused_in_words() -> None:
    for end in range(0, len(SAMPLE), 64):
        refuses_in_words(SAMPLE[:end])
    # What is asked last, the section headers, stands at the end of the file.
    with pytest.raises((ParseError, NotSupported)):
        look_through(SAMPLE[:-64])


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 7)), max_size=12))
def test_flipped_bits_anywhere(flips: list[tuple[int, int]]) -> None:
    raw = bytearray(SAMPLE)
    for at, bit in flips:
        raw[at] ^= 1 << bit
    refuses_in_words(bytes(raw))


HEADERS = [*range(64 + 3 * 56), *range(len(SAMPLE) - 8 * 64, len(SAMPLE))]


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.sampled_from(HEADERS), st.sampled_from([0, 1, 0x7F, 0x80, 0xFF])),
        min_size=1,
        max_size=6,
    )
)
def test_extreme_values_in_headers(writes: list[tuple[int, int]]) -> None:
    raw = bytearray(SAMPLE)
    for at, value in writes:
        raw[at] = value
    refuses_in_words(bytes(raw))


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        (Maker(header={"shnum": 60_000}), "sections"),
        (Maker(header={"shnum": 0}), "sections"),
        (Maker(header={"phnum": 5000}), "program headers"),
        (Maker(header={"shoff": 2**63}), "sections"),
        (Maker(header={"phoff": 2**64 - 1}), "segments"),
        (Maker(header={"shentsize": 1}), "sections"),
        (Maker(header={"shoff": 0}), "stripped"),
        (Maker(table_link=3), "no names"),  # its own names: a circle
        (Maker(table_link=0xFFFF_FFFF), "no names"),
        (Maker(table_entry=0), "form"),
        (Maker(table_entry=25), "form"),
        (Maker(table_kind=1), "no .symtab"),
    ],
)
def test_lies(lie: Maker, told: str) -> None:
    with pytest.raises(VmtuiError, match=told):
        look_through(lie.build())


def test_not_an_elf_file() -> None:
    for raw in (b"", b"\x7fEL", b"#!/bin/sh\n" * 10, b"\0" * 100):
        with pytest.raises(ParseError, match="not an ELF file"):
            elf.read(Source(raw, "made"))


def test_names_that_reach_beyond_their_table() -> None:
    raw = bytearray(SAMPLE)
    source = Source(SAMPLE, "made")
    headers = elf.read(source)
    assert not isinstance(headers.sections, Missing)
    table = headers.sections[3]
    struct.pack_into("<I", raw, table.offset + 24, 0xFFFF_FFFF)
    symbols = elf_symbols.read(Source(bytes(raw), "made"), headers, elf.SYMBOLS)
    made = table_of([(symbols, headers.sections), (symbols, headers.sections)])
    assert made.name(int(made.find(np.array([TEXT_AT], np.uint64))[0])) == b""


def test_a_symbol_over_everything_costs_nothing() -> None:
    """One symbol around 200,000 others: whoever looks for what is around must give up."""
    many = 200_000
    ours = elf_symbols.ElfSymbols(
        address=np.arange(many, dtype=np.uint64) * np.uint64(16),
        size=np.array([2**64 - 1, *[1] * (many - 1)], np.uint64),
        kind=np.full(many, 2, np.uint8),
        binding=np.ones(many, np.uint8),
        section=np.ones(many, np.uint16),
        name=np.ones(many, np.uint32),
        names=b"\0x\0",
    )
    table = table_of([(ours, Missing("none"))])
    asked = np.arange(many, dtype=np.uint64) * np.uint64(16) + np.uint64(8)
    rows = table.find(asked)
    assert set(rows[:64].tolist()) == {0}
    assert rows[-1] == -1


def test_a_packed_table_that_grows_without_end() -> None:
    bomb = lzma.compress(b"\0" * (65 << 20), preset=0)
    raw = Maker(more=(Part(".gnu_debugdata", 1, 0, 0, bomb),)).build()
    source = Source(raw, "made")
    section = elf.read(source).section(b".gnu_debugdata")
    assert section is not None
    with pytest.raises(NotSupported, match="larger"):
        elf_symbols.mini_debug_info(source, section)


def test_a_packed_table() -> None:
    packed = lzma.compress(SAMPLE)
    for raw, good in ((packed, True), (packed[:-9], False), (b"x" + packed, False)):
        source = Source(Maker(more=(Part(".gnu_debugdata", 1, 0, 0, raw),)).build(), "made")
        section = elf.read(source).section(b".gnu_debugdata")
        assert section is not None
        if good:
            assert elf_symbols.mini_debug_info(source, section) == SAMPLE
        else:
            with pytest.raises(ParseError):
                elf_symbols.mini_debug_info(source, section)


def test_debug_links() -> None:
    def link(raw: bytes) -> elf.DebugLink | None:
        source = Source(Maker(more=(Part(".gnu_debuglink", 1, 0, 0, raw),)).build(), "made")
        return elf.debug_link(source, elf.read(source))

    crc = struct.pack("<I", 0x12345678)
    assert link(b"a.debug\0" + crc) == elf.DebugLink(b"a.debug", 0x12345678)
    assert link(b"ab.debug\0\0\0\0" + crc) == elf.DebugLink(b"ab.debug", 0x12345678)
    for bad in (b"../../etc/shadow\0\0\0\0" + crc, b"..\0\0" + crc, b"\0\0\0\0" + crc, b"a" * 20):
        assert link(bad) is None


def test_budgets(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.write(Maker(header={"shoff": 1 << 39}).build())
        file.truncate(1 << 40)  # a terabyte of nothing
    fd = os.open(path, os.O_RDONLY)
    try:
        headers = elf.read(Source(fd, "sparse"))
        assert isinstance(headers.sections, Missing) or not any(
            one.nbytes for one in headers.sections
        )
        with pytest.raises(NotSupported, match="too large"):
            Source(fd, "sparse", Budget(1000)).read(0, 1001, "table")
        with pytest.raises(NotSupported, match="seconds"):
            Source(fd, "sparse", Budget(seconds=-1)).read(0, 10, "table")
        source = Source(fd, "sparse")
        os.truncate(path, 100)
        with pytest.raises(ParseError, match="shorter"):
            source.read(0, 4096, "table")
    finally:
        os.close(fd)


def test_symbols_of_arm_functions_have_no_mode_bit() -> None:
    maker = Maker(bits=32, header={"machine": 40}, syms=(Sym("thumb", 0x1001, 8),))
    source = Source(maker.build(), "made")
    assert elf_symbols.read(source, elf.read(source), elf.SYMBOLS).address.tolist() == [0x1000]
