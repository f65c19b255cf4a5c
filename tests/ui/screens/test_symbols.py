"""The Symbols tab and one object taken apart, under a pilot, on prepared samples."""

from __future__ import annotations

from typing import Any

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
from vmtui.missing import Missing
from vmtui.model.fields.symbols import ObjectRow, PartRow
from vmtui.observe.symbols_told import ObjectParts, SymbolsTold
from vmtui.text import DisplayText, display
from vmtui.ui.dialogs import Card
from vmtui.ui.dialogs.ask import Ask
from vmtui.ui.screens.pages import PagesScreen
from vmtui.ui.screens.process import ProcessScreen
from vmtui.ui.screens.symbols import ObjectScreen, SymbolsScreen

LIBC = factories.VMAS[3]
NAME = display(b"libc.so.6")


def row(path: bytes, start: int, resident: int, dirty: int = 0) -> ObjectRow:
    """An object with symbols."""
    return ObjectRow(
        display(path), start, 1 << 20, resident, dirty, 0, "ab12", 1234, ".symtab",
        Missing("there is none"), path,
    )  # fmt: skip


def part(name: bytes, address: int | Missing, resident: int, dirty: int = 0) -> PartRow:
    """A section or function of libc."""
    return PartRow(NAME, display(name), address, 8192, resident, dirty, 0)


OBJECTS = (
    row(b"/usr/bin/worker", 0x400000, 8192),
    row(b"/usr/lib/libc.so.6", LIBC.start, 65536, 4096),
)
UNREAD = ((DisplayText("/srv/huge.so"), Missing("its section table is past its end")),)
SECTIONS = (
    part(b".text", LIBC.start + 0x1000, 8192),
    part(b"in no section", Missing("it is in pieces"), 12),
)
NOT_YET = Missing("its symbols are being read")


def reading(at: float = 1.0, **told_: Any) -> Any:
    """The process with what is known of its symbols."""
    return factories.target(at=at, symbols=SymbolsTold(**told_))


def app(*readings: Any, size: tuple[int, int] = (120, 35)) -> Any:
    """The app on process 100; the first sample is for level 2."""
    processes = [factories.reading(100)]
    samples = [factories.sample(0, processes)]
    samples += [
        factories.sample(number, processes, target=one)
        for number, one in enumerate((factories.target(), *readings), 1)
    ]  # fmt: skip
    return observatory(samples, 100).run_test(size=size)


async def opened(pilot: Pilot[Any]) -> SymbolsScreen:
    """The tab, by the keys that lead there."""
    await settled(pilot)
    await deliver(pilot)
    await press(pilot, "shift+tab")
    return on(pilot, SymbolsScreen)


async def test_objects_with_what_of_them_is_in_memory() -> None:
    async with app(reading(objects=OBJECTS, unread=UNREAD, jit="")) as pilot:
        await opened(pilot)
        assert "its files are being read" in shown(pilot)
        wish = feed_of(pilot).plans[-1].symbols
        assert wish is not None and wish.objects
        await deliver(pilot)
        text = shown(pilot)
        assert "2 files" in text and "64.0K" in text and "1 not looked into: i says why" in text
        assert text.index("libc.so.6") < text.index("/usr/bin/worker")  # most in memory first
        await press(pilot, "i")
        await press(pilot, *["down"] * 60)
        assert "its section table is past its end" in shown(pilot)


async def test_filter_sort_and_since_the_mark() -> None:
    grown = (OBJECTS[0], row(b"/usr/lib/libc.so.6", LIBC.start, 131072, 4096))
    async with app(reading(objects=OBJECTS), reading(2.0, objects=grown)) as pilot:
        screen = await opened(pilot)
        await deliver(pilot)
        await press(pilot, "slash", *"libc", "enter")
        assert "/usr/bin/worker" not in shown(pilot) and "1 of 2 shown" in shown(pilot)
        await press(pilot, "escape", "r")
        assert not screen.descending
        await press(pilot, "m")
        await deliver(pilot)
        await press(pilot, "d")
        on(pilot, Card)
        assert "+64K" in shown(pilot)
        await press(pilot, "escape", "y")
        assert "\t" in pilot.app.clipboard


async def test_one_object_taken_apart_and_to_its_page() -> None:
    parts = ObjectParts(LIBC.start, NAME, SECTIONS, NOT_YET)
    async with app(reading(objects=OBJECTS), reading(2.0, parts=parts)) as pilot:
        await opened(pilot)
        await deliver(pilot)
        await press(pilot, "enter")
        on(pilot, ObjectScreen)
        wish = feed_of(pilot).plans[-1].symbols
        assert wish is not None and wish.parts_of == LIBC.start
        await deliver(pilot)
        text = shown(pilot)
        assert ".text" in text and "in no section" in text and "libc.so.6" in text
        await press(pilot, "tab")
        assert "its symbols are being read" in shown(pilot)
        await press(pilot, "tab", "G", "enter")
        if isinstance(pilot.app.screen, ObjectScreen):  # the part without an address
            assert "it is in pieces" in told(pilot)
        await press(pilot, "g", "enter")
        if not isinstance(pilot.app.screen, PagesScreen):
            await press(pilot, "G", "enter")
        assert on(pilot, PagesScreen)._cursor.address == LIBC.start + 0x1000
        await press(pilot, "escape", "escape", "escape")
        on(pilot, ProcessScreen)


async def test_the_tab_beside_it_and_an_address() -> None:
    async with app(reading(objects=OBJECTS), reading(2.0, objects=OBJECTS)) as pilot:
        await opened(pilot)
        await press(pilot, "tab")
        assert on(pilot, ProcessScreen)._tab == 0
        await press(pilot, "shift+tab", "shift+tab")
        assert on(pilot, ProcessScreen)._tab == 3
        await press(pilot, "tab")
        on(pilot, SymbolsScreen)
        await press(pilot, "colon")
        on(pilot, Ask).query_one(Input).value = f"{LIBC.start + 5:x}"
        await press(pilot, "enter")
        assert on(pilot, PagesScreen)._cursor.address == LIBC.start


async def test_refused_gone_and_none() -> None:
    refused = Missing("another user's process", "run vmtui as root")
    async with app(
        reading(objects=refused), reading(2.0, objects=()), factories.target(ended_at=1_000_003.0)
    ) as pilot:
        await opened(pilot)
        await deliver(pilot)
        assert "another user's process: run vmtui as root" in shown(pilot)
        await press(pilot, "enter", "i", "escape", "y", "m", "d", "escape", "s", "escape")
        await deliver(pilot)
        assert "exited" in shown(pilot) or "there are none in this process" in shown(pilot)


@pytest.mark.parametrize("size", [(20, 5), (80, 24), (160, 50)])
async def test_every_size(size: tuple[int, int]) -> None:
    async with app(reading(objects=OBJECTS), reading(2.0, objects=OBJECTS)) as pilot:
        await opened(pilot)
        await deliver(pilot)
        await pilot.resize_terminal(*size)
        await press(pilot, "j", "z", "z", "c", "escape")
        await pilot.resize_terminal(120, 35)
        await deliver(pilot)
        assert "libc.so.6" in shown(pilot)
