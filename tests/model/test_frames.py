"""Kinds of frames: each set of flags has one, runs judge as frames do, sums add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmtui.kernel import flags as f
from vmtui.model.frame_words import FRAME_FLAGS, in_words
from vmtui.model.frames import JUDGED, FrameKind, Judge, kind_of, use_counts

SETS = st.integers(0, (1 << 34) - 1) | st.sampled_from(
    [0, f.KPF_BUDDY, 0x5828, 0x86C, 0x2000028, 0x1080, f.KPF_PGTABLE, f.KPF_RESERVED]
)


@pytest.mark.parametrize(
    ("frame_flags", "kind"),
    [
        (f.KPF_BUDDY | f.KPF_UPTODATE, FrameKind.FREE),
        (0x5828, FrameKind.ANON),
        (0x5828 | f.KPF_THP | f.KPF_COMPOUND_TAIL, FrameKind.HUGE),
        (0x5828 | f.KPF_KSM, FrameKind.KSM),
        (0x86C, FrameKind.FILE),
        (0x6C, FrameKind.CACHE),
        (0x38, FrameKind.DIRTY),
        (0x4838, FrameKind.SHMEM),
        (f.KPF_SLAB | f.KPF_ANON | f.KPF_KSM, FrameKind.SLAB),
        (f.KPF_PGTABLE, FrameKind.TABLE),
        (f.KPF_HUGE | f.KPF_COMPOUND_TAIL, FrameKind.HUGETLB),
        (f.KPF_THP | f.KPF_ZERO_PAGE | f.KPF_COMPOUND_TAIL, FrameKind.ZERO),
        (f.KPF_RESERVED, FrameKind.RESERVED),
        (f.KPF_COMPOUND_HEAD, FrameKind.KERNEL),
        (f.KPF_NOPAGE, FrameKind.OFFLINE),
        (f.KPF_HWPOISON | f.KPF_ANON, FrameKind.OFFLINE),
        (0, FrameKind.UNMARKED),
    ],
)
def test_kind(frame_flags: int, kind: FrameKind) -> None:
    assert kind_of(frame_flags) is kind


def test_every_kind_looks_different() -> None:
    assert len({kind.letter for kind in FrameKind}) == len(FrameKind)
    assert len({kind.title for kind in FrameKind}) == len(FrameKind)
    assert all(kind.meaning and kind.slot for kind in FrameKind)


@given(st.lists(st.tuples(SETS, st.integers(1, 40)), max_size=30), st.data())
def test_runs_judge_as_frames_do(parts: list[tuple[int, int]], data: st.DataObject) -> None:
    frames = [value for value, count in parts for _ in range(count)]
    places = st.lists(st.integers(0, max(0, len(frames) - 1)), unique=True, max_size=5)
    borders = np.array(sorted(data.draw(places)) if frames else [], np.int64)
    words = np.array(frames, np.uint64)
    runs = Judge().runs(words.copy(), borders)
    assert int(runs.lengths.sum()) == len(frames) == sum(runs.told.values())
    assert set(borders.tolist()) <= set(runs.firsts.tolist())
    expected = [kind_of(value & JUDGED) for value in frames]
    assert np.repeat(runs.kinds, runs.lengths).tolist() == expected
    assert Judge().kinds(words).tolist() == expected


@given(st.dictionaries(SETS, st.integers(1, 1 << 40), max_size=20))
def test_use_counts_add_up(told: dict[int, int]) -> None:
    rows = use_counts(told)
    assert sum(row.frames for row in rows) == sum(told.values())
    for row in rows:
        assert max(row.mapped, row.dirty, row.active + row.inactive + row.locked) <= row.frames
    assert [row.kind for row in rows] == sorted(row.kind for row in rows)


@given(SETS)
def test_flags_in_words(frame_flags: int) -> None:
    told = in_words(frame_flags)
    assert all(words.mask & frame_flags and words.meaning for words in told)
    if not frame_flags & f.KPF_SLAB:
        assert sum(words.mask for words in told) == frame_flags & JUDGED


def test_every_bit_has_words() -> None:
    masks = [words.mask for words in FRAME_FLAGS]
    assert len(set(masks)) == len(masks)
    assert sum(masks) == JUDGED


def test_anon_means_nothing_of_a_slab() -> None:
    assert [words.name for words in in_words(f.KPF_SLAB | f.KPF_ANON | f.KPF_KSM)] == ["slab"]
