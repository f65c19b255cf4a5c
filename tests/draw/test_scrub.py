"""The line of a recording: where it stands, what happened, and which moment a column is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from vmtui.draw.scrub import Happened, Scrub, line, time_at, track
from vmtui.text import plain

NOW = Scrub(first=1000.0, last=1600.0, now=1300.0, playing=False, speed=1.0)


def drawn(scrub: Scrub, cells: int = 80) -> str:
    return "".join(run.text for run in line(scrub, cells))


def test_it_says_how_far_it_is_and_how_fast() -> None:
    text = drawn(NOW)
    assert text.startswith("─ ‖ 1× ━")
    assert text.endswith("─ 5:00 of 10:00 ─")
    assert drawn(replace(NOW, playing=True, speed=0.25)).startswith("─ ▶ 0.25× ━")
    assert "1:00:00 of" in drawn(replace(NOW, last=9000.0, now=4600.0))


def test_what_happened_stands_where_it_happened() -> None:
    text = drawn(
        replace(
            NOW, mark=1000.0,
            happened=[Happened(1600.0, plain("process 7 has exited")),
                      Happened(1450.0, plain("deploy"), is_mark=True)],
        )
    )  # fmt: skip
    assert text.index("◆") < text.index("●") < text.rindex("◆") < text.index("•")


def test_what_happens_here_is_said_where_there_is_room() -> None:
    here = replace(NOW, happened=[Happened(1300.0, plain("deploy"), is_mark=True)] * 2)
    assert "deploy +1 · 5:00" in drawn(here, 120)
    assert "deploy" not in drawn(here, 80)
    silent = replace(NOW, happened=[Happened(1300.0, plain("")), Happened(1300.0, plain(""))])
    assert "+1" not in drawn(silent, 120)


def test_words_stand_for_times_where_there_are_none() -> None:
    text = drawn(replace(NOW, speed_words="¼×", place_words="step 2 of 7"))
    assert text.startswith("─ ‖ ¼× ") and text.endswith(" step 2 of 7 ─")


@pytest.mark.parametrize("cells", [0, 1, 10, 28, 60, 80, 160])
def test_it_is_as_wide_as_it_should_be(cells: int) -> None:
    assert cell_len(drawn(NOW, cells)) == cells
    assert cell_len(drawn(replace(NOW, last=1000.0, now=1000.0), cells)) == cells


def test_every_column_of_the_track_is_a_moment() -> None:
    place = track(NOW, 80)
    assert time_at(NOW, place.start, 80) == 1000.0
    assert time_at(NOW, place.stop - 1, 80) == 1600.0
    assert time_at(NOW, 0, 80) == 1000.0 and time_at(NOW, 79, 80) == 1600.0
    times = [time_at(NOW, x, 80) for x in place]
    assert times == sorted(times)
