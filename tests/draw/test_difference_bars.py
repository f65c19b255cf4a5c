"""What came and went as bars on an axis, their balance, and how a leak grew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model.test_growth import of_sizes, report
from tests.model.test_vma_difference import moment
from tests.model.test_vmas import PAGE, vma
from vmtui.draw.difference_bars import (
    BAR,
    Changes,
    balance,
    bar,
    leak_cells,
    leak_chart,
    leak_columns,
    vma_cells,
    vma_columns,
)
from vmtui.draw.paint import Row, text_of, width
from vmtui.model.vma_difference import Difference, VmaDifference

GREW, SWAPPED, SHRANK = vma(16, 16), vma(64, 16), vma(128, 16)
FILE = vma(256, 16, name=b"/data", inode=4)


@pytest.fixture
def rows() -> dict[int, VmaDifference]:
    """By first page: +8 pages, 4 of 8 to swap, −2 pages, and +1 page of a file."""
    difference = made()
    return {row.start // PAGE: row for row in difference}


def made() -> Difference:
    then = [(GREW, ""), (SWAPPED, "a" * 8), (SHRANK, "aaa"), (FILE, "f")]
    now = [(GREW, "a" * 8), (SWAPPED, "aaaaWWWW"), (SHRANK, "a"), (FILE, "ff")]
    moments = [moment(*((one, p.ljust(16, ".")) for one, p in each)) for each in (then, now)]
    return Difference(moments[0], moments[1])


def slots(line: Row) -> str:
    return " ".join(f"{run.paint.ink}:{run.text}" for run in line if run.text.strip())


def test_less_to_the_left_and_more_to_the_right(rows: dict[int, VmaDifference]) -> None:
    scale = 8 * PAGE
    assert text_of([bar(rows[16], scale, 17)]) == "        │▇▇▇▇▇▇▇▇"
    assert text_of([bar(rows[128], scale, 17)]) == "      ▇▇│        "
    assert text_of([bar(rows[64], scale, 17)]) == "    ▇▇▇▇│▇▇▇▇    "
    assert slots(bar(rows[64], scale, 5)) == "anon:▇ rule:│ swapped:▇"
    assert slots(bar(rows[256], scale, 17)) == "rule:│ file:▇"


def test_what_is_too_little_for_a_cell_is_a_sliver(rows: dict[int, VmaDifference]) -> None:
    assert text_of([bar(rows[128], 1 << 30, 9)]) == "   ▕│    "
    assert text_of([bar(rows[256], 1 << 30, 9)]) == "    │▏   "


def test_the_longest_arm_fills_its_half(rows: dict[int, VmaDifference]) -> None:
    changes = Changes.of(list(rows.values()))
    assert changes.scale == 8 * PAGE
    cells = vma_cells(changes)["bar"]
    for room in (5, 8, 19, 33):
        lines = [cells(row, room) for row in rows.values()]
        assert all(width(line) == room for line in lines)
        assert max(text_of([line]).count("▇") for line in lines) >= (room - 1) // 2
    assert Changes.of(()) == Changes()


def test_the_balance_is_that_of_all() -> None:
    difference = made()
    changes = Changes.of(difference.changed())
    text = text_of([balance(difference, changes, 100)])
    assert text.startswith(" Rss 48.0K → 60.0K  +12K ")  # 12 pages then, 15 now
    assert "W in swap +16K" in text and "a private +8.0K" in text and "f files +4.0K" in text
    assert [size for _, size in changes.sums] == [4 * PAGE, 2 * PAGE, PAGE]
    assert sum(size for state, size in changes.sums if state.slot != "swapped") == 3 * PAGE
    for cells in (20, 40, 80):
        assert width(balance(difference, changes, cells)) == cells
    same = Difference(difference.after, difference.after)
    assert text_of([balance(same, Changes(), 30)]).rstrip().endswith("→ 60.0K  0")


def test_a_total_that_is_not_known_is_none() -> None:
    difference = made()
    changes = Changes.of(difference.changed())
    unread = replace(difference.after, vmas=replace(difference.after.vmas, resident_pages=None))
    text = text_of([balance(Difference(difference.before, unread), changes, 80)])
    assert text.startswith(" Rss –   W in swap +16K")


def test_columns_by_the_room_there_is(rows: dict[int, VmaDifference]) -> None:
    def ids(cells: int) -> list[str]:
        return [field.id for field in vma_columns(list(rows.values()), cells)]

    assert BAR.id not in ids(80) and "start" not in ids(80)
    assert ids(120)[:3] == ["change", "rss_delta", "bar"] and "start" not in ids(160)
    assert "start" in ids(200) and "swap_delta" in ids(80)
    assert BAR.title.index("│") == (BAR.width - 1) // 2


def test_addresses_are_never_loud() -> None:
    huge = vma(1 << 20, 1 << 14)
    difference = Difference(moment((GREW, "")), moment((GREW, ""), (huge, "")))
    row = difference.at(huge.start)
    assert row is not None and row.delta("size") == 64 << 20
    (text,) = [run for run in vma_cells(Changes())["size_delta"](row, 6) if run.text.strip()]
    assert text.text == "+64M" and not text.paint.bold


def test_a_leak_from_moment_to_moment() -> None:
    (leak,) = report(of_sizes([0, 8, 16, 24, 32, 40])).rows
    chart = text_of(leak_chart(leak, 60, 10))
    assert "private pages of [anon]" in chart and "160K" in chart and "−5 s" in chart
    assert leak_chart(leak, 60, 4) == []
    assert width(leak_cells()["growth"](leak, 20)) == 20
    titles = {cells: [one.title for one in leak_columns(cells)] for cells in (80, 120)}
    assert titles[80][-1] == titles[120][-1] == "FROM A TO B"
    assert "ADDRESS" in titles[120] and "ADDRESS" not in titles[80]
