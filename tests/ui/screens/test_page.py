"""Level 4 under a pilot, on prepared samples."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests import factories
from tests.draw.test_walk import FOUR, walk
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
from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.mappers import Mapper, Mappers
from vmtui.model.page_walk import Derived, Ending
from vmtui.observe.mappers import Wanted
from vmtui.observe.one_page import HIDDEN, OnePage
from vmtui.observe.page_reading import PageReading
from vmtui.observe.page_view import NO_FILE, PageView
from vmtui.observe.symbols import Place
from vmtui.observe.symbols_told import Located, SymbolsTold
from vmtui.observe.target_reading import TargetReading
from vmtui.text import display
from vmtui.ui.dialogs import Card, Confirm
from vmtui.ui.dialogs.ask import Ask
from vmtui.ui.screens.page import PageScreen
from vmtui.ui.screens.pages import PagesScreen

ANON = factories.VMAS[2]
START = ANON.start
PFN = 0x2C38F6
ENTRY = flags.PM_PRESENT | flags.PM_EXCLUSIVE | PFN
FRAME = flags.KPF_ANON | flags.KPF_LRU | flags.KPF_MMAP | flags.KPF_SWAPBACKED
NOTHING = Missing("there is no frame behind it")
AWAY = OnePage(START, flags.PM_SWAPPED | 0x1234 << 5 | 1, True, NOTHING, NOTHING)
HERE = OnePage(START, ENTRY, True, FRAME, 2)


def mappers(found: int = 2, stage: Any = "done") -> Mappers:
    """A search that has found so many."""
    both = (Mapper(100, b"worker", START), Mapper(101, b"child\x1b[m", START))
    why = "all that map it are found" if stage == "done" else ""
    return Mappers(both[:found], 2, stage, 9, 4, 1, 500, 10, why)


def looked(
    page: OnePage = HERE,
    search: Mappers | Missing | None = None,
    contents: bytes | Missing | None = None,
    address: int = START,
    at: float = 1.0,
    **changes: Any,
) -> TargetReading:
    """The process while one of its pages is on screen."""
    vmas, _ = factories.vmas()
    row = vmas.index_of(address)
    assert row is not None
    present = bool(page.entry & flags.PM_PRESENT)
    view = PageView(
        pid=100, address=address, vma=vmas[row], page=page,
        cgroup=b"/made/up" if present and page.frames_visible else page.pfn,  # type: ignore[arg-type]
        cgroup_inode=7, walk=walk(Ending.PAGE if present else Ending.SWAPPED),
        tables=Derived((1, 2, 3, 4), 9, PAGE_SIZE, 9 * PAGE_SIZE, ""),
        swap_path=b"/dev/zram0" if not present else NOTHING,
        file_offset=changes.pop("file_offset", NO_FILE),
        wanted=Wanted(PFN, 2, 100, START) if present else NOTHING,
    )  # fmt: skip
    reading = PageReading(address, view, search, contents)
    return factories.target(at=at, page=reading, **changes)


def app(*readings: TargetReading, size: tuple[int, int] = (160, 50), **how: Any) -> Any:
    """The app on process 100; the first two samples are for levels 2 and 3."""
    processes = [factories.reading(100), factories.reading(101)]
    first = (factories.target(), factories.target(at=0.5, pages=factories.survey(ANON)))
    samples = [factories.sample(0, processes)]
    samples += [
        factories.sample(number, processes, target=reading)
        for number, reading in enumerate((*first, *readings), 1)
    ]  # fmt: skip
    return observatory(samples, 100, **how).run_test(size=size)


async def opened(pilot: Pilot[Any]) -> PageScreen:
    """Level 4 with its first look, by the keys that lead there."""
    await settled(pilot)
    await deliver(pilot)
    await press(pilot, "down", "down", "enter")
    await deliver(pilot)
    await press(pilot, "enter", "enter")
    screen = on(pilot, PageScreen)
    assert "waiting for the first look" in shown(pilot)
    await deliver(pilot)
    return screen


async def test_the_walk_the_entry_the_frame_and_who_maps_it() -> None:
    async with app(looked(search=mappers())) as pilot:
        await opened(pilot)
        wish = feed_of(pilot).plans[-1].page
        assert wish is not None and (wish.address, wish.search, wish.contents) == (START, 1, "no")
        text = shown(pilot)
        for part in ("PGD", "PTE", "2c38f6", "1 PGD + 2 PUD + 3 PMD + 4 PTE", "VmPTE 36.0K ="):
            assert part in text
        for part in ("63  1 present", "56  1 exclusive", "would go to swap", "map count 2"):
            assert part in text
        assert "2 of 2 found: all that map it are found" in text and "1 process refuses" in text
        assert "100  worker" in text and "101  child" in text and "\x1b" not in text
        assert "/made/up" in text and "press b to read them" in text


async def test_to_who_else_maps_it_and_back() -> None:
    async with app(looked(search=mappers()), looked(search=mappers(), at=2.0)) as pilot:
        first = await opened(pilot)
        await press(pilot, "enter")
        assert "this is the page you are looking at" in told(pilot)
        await press(pilot, "down", "enter")
        other = on(pilot, PageScreen)
        assert other is not first and (other.pid, other.address) == (101, START)
        await press(pilot, "escape")
        assert on(pilot, PageScreen) is first
        await press(pilot, "escape")
        on(pilot, PagesScreen)


async def test_the_search_is_stopped_and_begun_again() -> None:
    running = mappers(1, "everywhere")
    async with app(looked(search=running), looked(search=None, at=2.0)) as pilot:
        await opened(pilot)
        assert "1 of 2 found, looking through" in shown(pilot)
        await press(pilot, "x")
        wish = feed_of(pilot).plans[-1].page
        assert wish is not None and wish.search == 0
        await deliver(pilot)
        assert "not looked for: x begins the search" in shown(pilot)
        await press(pilot, "x")
        wish = feed_of(pilot).plans[-1].page
        assert wish is not None and wish.search == 2


async def test_bytes_only_on_their_key_and_with_a_badge() -> None:
    contents = b"SELECT id" + bytes(PAGE_SIZE - 9)
    async with app(looked(), looked(contents=contents, at=2.0)) as pilot:
        await opened(pilot)
        assert "reading its bytes" not in shown(pilot)
        await press(pilot, "b")
        wish = feed_of(pilot).plans[-1].page
        assert wish is not None and wish.contents == "present"
        await deliver(pilot)
        text = shown(pilot)
        assert "53454c45" in text and "SELECT id" in text and "reading its bytes" in text
        await press(pilot, "b")
        wish = feed_of(pilot).plans[-1].page
        assert wish is not None and wish.contents == "no"


async def test_a_page_in_swap_is_not_brought_in_unasked() -> None:
    async with app(looked(AWAY), looked(AWAY, at=2.0)) as pilot:
        await opened(pilot)
        text = shown(pilot)
        assert "swap slot" in text and "0x1234 of /dev/zram0" in text
        await press(pilot, "b")
        on(pilot, Confirm)
        assert "the kernel brings it in" in shown(pilot)
        await press(pilot, "n")
        wish = feed_of(pilot).plans[-1].page
        assert wish is not None and wish.contents == "no"
        await press(pilot, "b", "y")
        wish = feed_of(pilot).plans[-1].page
        assert wish is not None and wish.contents == "fault"
        await press(pilot, "right")
        wish = feed_of(pilot).plans[-1].page
        assert wish is not None and wish.contents == "present"  # asked for that page alone


async def test_beside_it_and_over_the_end_of_the_vma() -> None:
    async with app(looked()) as pilot:
        screen = await opened(pilot)
        await press(pilot, "right")
        assert screen.address == START + PAGE_SIZE
        await press(pilot, "left", "left")
        assert screen.address == factories.VMAS[1].end - PAGE_SIZE
        await press(pilot, "colon")
        on(pilot, Ask).query_one(Input).value = "400123"
        await press(pilot, "enter")
        assert screen.address == 0x400123
        await press(pilot, "left")
        assert "nothing further that way" in told(pilot)


async def test_without_rights_it_says_what_would_unlock_it() -> None:
    hidden = OnePage(START, flags.PM_PRESENT | flags.PM_EXCLUSIVE, False, HIDDEN, HIDDEN)
    why = Missing("only root sees frame numbers", "run vmtui as root")
    async with app(looked(hidden, search=why), privileged=False) as pilot:
        await opened(pilot)
        text = shown(pilot)
        assert "only root sees frame numbers: run vmtui" in text
        assert "PGD" in text  # the walk needs no rights


async def test_what_became_of_it_and_the_changes_since_the_mark() -> None:
    shared = replace(HERE, entry=ENTRY & ~flags.PM_EXCLUSIVE)
    async with app(looked(), looked(shared, at=2.0), looked(AWAY, at=3.0)) as pilot:
        await opened(pilot)
        await press(pilot, "m")
        await deliver(pilot, 2)
        assert "since it is on screen" in shown(pilot)
        await press(pilot, "d")
        on(pilot, Card)
        assert "swap" in shown(pilot)
        await press(pilot, "escape", "space", "left_square_bracket", "left_square_bracket")
        assert "63  1 present" in shown(pilot)
        await press(pilot, "left_square_bracket")
        assert "not looked at then" in shown(pilot)


async def test_file_section_and_function_of_a_code_address() -> None:
    place = Place(
        path=b"/usr/bin/worker", offset=0x1040, object=display(b"worker"),
        section=display(b".text"), symbol=display(b"main"), symbol_offset=0x10,
    )  # fmt: skip
    code = 0x401040
    page = replace(HERE, entry=ENTRY | flags.PM_FILE)
    named = SymbolsTold(located=Located(START, place, Missing("one is enough")))
    async with app(
        looked(page, symbols=named, file_offset=0x1040), looked(address=code, at=2.0)
    ) as pilot:
        await opened(pilot)
        text = shown(pilot)
        assert "0x1040 in the file" in text and ".text" in text and "main+0x10" in text
        await press(pilot, "y")
        assert pilot.app.clipboard == f"0x{START:x}\tworker!main+0x10"
        await press(pilot, "i")
        on(pilot, Card)


async def test_gone_or_refused() -> None:
    refused = factories.target(
        page=PageReading(START, Missing("refused: Yama", "run vmtui as root"), None, None)
    )
    exited = factories.target(ended_at=1_000_002.0)
    async with app(refused, exited) as pilot:
        await opened(pilot)
        assert "refused: Yama: run vmtui as root" in shown(pilot)
        await press(pilot, "b", "x", "tab", "i", "escape", "enter", "y", "d")
        await deliver(pilot)
        assert "exited" in shown(pilot)


@pytest.mark.parametrize("size", [(20, 5), (80, 24), (120, 35), (240, 67)])
async def test_every_panel_at_every_size(size: tuple[int, int]) -> None:
    contents = np.arange(PAGE_SIZE, dtype=np.uint32).astype(np.uint8).tobytes()
    readings = [looked(search=mappers(), contents=contents, at=at) for at in (1.0, 2.0)]
    async with app(*readings) as pilot:
        await opened(pilot)
        await pilot.resize_terminal(*size)
        await settled(pilot)
        for _ in range(3):
            await press(pilot, "tab", "down", "b")
        await pilot.resize_terminal(160, 50)
        await deliver(pilot)
        text = shown(pilot)
        assert "who maps frame 2c38f6" in text and f"{FOUR.levels[0]} 47–39" in text
