"""Tens of thousands of rows cost what the visible ones cost; the cursor stays on its row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pytest
from textual.events import MouseScrollDown

from tests.ui.stage import Refreshed, app_with, screen_lines, stage_of
from vmtui.draw.paint import TEXT, Row, Run, row
from vmtui.ui.widgets.virtual_table import VirtualTable

COUNT = 60_000


class Lazy(Sequence[Any]):
    """Rows that are made when they are asked for, and a note of which ones were."""

    def __init__(self, count: int, shift: int = 0) -> None:
        self._count, self._shift = count, shift
        self.made: set[int] = set()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        if not 0 <= index < self._count:
            raise IndexError(index)
        self.made.add(index)
        return int(index - self._shift)

    def index_of(self, key: Hashable) -> int | None:
        assert isinstance(key, int)
        return key + self._shift if 0 <= key + self._shift < self._count else None


def draw(item: int, cells: int, selected: bool) -> Row:
    return (Run(f"{'▸' if selected else ' '} row {item}", TEXT),)


def fill(table: VirtualTable, rows: Sequence[Any], **how: Any) -> None:
    drawn: Callable[[Any, int, bool], Row] = how.pop("draw", draw)
    table.set_source(rows, lambda item: item, drawn, row("HEADER"), **how)


def shown(table: VirtualTable) -> list[str]:
    lines = screen_lines(table.app)  # type: ignore[arg-type]
    return [line[:-1].rstrip() for line in lines[: table.size.height]]


def key_of(table: VirtualTable) -> Any:
    return table.key


async def test_only_visible_rows_are_made() -> None:
    table = VirtualTable()
    async with app_with(table).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        rows = Lazy(COUNT)
        fill(table, rows, index_of=rows.index_of)
        await pilot.pause()
        assert table.visible_rows() == range(23)
        assert rows.made <= set(range(24))
        assert shown(table)[:3] == ["HEADER", "▸ row 0", "  row 1"]
        await pilot.press("G")
        assert table.visible_rows() == range(COUNT - 23, COUNT)
        assert key_of(table) == COUNT - 1
        assert len(rows.made) <= 2 * 24
        again = Lazy(COUNT, shift=5)
        fill(table, again, index_of=again.index_of)
        assert len(again.made) <= 2 * 24


async def test_the_cursor_stays_on_its_key_wherever_it_goes() -> None:
    table = VirtualTable()
    app = app_with(table)
    async with app.run_test(size=(80, 24)) as pilot:
        fill(table, list(range(100)))
        await pilot.press("j", "j", "j")
        assert (table.cursor, key_of(table)) == (3, 3)
        stage_of(app).heard.clear()
        fill(table, [99, 50, 3, *range(3)])
        assert (table.cursor, key_of(table), table.row) == (2, 3, 3)
        fill(table, list(reversed(range(100))))
        assert (table.cursor, key_of(table)) == (96, 3)
        assert table.top == 0  # the view stays, the row has left it
        await pilot.press("j")
        assert table.cursor in table.visible_rows()
        assert [message.key for message in stage_of(app).heard] == [2]  # type: ignore[attr-defined]


async def test_following_moves_the_view_with_the_row() -> None:
    table = VirtualTable(follow=True)
    async with app_with(table).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        fill(table, list(range(500)))
        table.select(200)
        line = table.cursor - table.top
        fill(table, list(range(-37, 500)))
        assert (key_of(table), table.cursor - table.top) == (200, line)


async def test_a_row_that_is_gone_leaves_the_cursor_where_it_was() -> None:
    table = VirtualTable()
    app = app_with(table)
    async with app.run_test(size=(80, 24)) as pilot:
        fill(table, list(range(10)))
        table.select(9)
        await pilot.pause()
        stage_of(app).heard.clear()
        fill(table, list(range(9)))
        await pilot.pause()
        assert key_of(table) == 8
        assert [message.key for message in stage_of(app).heard] == [8]  # type: ignore[attr-defined]
        fill(table, [])
        assert (table.cursor, key_of(table)) == (-1, None)
        assert table.row is None
        await pilot.press("j", "G", "enter", "pagedown")
        fill(table, [7])
        assert key_of(table) == 7


async def test_only_changed_lines_are_refreshed(monkeypatch: pytest.MonkeyPatch) -> None:
    table = VirtualTable()
    async with app_with(table).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        rows = list(range(COUNT))
        fill(table, rows)
        await pilot.pause()
        noted = Refreshed(table, monkeypatch)
        fill(table, rows)
        assert noted.lines == set()

        def other(item: int, cells: int, selected: bool) -> Row:
            return row("changed") if item in (4, 5, 500) else draw(item, cells, selected)

        fill(table, rows, draw=other)
        assert noted.lines == {5, 6}  # the header is line 0
        noted.lines.clear()
        await pilot.press("j")
        assert noted.lines == {1, 2}


async def test_the_cursor_steps_over_rows_that_cannot_be_selected() -> None:
    table = VirtualTable()
    async with app_with(table).run_test(size=(80, 24)) as pilot:
        await pilot.pause()

        def selectable(item: int) -> bool:
            return item % 10 not in (0, 3, 4)

        fill(table, list(range(100)), selectable=selectable)
        assert key_of(table) == 1
        await pilot.press("j", "j")
        assert key_of(table) == 5
        await pilot.press("k")
        assert key_of(table) == 2
        await pilot.press("G")
        assert key_of(table) == 99
        await pilot.press("g")
        assert (key_of(table), table.top) == (1, 0)
        await pilot.press("k")
        assert key_of(table) == 1


async def test_keys_of_the_pager() -> None:
    table = VirtualTable()
    async with app_with(table).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        fill(table, list(range(100)))
        await pilot.press("pagedown")
        assert key_of(table) == 22
        await pilot.press("ctrl+d")
        assert key_of(table) == 33
        await pilot.press("ctrl+u", "pageup")
        assert key_of(table) == 0
        await pilot.press("end")  # belongs to the clock
        assert key_of(table) == 0


async def test_mouse() -> None:
    table = VirtualTable(id="table")
    app = app_with(table)
    async with app.run_test(size=(80, 24)) as pilot:
        fill(table, list(range(100)))
        await pilot.pause()
        stage_of(app).heard.clear()
        await pilot.click("#table", offset=(10, 0))
        await pilot.click("#table", offset=(10, 4))
        assert key_of(table) == 3
        await pilot.click("#table", offset=(10, 4))
        await pilot.press("enter")
        await pilot.pause()
        kinds = [type(message).__name__ for message in stage_of(app).heard]
        assert kinds == ["HeaderClicked", "Highlighted", "Opened", "Opened"]
        await pilot._post_mouse_events(  # the pilot has no public wheel
            [MouseScrollDown], "#table", (10, 4)
        )
        await pilot.pause()
        assert (table.top, key_of(table)) == (3, 3)


async def test_the_cursor_stays_in_view_when_the_terminal_shrinks() -> None:
    table = VirtualTable()
    async with app_with(table).run_test(size=(80, 40)) as pilot:
        await pilot.pause()
        fill(table, list(range(100)))
        table.select(35)
        assert table.top == 0
        await pilot.resize_terminal(80, 20)
        await pilot.pause()
        assert table.cursor in table.visible_rows()
        assert "▸ row 35" in shown(table)


async def test_a_key_that_went_far_is_found_without_an_index() -> None:
    table = VirtualTable()
    async with app_with(table).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        fill(table, list(range(1000)))
        table.select(990)
        fill(table, [990, *range(990)])
        assert table.cursor == 0
        assert table.select(12345) is False


async def test_the_position_mark_stands_where_the_view_is() -> None:
    table = VirtualTable()
    async with app_with(table).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        fill(table, list(range(20)))
        await pilot.pause()
        assert "▐" not in "".join(screen_lines(table.app))  # type: ignore[arg-type]
        fill(table, list(range(1000)))
        await pilot.press("G")
        await pilot.pause()
        assert screen_lines(table.app)[23].endswith("▐")  # type: ignore[arg-type]
