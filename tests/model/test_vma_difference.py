"""Grouping VMAs of two moments, following their pages, and the words for what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.maps_text import PlainVma
from tests.model.test_vmas import PAGE, maps_of, smaps_of, vma
from vmtui.kernel import flags
from vmtui.missing import Missing
from vmtui.model import vma_match
from vmtui.model.cause import Why
from vmtui.model.page_moves import MOVES, PageMove, page_moves
from vmtui.model.process_moment import ProcessMoment
from vmtui.model.residency import resident_and_swapped
from vmtui.model.slices import SHARED, ScannedSpace
from vmtui.model.vma_difference import ABSENT, Difference, VmaDifference
from vmtui.model.vmas import Vmas

ARENA_PAGES = vma_match.ARENA // PAGE
CATEGORIES = {
    ".": 0,
    "0": flags.PAGE_IS_PRESENT | flags.PAGE_IS_PFNZERO,
    "a": flags.PAGE_IS_PRESENT,
    "c": flags.PAGE_IS_PRESENT | SHARED,
    "H": flags.PAGE_IS_PRESENT | flags.PAGE_IS_HUGE,
    "f": flags.PAGE_IS_PRESENT | flags.PAGE_IS_FILE,
    "W": flags.PAGE_IS_SWAPPED,
    "X": flags.PAGE_IS_GUARD | flags.PAGE_IS_SWAPPED,
}
"""Pages as letters, as the grid draws them."""


def scan(*each: tuple[PlainVma, str]) -> ScannedSpace:
    """The regions of VMAs whose pages are these letters."""
    starts, ends, categories = [], [], []
    for one, letters in each:
        for place, letter in enumerate(letters):
            if letter != ".":
                starts.append(one.start + place * PAGE)
                ends.append(one.start + (place + 1) * PAGE)
                categories.append(CATEGORIES[letter])
    return ScannedSpace(
        np.array(starts, np.uint64), np.array(ends, np.uint64), np.array(categories, np.uint64),
        knows_files=True,
    )  # fmt: skip


def moment(*each: tuple[PlainVma, str], at: float = 0.0, **more: Any) -> ProcessMoment:
    """A process with these VMAs and pages."""
    space, table = scan(*each), maps_of(*(one for one, _ in each))
    resident, swapped = resident_and_swapped(table, space)
    vmas = Vmas.of(table, scanned_at=1.0, resident_pages=resident, swapped_pages=swapped)
    return ProcessMoment(at=at, pid=7, comm=b"worker", vmas=vmas, space=space, **more)


def only_row(before: ProcessMoment, after: ProcessMoment, **how: Any) -> VmaDifference:
    """The one row of a difference."""
    (row,) = Difference(before, after, **how)
    return row


# Which is which


def groups(before: Sequence[PlainVma], after: Sequence[PlainVma]) -> list[tuple[list[int], ...]]:
    """The groups as places in the two lists."""
    tables = [Vmas.of(maps_of(*each)) for each in (before, after)]
    found = vma_match.by_address(*tables)
    return [
        tuple(
            np.flatnonzero(of == group).tolist() for of in (found.of_before, found.of_after)
        )
        for group in range(found.groups)
    ]  # fmt: skip


def test_split_merged_grown_and_gone() -> None:
    before = [vma(1, 4), vma(10, 9), vma(30, 2), vma(32, 2, perms=b"r--p"), vma(50)]
    after = [vma(1, 6), vma(10, 3), vma(13, 3, perms=b"r--p"), vma(16, 3), vma(30, 4), vma(60)]
    assert groups(before, after) == [
        ([0], [0]), ([1], [1, 2, 3]), ([2, 3], [4]), ([4], []), ([], [5]),
    ]  # fmt: skip


def test_other_contents_at_the_same_address_are_another_vma() -> None:
    a_file = vma(10, 4, name=b"/a", inode=5)
    assert groups([vma(10, 4)], [a_file]) == [([0], []), ([], [0])]
    assert groups([a_file], [vma(10, 4, name=b"/a (deleted)", inode=5)]) == [([0], [0])]
    assert groups([vma(10)], [vma(10, name=b"[anon:pool]")]) == [([0], [0])]
    assert groups([vma(10, name=b"[heap]")], [vma(10)]) == [([0], []), ([], [0])]


PIECES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from([b"rw-p", b"r--p"])),
    max_size=7,
)


def laid(pieces: list[tuple[int, int, bytes]]) -> list[PlainVma]:
    at, made = 1, []
    for gap, pages, perms in pieces:
        made.append(vma(at + gap, pages, perms=perms))
        at += gap + pages
    return made


@given(PIECES, PIECES)
def test_groups_are_what_following_overlaps_one_by_one_finds(
    earlier: list[tuple[int, int, bytes]], later: list[tuple[int, int, bytes]]
) -> None:
    before, after = laid(earlier), laid(later)
    expected: list[tuple[set[int], set[int]]] = []
    for place, one in enumerate(before):
        touched = {at for at, other in enumerate(after)
                   if other.start < one.end and one.start < other.end}  # fmt: skip
        olds, news = {place}, set(touched)
        for old, new in [each for each in expected if each[1] & touched]:
            expected.remove((old, new))
            olds, news = olds | old, news | new
        expected.append((olds, news))
    taken = set().union(*(new for _, new in expected)) if expected else set()
    expected += [(set(), {at}) for at in range(len(after)) if at not in taken]
    found = [(set(old), set(new)) for old, new in groups(before, after)]
    assert sorted(map(repr, found)) == sorted(map(repr, expected))


def test_two_processes_by_kind_and_path() -> None:
    def library(first: int, name: bytes) -> PlainVma:
        return vma(first, 2, name=name, inode=first)

    before = [vma(1, 2, name=b"[heap]"), library(5, b"/opt/app-1/lib/x.so"), vma(9, 4), vma(20, 3)]
    after = [vma(100, 3, name=b"[heap]"), library(200, b"/opt/app-2/lib/x.so"), vma(300, 9),
             library(400, b"/new.so")]  # fmt: skip
    tables = [Vmas.of(maps_of(*each)) for each in (before, after)]
    found = vma_match.by_name(*tables)
    assert not found.by_address
    assert found.of_before.tolist() == [0, 3, 1, 1]
    assert found.of_after.tolist() == [0, 3, 1, 2]


def test_stacks_and_arenas_are_told_from_their_neighbours() -> None:
    base = 16 * ARENA_PAGES
    vmas = Vmas.of(
        maps_of(
            vma(10, 1, perms=b"---p"), vma(11, 2048),
            vma(5000, 3),
            vma(base, 33), vma(base + 33, ARENA_PAGES - 33, perms=b"---p"),
        )
    )  # fmt: skip
    assert vma_match.roles(vmas) == ["guard", "stack", "", "arena", "rest"]


# What became of the pages


@pytest.mark.parametrize(
    ("then", "now", "moves"),
    [
        ("....", "aa0H", {"APPEARED": 2, "READ_ZERO": 1, "APPEARED_HUGE": 1}),
        ("aaaa", ".WXa", {"DROPPED": 1, "TO_SWAP": 1, "GUARDED": 1}),
        ("WWW0", "a.Wa", {"FROM_SWAP": 1, "SWAP_DROPPED": 1, "APPEARED": 1}),
        ("aacf", "cHaa", {"BECAME_SHARED": 1, "BECAME_HUGE": 1, "BECAME_OWN": 1, "COPIED": 1}),
        ("HHff", "aHff", {"SPLIT": 1}),
    ],
)
def test_moves_of_pages(then: str, now: str, moves: dict[str, int]) -> None:
    one = vma(10, 4)
    before, after = moment((one, then)), moment((one, now))
    counts = page_moves(before, after, vma_match.by_address(before.vmas, after.vmas))
    assert not isinstance(counts, Missing)
    assert {PageMove(at).name: int(pages) for at, pages in enumerate(counts[0])
            if at and pages} == moves  # fmt: skip


LETTERS = st.text(alphabet="".join(CATEGORIES), min_size=1, max_size=12)


@given(st.lists(st.tuples(st.integers(1, 3), LETTERS), max_size=4),
       st.lists(st.tuples(st.integers(1, 3), LETTERS), max_size=4))  # fmt: skip
def test_every_page_moves_once(
    earlier: list[tuple[int, str]], later: list[tuple[int, str]]
) -> None:
    """All pages of both moments are counted, and those that are resident add up to Rss."""
    tables = []
    for pieces in (earlier, later):
        at, each = 1, []
        for gap, letters in pieces:
            each.append((vma(at + gap, len(letters)), letters))
            at += gap + len(letters)
        tables.append(moment(*each))
    before, after = tables
    difference = Difference(before, after)
    moves = difference.moves
    assert not isinstance(moves, Missing)
    covered = {page for table in (earlier, later) for page in _pages(table)}
    assert moves.sum() == len(covered)
    assert moves.shape == (len(difference), MOVES)
    gained = sum(int(moves[:, move].sum()) for move in (
        PageMove.APPEARED, PageMove.APPEARED_HUGE, PageMove.FROM_SWAP))  # fmt: skip
    lost = int(moves[:, [PageMove.DROPPED, PageMove.UNMAPPED]].sum())
    out = moves[:, [PageMove.TO_SWAP, PageMove.GUARDED]].sum()
    rss = int(difference.delta("rss").sum()) // PAGE
    assert gained - lost - int(out) <= rss <= gained - lost
    apart = Difference(before, after, same_process=False)
    for row in (*difference.changed(), *apart.changed()):
        assert row.causes, "what differs has a cause"
    told = {row.group for row in difference.changed()}
    assert all(row.change == "same" for row in difference if row.group not in told)


def _pages(pieces: list[tuple[int, str]]) -> list[int]:
    at = 1
    found: list[int] = []
    for gap, letters in pieces:
        found += range(at + gap, at + gap + len(letters))
        at += gap + len(letters)
    return found


# Figures and words


def test_figures_before_after_and_their_change() -> None:
    one, other = vma(10, 4), vma(20, 2, name=b"/x", inode=9)
    difference = Difference(
        moment((one, "a..."), (other, "ff")), moment((one, "aaa."), (vma(30, 3), "..."))
    )
    rows = {row.start // PAGE: row for row in difference}
    grew, gone, new = rows[10], rows[20], rows[30]
    assert [row.change for row in (grew, gone, new)] == ["grew", "removed", "added"]
    assert (grew.before("rss"), grew.after("rss"), grew.delta("rss")) == (PAGE, 3 * PAGE, 2 * PAGE)
    assert (gone.after("rss"), gone.delta("rss")) == (ABSENT, -2 * PAGE)
    assert new.delta("size") == 3 * PAGE and new.cause == (
        "+12K of addresses in [anon], private memory mapped, nothing touched"
    )
    assert isinstance(grew.delta("pss"), Missing)
    assert [row.change for row in difference] == ["removed", "grew", "added"]
    assert len(difference.changed()) == 3


@pytest.mark.parametrize(
    ("then", "now", "whys", "cause"),
    [
        ("....", "aaa.", [Why.TOUCHED, Why.QUALITY], "+12K in [anon], touched, private dirty"),
        ("aaaa", "WWWW", [Why.PAGED_OUT], "−16K in [anon], paged out to swap"),
        ("WWaa", "aaWa", [Why.PAGED_IN, Why.PAGED_OUT, Why.QUALITY], None),
        ("aaaa", "a...", [Why.GIVEN_BACK], "−12K in [anon], given back but still mapped "
         "(MADV_DONTNEED, MADV_FREE)"),
        ("aaaa", "cccc", [Why.FORKED],
         "no more and no less in [anon], 16.0K shared since the fork of 9"),
        ("cccc", "aacc", [Why.UNSHARED], None),
        ("aaXa", "aXXa", [Why.GUARD], "−4.0K in [anon], 4.00K made guard pages"),
    ],
)  # fmt: skip
def test_causes_from_pages(then: str, now: str, whys: list[Why], cause: str | None) -> None:
    one = vma(10, 4)
    row = only_row(moment((one, then)), moment((one, now), children=frozenset({9})))
    assert [each.why for each in row.causes] == whys
    assert cause is None or row.cause == cause


def test_a_stack_with_guard_pages_instead_of_a_guard() -> None:
    stack = vma(10, 8)
    row = only_row(moment(threads=1), moment((stack, "XX....aa"), threads=2))
    assert row.cause == (
        "+8.0K in [anon], stack of a new thread (of 2, 1 before), with guard pages, "
        "8.00K of 32.0K touched, private dirty"
    )


def test_pages_of_the_hugetlb_pool() -> None:
    one = vma(512, 512)

    def holding(kib: int) -> ProcessMoment:
        figures = {"Private_Hugetlb": kib, "KernelPageSize": 2048}
        read = smaps_of((one, figures, b"rd wr ht"))
        return ProcessMoment(0.0, 7, b"x", Vmas.of(read.maps, read))

    difference = Difference(holding(0), holding(2048))
    assert [row.cause for row in difference.changed()] == [
        "no more and no less in [hugetlb], +2.0M of the hugetlb pool, which Rss does not count"
    ]


def test_a_huge_page_is_counted_in_huge_pages() -> None:
    one = vma(512, 1024)
    row = only_row(moment((one, "a" * 1024)), moment((one, "H" * 512 + "a" * 512)))
    assert row.cause == "no more and no less in [anon], 2.00M became 1 huge page"
    row = only_row(moment((one, "." * 1024)), moment((one, "H" * 1024)))
    assert row.cause == "+4.0M in [anon], touched in 2 huge pages, private dirty"


def test_for_how_long_it_has_been_as_it_is() -> None:
    one = vma(10, 4)
    moments = [
        moment((one, letters), at=float(at), work=(work, 0))
        for at, letters, work in ((0, "....", 1), (2, "aa..", 2), (4, "aaaa", 3), (44, "aaaa", 3))
    ]  # fmt: skip
    row = only_row(moments[0], moments[-1], between=moments[1:-1])
    assert row.cause == "+16K in [anon], touched, private dirty, not touched again for 40 s"
    busy = [*moments[:-1], replace(moments[-1], work=(9, 9))]
    row = only_row(busy[0], busy[-1], between=busy[1:-1])
    assert row.cause.endswith("no page more for 40 s")


def test_what_of_a_heap_is_told() -> None:
    before = moment((vma(10, 2, name=b"[heap]"), "aa"))
    after = moment((vma(10, 6, name=b"[heap]"), "aaaaa."))
    row = only_row(before, after)
    assert row.cause == "+12K in [heap], break raised by 16.0K, touched, private dirty"
    row = only_row(after, before)
    assert row.cause == ("−12K in [heap], break lowered by 16.0K, 12.0K of that was in memory")


def test_memory_offered_for_merging_is_told_from_its_flag() -> None:
    one = vma(10, 1)

    def with_flags(codes: bytes) -> ProcessMoment:
        figures = smaps_of((one, {"Rss": 4, "Private_Dirty": 4}, codes))
        return ProcessMoment(0.0, 7, b"x", Vmas.of(figures.maps, figures))

    row = only_row(with_flags(b"rd wr"), with_flags(b"rd wr mg"))
    assert [each.why for each in row.causes] == [Why.MERGED]
    row = only_row(with_flags(b"rd wr lo"), with_flags(b"rd wr"))
    assert row.words == "no longer locked"


def test_what_stayed_and_was_written() -> None:
    one, mine = vma(10, 2, name=b"/data", inode=3, perms=b"rw-s"), vma(20, 2)

    def with_dirty(shared: int, private: int) -> ProcessMoment:
        read = smaps_of(
            (one, {"Rss": 8, "Shared_Dirty": shared, "Shared_Clean": 8 - shared}, b"rd wr sh"),
            (mine, {"Rss": 8, "Private_Dirty": private, "Private_Clean": 8 - private}, b"rd wr"),
        )
        return ProcessMoment(0.0, 7, b"x", Vmas.of(read.maps, read))

    clean, dirty = with_dirty(0, 0), with_dirty(8, 8)
    assert {row.words for row in Difference(clean, dirty).changed()} == {"8.00K written"}
    assert {row.words for row in Difference(dirty, clean).changed()} == {
        "8.00K written back", "8.00K clean: swap has a copy",
    }  # fmt: skip


def test_two_processes_have_no_pages_in_common() -> None:
    before = moment((vma(1, 4, name=b"[heap]"), "aa.."), (vma(30, 4), "aaaa"))
    after = moment((vma(90, 8, name=b"[heap]"), "aaaa...."), (vma(95 + 8, 2, name=b"/n", inode=3),
                                                             "ff"))  # fmt: skip
    difference = Difference(before, after, same_process=False)
    assert isinstance(difference.moves, Missing) and isinstance(difference.growth, Missing)
    told = {str(row.name): row.cause for row in difference}
    assert told["[heap]"] == "+8.0K in [heap], +16K of addresses"
    assert told["/n"] == "+8.0K in /n, only in B"
    assert told["[anon]"] == "−16K in [anon], only in A"
