"""The walk as a drawing: the numbers in it, early ends, one width at any size."""

from __future__ import annotations

import numpy as np
import pytest

from vmtui.draw.glyphs import ASCII
from vmtui.draw.paint import text_of, width
from vmtui.draw.walk import box_of, rows, state_of, tables_row
from vmtui.kernel.regions import Regions
from vmtui.missing import Missing
from vmtui.model.page_walk import (
    Derived,
    Ending,
    Geometry,
    TableOnWay,
    Walk,
    geometry_of,
    shares_below,
)
from vmtui.model.states import PageState

PAGE = 4096
ADDRESS = 0x55D3AE71E2C8
FOUR = geometry_of(0x7FFFFFFFF000, PAGE)
FIVE = geometry_of((1 << 56) - PAGE, PAGE)


def walk(ending: Ending = Ending.PAGE, geometry: Geometry = FOUR, levels: int = 0) -> Walk:
    start = ADDRESS // PAGE * PAGE
    ends = np.array([start + 3 * PAGE], np.uint64)
    there = Regions(np.array([start], np.uint64), ends, np.zeros(1, np.uint64))
    if ending is Ending.EMPTY:
        there = Regions(ends - np.uint64(PAGE), ends, np.zeros(1, np.uint64))
    levels = levels or len(geometry.levels)
    tables = tuple(
        TableOnWay(
            level, name, geometry.index(ADDRESS, level), geometry.span(level),
            base := geometry.base(ADDRESS, level),
            shares_below(there, base, geometry.span(level), 512), needed=True,
        )
        for level, name in enumerate(geometry.levels[:levels])
    )  # fmt: skip
    states = bytes(286) + bytes([PageState.ANON] * 3) + bytes(223)
    early = levels < len(geometry.levels)
    mapped = geometry.span(levels - 1)
    return Walk(ADDRESS, geometry, tables, ending, mapped, b"" if early else states)


def drawn(of: Walk, cells: int = 160, lines: int = 17, pfn: int | Missing = 0x2C38F6) -> str:
    return text_of(rows(of, box_of(of, state_of(of), pfn), cells, lines))


def test_the_way_of_the_lecture() -> None:
    text = drawn(walk())
    for part in ("010101011 171", "101001110 334", "101110011 371", "100011110 286", "0x2c8"):
        assert part in text
    for part in ("47–39", "each 512G", "each 4K", "2c38f6", "4K anon", "physical 2c38f62c8"):
        assert part in text
    assert "3 of 512 used" in text
    assert "derived" in text


def test_in_80_columns() -> None:
    text = drawn(walk(), 80, 10)
    for part in ("PGD 171", "PTE 286", "offset 0x2c8", "2c38f6", "derived", "1/512"):
        assert part in text


def test_a_huge_page_stops_it_early() -> None:
    text = drawn(walk(levels=3))
    assert "PTE" not in text
    assert "2M huge" in text
    assert "four parts" in text


@pytest.mark.parametrize(
    ("ending", "words"),
    [(Ending.EMPTY, "nothing"), (Ending.SWAPPED, "in swap"), (Ending.GUARD, "guard")],
)
def test_no_frame(ending: Ending, words: str) -> None:
    text = drawn(walk(ending))
    assert words in text
    assert "physical" not in text


def test_hidden_frame_number() -> None:
    text = drawn(walk(), pfn=Missing("only root"))
    assert "number hidden" in text
    assert "physical" not in text


@pytest.mark.parametrize("geometry", [FOUR, FIVE, geometry_of(1 << 39, PAGE)])
@pytest.mark.parametrize("cells", [60, 80, 99, 100, 120, 160, 240])
@pytest.mark.parametrize("lines", [5, 10, 12, 17, 30])
def test_one_width(geometry: Geometry, cells: int, lines: int) -> None:
    of = walk(geometry=geometry)
    drawing = rows(of, box_of(of, PageState.ANON, 1), cells, lines)
    assert len(drawing) <= lines
    assert {width(line) for line in drawing} == {cells}
    assert {width(line) for line in ASCII.rows(drawing)} == {cells}


def test_tables_against_vmpte() -> None:
    equal = Derived((1, 1, 1, 2), 4, PAGE, 4 * PAGE, "")
    assert text_of([tables_row(equal, FOUR.levels)]).endswith("VmPTE 16.0K =")
    differs = Derived((1, 1, 1, 2), 4, PAGE, 5 * PAGE, "1 table is empty")
    assert text_of([tables_row(differs, FOUR.levels)]).endswith("VmPTE 20.0K ≠: 1 table is empty")
    assert "no scan" in text_of([tables_row(Missing("no scan"), FOUR.levels)])
