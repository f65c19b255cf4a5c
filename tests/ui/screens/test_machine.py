"""Machine mode under a pilot, on prepared samples: every tab by key and mouse, at every size."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.ui.screens import whole_machine as made
from tests.ui.screens.observing import (
    comes,
    deliver,
    feed_of,
    line_with,
    observatory,
    on,
    press,
    settled,
    shown,
    told,
)
from tests.ui.screens.test_lab import waited
from vmtui.errors import VmtuiError
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.mappers import Mapper, Mappers
from vmtui.observe import frames_closer, mappers, packed_frames, page_cache
from vmtui.observe.frames_closer import OneFrame
from vmtui.observe.sample import Sample
from vmtui.ui.dialogs import Card, Choose
from vmtui.ui.dialogs.ask import Ask
from vmtui.ui.dialogs.frame import FrameDialog
from vmtui.ui.screens.machine import TABS, MachineScreen
from vmtui.ui.screens.machine_blocks import BlocksTab
from vmtui.ui.screens.machine_files import FilesTab
from vmtui.ui.screens.machine_frames import FramesTab
from vmtui.ui.screens.machine_groups import GroupsTab
from vmtui.ui.screens.machine_oom import OOMTab
from vmtui.ui.screens.machine_overview import OverviewTab
from vmtui.ui.screens.page import PageScreen
from vmtui.ui.screens.process import ProcessScreen
from vmtui.ui.screens.processes import ProcessesScreen

ANON_PFN = 200_007
EVERYTHING: dict[str, Any] = {
    "overview": made.OVERVIEW, "blocks": made.BLOCKS, "files": made.FILES, "oom": made.RANKING,
    "groups": made.GROUPS, "frames": packed_frames.pack(made.survey()),
}  # fmt: skip


def app(*samples: Sample, size: tuple[int, int] = (120, 35), **how: Any) -> Any:
    """The app on these samples."""
    return observatory(samples, **how).run_test(size=size)


async def opened(pilot: Pilot[Any], tab: str) -> MachineScreen:
    """Machine mode on one of its tabs, the first sample shown."""
    await settled(pilot)
    await press(pilot, "2")
    await press(pilot, *["tab"] * TABS.index(tab))
    screen = on(pilot, MachineScreen)
    assert tab == screen.TITLE_OF_TAB
    return screen


async def test_every_tab_by_key_and_mouse_and_back() -> None:
    async with app(made.sample(0, **EVERYTHING)) as pilot:
        await opened(pilot, "Overview")
        for screen in (FramesTab, BlocksTab, FilesTab, OOMTab, GroupsTab, OverviewTab):
            await press(pilot, "tab")
            on(pilot, screen)
        await press(pilot, "shift+tab")
        on(pilot, GroupsTab)
        line = line_with(pilot, "Overview   Frames   Blocks")
        await pilot.click("#tabs", offset=(shown(pilot).split("\n")[line].index("Blocks"), 0))
        await settled(pilot)
        on(pilot, BlocksTab)
        await press(pilot, "escape")
        on(pilot, OverviewTab)
        await press(pilot, "tab", "1")
        on(pilot, ProcessesScreen)
        await press(pilot, "2")
        on(pilot, FramesTab)  # as it was left
        await press(pilot, "2")
        on(pilot, OverviewTab)


async def test_a_tab_asks_for_what_it_shows_and_no_more() -> None:
    async with app(made.sample(0, **EVERYTHING)) as pilot:
        await opened(pilot, "Overview")
        wanted = [feed_of(pilot).plans[-1].depth]
        for _ in TABS[1:]:
            await press(pilot, "tab")
            wanted.append(feed_of(pilot).plans[-1].depth)
        assert [sorted(parts) for parts in wanted] == [
            ["overview"], ["frames"], ["blocks", "overview"], ["files"], ["oom"], ["groups"],
        ]  # fmt: skip
        await press(pilot, "1")
        assert feed_of(pilot).plans[-1].depth == frozenset()


@pytest.mark.parametrize("size", [(20, 5), (80, 24), (240, 67)])
async def test_every_tab_at_every_size(size: tuple[int, int]) -> None:
    async with app(made.sample(0, **EVERYTHING), made.sample(1, **EVERYTHING)) as pilot:
        await opened(pilot, "Overview")
        await pilot.resize_terminal(*size)
        await settled(pilot)
        for _ in TABS:
            await press(pilot, "z", "j", "m", "d", "escape", "i", "escape", "L", "escape", "z")
            await press(pilot, "tab")
        await pilot.resize_terminal(120, 35)
        await deliver(pilot)
        await press(pilot, "2")
        on(pilot, OverviewTab)
        assert "MEM 23.5G" in shown(pilot)


async def test_nothing_read_yet_and_refused() -> None:
    refused = dict.fromkeys(EVERYTHING, made.NOT_ROOT)
    async with app(made.sample(0), made.sample(1, **refused)) as pilot:
        await opened(pilot, "Frames")
        for tab in ("Frames", "Files", "OOM", "Groups"):
            while tab != on(pilot, MachineScreen).TITLE_OF_TAB:
                await press(pilot, "tab")
            assert "being read" in shown(pilot)
            await press(pilot, "i", "escape", "enter", "n", "L", "y", "m", "d", "escape")
        await press(pilot, "space", "tab")
        await deliver(pilot)
        await press(pilot, "end")
        for tab in ("Frames", "Files", "OOM", "Groups"):
            while tab != on(pilot, MachineScreen).TITLE_OF_TAB:
                await press(pilot, "tab")
            assert "only root may read /proc/kpageflags: run vmtui as root" in shown(pilot)


# Frames


async def test_frames_from_a_sample_to_all_of_them() -> None:
    async with app(made.frames(0, complete=False), made.frames(1)) as pilot:
        await opened(pilot, "Frames")
        text = shown(pilot)
        assert "25% read" in text and "estimated" in text and "≈" in text
        await deliver(pilot)
        text = shown(pilot)
        assert "all read, 350k frames/s" in text and "≈" not in text
        assert f"{made.BANKS.frames:,}" in text and "anon" in text


async def test_use_counts_stand_below_the_picture() -> None:
    async with app(made.frames(0), size=(160, 50)) as pilot:
        await opened(pilot, "Frames")
        text = shown(pilot)
        for title in ("KIND", "MAPPED", "ACTIVE", "INACTIVE", "DIRTY", "LOCKED"):
            assert title in text
        assert "private memory of processes" in text


async def test_zoom_asks_for_the_frames_of_the_window() -> None:
    first = 200_000 - 5000
    near = {"frames": packed_frames.pack(made.survey()),
            "closer": made.closer(first, 10_000, ANON_PFN)}  # fmt: skip
    async with app(made.frames(0), made.sample(1, **near)) as pilot:
        screen = on_frames = await opened(pilot, "Frames")
        assert feed_of(pilot).plans[-1].frames == (0, 0)
        await press(pilot, "colon")
        on(pilot, Ask).query_one(Input).value = f"frame {ANON_PFN:x}"
        await press(pilot, "enter")
        plan = feed_of(pilot).plans[-1]
        begin, count = plan.frames
        assert begin <= ANON_PFN < begin + count and "closer" in plan.depth
        assert "not read yet" in shown(pilot)
        await deliver(pilot)
        text = shown(pilot)
        assert f"frame {ANON_PFN:x}  a anon, private memory of processes; mapped 2 times" in text
        plans = len(feed_of(pilot).plans)
        await press(pilot, "right", "left", "down", "up")
        assert len(feed_of(pilot).plans) == plans  # the margin was asked for as well
        await press(pilot, "y")
        assert pilot.app.clipboard == f"0x{ANON_PFN * PAGE_SIZE:x}\t{ANON_PFN:#x}"
        await press(pilot, "n")
        assert screen._cursor.address == (ANON_PFN + 1) * PAGE_SIZE  # type: ignore[attr-defined]
        await press(pilot, "N")
        await press(pilot, "escape")
        assert feed_of(pilot).plans[-1].frames == (0, 0)
        assert on(pilot, FramesTab) is on_frames
        await press(pilot, "escape")
        on(pilot, OverviewTab)


async def test_places_that_are_none() -> None:
    async with app(made.frames(0)) as pilot:
        await opened(pilot, "Frames")
        await press(pilot, "colon")
        for typed, says in (("frame", "both in hexadecimal"), ("fffffffff", "memory ends at")):
            on(pilot, Ask).query_one(Input).value = typed
            await press(pilot, "enter")
            assert says in shown(pilot)


async def test_a_click_moves_and_a_second_one_goes_closer() -> None:
    async with app(made.frames(0)) as pilot:
        screen = await opened(pilot, "Frames")
        assert isinstance(screen, FramesTab)
        await pilot.click("#grid", offset=(20, 3))
        await settled(pilot)
        address = screen._cursor.address
        assert address > 0 and not screen._cursor.closest
        await pilot.click("#grid", offset=(20, 3))
        await settled(pilot)
        assert screen._cursor.closest and screen._cursor.address == address
        await press(pilot, "minus", "minus", "plus", "G", "g", "pagedown", "0")


async def test_kinds_since_the_mark_and_the_legend() -> None:
    async with app(made.frames(0, anon=4), made.frames(1, anon=6)) as pilot:
        await opened(pilot, "Frames")
        await press(pilot, "m")
        await deliver(pilot)
        await press(pilot, "d")
        on(pilot, Card)
        assert "anon" in shown(pilot) and "+" in shown(pilot)
        await press(pilot, "escape", "L")
        assert "page cache that nobody maps" in shown(pilot)
        await press(pilot, "escape", "i")
        assert "all 350,000 frames read" in shown(pilot)


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A search that finds two at once; which frames were asked about."""
    asked: list[int] = []

    def one(pfn: int) -> OneFrame:
        asked.append(pfn)
        return OneFrame(pfn, True, made.ANON, 2, 5, b"/shop/db")

    def found(wanted: mappers.Wanted, *_how: Any) -> Iterator[Mappers]:
        pair = (Mapper(100, b"worker", 0x7F0000000000), Mapper(101, b"other\x1b", 0x7F0000003000))
        yield Mappers(pair[:1], 2, "everywhere", 9, 3, 0, 1000, 10, "")
        yield Mappers(pair, 2, "done", 9, 9, 1, 2000, 20, "all that map it are found")

    monkeypatch.setattr(frames_closer, "one", one)
    monkeypatch.setattr(mappers, "wanted_frame", lambda pfn: mappers.Wanted(pfn, 2))
    monkeypatch.setattr(mappers, "search", found)
    return asked


async def at_one_frame(pilot: Pilot[Any]) -> None:
    await opened(pilot, "Frames")
    await press(pilot, "colon")
    on(pilot, Ask).query_one(Input).value = f"{ANON_PFN * PAGE_SIZE:x}"
    await press(pilot, "enter", "enter")
    await pilot.app.workers.wait_for_complete()
    await settled(pilot)


async def test_from_a_frame_to_who_maps_it(search: list[int]) -> None:
    async with app(made.frames(0)) as pilot:
        await at_one_frame(pilot)
        on(pilot, FrameDialog)
        assert search == [ANON_PFN]
        text = shown(pilot)
        assert "2 of 2 found" in text and "1 process refuses" in text and "/shop/db" in text
        assert "would go to swap" in text and "101  other" in text and "\x1b" not in text
        await press(pilot, "down", "enter")
        page = on(pilot, PageScreen)
        assert (page.pid, page.address) == (101, 0x7F0000003000)
        await press(pilot, "escape")
        on(pilot, FramesTab)


async def test_a_frame_that_cannot_be_asked_about(
    search: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_pfn: int) -> mappers.Wanted:
        from vmtui.errors import NotPermitted

        raise NotPermitted("only root may read /proc/kpagecount")

    monkeypatch.setattr(mappers, "wanted_frame", refuse)
    async with app(made.frames(0)) as pilot:
        await at_one_frame(pilot)
        assert "only root may read /proc/kpagecount" in shown(pilot)
        await press(pilot, "enter")
        on(pilot, FrameDialog)  # there is nothing to take
        await press(pilot, "escape")
        on(pilot, FramesTab)


# Blocks


async def test_free_blocks_swap_pools_and_ksm() -> None:
    parts = {"blocks": made.BLOCKS, "overview": made.OVERVIEW}
    async with app(made.sample(0, **parts), size=(160, 50)) as pilot:
        await opened(pilot, "Blocks")
        text = shown(pilot)
        assert "DMA" in text and "Normal" in text and "per CPU" in text
        assert "/dev/zram0" in text and "400M in 100M of memory, 4.0 times smaller" in text
        assert "2.00M" in text and "madvise" in text
        assert "10 frames for 100 pages" in text and "in pieces below 2M" in text
        assert "kswapd wakes below" in text
        await press(pilot, "y")
        assert pilot.app.clipboard.startswith("4K\t400K\n8K\t400K\n")
        await press(pilot, "i")
        assert "/proc/buddyinfo" in shown(pilot)


async def test_orders_share_lines_and_the_page_scrolls_where_it_is_small() -> None:
    parts = {"blocks": made.BLOCKS, "overview": made.OVERVIEW}
    async with app(made.sample(0, **parts), size=(80, 24)) as pilot:
        await opened(pilot, "Blocks")
        assert "16K–32K" in shown(pilot)
        await pilot.resize_terminal(80, 15)
        await settled(pilot)
        assert "KSM" not in shown(pilot)
        await press(pilot, *["down"] * 20)
        assert "KSM" in shown(pilot)


async def test_a_kernel_without_any_of_it() -> None:
    none = Missing("this kernel was built without it")
    parts = {"blocks": none, "overview": none}
    async with app(made.sample(0, **parts)) as pilot:
        await opened(pilot, "Blocks")
        assert "huge pages" in shown(pilot) and "blocks of" in shown(pilot)
        await press(pilot, "m", "d")
        assert "nothing came, went" in shown(pilot)


# Tables


async def test_who_has_a_file() -> None:
    async with app(made.sample(0, files=made.FILES), made.sample(1, files=made.FILES)) as pilot:
        await opened(pilot, "Files")
        text = shown(pilot)
        assert "/srv/big.db" in text and "4.00M" in text and "2 files" in text
        await press(pilot, "enter")
        on(pilot, Choose)
        assert "100 worker" in shown(pilot) and "101 other" in shown(pilot)
        await press(pilot, "down", "enter")
        assert on(pilot, ProcessScreen).pid == 101
        await press(pilot, "escape", "slash", *"libc", "enter")
        await settled(pilot)
        assert "big.db" not in shown(pilot)
        await press(pilot, "escape")
        assert "big.db" in shown(pilot)


async def test_a_path_one_asks_about(tmp_path: Any) -> None:
    (tmp_path / "made").write_bytes(b"x" * 3 * PAGE_SIZE)
    async with app(made.sample(0, files=made.FILES)) as pilot:
        await opened(pilot, "Files")
        for path, says in ((tmp_path, "12.0K of 1 file in memory"), ("/no/such", "no such")):
            await press(pilot, "colon")
            (await comes(pilot, Ask)).query_one(Input).value = str(path)
            await press(pilot, "enter")
            await pilot.app.workers.wait_for_complete()
            await settled(pilot)
            assert says in (shown(pilot) + told(pilot)).replace("No such", "no such")
            await press(pilot, *["escape"] * isinstance(pilot.app.screen, Card))


async def test_a_large_directory_can_be_left(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, left = threading.Event(), threading.Event()

    def endless(_paths: Any, *, told: Any, **_how: Any) -> Any:
        try:
            told(1234, 0)
            assert go_on.wait(20)
            told(1235, 0)
        except VmtuiError:
            left.set()
            raise

    monkeypatch.setattr(page_cache, "of_paths", endless)
    async with app(made.sample(0, files=made.FILES)) as pilot:
        screen = await opened(pilot, "Files")
        await press(pilot, "colon", "slash", "enter")
        await waited(pilot, lambda: "1,234" in shown(pilot))
        assert "looking at /" in shown(pilot)
        await press(pilot, "escape")
        assert pilot.app.screen is screen
        go_on.set()
        await waited(pilot, left.is_set)
        await pilot.app.workers.wait_for_complete()
        assert pilot.app.screen is screen, "nothing is told to whoever left"


async def test_who_would_be_killed() -> None:
    async with app(made.sample(0, oom=made.RANKING), size=(80, 24)) as pilot:
        await opened(pilot, "OOM")
        text = shown(pilot)
        assert "worker" in text and "505,030" in text and "the init" in text
        assert text.index("worker") < text.index("other")
        await press(pilot, "enter")
        assert on(pilot, ProcessScreen).pid == 100


async def test_groups_as_a_tree_and_sorted() -> None:
    async with app(made.sample(0, groups=made.GROUPS)) as pilot:
        await opened(pilot, "Groups")
        text = shown(pilot)
        assert "cgroup v2" in text and "    db" in text and "88%" in text and "tree" in text
        await press(pilot, "greater_than_sign")
        assert "/shop/db" in shown(pilot) and "by used" in shown(pilot)
        await press(pilot, "colon")
        on(pilot, Ask).query_one(Input).value = "db"
        await press(pilot, "enter", "enter")
        on(pilot, Card)
