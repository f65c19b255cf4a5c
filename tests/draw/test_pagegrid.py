"""The page grid: exact counts, honest mixtures, and rows of one width."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.draw.test_grid import grids
from vmtui.draw.glyphs import ASCII
from vmtui.draw.grid import Grid, fitting
from vmtui.draw.pagegrid import rows
from vmtui.draw.pagelooks import _mixed, cell_matrix, fill_slot, looks
from vmtui.draw.paint import Paint, Row, text_of, width
from vmtui.model.states import PageState as P

PAGE = 4096


def _random_states(grid: Grid, seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 12, grid.pages).astype(np.uint8)


def _grid(pages: int, *, halves: bool = False, ppc: int = 1, lines: int = 4) -> Grid:
    return Grid(0, pages * PAGE, PAGE, 32, lines, ppc, halves)


def _slots(row: Row) -> list[tuple[str, str, str]]:
    return [(run.text, run.paint.ink, run.paint.ground) for run in row[1:]]


@given(grids(), st.integers(0, 99))
def test_cells_count_every_page_once(grid: Grid, seed: int) -> None:
    states = _random_states(grid, seed)
    matrix = cell_matrix(states, grid)
    window = grid.window()
    seen = states[window.start : window.stop]
    assert matrix.sum(axis=0).tolist() == np.bincount(seen, minlength=12).tolist()
    for cell in (0, grid.cells // 3, grid.cells - 1):
        pages = grid.pages_of(cell)
        exact = np.bincount(states[pages.start : pages.stop], minlength=12)
        assert matrix[cell].tolist() == exact.tolist()


@given(grids(), st.integers(0, 99), st.booleans())
def test_rows_have_one_width(grid: Grid, seed: int, inaccessible: bool) -> None:
    states = _random_states(grid, seed)
    age = (states * 7 % 5).astype(np.uint8)
    drawn = rows(states, grid, age=age, cursor=grid.start, inaccessible=inaccessible,
                 huge_bytes=512 * PAGE)  # fmt: skip
    assert len(drawn) == grid.lines + 1
    assert {width(row) for row in drawn} == {grid.width}
    assert {width(row) for row in ASCII.rows(drawn)} == {grid.width}


@given(grids(), st.integers(0, 99))
def test_the_hottest_page_of_a_cell_flashes(grid: Grid, seed: int) -> None:
    states = _random_states(grid, seed)
    age = np.random.default_rng(seed).choice(np.array([0] * 40 + [1, 2, 3], np.uint8), grid.pages)
    hot = {0: 0, 1: 3, 2: 2, 3: 1}
    found = looks(states, grid, age) - looks(states, grid)
    for cell in range(0, grid.cells, max(1, grid.cells // 50)):
        pages = grid.pages_of(cell)
        expected = max((hot[int(age[page])] for page in pages), default=0)
        assert found[cell] == expected


@given(grids(), st.integers(0, 2**31), st.integers(1, 40), st.booleans())
def test_cells_of_one_state_look_as_if_counted(
    grid: Grid, seed: int, run: int, inaccessible: bool
) -> None:
    grid = replace(grid, pages_per_cell=max(2, grid.pages_per_cell)).clamped()
    drawn = np.random.default_rng(seed).integers(0, len(P), grid.pages // run + 1)
    states = np.repeat(drawn, run)[: grid.pages].astype(np.uint8)
    counted = _mixed(cell_matrix(states, grid), inaccessible)
    assert looks(states, grid, inaccessible=inaccessible).tolist() == counted.tolist()


def test_one_page_a_cell_with_letters() -> None:
    states = np.array([P.ANON] * 3 + [P.SWAPPED] * 2 + [P.ABSENT] * 11 + [P.HUGE] * 2, np.uint8)
    drawn = rows(states, _grid(18, lines=2))
    assert text_of(drawn[1:2]) == " 000000000000 aaaWW··········· HH              "
    assert _slots(drawn[1])[:2] == [
        ("aaa", "anon-letter", "anon"),
        ("WW", "swapped-letter", "swapped"),
    ]
    assert text_of(drawn[:1]).split() == ["+0", "+64K"]


def test_two_rows_in_a_line_as_half_blocks() -> None:
    states = np.array([P.ANON] * 32 + [P.FILE] * 16 + [P.ANON] * 16, np.uint8)
    drawn = rows(states, _grid(64, halves=True, lines=1))
    assert _slots(drawn[1]) == [
        ("▀" * 16, "anon", "file"), (" ", "text", ""), (" " * 16, "text", "anon"),
    ]  # fmt: skip


def test_outside_the_vma_is_nothing() -> None:
    grid = Grid(8 * PAGE, 40 * PAGE, PAGE, 32, 1, 1, True)
    drawn = rows(np.full(32, P.ANON, np.uint8), grid)
    assert _slots(drawn[1]) == [
        ("▄" * 8, "anon", ""), ("▀" * 8, "anon", ""), (" ", "text", ""), ("▀" * 16, "anon", ""),
    ]  # fmt: skip


def test_a_mixture_shows_the_largest_share_and_its_fill() -> None:
    expected = {0: "absent", 1: "file/30", 5: "file/50", 10: "file/75", 15: "file/75", 16: "file"}
    grid = _grid(16, ppc=16, lines=1)
    for present, slot in expected.items():
        states = np.array([P.FILE] * present + [P.ABSENT] * (16 - present), np.uint8)
        assert fill_slot(int(looks(states, grid)[0])) == slot
    states = np.array([P.ANON] * 4 + [P.SWAPPED] * 5 + [P.ABSENT] * 7, np.uint8)
    assert fill_slot(int(looks(states, grid)[0])) == "swapped/50"


def test_what_cannot_be_touched_is_guard_not_absent() -> None:
    states = np.zeros(64, np.uint8)
    for ppc in (1, 2):
        found = looks(states, _grid(64, ppc=ppc), inaccessible=True)
        assert {fill_slot(int(look)) for look in found} == {"guard", ""}


def test_the_cursor_has_three_marks() -> None:
    states = np.full(128, P.ANON, np.uint8)
    drawn = rows(states, _grid(128), cursor=37 * PAGE)
    here = Paint("strong", bold=True)
    assert [(run.text, run.paint) for run in drawn[2][:2]] == [(" 000000020000", here), ("▸", here)]
    cell = next(run for run in drawn[2] if run.paint.reverse)
    assert cell.text == "a" and cell.paint.bold
    assert text_of(drawn[:1]).index("▼") == text_of(drawn[2:3]).index("▸") + 1 + 5


def test_full_mixtures_are_bold_letters_for_mono() -> None:
    states = np.array([P.ANON] * 24 + [P.ABSENT] * 8, np.uint8)
    drawn = rows(states, _grid(32, ppc=16, lines=1))
    assert [(run.text, run.paint.bold) for run in drawn[1][1:3]] == [("a", True), ("a", False)]


def test_a_huge_page_is_named_once() -> None:
    states = np.full(2048, P.ANON, np.uint8)
    states[512:1536] = P.HUGE
    grid = fitting(0, 2048 * PAGE, PAGE, 64, 16)
    text = text_of(rows(states, grid, huge_bytes=512 * PAGE))
    assert text.count("huge 2M") == 1
    assert text.splitlines()[5].index("huge") == grid.gutter + 2


def test_a_grid_aligns_its_rows_to_absolute_addresses() -> None:
    grid = fitting(0x55D3A3F0E000, 0x55D3A3F0E000 + 105_472 * PAGE, PAGE, 128, 27)
    text = text_of(rows(np.full(105_472, P.ANON, np.uint8), grid)).splitlines()
    assert grid.pages_per_cell == 16
    assert [line[1:13] for line in text[1:6:2]] == ["55d3a3000000", "55d3a5000000", "55d3a7000000"]
    assert text[0].split() == ["+0", *(f"+{n}M" for n in range(1, 8))]
