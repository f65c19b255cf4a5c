"""The picture of the OOM killer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vmtui.draw.lab.kill import EN, JA, Candidate, Kill, KillWords, picture
from vmtui.draw.paint import Row, text_of, width

CANDIDATES = (
    Candidate("small", 1234, 4075, 0, 25, 1000, 28100, is_next=True),
    Candidate("middle", 1235, 8220, 0, 33, 300, 15453),
    Candidate("large", 1236, 11280, 0, 40, 0, 11320),
    Candidate("parent", 1230, 2380, 0, 15, 0, 2395),
)
BEFORE = Kill(CANDIDATES, 24576, 88768512, 100663296)
AFTER = replace(
    BEFORE,
    candidates=(replace(CANDIDATES[0], is_dead=True, is_next=False), *CANDIDATES[1:]),
    verdict="SIGKILL, and the group's own counter rose to 1: the OOM killer",
)


def cells_of(rows: list[Row], slot: str) -> list[int]:
    """Per row, cells with that ground."""
    return [sum(len(run.text) for run in row if run.paint.ground == slot) for row in rows]


@pytest.mark.parametrize("words", [EN, JA])
@pytest.mark.parametrize("kill", [BEFORE, AFTER, replace(BEFORE, refused="ENOMEM, no kill")])
@pytest.mark.parametrize(("cells", "lines"), [(46, 12), (46, 5), (100, 24), (30, 3), (64, 16)])
def test_it_fits(words: KillWords, kill: Kill, cells: int, lines: int) -> None:
    for hidden in (False, True):
        rows = picture(kill, words, cells, lines, hidden=hidden)
        assert len(rows) <= lines
        assert {width(row) for row in rows} == {cells}


def test_the_sum_of_each_and_who_has_most() -> None:
    said = text_of(picture(BEFORE, EN, 100, 24))
    assert "4,075 + 25 + 1000 × 24 = 28,100" in said
    assert "8,220 + 33 + 300 × 24 = 15,453" in said
    assert [line.split()[0] for line in said.splitlines() if "=" in line] == [
        "▸", "middle", "large", "parent"]  # fmt: skip
    assert "84.7M of 96.0M" in said


def test_a_bar_is_as_long_as_its_points() -> None:
    rows = picture(BEFORE, EN, 102, 24)
    filled = zip(cells_of(rows, "anon"), cells_of(rows, "vessel"), strict=True)
    _group, *bars = [(anon, free) for anon, free in filled if anon]
    assert [anon + free for anon, free in bars] == [100, 55, 40, 9]
    assert [free for _, free in bars] == [85, 26, 0, 0], "what the score adds is no memory"


def test_bars_are_there_on_a_small_screen_too() -> None:
    for kill in (BEFORE, AFTER):
        rows = picture(kill, EN, 46, 11)
        dead = sum(one.is_dead for one in kill.candidates)
        assert sum(1 for cells in cells_of(rows, "anon") if cells) == 1 + 4 - dead


def test_the_dead_stay_as_empty_vessels_with_the_evidence() -> None:
    rows = picture(AFTER, EN, 100, 24)
    said = text_of(rows)
    assert "SIGKILL" in said and "the group's own counter rose to 1" in said
    assert "given back 16.0M" in said
    assert any(run.paint.ground == "alarm" for row in rows for run in row)


def test_hidden_sums_tell_sizes_and_scores_only() -> None:
    said = text_of(picture(BEFORE, EN, 100, 24, hidden=True))
    assert "28,100" not in said and "▸" not in said and "24,000" not in said
    assert "oom_score_adj 1000" in said
    assert said.index("parent") < said.index("small"), "not in the order of points"


def test_without_colours_bars_have_letters() -> None:
    assert "aaaa" in text_of(picture(BEFORE, EN, 100, 24, letters=True))


def test_swap_is_a_term_where_there_is_some() -> None:
    swapped = replace(CANDIDATES[1], swap=512, points=15965)
    said = text_of(picture(replace(BEFORE, candidates=(swapped,)), EN, 100, 24))
    assert "8,220 + 512 + 33 + 300 × 24 = 15,965" in said
    assert "in swap" in said
