"""Level 3 under a pilot, on prepared samples."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests import factories
from tests.ui.screens.observing import (
    deliver,
    feed_of,
    observatory,
    on,
    press,
    settled,
    shown,
    told,
)
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.observe.target_reading import TargetReading
from vmtui.ui.dialogs import Card
from vmtui.ui.dialogs.ask import Ask
from vmtui.ui.screens.page import PageScreen
from vmtui.ui.screens.pages import PagesScreen
from vmtui.ui.screens.process import ProcessScreen

SIZE = (120, 35)
LIST = [factories.reading(100)]
ANON = factories.VMAS[2]


def looked(present: int = 2, at: float = 1.0, **changes: Any) -> TargetReading:
    """The process while the pages of its anonymous VMA are on screen."""
    return factories.target(at=at, pages=factories.survey(ANON, present), **changes)


def app(*readings: TargetReading, **how: Any) -> Any:
    """The app on process 100; the first reading is for level 2."""
    samples = [factories.sample(0, LIST)]
    samples += [
        factories.sample(number, LIST, target=reading)
        for number, reading in enumerate((factories.target(), *readings), 1)
    ]  # fmt: skip
    return observatory(samples, 100, **how).run_test(size=SIZE)


async def opened(pilot: Pilot[Any]) -> PagesScreen:
    """Level 3 with its first look."""
    await settled(pilot)
    await deliver(pilot)
    await press(pilot, "down", "down", "enter")
    screen = on(pilot, PagesScreen)
    assert "waiting" in shown(pilot) or "not looked at" in shown(pilot)
    await deliver(pilot)
    return screen


async def test_the_grid_its_counts_and_its_facts() -> None:
    async with app(looked()) as pilot:
        screen = await opened(pilot)
        assert screen._survey is not None and screen._survey.counts.present == 2
        text = shown(pilot)
        assert "rw-p · 1.00M · 256 pages" in text
        plan = feed_of(pilot).plans[-1]
        assert plan.target == 100 and plan.window is not None


async def test_cursor_zoom_and_places() -> None:
    async with app(looked(), looked(at=2.0)) as pilot:
        screen = await opened(pilot)
        cursor = screen._cursor
        assert cursor.address == ANON.start
        await press(pilot, "right", "down", "up", "left")
        assert cursor.address == ANON.start
        await press(pilot, "G")
        assert cursor.address == ANON.end - PAGE_SIZE
        await press(pilot, "g", "enter")
        assert cursor.closest
        await press(pilot, "right")
        assert cursor.address == ANON.start + PAGE_SIZE
        await press(pilot, "n")
        assert cursor.address == ANON.start + 2 * PAGE_SIZE  # where the present ones end
        await press(pilot, "n")
        assert "nothing further that way" in told(pilot)
        await press(pilot, "minus", "plus", "0")
        await deliver(pilot)
        assert cursor.address == ANON.start + 2 * PAGE_SIZE


async def test_go_to_a_page_of_this_vma_or_of_another() -> None:
    async with app(looked(), looked(at=2.0)) as pilot:
        screen = await opened(pilot)
        await press(pilot, "colon")
        for typed, says in (("?", "hexadecimal"), ("0x123000", "nothing is mapped")):
            on(pilot, Ask).query_one(Input).value = typed
            await press(pilot, "enter")
            assert says in shown(pilot)
        on(pilot, Ask).query_one(Input).value = "7f0000005fff"
        await press(pilot, "enter")
        assert on(pilot, PagesScreen) is screen
        assert screen._cursor.address == 0x7F0000005000 and screen._cursor.closest
        await press(pilot, "colon")
        on(pilot, Ask).query_one(Input).value = "400000"
        await press(pilot, "enter")
        await deliver(pilot)
        other = on(pilot, PagesScreen)
        assert other is not screen and "/usr/bin/worker" in shown(pilot)


async def test_paused_it_shows_the_old_pages() -> None:
    async with app(looked(2), looked(9, 2.0), looked(30, 3.0)) as pilot:
        screen = await opened(pilot)
        await deliver(pilot)
        await press(pilot, "space")
        await deliver(pilot)
        assert screen._survey is not None and screen._survey.counts.present == 9
        await press(pilot, "left_square_bracket")
        assert screen._survey.counts.present == 2
        await press(pilot, "left_square_bracket")
        assert screen._survey is None and "not looked at then" in shown(pilot)
        await press(pilot, "right", "n", "enter", "G", "plus", "L", "i", "escape", "end")
        assert screen._survey.counts.present == 30


async def test_since_the_mark() -> None:
    async with app(looked(2), looked(9, 2.0)) as pilot:
        await opened(pilot)
        await press(pilot, "m")
        await deliver(pilot)
        await press(pilot, "d")
        on(pilot, Card)
        assert "+7 pages" in shown(pilot) and "−7 pages" in shown(pilot)
        assert "7 pages  28.0K  touched for the first time" in shown(pilot)


async def test_the_states_are_explained_and_the_address_copied() -> None:
    untold = replace(
        factories.survey(ANON), missing={"huge": Missing("no way to tell", "a newer Linux")}
    )
    async with app(factories.target(pages=untold)) as pilot:
        await opened(pilot)
        await press(pilot, "y")
        assert pilot.app.clipboard == "0x7f0000000000"
        await press(pilot, "i")
        on(pilot, Card)
        await press(pilot, *["down"] * 40)
        assert "no way to tell (a newer Linux)" in shown(pilot)


async def test_one_page_and_back_to_its_cell() -> None:
    async with app(looked()) as pilot:
        screen = await opened(pilot)
        await press(pilot, "enter", "right", "enter")
        page = on(pilot, PageScreen)
        assert page.address == ANON.start + PAGE_SIZE
        wish = feed_of(pilot).plans[-1].page
        assert wish is not None and wish.address == page.address
        await press(pilot, "right", "escape")
        assert on(pilot, PagesScreen) is screen
        assert screen._cursor.address == ANON.start + 2 * PAGE_SIZE


async def test_exited_unmapped_or_refused() -> None:
    exited = looked(2, 2.0, ended_at=1_000_002.0)
    without = [one for one in factories.VMAS if one is not ANON]
    unmapped = factories.target(plain_vmas=without, pages=factories.survey(ANON))
    refused = factories.target(pages=Missing("refused: Yama", "run vmtui as root"))
    async with app(looked(), exited, unmapped, refused) as pilot:
        await opened(pilot)
        await deliver(pilot)
        assert "exited at" in shown(pilot) and "legend" in shown(pilot)
        await deliver(pilot)
        assert "unmapped" in shown(pilot) and "nothing is here now" in shown(pilot)
        await press(pilot, "right", "G", "i", "escape")
        await deliver(pilot)
        assert "refused: Yama: run vmtui as root" in shown(pilot)
        await press(pilot, "right", "G", "enter", "i", "escape", "L", "z", "z", "escape")
        on(pilot, ProcessScreen)


async def test_a_stack_that_grows_is_followed() -> None:
    bigger = replace(ANON, start=ANON.start - 16 * PAGE_SIZE)
    with_bigger = [bigger if one is ANON else one for one in factories.VMAS]
    grown = factories.target(at=2.0, plain_vmas=with_bigger, pages=factories.survey(bigger))
    async with app(looked(), grown) as pilot:
        await opened(pilot)
        await deliver(pilot)
        window = feed_of(pilot).plans[-1].window
        assert window is not None and window.start == bigger.start


@pytest.mark.parametrize("size", [(20, 5), (60, 15), (80, 24), (160, 50)])
async def test_every_size_and_back(size: tuple[int, int]) -> None:
    async with app(looked(), looked(3, 2.0)) as pilot:
        screen = await opened(pilot)
        await pilot.resize_terminal(*size)
        await deliver(pilot)
        await press(pilot, "right", "plus", "L", "escape")
        await pilot.resize_terminal(*SIZE)
        await settled(pilot)
        assert screen._survey is not None and int(np.count_nonzero(screen._survey.states)) == 3
