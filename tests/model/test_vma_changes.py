"""What changed between two tables of VMAs is what going through them one by one would find."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.maps_text import PlainVma
from tests.model.test_vmas import PAGE, maps_of, vma
from vmtui.missing import Missing
from vmtui.model.vma_changes import Changes, grown
from vmtui.model.vmas import Vmas


def scanned(*each: tuple[PlainVma, int]) -> Vmas:
    """A table with that many resident pages in each VMA."""
    pages = np.array([resident for _, resident in each], np.int64)
    return Vmas.of(
        maps_of(*(one for one, _ in each)), resident_pages=pages, swapped_pages=pages * 0
    )


def told(before: Vmas, after: Vmas) -> list[tuple[int, str, int]]:
    return [(change.vma.start, change.what, change.delta) for change in Changes(before, after)]


def slowly_told(before: Vmas, after: Vmas) -> list[tuple[int, str, int]]:
    found = []
    for one in after:
        index = before.index_of(one.start)
        what = "new" if index is None else "resized" if before[index].size != one.size else ""
        delta = grown(one, before)
        known = 0 if isinstance(delta, Missing) else delta
        if what or known:
            found.append((one.start, what, known))
    for one in before:
        if after.index_of(one.start) is None:
            found.append((one.start, "unmapped", 0 if isinstance(one.rss, Missing) else -one.rss))
    return sorted(found, key=lambda change: -abs(change[2]))


def test_what_came_went_grew_and_shrank() -> None:
    before = scanned((vma(1, 4), 4), (vma(10, 4), 1), (vma(20, 2), 2), (vma(30), 1))
    after = scanned((vma(1, 4), 1), (vma(10, 8), 8), (vma(30), 1), (vma(40), 0))
    assert told(before, after) == [
        (10 * PAGE, "resized", 7 * PAGE), (1 * PAGE, "", -3 * PAGE),
        (20 * PAGE, "unmapped", -2 * PAGE), (40 * PAGE, "new", 0),
    ]  # fmt: skip
    changes = Changes(before, after)
    assert len(changes) == 4
    assert [change.what for change in changes[:2]] == ["resized", ""]


def test_from_and_to_nothing() -> None:
    nothing, one = Vmas.of(maps_of()), scanned((vma(1), 1))
    assert told(nothing, nothing) == []
    assert told(nothing, one) == [(PAGE, "new", PAGE)]
    assert told(one, nothing) == [(PAGE, "unmapped", -PAGE)]


def test_what_is_not_known_is_no_change() -> None:
    unread = Vmas.of(maps_of(vma(1, 4), vma(10)))
    known = scanned((vma(1, 4), 3), (vma(20), 1))
    assert told(unread, known) == [(20 * PAGE, "new", PAGE), (10 * PAGE, "unmapped", 0)]
    assert told(known, unread) == [(20 * PAGE, "unmapped", -PAGE), (10 * PAGE, "new", 0)]


Sizes = list[tuple[int, int, int]]
"""Per VMA its gap below, pages, and resident pages."""
TABLES = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(0, 4)), max_size=8)


def table_of(sizes: Sizes) -> Vmas:
    at, each = 0, []
    for gap, pages, resident in sizes:
        each.append((vma(at + gap, pages), min(resident, pages)))
        at += gap + pages
    return scanned(*each)


@given(TABLES, TABLES)
def test_as_one_by_one(earlier: Sizes, later: Sizes) -> None:
    before, after = table_of(earlier), table_of(later)
    assert told(before, after) == slowly_told(before, after)
