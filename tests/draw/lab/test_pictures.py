"""The other pictures: page tables, a fault, promises, and the list of experiments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.draw.lab.scenes import scene
from vmtui.draw.lab import fault, menu, promises, tables, tree
from vmtui.draw.lab.scene import Fault, MapCost, Neighbour, Promises, Tree
from vmtui.draw.lab.words import EN
from vmtui.draw.paint import Row, text_of, width

FIRST = 0x1000_0200


def spread(stride: int, tables_of: tuple[int, int, int], process: str = "two-m") -> Tree:
    return Tree(process, "", tuple(FIRST + at * stride for at in range(8)), tables_of)


def lit(rows: list[Row]) -> list[int]:
    """Used entries per row, counted by their fill."""
    return [sum(run.paint.ground.startswith("anon") for run in row) for row in rows]


def test_neighbours_share_their_tables() -> None:
    rows = tree.small(scene(), spread(1, (1, 1, 1)), 34, 12)
    said = text_of(rows)
    assert "aaaaaaaa" in said
    assert "3 = 1 + 1 + 1" in said and "12.0K" in said
    assert {width(row) for row in rows} == {34}


@pytest.mark.parametrize(
    ("stride", "tables_of", "entries"),
    [(1, (1, 1, 1), (1, 1, 1, 8)), (512, (8, 1, 1), (1, 1, 8, 8)),
     (1 << 18, (8, 8, 1), (1, 8, 8, 8)), (1 << 27, (8, 8, 8), (8, 8, 8, 8))],
)  # fmt: skip
def test_entries_are_lit_where_something_is_below(
    stride: int, tables_of: tuple[int, int, int], entries: tuple[int, ...]
) -> None:
    rows = tree.large(scene(), spread(stride, tables_of), 102, 24)
    levels = [row for row in rows if text_of([row])[:3] in ("PGD", "PUD", "PMD", "PTE")]
    levels = [row for row in levels if any(run.paint.ground == "vessel" for run in row)]
    assert tuple(lit(levels)) == entries
    assert {width(row) for row in rows if row} == {102}


def test_a_page_that_came_just_now_is_white_all_the_way_up() -> None:
    one = spread(1 << 27, (8, 8, 8))
    fresh = replace(one, fresh=frozenset({one.pages[-1]}))
    rows = tree.large(scene(), fresh, 102, 24)
    assert sum(run.paint.ground == "anon!100" for row in rows for run in row) == 5


def test_a_tree_of_too_many_pages_is_counted() -> None:
    said = text_of(tree.large(scene(), Tree("parent", "", (), (4_000, 8, 1)), 80, 20))
    assert "4,000" in said and "PTE" in said


@pytest.mark.parametrize("size", [(47, 11), (70, 33), (102, 48), (180, 60)])
def test_the_newest_tree_is_large_and_the_others_small(size: tuple[int, int]) -> None:
    cost = MapCost((4096, 1 << 30, 1 << 47), (16384, 1 << 21, 257 << 30), 256 << 30, 1 << 46)
    trees = (spread(1, (1, 1, 1), "four-k"), spread(512, (8, 1, 1), "two-m"))
    rows = tables.picture(scene(trees=trees, cost=cost), *size)
    assert len(rows) <= size[1]
    assert all(width(row) <= size[0] for row in rows)
    assert "two-m" in text_of(rows[:1])


STRAY = Fault(
    "write", 0x1000_0210_000, "parent", 2870, "SIGSEGV SEGV_MAPERR", "SIGSEGV SEGV_MAPERR",
    "0x10000210000", "the gap beside buf", True,
    (Neighbour(0x1000_0200_000, 0x1000_020F_FFF, "buf"),
     Neighbour(0x1000_4200_000, 0x1000_420F_FFF, "data")),
)  # fmt: skip


def test_a_fault_is_told_with_its_neighbours() -> None:
    rows = fault.card(scene(is_about_faults=True), STRAY, 60, 20)
    said = text_of(rows)
    assert "SIGSEGV SEGV_MAPERR" in said and "010000210000" in said
    assert said.index("buf") < said.index("▸ 010000210000") < said.index("data")
    assert "the gap beside buf" in said
    assert any(run.paint.ground == "alarm" for row in rows for run in row)


def test_an_address_inside_a_region_is_marked_there() -> None:
    inside = replace(STRAY, address=0x1000_0203_000, measured="SIGSEGV SEGV_ACCERR")
    said = text_of(fault.card(scene(is_about_faults=True), inside, 60, 20))
    assert "▸ 010000200000" in said and "+0x3000" in said


def test_what_was_allowed_is_no_alarm() -> None:
    allowed = replace(STRAY, measured="", predicted="none", pid=0)
    rows = fault.card(scene(is_about_faults=True), allowed, 60, 20)
    assert "no signal" in text_of(rows)
    assert not any(run.paint.ground == "alarm" for row in rows for run in row)


def test_a_hidden_fault_prediction_stays_hidden() -> None:
    said = text_of(fault.card(scene(is_about_faults=True, hidden=True), STRAY, 60, 20))
    assert "predicted" not in said


def test_promises_are_on_one_scale() -> None:
    said = Promises((("first", 8 << 30), ("second", 8 << 30)), 8 << 30, 4096, "greedy: ENOMEM",
                    (("free", 4 << 30),))  # fmt: skip
    rows = promises.picture(scene(promises=said), 62, 20)
    assert all(width(row) <= 62 for row in rows)
    assert "first 8.00G" in text_of(rows) and "greedy: ENOMEM" in text_of(rows)
    filled = [sum(len(run.text) for run in row if run.paint.ground == "kernel") for row in rows]
    assert max(filled) == 30


ITEMS = [
    menu.Item(f"e{at}", f"title {at}", f"What is {at}?", "Because. " * 20, "nothing", at % 2 == 0,
              tuple(f"touch buf {line}" for line in range(30)), "" if at < 6 else "surprises")
    for at in range(30)
]  # fmt: skip


@pytest.mark.parametrize("size", [(60, 13), (80, 22), (120, 33), (160, 48)])
@pytest.mark.parametrize("cursor", [0, 7, 29])
def test_the_list_shows_the_cursor_at_every_size(size: tuple[int, int], cursor: int) -> None:
    rows, places = menu.rows(ITEMS, cursor, *size, EN)
    assert len(rows) == size[1]
    assert {width(row) for row in rows} == {size[0]}
    assert cursor in places.values()
    line = next(y for y, at in places.items() if at == cursor)
    assert f"▸ title {cursor}" in text_of([rows[line]])
