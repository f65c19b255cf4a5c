"""Runs of pages against the plainest model there is: a dictionary from page to value."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vmtui.record import runs as page_runs
from vmtui.record.runs import Runs

Pages = dict[int, int]
PAGES = st.dictionaries(st.integers(0, 60), st.integers(1, 3), max_size=40)
COVERED = st.dictionaries(st.integers(0, 60), st.integers(0, 3), max_size=40)
"""What is laid over something else: there 0 is a value."""


def made(pages: Pages) -> Runs:
    numbers = np.array(sorted(pages), np.int64)
    return page_runs.of_pages(numbers, np.array([pages[page] for page in sorted(pages)], np.uint8))


def told(runs: Runs) -> Pages:
    """Every page, once the runs were seen to be in order and as few as can be."""
    assert (runs.lengths > 0).all()
    assert (runs.firsts[1:] >= runs.ends[:-1]).all()
    joins = (runs.firsts[1:] == runs.ends[:-1]) & (runs.values[1:] == runs.values[:-1])
    assert not joins.any()
    return {
        int(first) + at: int(value)
        for first, length, value in zip(runs.firsts, runs.lengths, runs.values, strict=True)
        for at in range(int(length))
    }


@given(PAGES)
def test_pages_come_back(pages: Pages) -> None:
    runs = made(pages)
    assert told(runs) == pages
    assert runs.pages == len(pages)


@given(PAGES, COVERED)
def test_what_is_laid_over_wins_and_zeros_erase(base: Pages, over: Pages) -> None:
    wanted = {page: value for page, value in (base | over).items() if value}
    assert told(page_runs.overlaid(made(base), made(over))) == wanted


@given(PAGES, PAGES)
def test_a_difference_laid_over_the_first_makes_the_second(one: Pages, other: Pages) -> None:
    change = page_runs.difference(made(one), made(other))
    assert page_runs.overlaid(made(one), change).same_as(made(other))
    assert set(told(change)) == {
        page for page in one.keys() | other.keys() if one.get(page) != other.get(page)
    }


@given(PAGES, PAGES)
def test_seen_through_a_mask(mask: Pages, pages: Pages) -> None:
    seen = page_runs.seen_through(made(mask), made(pages))
    assert told(seen) == {page: pages.get(page, 0) for page in mask}


@given(PAGES, st.lists(st.integers(0, 60), max_size=8), st.integers(1, 9))
def test_cut_ends_at_edges_and_is_nowhere_too_long(
    pages: Pages, edges: list[int], longest: int
) -> None:
    pieces = page_runs.cut(made(pages), np.array(edges, np.int64), longest)
    assert told(page_runs.joined(pieces)) == pages
    assert (pieces.lengths <= longest).all()
    for edge in edges:
        assert not ((pieces.firsts < edge) & (edge < pieces.ends)).any()


@given(PAGES, st.integers(0, 60), st.integers(0, 60))
def test_a_part_and_its_values_page_by_page(pages: Pages, first: int, length: int) -> None:
    runs = made(pages)
    inside = {page: value for page, value in pages.items() if first <= page < first + length}
    assert told(page_runs.joined(runs.between(first, first + length))) == inside
    expanded = runs.expanded(first, length)
    assert expanded.tolist() == [pages.get(page, 0) for page in range(first, first + length)]


@given(PAGES, st.integers(0, 3))
def test_masked_keeps_bits_and_marked_keeps_places(pages: Pages, bits: int) -> None:
    kept = {page: value & bits for page, value in pages.items() if value & bits}
    assert told(page_runs.masked(made(pages), bits)) == kept
    assert told(page_runs.marked(made(pages), 1)) == dict.fromkeys(pages, 1)


@given(st.lists(st.integers(0, 2), max_size=60), st.integers(0, 1 << 40))
def test_an_array_of_all_pages_comes_back(values: list[int], first: int) -> None:
    runs = page_runs.of_array(first, np.array(values, np.uint8))
    assert runs.expanded(first, len(values)).tolist() == values
