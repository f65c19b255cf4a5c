"""Script, table, grids, curves and prose of the stage, each as text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len

from tests.draw.lab.scenes import STEPS, scene, tiles
from vmtui.draw.lab import cells, curves, script, table
from vmtui.draw.lab import tiles as pictures
from vmtui.draw.lab.prose import paragraph
from vmtui.draw.lab.scene import GONE, Figure, Line, Operation
from vmtui.draw.lab.timeline import Timeline
from vmtui.draw.lab.words import EN
from vmtui.draw.paint import text_of, width
from vmtui.model.states import PageState

# Script


def test_the_current_operation_is_lit_with_its_sentence_and_percentage() -> None:
    rows = script.listing(STEPS, 3, 0.5, 30, 20)
    band = [row for row in rows if row[0].paint.ground == "cursor"]
    assert text_of(band).split("\n")[0].startswith("▸4 in child:")
    assert "50%" in text_of(band[:1])
    assert "touch buf ::10 write" in text_of(band)
    assert "The child writes" in text_of(band)
    assert {width(row) for row in rows} == {30}


def test_past_operations_say_what_they_did() -> None:
    assert "400 faults" in text_of(script.listing(STEPS, 3, 1.0, 54, 20))


def test_a_long_script_keeps_the_current_operation_in_sight() -> None:
    steps = [Operation(f"touch buf {at}", "Touch it.") for at in range(60)]
    for current in range(-1, 60):
        said = text_of(script.listing(steps, current, 0.3, 40, 9))
        assert said.count("\n") == 8
        if current >= 0:
            assert f"touch buf {current}" in said
            assert f"{current + 1}" in said.split("▸")[1]


def test_c_lines_of_the_current_operation_are_lit() -> None:
    rows = script.c_listing(STEPS, 3, 0.5, 44, 20)
    lit = [text_of([row]) for row in rows if row[0].paint.ground == "cursor"]
    assert len(lit) == 3 and "for (i = 0" in lit[1]


# Table


def test_columns_stand_under_their_headers() -> None:
    rows = table.table(scene().figures, 48, 10, EN)
    lines = text_of(rows).split("\n")
    assert {width(row) for row in rows} == {48}
    assert lines[0].index("predicted") + 9 == lines[1].index(" 20 ") + 3
    assert lines[1].rstrip().endswith("0 =")


def test_the_least_telling_figures_leave_first() -> None:
    figures = (*scene().figures, Figure("Pss", "1", "2", "+1 ≠", differs=True, rank=9))
    said = text_of(table.table(figures, 48, 3, EN))
    assert "Pss" in said and "pages as predicted" in said and "major" not in said


def test_a_hidden_prediction_is_a_question_mark() -> None:
    figures = (Figure("Pss", "1", "2", "+1 ≠", differs=True, why="1 more than predicted"),)
    said = text_of(table.table(figures, 48, 8, EN, hidden=True))
    assert "?" in said and "≠" not in said and "more" not in said


def test_why_it_differs_is_told() -> None:
    figures = (Figure("Pss", "1", "2", "+1 ≠", differs=True, why="1 more than predicted"),)
    rows = table.table(figures, 48, 8, EN)
    assert "1 more than predicted" in text_of(rows)
    assert any(run.paint.ground == "alarm" for row in rows for run in row)


@pytest.mark.parametrize("cells_wide", [30, 36, 42, 60])
def test_long_words_are_shortened_not_pushed_out(cells_wide: int) -> None:
    figures = (Figure("signal", "SIGSEGV SEGV_MAPERR", "SIGSEGV SEGV_ACCERR", "≠", differs=True),)
    rows = table.table(figures, cells_wide, 4, EN)
    assert {width(row) for row in rows} == {cells_wide}
    assert "≠" in text_of(rows)


def test_a_short_label_keeps_its_process() -> None:
    figures = (
        Figure("private pages, parent", "20", "20", "0 ="),
        Figure("自分だけのページ（親）", "20", "20", "0 ="),
    )
    rows = table.table(figures, 38, 4, EN)
    assert "…, parent " in text_of(rows) and "…（親） " in text_of(rows)
    assert {width(row) for row in rows} == {38}


# Grids


def test_every_tenth_page_is_a_column() -> None:
    parent, child = tiles(400)
    rows = cells.letters(parent, 20, 20, 0)
    assert set(text_of(rows).split("\n")) == {"1========= 1========="}
    assert set(text_of(cells.letters(child, 20, 20, 0)).split("\n")) == {"2========= 2========="}


def test_a_line_says_whether_all_frames_are_the_same() -> None:
    parent, child = tiles(100)
    signs = cells.differs(parent, child, 20, 20, 0)
    assert signs == ["≠"] * 5 + ["="] * 15


def test_pages_of_their_own_are_different_frames_without_marks() -> None:
    parent, child = tiles(400)
    none = np.zeros(400, np.uint8)
    signs = cells.differs(replace(parent, marks=none), replace(child, marks=none), 20, 20, 0)
    assert set(signs) == {"≠"}


def test_whole_regions_add_up() -> None:
    parent, _ = tiles(400, pages=25_600)
    per_cell = cells.fitting(25_600, 40, 14, halves=True)
    assert per_cell & (per_cell - 1) == 0
    rows = cells.blocks(parent, 40, 14, per_cell, halves=True)
    assert len(rows) * 2 * 40 * per_cell >= 25_600
    assert {width(row) for row in rows} == {cells.width_of(40)}


def test_the_overview_underlines_the_window() -> None:
    parent, _ = tiles(4_000, pages=25_600)
    strip, under = cells.overview(parent, 40, range(12_800, 13_440))
    assert width(strip) == 40
    assert text_of([under]).index("▔") == 20
    assert strip[0].paint.ground == "cow" and strip[0].paint.ink == "anon"


def test_the_window_shows_what_changed() -> None:
    for focus in (0, 77, 12_345, 25_599):
        now = scene(tiles=tiles(max(1, focus), pages=25_600), focus={"buf": focus})
        rows = pictures.picture(now, 47, 11)
        flashing = [run for row in rows[:-1] for run in row if "!100" in run.paint.ground]
        assert flashing, focus


def test_regions_too_large_to_look_at_are_named() -> None:
    parent, _ = tiles(10)
    empty = np.zeros(0, np.uint8)
    large = replace(parent, states=empty, marks=empty, age=None, pages=1 << 21)
    assert "8.00G" in text_of(pictures.picture(scene(tiles=(large,)), 60, 10))


def test_many_regions_share_the_room() -> None:
    one = tiles(100)[0]
    many = tuple(replace(one, name=f"r{at}") for at in range(9))
    rows = pictures.picture(scene(tiles=many), 60, 12)
    assert len(rows) <= 12
    assert "r8" in text_of(rows) and "more: r0" in text_of(rows)


def test_absent_pages_are_dots() -> None:
    parent = replace(tiles(10)[0], states=np.full(400, PageState.ABSENT, np.uint8),
                     marks=np.zeros(400, np.uint8), age=None)  # fmt: skip
    assert "·········" in text_of(cells.letters(parent, 20, 20, 0))


# Curves


def test_the_prediction_goes_on_beyond_now() -> None:
    rows = curves.chart(scene(200), scene(200).curves[0], 72, 9)
    assert {width(row) for row in rows} == {72}
    dim = [run for row in rows[1:-1] for run in row
           if run.paint.ink == "dim" and "\u2800" < run.text[0] <= "\u28ff"]  # fmt: skip
    assert dim
    assert "▲ now" in text_of(rows[-1:])
    assert "measured 20" in text_of(rows[:1]) and "predicted 20" in text_of(rows[:1])


def test_hidden_predictions_are_not_drawn() -> None:
    now = scene(200, hidden=True)
    rows = curves.chart(now, now.curves[0], 72, 9)
    assert not any("\u2800" < run.text[:1] <= "\u28ff" and run.paint.ink == "dim"
                   for row in rows for run in row)  # fmt: skip
    assert "predicted" not in text_of(rows)


def test_the_run_before_lies_under_this_one() -> None:
    now = scene(100)
    one = now.curves[0]
    with_before = replace(one, lines=(replace(one.lines[0], before=[(0.0, 5.0), (0.9, 40.0)]),))
    assert "last run" in text_of(curves.chart(now, with_before, 80, 9)[:1])


def test_a_chart_of_many_processes_keeps_the_last_ones() -> None:
    now = scene()
    lines = tuple(Line(f"process-{at}", "strong", [(0.0, float(at))]) for at in range(9))
    rows = curves.chart(now, replace(now.curves[0], lines=lines), 30, 8)
    assert width(rows[0]) == 30 and "8" in text_of(rows[:1])


def test_steps_have_room_and_long_ones_more() -> None:
    line = Timeline([1, 40, 1, 40, 1])
    assert line.starts == sorted(line.starts)
    assert line.at(4, 1.0) == pytest.approx(1.0)
    assert line.starts[2] - line.starts[1] > 5 * (line.starts[1] - line.starts[0])
    assert line.starts[1] > 0.03
    assert line.begin(1, 1 / 40) == pytest.approx(line.starts[1])
    assert line.at(-1, 1.0) == 0.0
    assert Timeline([]).at(0, 1.0) == 0.0


# Prose


def test_sentences_break_between_words() -> None:
    lines = paragraph("fork() gives the child the same frames, not copies.", 20)
    assert all(cell_len(line) <= 20 for line in lines)
    assert " ".join(lines) == "fork() gives the child the same frames, not copies."


def test_japanese_never_begins_a_line_with_a_closing_mark() -> None:
    text = "fork() は子に複製ではなく同じフレームを渡し，親子の両方から書き込みの許可を取り上げる．"
    for cells_wide in range(10, 40):
        lines = paragraph(text, cells_wide)
        assert all(cell_len(line) <= cells_wide for line in lines)
        assert not any(line[0] in "，．）" for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_what_does_not_fit_is_cut_with_a_mark() -> None:
    lines = paragraph("one two three four five six seven", 10, 2)
    assert len(lines) == 2 and lines[1].endswith("…") and cell_len(lines[1]) <= 10


def test_the_curve_of_a_process_ends_with_it() -> None:
    points = [(0.0, 5.0), (0.5, GONE)]
    assert curves.spread_out(points, 5, 1.0) == [5.0, 5.0, None, None, None]
    lines = (Line("parent", "strong", [(0.0, 7.0)]), Line("child", "ksm", points))
    now = replace(scene(200), now=0.9)
    both = replace(now.curves[0], lines=lines)
    assert "child" not in text_of(curves.chart(now, both, 80, 9)[:1])
    assert "child 5" in text_of(curves.chart(replace(now, now=0.4), both, 80, 9)[:1])
    alone = replace(both, lines=(replace(lines[1], name=""),))
    assert "5" in text_of(curves.chart(now, alone, 80, 9)[:1])
