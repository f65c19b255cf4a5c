"""The whole stage: every size is filled exactly, and what matters most is always there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.draw.lab.scenes import scene
from vmtui.draw.lab import blocks_shown, cliff, kill, stage
from vmtui.draw.lab.blocks_shown import Blocks
from vmtui.draw.lab.cliff import Cliff, Point, Sweep
from vmtui.draw.lab.kill import Candidate, Kill
from vmtui.draw.lab.scene import Promises, Scene
from vmtui.draw.lab.words import JA
from vmtui.draw.paint import text_of, width

SIZES = [(60, 13), (66, 13), (72, 18), (80, 22), (100, 28), (112, 28), (120, 33), (160, 22),
         (160, 43), (160, 48), (240, 65)]  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("words", [scene().words, JA])
def test_every_size_is_filled_exactly(size: tuple[int, int], words: object) -> None:
    now = scene(words=words)
    for shown in (
        now,
        replace(now, hidden=True, as_c=True),
        replace(now, step=-1, part=0.0, tiles=(), figures=()),
        replace(now, tiles=now.tiles[:1], saved=None),
        replace(now, whole=True, letters=True),
        replace(now, is_about_faults=True),
        replace(now, promises=Promises((("a", 1 << 33), ("b", 1 << 33)), 1 << 33, 4096, "no")),
        Scene("?", "", "", ()),
    ):
        rows = stage.rows(shown, *size)
        assert len(rows) == size[1]
        assert {width(row) for row in rows} == {size[0]}


def test_80_columns_have_everything() -> None:
    said = text_of(stage.rows(scene(), 80, 22))
    for words in ("What does fork copy?", "in child:", "50%", "1=========", "2=========", "≠",
                  "pages as predicted", "420 frames instead of 800", "pages copied"):  # fmt: skip
        assert words in said, words


def test_large_screens_tell_why_and_show_c() -> None:
    said = text_of(stage.rows(scene(), 160, 48))
    assert "fork() gives the child the same frames" in said
    assert "buf[i * 4096] = 2;" in said
    assert "380 saved" in said


def test_nothing_gives_a_hidden_prediction_away() -> None:
    now = scene(hidden=True)
    for size in ((80, 22), (160, 48)):
        said = text_of(stage.rows(now, *size))
        assert "a fault and a copy" not in said
        assert "same frames, not copies" not in said
        assert "a page only when written" not in said
        assert "0 =" not in said and " ?" in said


def test_why_a_run_ended_is_an_alarm() -> None:
    for size in ((80, 22), (160, 48)):
        assert "a worker died" in text_of(stage.rows(scene(message="a worker died"), *size))


KILL = Kill((Candidate("small", 7, 100, 0, 8, 1000, 1108, is_next=True),), 1000, 1 << 20, 2 << 20)
CLIFF = Cliff((Sweep("random", "ksm", "●", (Point(0.5, 9000.0, 480.0), Point(1.2, 2e6, 0.0))),),
              64 << 20)  # fmt: skip
BLOCKS = Blocks((40, 20, 3, 1), (50, 20, 3, 1), 8, (0.0, 0.1, 0.2, 0.4), (0.0,) * 4)
PICTURES: dict[str, tuple[Any, str]] = {
    "kill": ((KILL, kill.EN), "small"),
    "cliff": ((CLIFF, cliff.EN), "the work fits"),
    "blocks": ((BLOCKS, blocks_shown.EN), "free blocks"),
}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("size", SIZES)
def test_pictures_under_pressure_fill_every_size(name: str, size: tuple[int, int]) -> None:
    record, words = PICTURES[name]
    for now in (scene(), scene(hidden=True, bars_by_letters=True)):
        rows = stage.rows(replace(now, **{name: record}), *size)
        assert len(rows) == size[1]
        assert {width(row) for row in rows} == {size[0]}
        if size[0] >= 80:
            assert words in text_of(rows)


def test_the_cliff_leaves_room_for_the_pages() -> None:
    said = text_of(stage.rows(replace(scene(), cliff=PICTURES["cliff"][0]), 160, 48))
    assert "buf" in said and "the same in C" not in said
