"""All frames, from files of our own: sampled and whole they say the same, holes stay out."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from vmtui.errors import NotPermitted
from vmtui.kernel import flags, frame_files, memory_map
from vmtui.kernel.files import PAGE_SIZE
from vmtui.model.frame_survey import FramesSurvey
from vmtui.model.frames import FrameKind, kind_of
from vmtui.observe import frames, frames_closer

END = 300_000
HOLE = (100_000, 170_001)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """A machine of 300,000 frame numbers; the flags of each."""
    sets = np.array([flags.KPF_BUDDY, 0x5828, 0x86C, 0, flags.KPF_SLAB], np.uint64)
    random = np.random.default_rng(5)
    lengths = random.integers(1, 900, 2000)
    words = np.repeat(sets[random.integers(0, len(sets), 2000)], lengths)[:END]
    words[HOLE[0] : HOLE[1]] = 0
    banks = ((1, HOLE[0]), (HOLE[1], END + 5000))
    lines = [
        f"{first * PAGE_SIZE:08x}-{end * PAGE_SIZE - 1:08x} : System RAM\n" for first, end in banks
    ]
    (tmp_path / "iomem").write_text("".join(lines))
    (tmp_path / "kpageflags").write_bytes(words.tobytes())
    read, opened = memory_map.read, frame_files.FrameFile

    def at_home(name: frame_files.FrameFact = "kpageflags") -> frame_files.FrameFile:
        return opened(name, str(tmp_path))

    monkeypatch.setattr(frames, "FrameFile", at_home)
    monkeypatch.setattr(frames_closer, "FrameFile", at_home)
    monkeypatch.setattr(memory_map, "read", lambda: read(str(tmp_path)))
    words.flags.writeable = False
    return words


def expected(words: np.ndarray) -> list[int]:
    kept = np.concatenate((words[1 : HOLE[0]], words[HOLE[1] :]))
    totals = [0] * len(FrameKind)
    for value, count in zip(*np.unique(kept, return_counts=True), strict=True):
        totals[kind_of(int(value))] += int(count)
    return totals


def test_every_frame_once(machine: np.ndarray) -> None:
    *_, survey = frames.survey(first_picture_seconds=0)
    assert survey.complete
    assert survey.totals() == expected(machine)
    assert survey.read_frames == survey.frames == END - 1 - (HOLE[1] - HOLE[0])
    assert [use.frames for use in survey.uses()] == [n for n in expected(machine) if n]
    assert (survey.counts.sum(axis=1) == survey.memory_frames).all()
    first, end = 32 * survey.block_frames, 77 * survey.block_frames
    assert survey.shares(first, end).sum() == end - first


def test_the_samples_are_near(machine: np.ndarray) -> None:
    first, *_, last = frames.survey(first_picture_seconds=60)
    assert not first.complete and last.complete
    assert sum(first.totals()) == first.frames
    for guess, true in zip(first.totals(), expected(machine), strict=True):
        assert abs(guess - true) < 0.05 * first.frames
    assert last.totals() == expected(machine)


def test_cancelled_at_once(machine: np.ndarray) -> None:
    *_, survey = frames.survey(lambda: True)
    assert not survey.complete
    assert survey.read_frames == 0
    assert sum(survey.totals()) in (0, survey.frames)


def test_in_background(machine: np.ndarray) -> None:
    survey = frames.survey_in_background().wait(60)
    assert isinstance(survey, FramesSurvey)
    assert survey.complete


def test_closer(machine: np.ndarray) -> None:
    some = frames_closer.read(HOLE[0] - 50, 200)
    assert some.is_memory.tolist() == [True] * 50 + [False] * 150
    judged = [kind_of(int(word)) for word in machine[HOLE[0] - 50 : HOLE[0] + 150]]
    assert some.kinds.tolist() == judged
    past = frames_closer.read(END - 10, 20)
    assert past.kinds[10:].tolist() == [FrameKind.OFFLINE] * 10


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read it")
def test_nobody_is_told_what_root_sees() -> None:
    with pytest.raises(NotPermitted, match="root would see"):
        list(frames.survey())
