"""Level 1 under a pilot, on prepared samples."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Input

from tests import factories
from tests.ui.screens.observing import (
    deliver,
    feed_of,
    line_with,
    made,
    observatory,
    on,
    press,
    settled,
    shown,
    told,
    type_in,
)
from tests.ui.stage import screen_lines
from vmtui.model.processes import ProcessRow
from vmtui.observe.sample import Sample
from vmtui.ui.dialogs import Card
from vmtui.ui.dialogs.ask import Ask
from vmtui.ui.dialogs.choose import Choose
from vmtui.ui.dialogs.choose_many import ChooseMany
from vmtui.ui.screens.pages import PagesScreen
from vmtui.ui.screens.process import ProcessScreen
from vmtui.ui.screens.processes import ProcessesScreen

SIZE = (120, 35)


def sample(number: int, *names: str, **changes: Any) -> Sample:
    """Processes 100, 101, …; the first has the most memory, and grows by a page a tick."""
    readings = [
        factories.reading(
            100 + at, resident_pages=1000 - 100 * at + number, comm=name.encode(),
            ppid=1 if at == 0 else 99 + at,
        )
        for at, name in enumerate(names or ("alpha", "beta", "gamma"))
    ]  # fmt: skip
    return factories.sample(number, readings, **changes)


def under_cursor(pilot: Pilot[Any]) -> int:
    """The PID under the cursor of the list."""
    row: ProcessRow = on(pilot, ProcessesScreen).table.row
    return row.pid


def listed(pilot: Pilot[Any]) -> list[int]:
    """PIDs in the order of the list."""
    return [row.pid for row in on(pilot, ProcessesScreen)._rows]


async def test_by_keys_from_the_list_to_a_page_and_back() -> None:
    looked = factories.target(101, 1.0)
    pages = factories.target(101, 2.0, pages=factories.survey())
    samples = [sample(0), sample(1, target=looked), sample(2, target=pages)]
    async with observatory(samples).run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert feed_of(pilot).plans[-1].target is None
        assert under_cursor(pilot) == 100
        await press(pilot, "slash")
        await type_in(pilot, "beta")
        await press(pilot, "enter")
        assert listed(pilot) == [101]
        assert "3 processes, 1 shown" in shown(pilot)
        await press(pilot, "enter")
        on(pilot, ProcessScreen)
        assert feed_of(pilot).plans[-1].target == 101
        assert "waiting for the first look" in shown(pilot)
        await deliver(pilot)
        assert "5 VMAs" in shown(pilot)
        await press(pilot, "down", "down", "enter")
        screen = on(pilot, PagesScreen)
        window = feed_of(pilot).plans[-1].window
        assert window is not None
        assert (window.start, window.end) == (0x7F0000000000, 0x7F0000100000)
        await deliver(pilot)
        assert "256 pages" in shown(pilot)
        await press(pilot, "enter")
        assert screen._cursor.closest
        await press(pilot, "escape")
        on(pilot, ProcessScreen)
        assert feed_of(pilot).plans[-1].window is None
        await press(pilot, "escape")
        assert listed(pilot) == [101]
        assert feed_of(pilot).plans[-1].target is None
        await press(pilot, "escape")
        assert listed(pilot) == [100, 101, 102]


async def test_by_mouse_from_the_list_to_a_page() -> None:
    looked = factories.target(101, 1.0)
    pages = factories.target(101, 2.0, pages=factories.survey())
    samples = [sample(0), sample(1, target=looked), sample(2, target=pages)]
    async with observatory(samples).run_test(size=SIZE) as pilot:
        await settled(pilot)
        y = line_with(pilot, " 101 ")
        await pilot.click(offset=(20, y))
        await settled(pilot)
        assert under_cursor(pilot) == 101
        await pilot.click(offset=(20, y))
        await deliver(pilot)
        on(pilot, ProcessScreen)
        y = line_with(pilot, "1.00M  rw-p")
        await pilot.click(offset=(20, y))
        await settled(pilot)
        await pilot.click(offset=(20, y))
        await deliver(pilot)
        screen = on(pilot, PagesScreen)
        canvas = screen.query_one("#grid")
        for _ in range(2):
            await pilot.click(canvas, offset=(25, 1))
            await settled(pilot)
        assert screen._cursor.closest


@pytest.mark.parametrize("key", ["enter", "colon"])
async def test_a_dialog_that_opens_a_process_leaves_the_plan_to_it(key: str) -> None:
    """The list below the new screen resumes for a moment, and must not take the target away."""
    async with observatory([sample(0), sample(1)]).run_test(size=SIZE) as pilot:
        await settled(pilot)
        if key == "colon":
            await press(pilot, "colon")
            on(pilot, Ask)
            await type_in(pilot, "102")
        await press(pilot, "enter")
        on(pilot, ProcessScreen)
        assert feed_of(pilot).plans[-1].target == (102 if key == "colon" else 100)
        await deliver(pilot)
        assert feed_of(pilot).plans[-1].target == (102 if key == "colon" else 100)


@pytest.mark.parametrize(
    ("typed", "says"), [("x", "a PID is a number"), ("999", "there is no process 999")]
)
async def test_go_to_says_what_is_wrong(typed: str, says: str) -> None:
    async with observatory([sample(0)]).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "colon")
        await type_in(pilot, typed)
        await press(pilot, "enter")
        on(pilot, Ask)
        assert says in shown(pilot)
        await press(pilot, "escape")
        on(pilot, ProcessesScreen)


async def test_paused_the_old_sample_stays_and_steps_go_through_history() -> None:
    samples = [sample(0, "one"), sample(1, "two"), sample(2, "three"), sample(3, "four")]
    async with observatory(samples).run_test(size=SIZE) as pilot:
        await deliver(pilot, 2)
        assert "three" in shown(pilot) and "● live" in shown(pilot)
        await press(pilot, "space")
        assert "paused" in shown(pilot)
        await deliver(pilot)
        assert "three" in shown(pilot) and "four" not in shown(pilot)
        await press(pilot, "left_square_bracket")
        assert "two" in shown(pilot)
        await press(pilot, "home")
        assert "/usr/bin/one" in shown(pilot)
        await press(pilot, "right_square_bracket")
        assert "two" in shown(pilot)
        await press(pilot, "end")
        assert "four" in shown(pilot) and "● live" in shown(pilot)


async def test_a_wrong_filter_says_so_and_the_list_stays() -> None:
    async with observatory([sample(0)]).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "slash")
        await type_in(pilot, "rss>banana")
        assert pilot.app.screen.query_one("#filter", Input).has_class("-wrong")
        assert "banana" in screen_lines(pilot.app)[-2]  # type: ignore[arg-type]
        assert listed(pilot) == [100, 101, 102]
        await press(pilot, "escape")
        assert not pilot.app.screen.query_one("#filter").display
        assert "banana" not in shown(pilot)


async def test_a_slash_within_the_filter_is_a_letter() -> None:
    async with observatory([sample(0)]).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "slash", "slash")
        await type_in(pilot, "usr")
        assert pilot.app.screen.query_one("#filter", Input).value == "/usr"
        assert listed(pilot) == [100, 101, 102]


async def test_a_filter_that_nothing_passes_says_how_to_leave() -> None:
    async with observatory([sample(0)]).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "slash")
        await type_in(pilot, "nobody")
        assert "no process passes the filter" in shown(pilot)
        await press(pilot, "enter", "enter", "i", "escape", "y", "K")
        on(pilot, ProcessesScreen)


async def test_order_by_key_menu_and_header() -> None:
    async with observatory([sample(0)]).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "r")
        assert listed(pilot) == [102, 101, 100]
        await press(pilot, "s")
        on(pilot, Choose)
        await type_in(pilot, "pid")
        await press(pilot, "enter")
        order = on(pilot, ProcessesScreen).order.id
        assert order == "pid"
        await press(pilot, "greater_than_sign")
        assert on(pilot, ProcessesScreen).order.id != order
        header = line_with(pilot, "PID")
        line = screen_lines(pilot.app)[header]  # type: ignore[arg-type]
        await pilot.click(offset=(line.index("RSS") + 1, header))
        await settled(pilot)
        assert on(pilot, ProcessesScreen).order.id == "rss"
        assert listed(pilot) == [100, 101, 102]


async def test_the_tree_puts_children_under_their_parents() -> None:
    async with observatory([sample(0)]).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "r", "t")
        assert listed(pilot) == [100, 101, 102]
        lines = shown(pilot)
        assert "tree" in lines and "    /usr/bin/gamma" in lines
        await press(pilot, "t")
        assert listed(pilot) == [102, 101, 100]


async def test_columns_are_chosen() -> None:
    async with observatory([sample(0)]).run_test(size=SIZE) as pilot:
        await settled(pilot)
        first = on(pilot, ProcessesScreen).columns[0].field
        assert first.title in shown(pilot)
        await press(pilot, "c")
        on(pilot, ChooseMany)
        await press(pilot, "down", "space", "enter")
        shown_ids = [column.field.id for column in on(pilot, ProcessesScreen).columns]
        assert shown_ids[0] == first.id
        assert len(shown_ids) == len(set(shown_ids))
        assert tuple(shown_ids) == on(pilot, ProcessesScreen).chosen


async def test_what_changed_since_the_mark() -> None:
    samples = [sample(0), sample(1, "alpha", "beta", "gamma", "delta")]
    async with observatory(samples).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "d")
        on(pilot, ProcessesScreen)
        assert "no mark yet" in told(pilot)
        await press(pilot, "m")
        await deliver(pilot)
        assert "mark " in screen_lines(pilot.app)[0]  # type: ignore[arg-type]
        await press(pilot, "d")
        await made(pilot)
        assert "delta" in shown(pilot) and "started" in shown(pilot)


async def test_a_figure_is_explained_with_its_source() -> None:
    async with observatory([sample(0)]).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "i")
        on(pilot, Card)
        assert "100 alpha" in shown(pilot) and "/proc/100/" in shown(pilot)
        await press(pilot, "i")
        on(pilot, ProcessesScreen)


async def test_the_row_is_copied_as_display_text() -> None:
    readings = [factories.reading(100, comm=b"\x1b[31mevil")]
    async with observatory([factories.sample(0, readings)]).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "y")
        assert pilot.app.clipboard.startswith("100\t")
        assert "\x1b" not in pilot.app.clipboard and "\\x1b" in pilot.app.clipboard


@pytest.mark.parametrize("size", [(20, 5), (60, 15), (80, 24), (160, 50)])
async def test_every_size_and_back(size: tuple[int, int]) -> None:
    async with observatory([sample(0), sample(1)]).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pilot.resize_terminal(*size)
        await deliver(pilot)
        assert all(cell_len(line) == size[0] for line in screen_lines(pilot.app))  # type: ignore[arg-type]
        await pilot.resize_terminal(*SIZE)
        await settled(pilot)
        assert "/usr/bin/alpha" in shown(pilot)


async def test_one_is_the_list_from_anywhere() -> None:
    looked = factories.target(100, 1.0)
    pages = factories.target(100, 2.0, pages=factories.survey())
    samples = [sample(0), sample(1, target=looked), sample(2, target=pages)]
    async with observatory(samples).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "enter")
        await deliver(pilot)
        await press(pilot, "down", "down", "enter")
        await deliver(pilot)
        on(pilot, PagesScreen)
        await press(pilot, "1")
        on(pilot, ProcessesScreen)
        assert feed_of(pilot).plans[-1].target is None
        await press(pilot, "1")
        on(pilot, ProcessesScreen)
