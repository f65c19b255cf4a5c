"""Indices, tables that pages need, and how full they are: against plain loops over pages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmtui.kernel.regions import Regions
from vmtui.missing import Missing
from vmtui.model.page_walk import (
    Derived,
    blocks_touched,
    counted_in_vmpte,
    geometry_of,
    shares_below,
    tables_needed,
)

PAGE = 4096
FOUR = geometry_of(0x7FFFFFFFF000, PAGE)
FIVE = geometry_of((1 << 56) - PAGE, PAGE)


@pytest.mark.parametrize(
    ("space_end", "page", "levels"),
    [
        (0x7FFFFFFFF000, 4096, "PGD PUD PMD PTE"),
        ((1 << 56) - 4096, 4096, "PGD P4D PUD PMD PTE"),
        (1 << 39, 4096, "PGD PMD PTE"),
        (1 << 48, 4096, "PGD PUD PMD PTE"),
        (1 << 42, 65536, "PGD PTE"),
        (1 << 48, 65536, "PGD PMD PTE"),
        (0, 4096, "PGD PTE"),
    ],
)
def test_levels(space_end: int, page: int, levels: str) -> None:
    assert " ".join(geometry_of(space_end, page).levels) == levels


def test_the_address_of_the_lecture() -> None:
    address = 0x55D3AE71E2C8
    assert FOUR.indices(address) == (171, 334, 371, 286)
    assert FIVE.indices(address) == (0, 171, 334, 371, 286)
    assert FOUR.base(address, 3) == 0x55D3AE600000
    assert [FOUR.span(level) for level in range(4)] == [1 << 39, 1 << 30, 1 << 21, 1 << 12]


@given(st.integers(0, (1 << 56) - 1), st.sampled_from([FOUR, FIVE]))
def test_indices_put_together_again(address: int, geometry: object) -> None:
    of = FOUR if geometry is FOUR else FIVE
    address %= 1 << of.shift(0) + of.index_bits
    parts = zip(of.indices(address), range(len(of.levels)), strict=True)
    whole = sum(index << of.shift(level) for index, level in parts)
    assert whole + address % PAGE == address


@st.composite
def populated(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Rising ranges of pages that do not overlap, some next to each other."""
    ranges, at = [], 0
    for gap, length in draw(
        st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 1500)), max_size=8)
    ):
        at += gap
        ranges.append((at * PAGE, (at + length) * PAGE))
        at += length
    return ranges


def regions(ranges: list[tuple[int, int]]) -> Regions:
    columns = np.array(ranges, np.uint64).reshape(-1, 2)
    return Regions(columns[:, 0], columns[:, 1], np.zeros(len(ranges), np.uint64))


@given(populated(), st.integers(12, 24))
def test_blocks_touched(ranges: list[tuple[int, int]], shift: int) -> None:
    blocks = {at >> shift for start, end in ranges for at in range(start, end, PAGE)}
    found = regions(ranges)
    assert blocks_touched(found.start, found.end, shift) == len(blocks)


@given(populated(), st.integers(0, 6))
def test_shares(ranges: list[tuple[int, int]], entry: int) -> None:
    span = 1 << 12 + entry
    base = 512 * PAGE
    pages = {at for start, end in ranges for at in range(start, end, PAGE)}
    shares = shares_below(regions(ranges), base, span, 512)
    for index in (0, 1, 100, 511):
        low = base + index * span
        there = sum(at in pages for at in range(low, low + span, PAGE))
        assert shares[index] == pytest.approx(there * PAGE / span, abs=1e-6)


def test_huge_pages_of_files_need_no_pte_table() -> None:
    ranges = [(0, 4 << 20), (4 << 20, 6 << 20), (1 << 30, 2 << 30)]
    without = np.array([False, True, True])
    spans = np.array([0, 2 << 20, 1 << 30], np.uint64)
    counts = tables_needed(FOUR, regions(ranges), without, spans)
    assert counts == (1, 1, 1, 2)  # the page of 1 GiB needs no PMD table either
    assert counted_in_vmpte(FOUR, counts) == 4
    assert counted_in_vmpte(FIVE, (1, 1, 1, 1, 2)) == 4


def test_nothing_needs_nothing() -> None:
    none = np.zeros(0, bool)
    assert tables_needed(FOUR, regions([]), none, np.zeros(0, np.uint64)) == (1, 0, 0, 0)


def test_difference() -> None:
    told = Derived((1, 1, 1, 2), 4, PAGE, 5 * PAGE, "one is empty")
    assert (told.derived_bytes, told.difference) == (4 * PAGE, 1)
    hidden = Missing("not printed")
    assert Derived((1, 1, 1, 2), 4, PAGE, hidden, "").difference is hidden
