"""Level 2 under a pilot, on prepared samples."""

from __future__ import annotations

from typing import Any

import pytest
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
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.flags import PF_KTHREAD
from vmtui.missing import Missing
from vmtui.model.vma_row import VmaRow
from vmtui.observe.target_reading import TargetReading
from vmtui.text import display
from vmtui.ui.dialogs import Card
from vmtui.ui.dialogs.ask import Ask
from vmtui.ui.dialogs.choose_many import ChooseMany
from vmtui.ui.screens.pages import PagesScreen
from vmtui.ui.screens.process import ProcessScreen
from vmtui.ui.screens.processes import ProcessesScreen

SIZE = (120, 35)
LIST = [factories.reading(100)]


def app(*readings: TargetReading | None, **how: Any) -> Any:
    """The app on process 100: a sample without it, then one with each reading."""
    samples = [factories.sample(0, LIST)]
    samples += [
        factories.sample(number, LIST, target=reading)
        for number, reading in enumerate(readings, 1)
    ]  # fmt: skip
    return observatory(samples, 100, **how).run_test(size=SIZE)


async def opened(pilot: Pilot[Any]) -> ProcessScreen:
    """Level 2 with its first reading."""
    await settled(pilot)
    await deliver(pilot)
    return on(pilot, ProcessScreen)


def starts(screen: ProcessScreen) -> list[int]:
    """Addresses in the order of the table."""
    assert screen._lines is not None
    return [line.start for line in screen._lines if isinstance(line, VmaRow)]


async def test_the_address_space_its_totals_and_its_holes() -> None:
    async with app(factories.target()) as pilot:
        screen = await opened(pilot)
        assert feed_of(pilot).plans[-1].target == 100
        assert starts(screen) == [one.start for one in factories.VMAS]
        text = shown(pilot)
        assert "host ▸ 100 worker" in text
        assert "127T unmapped" in text
        assert "[heap]" in text and "/usr/lib/libc.so.6" in text
        assert "8.00K reserved, 8.00K resident" in text


async def test_after_all_tabs_enter_opens_a_vma_again() -> None:
    async with app(factories.target(), factories.target(at=2.0)) as pilot:
        screen = await opened(pilot)
        for _ in range(5):
            await press(pilot, "tab")
        assert screen.table.has_focus
        await press(pilot, "down", "enter")
        on(pilot, PagesScreen)
        window = feed_of(pilot).plans[-1].window
        assert window is not None and window.start == 0x1000000


async def test_each_tab_by_key_and_mouse() -> None:
    async with app(factories.target()) as pilot:
        screen = await opened(pilot)
        await press(pilot, "tab")
        assert not screen.table.display and "faults/s" in shown(pilot)
        await press(pilot, "tab")
        assert "heap" in shown(pilot) and not screen.table.display
        await press(pilot, "tab")
        assert "/made/up" in shown(pilot) and "not made up" in shown(pilot)
        await press(pilot, "shift+tab")
        assert screen._tab == 2
        y = line_with(pilot, "VMAs   History")
        await pilot.click(offset=(screen_lines(pilot.app)[y].index("VMAs") + 1, y))
        await settled(pilot)
        assert screen.table.display and screen.table.has_focus


async def test_filter_order_and_escape() -> None:
    async with app(factories.target()) as pilot:
        screen = await opened(pilot)
        await press(pilot, "slash")
        await type_in(pilot, "size>banana")
        assert pilot.app.screen.query_one("#filter", Input).has_class("-wrong")
        assert "banana" in shown(pilot)
        await press(pilot, "escape", "slash")
        await type_in(pilot, "libc")
        await press(pilot, "enter")
        assert starts(screen) == [0x7F0000200000] and "1 of 5 shown" in shown(pilot)
        await press(pilot, "escape")
        assert len(starts(screen)) == 5
        await press(pilot, "s")
        await type_in(pilot, "size")
        await press(pilot, "enter")
        assert starts(screen)[0] == 0x7F0000000000 and "unmapped" not in shown(pilot)
        await press(pilot, "r")
        assert starts(screen)[-1] == 0x7F0000000000
        await press(pilot, "escape")
        on(pilot, ProcessesScreen)


async def test_columns_are_chosen() -> None:
    async with app(factories.target()) as pilot:
        screen = await opened(pilot)
        before = [column.field.id for column in screen.columns]
        await press(pilot, "c")
        on(pilot, ChooseMany)
        await press(pilot, "down", "down", "space", "enter")
        now = [column.field.id for column in screen.columns]
        assert now == [name for name in before if name != before[2]]


async def test_since_the_mark() -> None:
    grown = factories.target(resident=4, at=2.0)
    async with app(factories.target(), grown) as pilot:
        await opened(pilot)
        assert "ΔMARK" not in shown(pilot)
        await press(pilot, "d")
        assert "no mark yet" in told(pilot)
        await press(pilot, "m")
        await deliver(pilot)
        assert "ΔMARK" in shown(pilot) and "+8.0K" in shown(pilot)
        await press(pilot, "d")
        await made(pilot)
        assert "[heap]" in shown(pilot) and "+8.0K" in shown(pilot)
        assert "touched, private dirty" in shown(pilot)


async def test_paused_it_shows_the_old_reading() -> None:
    grown = factories.target(resident=4, at=2.0)
    async with app(factories.target(), grown) as pilot:
        await opened(pilot)
        await press(pilot, "space")
        await deliver(pilot)
        assert "16.0K  rw-p" not in shown(pilot) and "paused" in shown(pilot)
        resident = on(pilot, ProcessScreen).table.row.rss
        await press(pilot, "right_square_bracket")
        assert on(pilot, ProcessScreen).table.row.rss == resident  # 2 pages are all it has
        await press(pilot, "down")
        assert on(pilot, ProcessScreen).table.row.rss == 4 * PAGE_SIZE
        await press(pilot, "left_square_bracket")
        assert on(pilot, ProcessScreen).table.row.rss == 2 * PAGE_SIZE
        await press(pilot, "home")
        assert "waiting for the first look" in shown(pilot)


async def test_go_to_an_address_opens_its_page() -> None:
    async with app(factories.target()) as pilot:
        await opened(pilot)
        await press(pilot, "colon")
        for typed, says in (("?", "hexadecimal"), ("10", "nothing is mapped at 000000000010")):
            on(pilot, Ask).query_one(Input).value = typed
            await press(pilot, "enter")
            assert says in shown(pilot)
        on(pilot, Ask).query_one(Input).value = "0x7f0000003123"
        await press(pilot, "enter")
        screen = on(pilot, PagesScreen)
        assert screen._cursor.address == 0x7F0000003000
        plan = feed_of(pilot).plans[-1]
        assert plan.target == 100 and plan.window is not None


async def test_the_picture_picks_and_opens() -> None:
    async with app(factories.target()) as pilot:
        screen = await opened(pilot)
        picture = screen.query_one("#space")
        at = screen.query_one("#space")._picture.vma_at  # type: ignore[attr-defined]
        x = at.index(2) + 1
        await pilot.click(picture, offset=(x, 2))
        await settled(pilot)
        assert screen.table.key == 0x7F0000000000
        await pilot.click(picture, offset=(x, 2))
        await settled(pilot)
        on(pilot, PagesScreen)


async def test_explained_and_copied() -> None:
    async with app(factories.target()) as pilot:
        await opened(pilot)
        await press(pilot, "y")
        assert pilot.app.clipboard.startswith("400000-402000\tr-xp\t")
        await press(pilot, "i")
        on(pilot, Card)
        assert "000000400000" in shown(pilot) and "/proc/100/" in shown(pilot)


async def test_an_exited_process_stays_as_it_was() -> None:
    gone = factories.target(at=2.0, ended_at=1_000_002.0)
    async with app(factories.target(), gone) as pilot:
        await opened(pilot)
        await deliver(pilot)
        assert "exited at" in shown(pilot) and "[heap]" in shown(pilot)
        await press(pilot, *["tab"] * 5, "i", "escape", "m", "d", "escape")
        assert "exited at" in shown(pilot)


async def test_nothing_to_see_says_why() -> None:
    no_mm = Missing("a kernel thread has no address space of its own")
    kernel = factories.target(
        vmas=no_mm, space=no_mm, rollup=no_mm, statm=no_mm,
        stat=factories.stat(100, flags=PF_KTHREAD, comm=b"kworker"),
    )  # fmt: skip
    never = TargetReading.never(100, Missing("there is no process 100"), 1_000_000.0)
    async with app(kernel, never) as pilot:
        await opened(pilot)
        assert "kernel thread" in shown(pilot)
        await press(pilot, "tab", "tab", "tab")
        assert "/made/up" in shown(pilot)  # what is known all the same
        await press(pilot, "tab", "tab", "enter", "i", "escape", "y", "colon")
        on(pilot, ProcessScreen)
        await press(pilot, "m", "d", "escape", "z", "z", "s", "escape", "slash", "a", "escape")
        await deliver(pilot)
        assert "cannot be attached" in shown(pilot) and "there is no process 100" in shown(pilot)


async def test_gone_before_the_first_look() -> None:
    never = TargetReading.never(100, Missing("process 100 has exited"), 1_000_000.0)
    async with app(never) as pilot:
        await opened(pilot)
        assert "process 100 has exited" in shown(pilot)
        await press(pilot, *["tab"] * 5, "m", "d", "escape", "i", "escape", "escape")
        on(pilot, ProcessesScreen)


@pytest.mark.parametrize("size", [(20, 5), (60, 15), (80, 24), (160, 50)])
async def test_every_size_and_back(size: tuple[int, int]) -> None:
    async with app(factories.target(), factories.target(at=2.0)) as pilot:
        await opened(pilot)
        await pilot.resize_terminal(*size)
        await deliver(pilot)
        for _ in range(5):
            await press(pilot, "tab")
        await pilot.resize_terminal(*SIZE)
        await settled(pilot)
        assert "[heap]" in shown(pilot) and str(display(b"[stack]")) in shown(pilot)
