"""Addresses, cells and pages into each other, for any VMA and any window."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from vmtui.draw.grid import GROUP, Grid, fitting

PAGE = 4096


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    start = draw(st.integers(0, 1 << 35)) * PAGE
    pages = draw(st.integers(1, 5000))
    grid = Grid(
        start, start + pages * PAGE, PAGE, draw(st.sampled_from([32, 64, 128])),
        draw(st.integers(1, 40)), 1 << draw(st.integers(0, 6)), draw(st.booleans()),
        short=draw(st.booleans()),
    )  # fmt: skip
    return replace(grid, top=draw(st.integers(0, 60)) * grid.line_bytes).clamped()


@given(grids())
def test_every_page_of_the_window_is_in_exactly_one_cell(grid: Grid) -> None:
    pages = [page for cell in range(grid.cells) for page in grid.pages_of(cell)]
    assert pages == list(grid.window())


@given(grids())
def test_cells_and_addresses_agree(grid: Grid) -> None:
    for cell in (0, grid.cells // 2, grid.cells - 1):
        assert grid.cell_of(grid.address_of(cell)) == cell
        assert grid.cell_of(grid.address_of(cell + 1) - 1) == cell
    assert grid.cell_of(grid.top - 1) is None and grid.cell_of(grid.bottom) is None
    assert grid.top % grid.line_bytes == 0


@given(grids())
def test_a_click_finds_the_cell_that_is_drawn_there(grid: Grid) -> None:
    for column in range(grid.columns):
        assert grid.cell_at(grid.x_of(column), 0) == column
    assert grid.x_of(grid.columns - 1) == grid.width - 1
    assert grid.cell_at(grid.gutter - 1, 0) is None
    assert grid.cell_at(grid.gutter + GROUP, 0) is None
    assert grid.cell_at(grid.width, 0) is None
    assert grid.cell_at(grid.gutter, grid.lines) is None


@given(grids(), st.floats(0, 1))
def test_scrolling_shows_the_address(grid: Grid, where: float) -> None:
    address = grid.start + int(where * (grid.pages - 1)) * PAGE
    shown = grid.showing(address)
    assert shown.cell_of(address) is not None
    assert shown.showing(address) == shown
    assert grid.zoomed(1, False, address).showing(address).cell_of(address) is not None


@given(st.integers(0, 1 << 35), st.integers(1, 1 << 20), st.integers(1, 50), st.booleans())
def test_the_fitting_grid_holds_the_vma_and_half_the_step_would_not(
    first: int, pages: int, lines: int, halves: bool
) -> None:
    grid = fitting(first * PAGE, (first + pages) * PAGE, PAGE, 64, lines, halves=halves)
    assert len(grid.window()) == pages
    assert grid.pages_per_cell.bit_count() == 1
    assume(grid.pages_per_cell > 1)
    assert not replace(grid, pages_per_cell=grid.pages_per_cell // 2).whole_fits()


def test_short_gutters_only_where_the_rest_is_shared() -> None:
    low = fitting(0x55D3A3F0E000, 0x55D3BDB0E000, PAGE, 64, 15, short=True)
    assert (low.digits, low.shared_prefix, low.width) == (8, "55d3", 77)
    across = fitting(0x55D3FFFF0000, 0x55D400010000, PAGE, 64, 15, short=True)
    assert across.digits == 12
