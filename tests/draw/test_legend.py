"""The legend is the table of totals, the detail of a cell exact, the overview honest."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from vmtui.draw.celldetail import cell_detail
from vmtui.draw.grid import fitting
from vmtui.draw.legend import legend, legend_line
from vmtui.draw.overview import overview
from vmtui.draw.paint import text_of, width
from vmtui.model.states import PageState as P

PAGE = 4096
COUNTS = [0] * 12
COUNTS[P.ANON], COUNTS[P.COW], COUNTS[P.SWAPPED] = 71_440, 25_626, 1_337
COUNTS[P.ZERO], COUNTS[P.ABSENT] = 60, 4_938


def test_totals_add_up_and_resident_is_what_rss_counts() -> None:
    text = text_of(legend(COUNTS, PAGE, 60)).splitlines()
    assert text[0].split() == ["a", "anon", "71,440", "279M", "private,", "its", "own"]
    assert [line[0] for line in text] == ["a", "c", "W", "0", "·", " ", " "]
    assert text[-2].split()[:3] == ["all", "103,401", "404M"]
    assert text[-1].split()[:3] == ["resident", "97,066", "379M"]


def test_the_full_legend_has_all_twelve() -> None:
    assert len(legend(COUNTS, PAGE, 60, every=True)) == 14


@given(st.lists(st.integers(0, 1 << 30), min_size=12, max_size=12), st.integers(1, 200))
def test_one_line_is_cut_at_a_whole_entry(counts: list[int], cells: int) -> None:
    line = legend_line(counts, PAGE, cells)
    assert width(line) == cells
    assert "…" not in text_of([line])
    assert {width(row) for row in legend(counts, PAGE, cells)} == {cells}


def test_one_line_starts_with_the_largest() -> None:
    assert (
        text_of([legend_line(COUNTS, PAGE, 40)]).rstrip()
        == "a anon 279M  c cow 100M  · absent 19.3M"
    )


def test_a_cell_in_detail() -> None:
    states = bytes([P.ANON] * 11 + [P.SWAPPED] * 3 + [P.ABSENT] * 2)
    text = text_of(cell_detail(states, 0x55D3B4BD0000, PAGE, 40, 9)).splitlines()
    assert text[0].rstrip() == "55d3b4bd0000  16 pages, 64.0K"
    assert text[1].rstrip() == "a anon         11  " + "▇" * 11
    assert text[2].rstrip() == "W swapped       3  ▇▇▇"
    assert text[-1].rstrip() == "in order  aaaaaaaaaaaWWW··"


@given(st.binary(max_size=300).map(lambda b: bytes(x % 12 for x in b)), st.integers(1, 90),
       st.integers(1, 12))  # fmt: skip
def test_a_cell_fits_its_place(states: bytes, cells: int, lines: int) -> None:
    rows = cell_detail(states, 0, PAGE, cells, lines)
    assert len(rows) <= lines
    assert {width(row) for row in rows} == {cells}


def test_the_window_is_underlined() -> None:
    grid = replace(fitting(0, 4096 * PAGE, PAGE, 64, 4), pages_per_cell=1)
    grid = replace(grid, top=2 * grid.line_bytes)
    rows = overview([COUNTS], grid)
    assert {width(row) for row in rows} == {grid.width}
    under = text_of(rows[1:])
    room = grid.width - grid.gutter
    assert under.index("▔") - grid.gutter == 256 * room // 4096
    assert under.count("▔") == -(-768 * room // 4096) - 256 * room // 4096
