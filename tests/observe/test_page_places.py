"""Stretches of pages packed together: what is read for them, and which page stands where."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vmtui.observe import page_batch
from vmtui.observe.page_facts import CHUNK
from vmtui.observe.page_places import BLOCK, Patches, Stretch

STRETCHES = st.lists(
    st.tuples(st.integers(0, 3 * BLOCK), st.integers(1, 2 * BLOCK)), min_size=1, max_size=20
)
"""Pages left out, and pages that follow."""


def laid_out(steps: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """First page numbers and lengths."""
    firsts, lengths, at = [], [], 1000
    for gap, length in steps:
        firsts.append(at + gap)
        lengths.append(length)
        at += gap + length
    return firsts, lengths


@given(STRETCHES)
def test_patches_hold_the_pages_of_their_stretches(steps: list[tuple[int, int]]) -> None:
    firsts, lengths = laid_out(steps)
    pages = [
        page
        for first, length in zip(firsts, lengths, strict=True)
        for page in range(first, first + length)
    ]
    patches = Patches(np.array(firsts), np.array(lengths))
    assert len(patches) == len(pages)
    assert patches.pages_at(np.arange(len(pages))).tolist() == pages
    assert [pages[start] for start in patches.starts.tolist()] == firsts
    buffer = np.full(patches.room, -1)
    for first, count, at in patches.reads():  # each entry is its own page number
        buffer[at : at + count] = np.arange(first, first + count)
    assert (buffer >= 0).all()
    kept = buffer if patches.kept is None else buffer[patches.kept]
    assert kept.tolist() == pages
    block_firsts, block_lasts = patches.blocks()
    expected = [
        index for index, page in enumerate(pages) if page % BLOCK == 0 or page in set(firsts)
    ]
    assert block_firsts.tolist() == expected
    assert block_lasts.tolist() == [*(index - 1 for index in expected[1:]), len(pages) - 1]
    for first, length in zip(firsts, lengths, strict=True):
        part = patches.part(first, first + length)
        assert pages[part] == list(range(first, first + length))


def test_a_stretch_says_the_same_as_a_patch() -> None:
    for first in (0, 5, BLOCK, 3 * BLOCK - 1):
        one = Stretch(first, 2000)
        other = Patches(np.array([first]), np.array([2000]))
        for mine, its in zip(one.blocks(), other.blocks(), strict=True):
            assert mine.tolist() == its.tolist()
        assert one.part(first + 7, first + 9) == other.part(first + 7, first + 9) == slice(7, 9)
        assert one.pages_at(np.array([3])).tolist() == other.pages_at(np.array([3])).tolist()


@given(st.lists(st.tuples(st.integers(-50, 200), st.integers(1, 4096)), min_size=1, max_size=60))
def test_groups_fit_the_buffer_and_leave_nothing_out(steps: list[tuple[int, int]]) -> None:
    firsts: list[int] = []
    lengths: list[int] = []
    at = 10_000
    for gap, length in steps:  # some overlap
        firsts.append(max(firsts[-1] if firsts else 0, at + gap))
        lengths.append(length)
        at = firsts[-1] + length
    rows: list[int] = []
    for some in page_batch._cut(np.array(firsts), np.array(lengths)):
        patches = Patches(np.array(firsts[some]), np.array(lengths[some]))
        assert patches.room <= CHUNK
        assert (np.diff(patches.pages_at(np.arange(len(patches)))) > 0).all()
        rows += range(some.start, some.stop)
    assert rows == list(range(len(firsts)))
