"""The screen of differences: since a mark, live and replayed, and between two recordings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from tests import factories
from tests.record import tapes
from tests.ui.replayed import caught_up, do, replayed, tape_of
from tests.ui.screens.observing import (
    deliver,
    made,
    observatory,
    on,
    press,
    settled,
    shown,
    told,
)  # fmt: skip
from tests.ui.stage import screen_lines
from vmtui.kernel.files import PAGE_SIZE
from vmtui.record import shelf
from vmtui.ui.dialogs import Card
from vmtui.ui.dialogs.working import Working
from vmtui.ui.observatory import Observatory
from vmtui.ui.screens.differences import DifferencesScreen
from vmtui.ui.screens.pages import PagesScreen
from vmtui.ui.screens.process import ProcessScreen
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.screens.recordings import RecordingsScreen

SIZES = ((60, 15), (80, 24), (120, 35), (160, 50))


def growing(ticks: int = 12) -> list[Any]:
    """Samples of a process whose anonymous VMA gets two pages a tick, and whose heap gets none."""
    vmas = factories.VMAS
    samples = []
    for number in range(ticks):
        resident = 2 + 2 * number
        target = factories.target(at=float(number), plain_vmas=vmas, resident=resident)
        processes = [factories.reading(100, resident_pages=200 + 10 * number)]
        samples.append(factories.sample(number, processes, target=target))
    return samples


async def marked(pilot: Pilot[Any], ticks: int = 11) -> DifferencesScreen:
    """Mark the first sample, let the others come, and ask what changed."""
    await settled(pilot)
    await press(pilot, "m")
    await deliver(pilot, ticks)
    await press(pilot, "d")
    return await made(pilot)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_what_changed_since_the_mark(size: tuple[int, int]) -> None:
    async with observatory(growing(), 100).run_test(size=size) as pilot:
        screen = await marked(pilot)
        assert "differences" in screen_lines(cast(Observatory, pilot.app))[0]
        assert "grew" in shown(pilot) and "[heap]" in shown(pilot)
        assert "Rss 40.0K → 280K  +240K   a private +232K" in shown(pilot)
        assert ("LESS │ MORE" in shown(pilot)) == ("▇" in shown(pilot)) == (size[0] >= 120)
        if size[1] >= 24:
            assert "looks like a leak" in shown(pilot)
            assert "resident 8.00K → " in shown(pilot)
        await press(pilot, "tab")
        assert "100" in shown(pilot) and "+440K" in shown(pilot)
        await press(pilot, "tab")
        assert "pgfault" in shown(pilot) and "+11.0k" in shown(pilot)
        await press(pilot, "tab")
        assert "A MINUTE" in shown(pilot) and "together" in shown(pilot)
        assert ("private pages of" in shown(pilot)) == (size[1] >= 35)
        await press(pilot, "tab")
        assert screen.is_current and "CAUSE" in shown(pilot)
        await press(pilot, "escape")
        on(pilot, ProcessScreen)


async def test_a_vma_of_it_is_looked_into_and_left_again() -> None:
    async with observatory(growing(), 100).run_test(size=(80, 24)) as pilot:
        screen = await marked(pilot)
        vma = screen.table.row.shown
        await press(pilot, "enter")
        on(pilot, PagesScreen)
        window = cast(Observatory, pilot.app).session.plan.window
        assert window is not None and (window.start, window.end) == (vma.start, vma.end)
        await press(pilot, "escape")
        on(pilot, DifferencesScreen)
        session = cast(Observatory, pilot.app).session
        assert session.plan.window is None and session.plan.target == 100


async def test_the_list_begins_with_processes() -> None:
    samples = [
        factories.sample(0, [factories.reading(1), factories.reading(2, comm=b"gone")]),
        factories.sample(1, [factories.reading(1, 300), factories.reading(3, comm=b"fresh")]),
    ]
    async with observatory(samples).run_test(size=(80, 24)) as pilot:
        await marked(pilot, 1)
        text = shown(pilot)
        assert "exited" in text and "started" in text and "+176K" in text
        await press(pilot, "enter")
        assert "not known at both moments" in told(pilot)
        await press(pilot, "shift+tab")
        assert "open a process, mark a moment with m" in shown(pilot)


async def test_everything_of_a_row_on_a_card() -> None:
    async with observatory(growing(), 100).run_test(size=(80, 24)) as pilot:
        screen = await marked(pilot)
        row = screen.table.row
        await press(pilot, "i")
        on(pilot, Card)
        text = shown(pilot)
        assert f"{row.start:012x} {row.name}" in text and "private dirty" in text
        pages = row.delta("rss") // PAGE_SIZE
        assert f"{pages:,}  Pages that had no frame and have one now." in text
        await press(pilot, "escape", "tab")
        await press(pilot, "i")
        assert "what is different" in shown(pilot)


async def test_the_inspector_of_the_process_tells_the_cause() -> None:
    async with observatory(growing(3), 100).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "m")
        await deliver(pilot, 2)
        screen = on(pilot, ProcessScreen)
        screen.table.select(factories.VMAS[2].start)
        await settled(pilot)
        assert "since the mark +16K in [anon], touched, private dirty" in shown(pilot)


async def test_nothing_changed() -> None:
    sample = factories.sample(0, [factories.reading(100)], target=factories.target())
    samples = [sample, replace(sample, number=1, began=1.0, ended=1.01, taken_at=1_000_001.0)]
    async with observatory(samples, 100).run_test(size=(80, 24)) as pilot:
        await marked(pilot, 1)
        assert "nothing: every VMA is as it was" in shown(pilot)
        await press(pilot, "shift+tab")
        assert "needs 5 moments" in shown(pilot)


async def test_the_cause_is_copied() -> None:
    async with observatory(growing(), 100).run_test(size=(80, 24)) as pilot:
        screen = await marked(pilot)
        await press(pilot, "y")
        assert pilot.app.clipboard == screen.table.row.cause


async def test_the_largest_moment_live() -> None:
    sizes = (50, 60, 400, 90)
    samples = [
        factories.sample(number, [factories.reading(100, size)])
        for number, size in enumerate(sizes)
    ]  # fmt: skip
    async with observatory(samples).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await deliver(pilot, 3)
        await press(pilot, "p")
        clock = cast(Observatory, pilot.app).session.clock
        assert clock.current is not None and clock.current.number == 2
        assert clock.mark is not None and clock.mark.number == 1
        assert "largest here: 1.56M, after a climb of 1.0 s" in told(pilot)
        await press(pilot, "d")
        await made(pilot)
        assert "+1.3M" in shown(pilot)


# Recordings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two recordings where the app looks for them: one grows in waves, one has another host."""
    ticks = tapes.moments(30)
    tapes.write(tmp_path / "one.vmtui", ticks)
    other = tapes.moments(15, comm=b"worker")
    tapes.write(tmp_path / "other.vmtui", other, host=b"elsewhere")
    monkeypatch.setattr(shelf, "places", lambda: (tmp_path,))
    return tmp_path


async def in_recordings(pilot: Pilot[Any]) -> RecordingsScreen:
    await press(pilot, "4")
    screen = on(pilot, RecordingsScreen)
    for _ in range(500):
        if screen._files:
            break
        await pilot.pause(0.01)
    await settled(pilot)
    return screen


async def select(pilot: Pilot[Any], screen: RecordingsScreen, path: Path) -> None:
    screen._table.select(str(path))
    await settled(pilot)
    assert screen._table.row.path == path


async def test_two_recordings(folder: Path) -> None:
    async with replayed(folder / "one.vmtui").run_test(size=(120, 35)) as pilot:
        await caught_up(pilot)
        screen = await in_recordings(pilot)
        await select(pilot, screen, folder / "one.vmtui")
        await press(pilot, "d")
        assert "A is one.vmtui: D compares what" in shown(pilot)
        await select(pilot, screen, folder / "other.vmtui")
        await press(pilot, "D")
        await made(pilot)
        text = shown(pilot)
        assert "A host one.vmtui · B elsewhere other.vmtui" in text
        assert "replay host" in text
        assert "100 worker" in text and "private dirty" in text
        await press(pilot, "tab")
        assert "only in A" in shown(pilot)
        await press(pilot, "enter")  # the process that changed most has its VMAs in both
        await made(pilot)
        await press(pilot, "escape")
        on(pilot, RecordingsScreen)


async def test_two_moments_of_one_recording(folder: Path) -> None:
    path = folder / "one.vmtui"
    app = replayed(path, at=tapes.TAKEN_AT + 5)
    app.deck.replayed = path
    async with app.run_test(size=(80, 24)) as pilot:
        await caught_up(pilot)
        screen = await in_recordings(pilot)
        await select(pilot, screen, path)
        await press(pilot, "d")
        app.session.clock.seek(tapes.TAKEN_AT + 11)
        await caught_up(pilot)
        await press(pilot, "D")
        await made(pilot)
        assert "6.0 s later" in shown(pilot)
        assert "[heap]" not in shown(pilot) or "touched" in shown(pilot)


async def test_without_a_the_first_sample_is_compared_with_the_last(folder: Path) -> None:
    async with replayed(folder / "other.vmtui").run_test(size=(80, 24)) as pilot:
        await caught_up(pilot)
        screen = await in_recordings(pilot)
        await select(pilot, screen, folder / "other.vmtui")
        await press(pilot, "D")
        await made(pilot)
        assert "14 s later" in shown(pilot)


async def test_a_file_that_went_away_is_told(folder: Path) -> None:
    async with replayed(folder / "other.vmtui").run_test(size=(80, 24)) as pilot:
        await caught_up(pilot)
        screen = await in_recordings(pilot)
        await select(pilot, screen, folder / "one.vmtui")
        (folder / "one.vmtui").write_bytes(b"no longer one")
        await press(pilot, "D")
        await made(pilot)
        assert "is not a recording of vmtui" in " ".join(shown(pilot).split())
        await press(pilot, "escape")
        on(pilot, RecordingsScreen)


async def test_the_largest_moment_of_a_recording(folder: Path) -> None:
    path = folder / "one.vmtui"
    ticks = tapes.moments(30)
    pages = [tick.sample.process(tapes.PID) for tick in ticks]
    sizes = [one.resident_pages for one in pages if one is not None]
    async with replayed(path, open_pid=tapes.PID).run_test(size=(80, 24)) as pilot:
        await caught_up(pilot)
        await press(pilot, "p")
        for _ in range(1000):
            if "largest here" in told(pilot):
                break
            await pilot.pause(0.01)
        await caught_up(pilot)
        clock = cast(Observatory, pilot.app).session.clock
        assert clock.current is not None
        assert clock.current.number == sizes.index(max(sizes))
        assert clock.mark is not None and clock.mark.number < clock.current.number
        assert clock.mark.target is not None
        assert tape_of(pilot).marked == clock.mark.number
        await do(pilot, "d")
        await made(pilot)
        assert "grew" in shown(pilot) and "touched" in shown(pilot)


async def test_a_search_that_takes_long_can_be_left() -> None:
    left: list[Any] = []
    async with observatory([factories.sample(0)]).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        pilot.app.push_screen(Working("looking", lambda: (1200, 36000)), left.append)
        await settled(pilot)
        assert "1,200 of 36,000" in shown(pilot)
        await press(pilot, "escape")
        assert left == [None]
        on(pilot, ProcessesScreen)
