"""Slices of a range from scanned regions: exact, and adding up to the range."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vmtui.kernel import flags
from vmtui.model.slices import ScannedSpace, slice_counts
from vmtui.model.states import PageState

PAGE = 4096
BASE = 0x7F00_0000_0000
PRESENT, SWAPPED = flags.PAGE_IS_PRESENT, flags.PAGE_IS_SWAPPED
KINDS = {
    PageState.ANON: PRESENT,
    PageState.SWAPPED: SWAPPED,
    PageState.ZERO: PRESENT | flags.PAGE_IS_PFNZERO,
    PageState.HUGE: PRESENT | flags.PAGE_IS_HUGE,
    PageState.GUARD: SWAPPED | flags.PAGE_IS_GUARD,
    PageState.ABSENT: 0,
}


def space_of(states: list[PageState], first: int = 0) -> ScannedSpace:
    """One region per populated page; the kernel would join them, which changes no count."""
    pages = [(i + first, state) for i, state in enumerate(states) if state is not PageState.ABSENT]
    starts = np.array([BASE + i * PAGE for i, _ in pages], np.uint64)
    bits = np.array([KINDS[state] for _, state in pages], np.uint64)
    return ScannedSpace(starts, starts + np.uint64(PAGE), bits, knows_files=True)


@given(
    st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=80),
    st.integers(1, 100),
    st.integers(0, 9),
)
def test_slices_are_what_counting_page_by_page_gives(
    states: list[PageState], columns: int, before: int
) -> None:
    strangers = [PageState.ANON] * before  # regions outside the range
    space = space_of([*strangers, *states, *strangers])
    start, size = BASE + before * PAGE, len(states)
    counts = slice_counts(space, start, start + size * PAGE, columns, "anon")
    assert counts.shape == (columns, 12)
    for column in range(columns):
        low, high = column * size // columns, (column + 1) * size // columns
        if size < columns:
            high = low + 1
        expected = [states[low:high].count(state) for state in PageState]
        assert counts[column].tolist() == expected
    if size >= columns:
        assert counts.sum() == size


def test_regions_that_run_across_are_clipped() -> None:
    space = ScannedSpace(
        np.array([BASE], np.uint64), np.array([BASE + 100 * PAGE], np.uint64),
        np.array([PRESENT], np.uint64), knows_files=False,
    )  # fmt: skip
    counts = slice_counts(space, BASE + 10 * PAGE, BASE + 20 * PAGE, 2, "file")
    assert counts[:, PageState.FILE].tolist() == [5, 5]
    assert counts.sum() == 10


def test_private_pages_of_a_file_are_anonymous_where_the_scan_knows() -> None:
    starts = np.array([BASE, BASE + PAGE], np.uint64)
    bits = np.array([PRESENT | flags.PAGE_IS_FILE, PRESENT], np.uint64)
    space = ScannedSpace(starts, starts + np.uint64(PAGE), bits, knows_files=True)
    counts = slice_counts(space, BASE, BASE + 2 * PAGE, 1, "file")
    assert (counts[0, PageState.FILE], counts[0, PageState.ANON]) == (1, 1)


def test_untouched_pages_without_access_are_guard() -> None:
    nothing = space_of([PageState.ABSENT])
    counts = slice_counts(nothing, BASE, BASE + 4 * PAGE, 2, "anon", no_access=True)
    assert counts[:, PageState.GUARD].tolist() == [2, 2]


def test_the_upper_half_of_the_address_space_is_no_problem() -> None:
    vsyscall = 0xFFFF_FFFF_FF60_0000
    counts = slice_counts(space_of([PageState.ANON]), vsyscall, vsyscall + PAGE, 1, "special")
    assert counts[0, PageState.ABSENT] == 1
