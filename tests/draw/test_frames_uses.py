"""The table of use counts and the cell under the cursor: widths, sums, words."""

from __future__ import annotations

import pytest

from tests.ui.screens import whole_machine as made
from vmtui.draw import frames_cell, frames_map, frames_uses
from vmtui.draw.frames_cell import FrameCell
from vmtui.draw.paint import text_of, width
from vmtui.kernel import flags
from vmtui.model.frames import KINDS, FrameKind

PAGE = 4096


@pytest.mark.parametrize("cells", [70, 78, 95, 120, 158])
def test_uses_add_up_at_any_width(cells: int) -> None:
    survey = made.survey()
    rows = frames_uses.rows(survey.uses(), PAGE, cells)
    assert {width(line) for line in rows} == {cells}
    text = text_of(rows)
    anon = survey.totals()[FrameKind.ANON]
    assert f"{anon:,}" in text and f"{survey.frames:,}" in text_of(rows[-1:])
    assert text.split("\n")[1].startswith("a anon")  # free comes last
    assert ("SHARE" in text) == (cells >= 76)
    assert ("private memory of processes" in text) == (cells >= 120)


def test_estimates_are_marked() -> None:
    text = text_of(frames_uses.rows(made.survey().uses(), PAGE, 90, exact=False))
    assert text.count("≈") == 2  # both kinds; their sum is known
    assert frames_uses.rows((), PAGE, 90)


def test_memory_of_a_window_holes_left_out() -> None:
    grid = frames_map.fitted(made.survey(), PAGE, 64, 10)
    memory = frames_map.memory_of(made.BANKS, grid)
    assert memory.sum() == made.BANKS.frames
    _, of_survey = frames_map.of_survey(made.survey(), grid)
    assert memory.tolist() == of_survey.tolist()


def test_a_cell_as_bars() -> None:
    counts = [0] * KINDS
    counts[FrameKind.FREE], counts[FrameKind.ANON] = 12, 4
    rows = frames_cell.detail(FrameCell(0x1000, counts, 16), PAGE, 40, 9)
    assert {width(line) for line in rows} == {40}
    text = text_of(rows)
    assert "000001000  16 frames, 64.0K" in text and "75%" in text and "25%" in text
    half = text_of(frames_cell.detail(FrameCell(0, counts, 64), PAGE, 40, 9))
    assert "16 of them read so far" in half
    unread = frames_cell.detail(FrameCell(0, [0] * KINDS, 64), PAGE, 40, 9)
    assert "not read yet" in text_of(unread)
    assert len(frames_cell.detail(FrameCell(0, counts, 16), PAGE, 40, 1)) == 1


def test_one_frame_in_words() -> None:
    told = made.ANON | flags.KPF_DIRTY
    text = text_of([frames_cell.about_frame(0x2A, told, 2, 120)])
    assert text.startswith("frame 2a  a anon") and "mapped 2 times" in text
    assert "dirty · lru · mmap · anon · swapbacked" in text
    assert "swapbacked" not in text_of([frames_cell.about_frame(0x2A, told, 1, 60)])
    assert "mapped" not in text_of([frames_cell.about_frame(0x2A, flags.KPF_BUDDY, 0, 60)])
