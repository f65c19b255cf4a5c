"""Symbols by address, objects in a process, and bytes in memory, against the plain way to do it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vmtui.kernel.elf import EXECUTE, Elf, Section, Segment
from vmtui.kernel.elf_symbols import ElfSymbols
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.maps import parse
from vmtui.missing import Missing
from vmtui.model.images import Piece, pieces_of
from vmtui.model.pages import EXCLUSIVE, FILE, PRESENT, SWAPPED, ZERO
from vmtui.model.symbol_residency import FIGURES, PiecePages, of_ranges, sections_of, whole
from vmtui.model.symbols import NO_SYMBOLS, SymbolTable, table_of

SECTIONS = (
    Section(b"", 0, 0, 0, 0, 0, 0, 0),
    Section(b".text", 1, 2 | EXECUTE, 0, 0, 400, 0, 0),
    Section(b".data", 1, 3, 500, 500, 100, 0, 0),
)


def table(*rows: tuple[str, int, int, int, int, int]) -> SymbolTable:
    """Of (name, address, size, kind, binding, section)."""
    names, at = b"\0", []
    for name, *_ in rows:
        at.append(len(names))
        names += name.encode() + b"\0"
    numbers = np.array([row[1:] for row in rows], np.uint64).reshape(-1, 5)
    made = ElfSymbols(
        address=numbers[:, 0], size=numbers[:, 1],
        kind=numbers[:, 2].astype(np.uint8), binding=numbers[:, 3].astype(np.uint8),
        section=numbers[:, 4].astype(np.uint16), name=np.array(at, np.uint32), names=names,
    )  # fmt: skip
    return table_of([(made, SECTIONS)])


def name_at(found: SymbolTable, address: int) -> str:
    row = int(found.find(np.array([address], np.uint64))[0])
    return found.name(row).decode() if row >= 0 else ""


def test_which_of_several_names() -> None:
    found = table(
        ("__weak", 0, 10, 2, 2, 1), ("local", 0, 10, 2, 0, 1), ("_public", 0, 10, 2, 1, 1),
        ("public", 0, 10, 2, 1, 1), ("label", 0, 0, 0, 1, 1),
        ("old@V1", 20, 5, 2, 1, 1), ("$x", 40, 4, 0, 0, 1), (".L3", 44, 4, 0, 0, 1),
        ("__bss_start", 500, 0, 0, 1, 2),
    )  # fmt: skip
    assert [found.name(row) for row in range(len(found))] == [b"public", b"old"]
    assert found.named(b"old").tolist() == [1]
    assert found.named(b"public").tolist() == [0]
    assert found.named(b"lic").tolist() == found.named(b"").tolist() == []


def test_sizes_that_the_file_does_not_say() -> None:
    found = table(
        ("one", 0, 0, 2, 1, 1), ("two", 100, 0, 0, 0, 1), ("outside", 450, 0, 2, 1, 1),
        ("variable", 500, 8, 1, 1, 2),
    )  # fmt: skip
    assert [name_at(found, at) for at in (0, 99, 100, 399, 400, 450, 500, 507, 508)] == [
        "one", "one", "two", "two", "", "", "variable", "variable", "",
    ]  # fmt: skip


def test_a_symbol_inside_another() -> None:
    found = table(("outer", 0, 100, 2, 1, 1), ("inner", 10, 10, 2, 1, 1), ("next", 200, 4, 2, 1, 1))
    assert [name_at(found, at) for at in (5, 15, 25, 99, 100, 201)] == [
        "outer", "inner", "outer", "outer", "", "next",
    ]  # fmt: skip
    assert len(NO_SYMBOLS.find(np.array([1, 2], np.uint64))) == 2


_RANGES = st.lists(st.tuples(st.integers(0, 80), st.integers(1, 40)), min_size=1, max_size=12)


@given(_RANGES)
def test_the_innermost_around_every_address(ranges: list[tuple[int, int]]) -> None:
    distinct = dict(ranges)
    found = table(*((f"s{at}", at, size, 2, 1, 1) for at, size in distinct.items()))
    for address in range(130):
        around = [at for at, size in distinct.items() if at <= address < at + size]
        assert name_at(found, address) == (f"s{max(around)}" if around else "")


P = PAGE_SIZE
SEGMENTS = (
    Segment(0, 0, 0x500, 0x500),
    Segment(P, P, 3 * P - 0x100, 3 * P - 0x100),
    Segment(4 * P - 0x100, 5 * P - 0x100, 0x300, 3 * P),
)
MADE = Elf(64, True, "ET_DYN", "EM_X86_64", SEGMENTS, SECTIONS, b"")


def lines(*rows: tuple[int, int, int, int, str]) -> bytes:
    return b"".join(
        f"{first * P:08x}-{last * P:08x} r--p {offset * P:08x} fe:00 {inode} {name}".encode()
        + b"\n"
        for first, last, offset, inode, name in rows
    )


def pieces(*rows: tuple[int, int, int, int, str]) -> list[tuple[int, int, int, bool]]:
    found = parse(lines(*rows))
    own = [row for row in range(len(found)) if found.inode[row] == 9]
    return [
        (one.start // P, one.end // P, one.bias // P, one.anonymous)
        for one in pieces_of(MADE, found, own)
    ]


def test_where_an_object_lies() -> None:
    """The third segment begins on the page of the file that the second one ends on."""
    loaded = (
        (100, 101, 0, 9, "/lib"), (101, 104, 1, 9, "/lib"), (104, 106, 3, 9, "/lib"),
        (106, 109, 0, 0, ""), (110, 120, 0, 0, ""),
    )  # fmt: skip
    assert pieces(*loaded) == [
        (100, 101, 100, False), (101, 104, 100, False), (104, 106, 100, False),
        (106, 108, 100, True),  # of the zeros only what the segment has
    ]  # fmt: skip
    segments = (Segment(0, 0, P, P), Segment(P, 9 * P, P, P))
    text = lines((100, 101, 0, 9, "/lib"), (101, 109, 1, 9, "/lib"), (109, 110, 1, 9, "/lib"))
    found = parse(text.replace(b"r--p 00001000", b"---p 00001000", 1))
    assert [(one.start // P, one.bias // P) for one in pieces_of(
        Elf(64, True, "ET_DYN", "x", segments, (), b""), found, [0, 1, 2]
    )] == [(100, 100), (101, 100), (109, 100)]  # fmt: skip
    again = tuple((a + 100, b + 100, *rest) for a, b, *rest in loaded)
    twice = pieces(*loaded, *again)  # type: ignore[arg-type]
    assert {bias for _, _, bias, _ in twice} == {100, 200}
    assert len(twice) == 8


def test_a_library_mapped_as_data() -> None:
    """Every segment is where it stands in the file; pages of two segments are told once."""
    assert pieces((50, 55, 0, 9, "/lib")) == [
        (50, 51, 50, False), (51, 54, 50, False), (54, 55, 49, False),
    ]  # fmt: skip


def test_hostile_segments_are_bounded() -> None:
    wild = tuple(Segment(0, at << 40, 1 << 62, 1 << 63) for at in range(256))
    found = parse(lines(*((row, row + 1, row, 9, "/x") for row in range(100, 2100))))
    made = pieces_of(Elf(64, True, "ET_DYN", "x", wild, (), b""), found, range(len(found)))
    assert all(one.start < two.start and one.end <= two.start
               for one, two in pairwise(made))  # fmt: skip


_FACTS = st.sampled_from(
    [
        0,
        PRESENT | FILE,
        PRESENT | EXCLUSIVE,
        PRESENT,
        PRESENT | ZERO,
        SWAPPED,
        PRESENT | FILE | EXCLUSIVE,
    ]
)


@given(
    st.lists(_FACTS, min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 7 * P), st.integers(0, 3 * P)), min_size=1, max_size=8),
    st.integers(0, 2),
)
def test_bytes_in_memory(states: list[int], ranges: list[tuple[int, int]], first_page: int) -> None:
    bias = 0x7F0000000000
    piece = Piece(bias + first_page * P, bias + (first_page + len(states)) * P, bias, False)
    pages = [PiecePages(piece, np.array(states, np.uint8))]
    address, size = (np.array(column, np.uint64) for column in zip(*ranges, strict=True))
    found = of_ranges(pages, address, size)
    for row, (start, count) in enumerate(ranges):
        expected = dict.fromkeys(FIGURES, 0)
        for page, state in enumerate(states, first_page):
            common = max(0, min(start + count, (page + 1) * P) - max(start, page * P))
            expected["size"] += common
            present = bool(state & PRESENT) and not state & ZERO
            expected["resident"] += common * present
            expected["private_dirty"] += common * (
                present and not state & FILE and bool(state & EXCLUSIVE)
            )
            expected["swapped"] += common * (state == SWAPPED)
        assert {name: int(getattr(found, name)[row]) for name in FIGURES} == expected


def test_sections_add_up() -> None:
    states = np.array([PRESENT | FILE, 0, PRESENT | EXCLUSIVE], np.uint8)
    pages = [PiecePages(Piece(10 * P, 13 * P, 10 * P, False), states)]
    sections = (
        Section(b".text", 1, 6, 100, 100, P, 0, 0), Section(b".data", 1, 3, 2 * P, 2 * P, 50, 0, 0),
        Section(b".bss", 8, 3, 2 * P + 50, 0, P, 0, 0), Section(b".tbss", 8, 0x403, 0, 0, 64, 0, 0),
        Section(b".comment", 1, 0, 0, 0, 9, 0, 0),
    )  # fmt: skip
    rows = sections_of(pages, sections)
    assert [row.name for row in rows] == [".text", ".data", ".bss", "(in no section)"]
    assert rows[0].resident == P - 100
    assert (rows[1].address, rows[1].private_dirty) == (12 * P, 50)
    assert rows[2].size == P - 50  # the rest of it has no address
    for name in FIGURES:
        assert sum(getattr(row, name) for row in rows) == whole(pages)[name]


def test_nothing_known() -> None:
    assert not Missing("x")
    assert (
        pieces_of(Elf(64, True, "ET_DYN", "x", (), (), b""), parse(lines((1, 2, 0, 9, "/x"))), [0])
        == ()
    )
