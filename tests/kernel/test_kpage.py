"""Bulk reads of kpageflags and kpagecount: each frame's word comes back where it was asked."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vmtui.errors import NotPermitted
from vmtui.kernel import flags, kpage
from vmtui.kernel.kpage import Words

FRAMES = 3000


@pytest.fixture
def fake_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files of `FRAMES` words that tell their own place."""
    for name, factor in (("_KPAGEFLAGS", 3), ("_KPAGECOUNT", 5)):
        path = tmp_path / name
        (np.arange(FRAMES, dtype=np.uint64) * np.uint64(factor)).tofile(path)
        monkeypatch.setattr(kpage, name, str(path))
    monkeypatch.setattr(kpage, "_BATCH", 256)


def expected(pfns: list[int], factor: int, past_the_end: int) -> list[int]:
    return [pfn * factor if pfn < FRAMES else past_the_end for pfn in pfns]


runs = st.tuples(st.integers(0, FRAMES + 50), st.integers(1, 600)).map(
    lambda run: list(range(run[0], run[0] + run[1]))
)
questions = st.one_of(
    st.lists(st.integers(0, FRAMES + 100), max_size=300),
    st.lists(runs, max_size=6).map(lambda parts: [pfn for part in parts for pfn in part]),
)


@pytest.mark.usefixtures("fake_files")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(questions, st.sampled_from([1, 2, 3]))
def test_words_come_back_in_the_order_asked(pfns: list[int], threads: int) -> None:
    asked: Words = np.array(pfns, np.uint64)
    flagged, counted = kpage.flags_and_counts(asked, threads)
    assert flagged.tolist() == expected(pfns, 3, flags.KPF_NOPAGE)
    assert counted.tolist() == expected(pfns, 5, 0)
    assert kpage.flags_of(asked).tolist() == flagged.tolist()
    assert kpage.counts_of(asked).tolist() == counted.tolist()


@pytest.mark.usefixtures("fake_files")
def test_counts_of_exclusive_pages_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    head = flags.KPF_COMPOUND_HEAD // 3 + 1  # the fake flags are three times the frame number
    assert head >= FRAMES
    monkeypatch.setattr(flags, "KPF_NOPAGE", flags.KPF_COMPOUND_TAIL)
    entries = np.array(
        [
            flags.PM_PRESENT | flags.PM_EXCLUSIVE | 7,
            flags.PM_PRESENT | 8,
            flags.PM_PRESENT | flags.PM_EXCLUSIVE | head,  # compound: asked, and not there
        ],
        np.uint64,
    )
    flagged, counted = kpage.flags_and_counts_of_entries(entries)
    assert flagged.tolist() == [21, 24, flags.KPF_COMPOUND_TAIL]
    assert counted.tolist() == [1, 40, 0]


@pytest.mark.usefixtures("fake_files")
def test_very_high_frame_numbers() -> None:
    asked = np.array([(1 << 54) + 3, 5, (1 << 54) + 1], np.uint64)
    assert kpage.counts_of(asked).tolist() == [0, 25, 0]


def test_real_frames_or_a_refusal() -> None:
    asked = np.array([1, 0, 2, 1 << 50], np.uint64)
    if os.geteuid() != 0:
        with pytest.raises(NotPermitted):
            kpage.flags_of(asked)
        return
    assert int(kpage.flags_of(asked)[3]) == flags.KPF_NOPAGE
    assert int(kpage.counts_of(asked)[3]) == 0
