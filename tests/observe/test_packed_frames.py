"""A survey of all frames, packed: the same again, and nothing that was packed by somebody else."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.ui.screens import whole_machine as made
from vmtui.kernel.memory_map import MemoryMap
from vmtui.observe.packed_frames import PackedFrames, pack

PACKED = pack(made.survey(anon=40))


def test_the_survey_comes_back_as_it_was() -> None:
    survey, again = made.survey(anon=40), PACKED.unpacked()
    assert PACKED.fits()
    assert np.array_equal(again.counts, survey.counts)
    assert np.array_equal(again.memory_frames, survey.memory_frames)
    assert again.totals() == survey.totals()
    assert again.uses() == survey.uses()
    assert (again.memory, again.complete) == (survey.memory, survey.complete)


@pytest.mark.parametrize(
    "changes",
    [
        {"counts": b"not deflated"},
        {"counts": zlib.compress(b"too few")},
        {"counts": zlib.compress(bytes(1 << 24))},
        {"item_bytes": 3},
        {"block_frames": 0},
        {"block_frames": -64},
        {"block_frames": 1 << 60},
        {"memory": MemoryMap(((0, 1 << 60),), exact=True)},
        {"memory": MemoryMap(((0, 1 << 45),), exact=True)},
        {"memory": MemoryMap(((100, 50),), exact=True)},
        {"memory": MemoryMap(((-100, 50),), exact=True)},
        {"memory": MemoryMap((), exact=True)},
    ],
)
def test_what_does_not_fit_is_told_before_it_is_unpacked(changes: dict[str, Any]) -> None:
    packed: PackedFrames = replace(PACKED, **changes)
    assert not packed.fits()


def test_nothing_is_inflated_beyond_what_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    real = zlib.decompressobj

    class Spy:
        def __init__(self) -> None:
            self.inflate = real()

        def decompress(self, raw: bytes, most: int) -> bytes:
            given.append(len(found := self.inflate.decompress(raw, most)))
            return found

    monkeypatch.setattr(zlib, "decompressobj", Spy)
    bomb = replace(PACKED, counts=zlib.compress(bytes(1 << 26)))
    assert not bomb.fits()
    assert given[0] <= PACKED.blocks * 64
