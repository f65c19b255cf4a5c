"""The picture of `fragmentation` as text: bars, strips, frames, at every size."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vmtui.draw.lab.blocks import picture
from vmtui.draw.lab.blocks_shown import EN, JA, Blocks, BlocksWords
from vmtui.draw.paint import Row, text_of, width

BEFORE = (1_000, 500, 0, 0, 0, 0, 0, 0, 0, 0, 3_000)
NOW = (9_000, 500, 0, 0, 0, 0, 0, 0, 0, 0, 2_990)
SCATTERED = Blocks(
    NOW, BEFORE, 6_000, tuple(order / 100 for order in range(11)), (0.0,) * 11,
    runs=8_192, longest=3, region="buf", first_page=512, pages=bytes([1, 2, 2, 1, 1, 0, 1, 2] * 8),
    first_frame=4_096, around=bytes([1, 255, 1, 2] * 200 + [0] * 224), names=("wall", "buf"),
)  # fmt: skip


def drawn(view: Blocks, cells: int, lines: int, words: BlocksWords = EN) -> str:
    return text_of(picture(view, words, cells, lines))


@pytest.mark.parametrize("cells", [32, 47, 64, 100, 160])
@pytest.mark.parametrize("lines", [4, 9, 11, 16, 30])
@pytest.mark.parametrize("words", [EN, JA])
@pytest.mark.parametrize("letters", [False, True])
def test_it_fits_any_room(cells: int, lines: int, words: BlocksWords, letters: bool) -> None:
    rows = picture(SCATTERED, words, cells, lines, letters=letters)
    assert 0 < len(rows) <= lines
    assert {width(row) for row in rows} == {cells}


def test_nothing_is_drawn_where_nothing_fits() -> None:
    assert picture(SCATTERED, EN, 20, 10) == picture(SCATTERED, EN, 80, 3) == []


def test_every_order_has_a_line_with_its_bytes() -> None:
    lines = drawn(SCATTERED, 100, 30).splitlines()
    assert lines[0].startswith("free blocks  ■ on per-CPU lists  │at the start")
    sizes = [line.split()[0] for line in lines[1:12]]
    assert sizes == ["4K", "8K", "16K", "32K", "64K", "128K", "256K", "512K", "1M", "2M", "4M"]
    assert lines[1].split()[-3:] == ["35.2M", "+31M", "0.0%"]
    assert lines[11].endswith("11.7G   −40M       10%")
    assert "»" in lines[11] and "»" not in "".join(lines[:11])
    assert "unusable for 2M 9.0%  at the start 0.0%" in lines[12]


def test_orders_share_lines_where_there_are_few() -> None:
    small = drawn(SCATTERED, 47, 10).splitlines()
    labels = [line.split()[0] for line in small[1:6]]
    assert labels == ["4K", "8K–16K", "32K–128K", "256K–1M", "2M–4M"]
    assert small[2].split()[-2:] == ["3.91M", "0"]


def paints(row: Row) -> list[str]:
    return [run.paint.ink for run in row for _ in run.text]


def test_pages_on_per_cpu_lists_are_told_apart_and_the_start_is_marked() -> None:
    row = picture(SCATTERED, EN, 100, 30)[1]
    text = text_of([row])
    bar = text[5:76]
    assert bar.count("▇") == 70 and bar.count("│") == 1  # the mark stands in the bar
    assert bar.index("│") == 8  # 1,000 of 9,000
    listed = [ink for ink, char in zip(paints(row), text, strict=True) if char == "▇"]
    assert listed.count("kernel-ink") == 47  # 6,000 of 9,000


def test_a_frame_that_is_no_neighbour_has_a_notch() -> None:
    lines = drawn(SCATTERED, 100, 30).splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("buf from page 512"))
    assert "8,192 runs, longest 3" in lines[at]
    assert lines[at + 1].startswith("addresses") and "▐" not in lines[at + 1]
    assert lines[at + 2].removeprefix("frames    ").startswith("▐  ▐▐ ▐ ▐  ▐▐")
    letters = text_of(picture(SCATTERED, EN, 100, 30, letters=True)).splitlines()
    assert letters[at + 2].removeprefix("frames    ").startswith("|aa|| |a|aa||")


def test_physical_memory_is_drawn_frame_by_frame() -> None:
    letters = text_of(picture(SCATTERED, EN, 100, 30, letters=True)).splitlines()
    at = next(n for n, line in enumerate(letters) if line.startswith("physical memory from frame"))
    assert "4,096" in letters[at]
    assert letters[at + 1].startswith("1·12" * 16 + " ")
    halves = picture(SCATTERED, EN, 100, 30)
    assert [run.paint.ink for run in halves[at + 1][:3]] == ["anon", "vessel", "anon"]


def test_without_frames_it_says_why() -> None:
    hidden = replace(SCATTERED, runs=None, longest=None, why_no_frames="root only", around=b"")
    said = drawn(hidden, 47, 11)
    assert "root only" in said and "physical" not in said


def test_before_anything_has_frames_there_are_bars_alone() -> None:
    said = drawn(replace(SCATTERED, runs=0, longest=0, pages=b"", around=b""), 80, 20)
    assert "4K" in said and "runs" not in said
