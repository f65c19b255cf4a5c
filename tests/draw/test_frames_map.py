"""The picture of physical memory: every frame counted once, holes blank, one width."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vmtui.draw import frames_legend, frames_map
from vmtui.draw.glyphs import ASCII
from vmtui.draw.paint import text_of, width
from vmtui.kernel.memory_map import MemoryMap
from vmtui.model.frame_survey import FramesSurvey, block_frames_for, memory_per_block
from vmtui.model.frames import KINDS, FrameKind

PAGE = 4096
BANKS = MemoryMap(((0, 700_000), (1 << 20, 6 << 20)), exact=True)


def survey(*, complete: bool = True) -> FramesSurvey:
    block = block_frames_for(BANKS.end)
    memory = memory_per_block(BANKS, block)
    counts = np.zeros((len(memory), KINDS), np.uint32)
    half = memory // 2
    place = np.arange(len(memory))
    counts[place, FrameKind.FREE] = half
    counts[place, 1 + place * 5 // len(memory)] = memory - half
    told = {0x400: int(half.sum()), 0x5828: int((memory - half).sum())}
    read = BANKS.frames if complete else BANKS.frames // 3
    return FramesSurvey(BANKS, block, counts, memory, told, read, 2 * 10**9, complete)


@pytest.mark.parametrize(
    ("columns", "lines", "halves"),
    [(32, 6, True), (64, 12, False), (64, 10, True), (128, 40, True)],
)
def test_every_frame_is_in_one_cell(columns: int, lines: int, halves: bool) -> None:
    grid = frames_map.fitted(survey(), PAGE, columns, lines, halves=halves)
    counts, memory = frames_map.of_survey(survey(), grid)
    assert memory.sum() == BANKS.frames
    assert counts.sum(axis=0).tolist() == survey().totals()
    drawn = frames_map.rows(counts, memory, grid, cursor=5 << 32)
    assert len(drawn) == lines + 1
    assert {width(line) for line in drawn} == {grid.width}
    assert {width(line) for line in ASCII.rows(drawn)} == {grid.width}
    assert columns != 64 or grid.width <= 79


def test_a_small_machine() -> None:
    few = MemoryMap(((1, 9000),), exact=True)
    memory = memory_per_block(few, 64)
    counts = np.zeros((len(memory), KINDS), np.uint32)
    counts[:, FrameKind.SLAB] = memory
    small = FramesSurvey(few, 64, counts, memory, {0x80: 8999}, 8999, 1, complete=True)
    grid = frames_map.fitted(small, PAGE, 128, 60)
    cells, of_cell = frames_map.of_survey(small, grid)
    assert (cells.sum(), of_cell.sum()) == (8999, 8999)


def test_letters_and_the_hole() -> None:
    grid = frames_map.fitted(survey(), PAGE, 64, 12, halves=False)
    counts, memory = frames_map.of_survey(survey(), grid)
    text = text_of(frames_map.rows(counts, memory, grid)[1:])
    assert {"a", "H", "f"} <= set(text)
    hole = grid.cell_of(800_000 * PAGE)
    assert hole is not None and not memory[hole]
    assert text.replace("\n", "").count(" ") >= int((memory == 0).sum())


def test_not_read_is_not_free() -> None:
    grid = frames_map.fitted(survey(), PAGE, 64, 12, halves=False)
    memory = np.full(grid.cells, 8)
    counts = np.zeros((grid.cells, KINDS), np.int64)
    text = text_of(frames_map.rows(counts, memory, grid)[1:])
    assert "-" in text and "·" not in text


def test_frames_one_by_one() -> None:
    grid = replace(frames_map.fitted(survey(), PAGE, 64, 4, halves=False), pages_per_cell=1)
    kinds = np.array([FrameKind.FREE, FrameKind.ANON, FrameKind.SLAB, FrameKind.FREE], np.uint8)
    there = np.array([True, True, True, False])
    counts, memory = frames_map.of_frames(0, kinds, there, grid)
    assert memory[:5].tolist() == [1, 1, 1, 0, 0]
    line = text_of(frames_map.rows(counts, memory, grid)[1:2])
    assert "·ab " in line
    about = text_of([frames_legend.about_cell(counts[1].tolist(), 1, PAGE, grid)])
    assert "frame 1, anon: private memory" in about


def test_legend_adds_up() -> None:
    totals = survey().totals()
    rows = frames_legend.legend(totals, PAGE, 80)
    assert {width(line) for line in rows} == {80}
    assert len(rows) == sum(1 for total in totals if total) + 1
    assert f"{BANKS.frames:,}" in text_of(rows[-1:])
    assert "≈" in text_of(frames_legend.legend(totals, PAGE, 80, exact=False))
    assert len(frames_legend.legend(totals, PAGE, 80, every=True)) == KINDS + 1
    assert width(frames_legend.legend_line(totals, PAGE, 60)) == 60


def test_progress_says_what_is_estimated() -> None:
    assert "estimated" in text_of([frames_legend.progress(survey(complete=False))])
    assert text_of([frames_legend.progress(survey())]).startswith("all 5,942,880 frames read")


def test_about_a_hole() -> None:
    grid = frames_map.fitted(survey(), PAGE, 64, 12)
    assert "no memory" in text_of([frames_legend.about_cell([0] * KINDS, 0, 0, grid)])
    assert "not read" in text_of([frames_legend.about_cell([0] * KINDS, 9, 0, grid)])
    mixed = [3, 1, *[0] * (KINDS - 2)]
    text = text_of([frames_legend.about_cell(mixed, 4, 0, grid)])
    assert "75%" in text and "25%" in text
