"""The list of recordings, and the way into one and out again."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any, cast

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from tests.record import tapes
from tests.record.runs_of_cow import recorded
from tests.ui.made_up import app
from tests.ui.screens.test_lab import waited
from tests.ui.stage import screen_lines
from vmtui.record import shelf as shelves
from vmtui.record.feed import ReplayFeed
from vmtui.record.recorder import Progress, Recorder
from vmtui.ui.dialogs.help import HelpScreen
from vmtui.ui.dialogs.working import Working
from vmtui.ui.observatory import Observatory
from vmtui.ui.replaying import feed_of
from vmtui.ui.screens import recordings
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.screens.recordings import RecordingsScreen
from vmtui.ui.screens.retold_stage import RetoldStage


@pytest.fixture(name="shelf")
def _shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    tapes.write(tmp_path / "plain.vmtui", tapes.moments(5), host=b"db-1")
    recorded(tmp_path / "cow.vmtui")
    (tmp_path / "bro\x1b[31mken.vmtui").write_bytes(b"nothing of the kind")
    (tmp_path / "other.txt").write_bytes(b"")
    for at, name in enumerate(("plain.vmtui", "bro\x1b[31mken.vmtui", "cow.vmtui")):
        os.utime(tmp_path / name, (at, at))
    return tmp_path


async def listed(pilot: Pilot[Any]) -> Observatory:
    """The list is there, and its files have been looked at."""
    observatory = cast(Observatory, pilot.app)
    await pilot.press("4")
    await waited(pilot, lambda: isinstance(observatory.screen, RecordingsScreen))
    await waited(pilot, lambda: cast(RecordingsScreen, observatory.screen)._files is not None)
    await pilot.pause()
    return observatory


def shown(pilot: Pilot[Any]) -> str:
    return "\n".join(screen_lines(cast(Observatory, pilot.app)))


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (160, 50)])
async def test_newest_first_with_what_each_says(size: tuple[int, int], shelf: Path) -> None:
    async with app().run_test(size=size) as pilot:
        observatory = await listed(pilot)
        text = shown(pilot)
        assert "3 recordings" in text
        places = [text.index(name) for name in ("cow.vmtui", "ken.vmtui", "plain.vmtui")]
        assert places == sorted(places)
        assert "db-1" in text and "other.txt" not in text and "\x1b" not in text
        assert "experiments: cow" in text
        assert all(cell_len(line) == size[0] for line in screen_lines(observatory))
        await pilot.press("down")
        await pilot.pause()
        assert "is not a recording of vmtui" in shown(pilot)


async def test_one_is_replayed_and_left_again(shelf: Path) -> None:
    async with app().run_test(size=(120, 35)) as pilot:
        observatory = await listed(pilot)
        live = observatory.session
        await pilot.press("down", "down", "enter")
        await waited(pilot, lambda: observatory.session is not live)
        await waited(pilot, lambda: "replay db-1" in shown(pilot))
        await waited(pilot, lambda: "worker" in shown(pilot))
        assert isinstance(observatory.screen, ProcessesScreen)
        await pilot.press("q")
        await waited(pilot, lambda: observatory.session is live)
        assert observatory.is_running


async def test_an_experiment_opens_on_its_stage(shelf: Path) -> None:
    async with app().run_test(size=(120, 35)) as pilot:
        observatory = await listed(pilot)
        live = observatory.session
        await pilot.press("enter")
        await waited(pilot, lambda: isinstance(observatory.screen, RetoldStage))
        await pilot.press("q")
        await waited(pilot, lambda: observatory.session is live)
        await pilot.press("3")
        await pilot.pause()
        assert not isinstance(observatory.screen, RetoldStage)


async def test_what_cannot_be_replayed_is_said_and_the_list_stays(shelf: Path) -> None:
    async with app().run_test(size=(120, 35)) as pilot:
        observatory = await listed(pilot)
        await pilot.press("down", "enter")
        await waited(pilot, lambda: observatory._notifications)
        (said,) = observatory._notifications
        assert "is not a recording" in str(said.message) and str(said.message).isprintable()
        assert isinstance(observatory.screen, RecordingsScreen)


async def test_an_empty_shelf_says_where_it_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    async with app().run_test(size=(120, 35)) as pilot:
        await listed(pilot)
        assert "none in" in shown(pilot) and "R records what goes on now" in shown(pilot)


async def test_opening_one_that_takes_long_can_be_left(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, opened = threading.Event(), threading.Event()

    def slow(path: Path) -> ReplayFeed:
        assert go_on.wait(20)
        feed = feed_of(path)
        opened.set()
        return feed

    monkeypatch.setattr(recordings, "feed_of", slow)
    async with app().run_test(size=(120, 35)) as pilot:
        observatory = await listed(pilot)
        live = observatory.session
        await pilot.press("down", "down", "enter")
        await waited(pilot, lambda: isinstance(observatory.screen, Working))
        await waited(pilot, lambda: "opening plain.vmtui" in shown(pilot))
        await pilot.press("escape", "up")
        assert isinstance(observatory.screen, RecordingsScreen)
        go_on.set()
        await waited(pilot, opened.is_set)
        await observatory.workers.wait_for_complete()
        assert observatory.session is live


async def test_a_long_list_says_how_far_it_is_and_is_read_once_at_a_time(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, looks = threading.Semaphore(0), list[Path]()
    look = shelves.look

    def slow(path: Path) -> shelves.Listed:
        looks.append(path)
        assert go_on.acquire(timeout=20)
        return look(path)

    monkeypatch.setattr(shelves, "look", slow)
    async with app().run_test(size=(120, 35)) as pilot:
        await pilot.press("4")
        go_on.release()
        await waited(pilot, lambda: "looking into 1 of 3 files" in shown(pilot))
        await pilot.press("1", "4", "1", "4")
        assert len(looks) == 2, "nobody else looks into them meanwhile"
        go_on.release(2)
        await waited(pilot, lambda: "3 recordings" in shown(pilot))
        assert sorted(looks) == sorted(shelf.glob("*.vmtui"))


async def test_stopping_a_recorder_keeps_nobody_waiting(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, stop = threading.Event(), Recorder.stop

    def slow(recorder: Recorder) -> Progress:
        assert go_on.wait(20)
        return stop(recorder)

    monkeypatch.setattr(Recorder, "stop", slow)
    async with app().run_test(size=(120, 35)) as pilot:
        observatory = cast(Observatory, pilot.app)
        await pilot.press("R")
        await waited(pilot, lambda: observatory.deck.recorder is not None)
        await pilot.press("R")
        assert observatory.deck.recorder is None
        await pilot.press("question_mark")
        await waited(pilot, lambda: isinstance(observatory.screen, HelpScreen))
        assert not observatory.deck.given
        go_on.set()
        await waited(pilot, lambda: observatory.deck.given)


async def test_whoever_leaves_while_it_is_finished_still_gets_the_file(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, stop, stopped = threading.Event(), Recorder.stop, list[Progress]()

    def slow(recorder: Recorder) -> Progress:
        assert go_on.wait(20)
        stopped.append(stop(recorder))
        return stopped[-1]

    monkeypatch.setattr(Recorder, "stop", slow)
    async with app().run_test(size=(120, 35)) as pilot:
        observatory = cast(Observatory, pilot.app)
        await pilot.press("R")
        await waited(pilot, lambda: observatory.deck.recorder is not None)
        await pilot.press("R", "q")
        await waited(pilot, lambda: not observatory.is_running)
    waiting = [one for one in threading.enumerate() if one.name == "vmtui-finish"]
    assert waiting and not any(one.daemon for one in waiting), "Python waits for these"
    go_on.set()
    for one in waiting:
        one.join(20)
    assert stopped and not stopped[0].running
