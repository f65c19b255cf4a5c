"""The address-space picture: widths add up, every VMA is in one vessel, names do not collide."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vmtui.draw.addressspace import address_space
from vmtui.draw.paint import text_of, width
from vmtui.draw.vessels import WIDE_GAP, Block, arrange

PAGE = 4096
VmaList = list[tuple[int, int, int]]


@st.composite
def vmas(draw: st.DrawFn) -> VmaList:
    at, found = 0x400000, []
    for pages, gap, name in draw(
        st.lists(
            st.tuples(
                st.integers(1, 1 << 20), st.sampled_from([0, 1, 50, 1 << 20]), st.integers(0, 4)
            ),
            max_size=120,
        )
    ):
        at += gap * PAGE
        found.append((at, at + pages * PAGE, name))
        at += pages * PAGE
    return found


def _arranged(found: VmaList, cells: int, fold: int = 10) -> tuple[Block, ...]:
    starts, ends, names = [v[0] for v in found], [v[1] for v in found], [v[2] for v in found]
    return arrange(starts, ends, names, cells, PAGE, fold=fold)


@given(vmas(), st.integers(1, 240), st.sampled_from([7, 10]))
def test_vessels_fill_the_row_and_hold_every_vma(found: VmaList, cells: int, fold: int) -> None:
    blocks = _arranged(found, cells, fold)
    held = [at for block in blocks for at in range(block.first, block.last)]
    assert held == list(range(len(found)))
    if blocks:
        assert blocks[0].x == 0
        assert blocks[-1].x + blocks[-1].width == cells
        assert all(a.x + a.width < b.x for a, b in pairwise(blocks))
        assert all(block.width >= 1 for block in blocks)


@given(vmas(), st.integers(1, 200), st.integers(1, 6), st.booleans())
def test_every_row_has_the_width(found: VmaList, cells: int, lines: int, marked: bool) -> None:
    picture = address_space(
        _arranged(found, cells), lambda block: None, lambda block: "名前" * (block.first % 4),
        cells,
        lines=lines, selected=len(found) // 2 if marked else None,
    )  # fmt: skip
    assert {width(row) for row in picture.rows} == {cells}
    assert len(picture.rows) == lines + 3
    assert len(picture.vma_at) == cells
    seen = [at for at in picture.vma_at if at is not None]
    assert seen == sorted(seen)


def test_gaps_names_and_the_cursor() -> None:
    found = [(0x1000, 0x1000 + 900 * PAGE, 0), (0x7F0000000000, 0x7F0000000000 + 900 * PAGE, 1)]
    full = [[0, 0, 9, *[0] * 9]]
    picture = address_space(
        _arranged(found, 40), lambda block: full, lambda block: ("heap", "libc")[block.first], 40,
        lines=2, selected=1,
    )  # fmt: skip
    assert text_of(picture.rows) == "\n".join(
        [
            "                         ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
            "███████████████          ███████████████",
            "███████████████ ╌ 127T ╌ ███████████████",
            "heap 3.52M               libc 3.52M     ",
            "000000001000             7f0000000000   ",
        ]
    )
    assert found[1][0] - found[0][1] > WIDE_GAP
    assert picture.vma_at[14] == 0 and picture.vma_at[15] is None and picture.vma_at[25] == 1


def test_a_vessel_is_filled_from_below() -> None:
    half = [[1, 0, 1, *[0] * 9]]
    picture = address_space(
        _arranged([(0, PAGE * 8, 0)], 4), lambda block: half, lambda block: "", 4, lines=3,
        mark_line=False, addresses=False,
    )  # fmt: skip
    assert [row[0].paint.ground for row in picture.rows[:3]] == ["vessel", "vessel", "anon"]
    assert picture.rows[1][0].text == "▄▄▄▄"


def test_too_many_become_a_few_and_the_largest_stay() -> None:
    pages = [9 if at == 500 else 1 for at in range(1000)]
    found = [(at * 10 * PAGE, (at * 10 + size) * PAGE, at) for at, size in enumerate(pages)]
    blocks = _arranged(found, 60)
    assert len(blocks) <= 20
    assert any((block.first, block.count, block.merged) == (500, 1, False) for block in blocks)
    picture = address_space(blocks, lambda block: None, lambda block: "x", 60, lines=1)
    assert "+499" in text_of(picture.rows)
