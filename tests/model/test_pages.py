"""Counts and states of arrays against a page-by-page judgement written out a second time."""

from __future__ import annotations

from typing import get_args

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vmtui.kernel import flags
from vmtui.missing import Missing
from vmtui.model.fields.pages import PAGE_FIELDS
from vmtui.model.pages import (
    FLAGGED,
    HUGE,
    ZERO,
    MappingKind,
    PageCounts,
    counts_of,
    facts_of,
    histogram_of,
    residency_facts,
    residency_of,
    runs_of,
    states_of,
)
from vmtui.model.states import PageState

TOP_BITS = (
    *(flags.PM_PRESENT, flags.PM_SWAPPED, flags.PM_FILE, flags.PM_GUARD),
    *(flags.PM_EXCLUSIVE, flags.PM_UFFD_WP, flags.PM_SOFT_DIRTY),
)
words = st.builds(
    lambda bits, low: sum(set(bits)) | low,
    st.lists(st.sampled_from(TOP_BITS)),
    st.integers(0, flags.PM_PFN_MASK),
)
extras = st.sampled_from([0, 0, 0, HUGE, ZERO, FLAGGED, HUGE | ZERO, HUGE | FLAGGED])
mappings: st.SearchStrategy[MappingKind] = st.sampled_from(get_args(MappingKind))


def judged(entry: int, extra: int, mapping: str, locked: bool) -> tuple[PageState, set[str]]:
    """What one page is, from its entry and what was found out besides."""
    present, file = bool(entry & flags.PM_PRESENT), bool(entry & flags.PM_FILE)
    exclusive = bool(entry & flags.PM_EXCLUSIVE)
    if entry & flags.PM_GUARD:
        return PageState.GUARD, {"guard"}
    if not present:
        swapped = bool(entry & flags.PM_SWAPPED)
        return (PageState.SWAPPED, {"swapped"}) if swapped else (PageState.ABSENT, {"absent"})
    kinds = {"present"}
    huge = bool(extra & HUGE) or mapping == "hugetlb"
    kinds |= {"huge"} if huge else set()
    kinds |= {"locked"} if locked else set()
    if extra & FLAGGED:
        kinds.add("dirty" if file else "ksm")
    if extra & ZERO:
        return PageState.ZERO, kinds | {"zero"}
    kinds.add("exclusive" if exclusive else "shared")
    if file:
        kind = "file" if mapping in ("file", "special") else "shmem"
    else:
        kind = "shmem" if mapping == "special" else "anon"
    kinds.add(kind)
    if "ksm" in kinds:
        state = PageState.KSM
    elif locked:
        state = PageState.LOCKED
    elif huge:
        state = PageState.HUGE
    elif "dirty" in kinds:
        state = PageState.DIRTY
    elif kind == "anon" and not exclusive:
        state = PageState.COW
    else:
        state = {"anon": PageState.ANON, "file": PageState.FILE, "shmem": PageState.SHMEM}[kind]
    return state, kinds


@given(st.lists(st.tuples(words, extras), max_size=200), mappings, st.booleans())
def test_arrays_equal_a_loop_over_pages(
    pages: list[tuple[int, int]], mapping: MappingKind, locked: bool
) -> None:
    entries = np.array([entry for entry, _ in pages], np.uint64)
    facts = facts_of(entries)
    facts |= np.array([extra for _, extra in pages], np.uint8)
    states = states_of(facts, mapping=mapping, locked=locked)
    counts = counts_of(histogram_of(facts), mapping=mapping, locked=locked)
    loop = dict.fromkeys(PageCounts.__slots__, 0)
    for (entry, extra), state in zip(pages, states.tolist(), strict=True):
        expected, kinds = judged(entry, extra, mapping, locked)
        assert state == expected
        for kind in kinds | {"pages"}:
            loop[kind] += 1
    assert {name: getattr(counts, name) for name in loop} == loop
    assert counts.pages == counts.absent + counts.present + counts.swapped + counts.guard
    assert not isinstance(counts.zero, Missing)
    assert counts.present == counts.zero + counts.anon + counts.file + counts.shmem
    assert counts.present == counts.zero + counts.exclusive + counts.shared


@given(st.lists(st.integers(0, 255), max_size=300))
def test_facts_keep_one_value_or_many(values: list[int]) -> None:
    facts = np.array(values, np.uint8)
    assert histogram_of(facts).tolist() == np.bincount(facts, minlength=256).tolist()


@given(st.lists(st.integers(0, 3), max_size=100))
def test_runs_spell_out_the_states_again(values: list[int]) -> None:
    states = np.array(values, np.uint8)
    firsts, lengths, of_run = runs_of(states)
    assert np.repeat(of_run, lengths).tolist() == values
    assert firsts.tolist() == (np.cumsum(lengths) - lengths).tolist()
    assert (of_run[1:] != of_run[:-1]).all()


def test_counts_add_and_missing_stays_missing() -> None:
    unknown = Missing("not root")
    one = PageCounts(pages=3, absent=1, present=2, anon=2, exclusive=2, dirty=1)
    other = PageCounts(pages=2, present=2, file=2, shared=2, dirty=unknown, ksm=unknown)
    both = one + other
    assert (both.pages, both.absent, both.present, both.file) == (5, 1, 4, 2)
    assert both.dirty is unknown
    assert both.ksm is unknown
    assert (other + one).dirty is unknown


def test_what_nobody_could_tell_is_missing() -> None:
    unknown = Missing("not root")
    counts = counts_of(histogram_of(np.array([0x80], np.uint8)), missing={"ksm": unknown})
    assert counts.ksm is unknown
    assert counts.dirty == 0


def test_residency_of_regions() -> None:
    categories = np.array(
        [
            flags.PAGE_IS_PRESENT,
            flags.PAGE_IS_SWAPPED,
            flags.PAGE_IS_SWAPPED | flags.PAGE_IS_GUARD,
            flags.PAGE_IS_PRESENT | flags.PAGE_IS_PFNZERO | flags.PAGE_IS_HUGE,
        ],
        np.uint64,
    )
    found = residency_of(100, residency_facts(categories), np.array([10, 20, 30, 5], np.int64))
    assert (found.present, found.swapped, found.guard) == (15, 20, 30)
    assert (found.zero, found.huge, found.absent) == (5, 5, 35)


def test_fields_read_the_counts() -> None:
    counts = PageCounts(**{name: at for at, name in enumerate(PageCounts.__slots__)})
    shown = {field.id: field.value(counts) for field in PAGE_FIELDS}
    assert shown == {name: at for at, name in enumerate(PageCounts.__slots__)}
