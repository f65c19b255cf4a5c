"""Names that attack whoever looks, on every level and dialog: nothing raw, nothing obeyed."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from tests import factories
from tests.hostile import PAYLOADS
from tests.kernel.maps_text import PlainVma
from tests.ui.screens import whole_machine as made
from tests.ui.screens.observing import deliver, observatory, on, press, settled, shown
from tests.ui.stage import screen_lines
from vmtui.kernel.cachestat import Cached
from vmtui.kernel.files import PAGE_SIZE as PAGE
from vmtui.kernel.identity import Identity
from vmtui.kernel.swaps import SwapDevice
from vmtui.missing import Missing
from vmtui.model.groups import GroupSurvey
from vmtui.model.oom import OomCandidate, OomRanking
from vmtui.model.page_cache import CachedFile, CacheSurvey, Holder
from vmtui.observe.target_reading import TargetReading
from vmtui.text import display
from vmtui.ui.screens.machine_table import MachineTable
from vmtui.ui.screens.observe import ObserveScreen
from vmtui.ui.screens.pages import PagesScreen
from vmtui.ui.screens.process import ProcessScreen
from vmtui.ui.screens.processes import ProcessesScreen

SIZE = (120, 35)
PER_SCREEN = 24
BATCHES = [PAYLOADS[at : at + PER_SCREEN] for at in range(0, len(PAYLOADS), PER_SCREEN)]
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def assert_harmless(pilot: Pilot[Any]) -> None:
    """Nothing on the screen is a control, a format or a private character; no link, no action."""
    for line in screen_lines(pilot.app):  # type: ignore[arg-type]
        bad = [char for char in line if unicodedata.category(char) in _INVISIBLE]
        assert not bad, (bad, line)
    for strip in pilot.app.screen._compositor.render_strips():
        for segment in strip:
            assert segment.control is None
            style = segment.style
            assert style is None or (style.link is None and "@click" not in style.meta)
    assert pilot.app._exit is False


async def explained_and_copied(pilot: Pilot[Any], screen: ObserveScreen) -> None:
    """The card about what is under the cursor, and what goes to the clipboard."""
    title, rows = screen.explanation()
    assert title.isprintable() and all(run.text.isprintable() for line in rows for run in line)
    screen.action_copy()
    assert pilot.app.clipboard.isprintable() or "\t" in pilot.app.clipboard
    assert not set(pilot.app.clipboard) & set("\x1b\x07\x9b\u202e\u200b\n")
    if "[" in title or "\\" in title:  # what markup and escapes could come of
        screen.action_explain()
        await pilot.pause()
        assert_harmless(pilot)
        pilot.app.pop_screen()


def file_name(raw: bytes) -> bytes:
    """As the kernel prints a path in maps: without NUL, newlines escaped."""
    return b"/" + raw.replace(b"\0", b"").replace(b"\n", b"\\012")


def target(raw: bytes, names: list[bytes], **changes: Any) -> TargetReading:
    """A process called `raw` that maps files of all these names."""
    plain_vmas = [
        PlainVma((number + 1) << 20, ((number + 1) << 20) + 4 * PAGE, name=file_name(name))
        for number, name in enumerate(names)
    ]
    return factories.target(
        stat=factories.stat(100, comm=raw[:15]), plain_vmas=plain_vmas, cgroup_path=file_name(raw),
        identity=Identity(100, raw, "mori", file_name(raw), raw, 1e6, Missing("none"), ()),
        **changes,
    )  # fmt: skip


@pytest.mark.parametrize("batch", BATCHES, ids=lambda names: str(PAYLOADS.index(names[0])))
async def test_the_list_and_its_dialogs(batch: list[bytes]) -> None:
    readings = [
        factories.reading(
            100 + number, comm=raw[:15], command=display(raw), user=display(raw, 32),
            resident_pages=1000 - number,
        )
        for number, raw in enumerate(batch)
    ]  # fmt: skip
    samples = [factories.sample(0, readings[:1]), factories.sample(1, readings)]
    async with observatory(samples).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "m")
        await deliver(pilot)
        assert_harmless(pilot)
        screen = on(pilot, ProcessesScreen)
        for reading in readings:
            screen.table.select((reading.stat.pid, reading.stat.start_ticks))
            await explained_and_copied(pilot, screen)
        for x in range(12, 36):  # clicks in the middle of names fire nothing
            await pilot.click(offset=(x, x - 2))
            assert_harmless(pilot)
            if pilot.app.screen is not screen:  # it was the row under the cursor
                await press(pilot, "escape")
        await press(pilot, "t", "d")
        assert_harmless(pilot)
        await press(pilot, "escape")
        on(pilot, ProcessesScreen)


@pytest.mark.parametrize("batch", BATCHES, ids=lambda names: str(PAYLOADS.index(names[0])))
async def test_a_process_its_vmas_and_their_pages(batch: list[bytes]) -> None:
    list_of_one = [factories.reading(100)]
    samples = [
        factories.sample(0, list_of_one),
        factories.sample(1, list_of_one, target=target(batch[0], batch[:1])),
        factories.sample(2, list_of_one, target=target(batch[0], batch)),
    ]
    pages = factories.survey(PlainVma(1 << 20, (1 << 20) + 4 * PAGE))
    looked = target(batch[0], batch, pages=pages)
    samples.append(factories.sample(3, list_of_one, target=looked))
    async with observatory(samples, 100).run_test(size=SIZE) as pilot:
        await deliver(pilot)
        await press(pilot, "m")
        await deliver(pilot)
        on(pilot, ProcessScreen)
        for keys in (["d"], *[["tab"]] * 4, ["escape"], *[["tab"]] * 5):
            await press(pilot, *keys)
            assert_harmless(pilot)
        screen = on(pilot, ProcessScreen)
        for number in range(len(batch)):
            screen.table.select((number + 1) << 20)
            await explained_and_copied(pilot, screen)
        screen.table.select(1 << 20)
        await press(pilot, "enter")
        await deliver(pilot)
        on(pilot, PagesScreen)
        assert "resident" in shown(pilot)
        assert_harmless(pilot)
        await explained_and_copied(pilot, on(pilot, PagesScreen))
        await press(pilot, "escape")
        on(pilot, ProcessScreen)


def whole_machine(names: list[bytes]) -> dict[str, Any]:
    """Files, candidates, groups and swap devices of all these names."""
    holders = (Holder(100, names[0][:15], True, True),)
    files = tuple(
        CachedFile(file_name(raw), 8, number, PAGE, Cached(1, 0, 0, 0, 0), holders)
        for number, raw in enumerate(names)
    )
    candidates = tuple(
        OomCandidate(100 + number, raw[:15], 10, 0, 1, 0, 1000 - number, 700, "")
        for number, raw in enumerate(names)
    )
    groups = tuple(made.group(file_name(raw), PAGE * 100, None) for raw in names)
    return {
        "files": CacheSurvey(files, 1, 0, 0), "oom": OomRanking(1000, candidates, 0),
        "groups": GroupSurvey(groups, 2, 0), "blocks": made.BLOCKS, "overview": made.OVERVIEW,
    }  # fmt: skip


@pytest.mark.parametrize("batch", BATCHES, ids=lambda names: str(PAYLOADS.index(names[0])))
async def test_the_machine_its_tables_and_dialogs(batch: list[bytes]) -> None:
    one = made.sample(0, **whole_machine(batch))
    devices = tuple(SwapDevice(file_name(raw), "file", PAGE * 9, PAGE, -2) for raw in batch)
    one = replace(one, machine=replace(one.machine, swaps=devices))
    async with observatory([one]).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await press(pilot, "2")
        assert_harmless(pilot)
        await press(pilot, "tab", "tab")
        assert_harmless(pilot)
        await press(pilot, "tab")
        for _ in range(3):
            screen = on(pilot, MachineTable)
            for _row in batch:
                await explained_and_copied(pilot, screen)
                screen.table.action_move(1)
            assert_harmless(pilot)
            await press(pilot, "tab")
        await press(pilot, "shift+tab", "shift+tab", "shift+tab", "enter")
        assert_harmless(pilot)  # who has a file
        await press(pilot, "escape", "m", "d")
        assert_harmless(pilot)
