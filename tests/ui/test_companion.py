"""The app on a command that it started: recorded and seen before it runs, and what comes after."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import psutil
import pytest
from textual.pilot import Pilot

from tests import factories
from tests.ui.screens.observing import deliver, press, settled, shown, told
from vmtui.observe.feed import ListFeed
from vmtui.record.reader import Recording
from vmtui.ui import companion as companions
from vmtui.ui.companion import Companion
from vmtui.ui.observatory import Observatory
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.settings import Settings

PATIENCE_SECONDS = 20.0
WORDS = ["sh", "-c", "echo out; exec sleep 60"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(companions, "state_directory", lambda: tmp_path / "state")
    return tmp_path


@pytest.fixture
def companion() -> Iterator[Companion]:
    made = Companion.start(WORDS)
    yield made
    made._command.send(signal.SIGKILL)
    made._command.wait()


def app_on(companion: Companion) -> Observatory:
    pid = companion.pid
    samples = [
        factories.sample(number, [factories.reading(pid)], target=factories.target(pid, number))
        for number in (1, 2, 3)
    ]
    feed = ListFeed(samples)
    session = factories.session(feed)
    return Observatory(session, feed, Settings(), lambda: ProcessesScreen(pid), companion=companion)


async def until(pilot: Pilot[Any], words: str) -> None:
    """These words have been said."""
    end, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while words not in told(pilot):
        assert time.monotonic() < end, told(pilot)
        pause.wait(0.01)
        await settled(pilot)


async def runs(pilot: Pilot[Any], companion: Companion) -> None:
    """It has been let go."""
    end = time.monotonic() + PATIENCE_SECONDS
    while companion._command.held:
        assert time.monotonic() < end
        await settled(pilot)


def output_of(companion: Companion) -> str:
    return companion._output.read_text()


async def test_it_runs_once_it_has_been_recorded_and_seen(companion: Companion, home: Path) -> None:
    assert psutil.Process(companion.pid).status() == psutil.STATUS_STOPPED
    app = app_on(companion)
    async with app.run_test(size=(120, 35)) as pilot:
        await settled(pilot)
        first = f"sh is process {companion.pid}, recorded from its first page; its output goes to "
        assert f"{first}{home}/state" in told(pilot)
        await runs(pilot, companion)
        companion._command.send(signal.SIGTERM)
        await until(pilot, "sh was ended by SIGTERM")
        await until(pilot, "recorded ")
        assert app.deck.recorder is None, "the recording ends with it"
    said = companion.part()
    assert said[0] == "sh was ended by SIGTERM"
    assert said[2] == f"its output: {companion._output}"
    assert output_of(companion) == "out\n"
    (path,) = (home / "data" / "vmtui").glob("*.vmtui")
    assert said[1] == f"recorded in {path}"
    with Recording(path) as recording:
        held = recording.sample(0).process(companion.pid)
        assert held is not None and held.stat.state == "T"


async def test_nobody_looks_at_it_so_it_is_held(
    companion: Companion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(companions, "_PATIENCE_SECONDS", 3600.0)
    app = app_on(companion)
    cast(ListFeed, app.session.feed)._samples = [factories.sample(1)] * 3  # of no process
    async with app.run_test(size=(120, 35)) as pilot:
        await deliver(pilot, 2)
        assert companion._command.held
        await press(pilot, "q")
        assert "quit while sh runs?" in shown(pilot)
        await press(pilot, "escape")
        assert app.is_running
    assert companion.part()[0] == "sh was ended by SIGKILL", "it has never run, and never will"
    assert not companion._output.exists(), "an empty file is of no use"


async def test_quitting_leaves_it_running(companion: Companion) -> None:
    app = app_on(companion)
    async with app.run_test(size=(120, 35)) as pilot:
        await runs(pilot, companion)
        await press(pilot, "q", "enter")
        await settled(pilot)
    assert app.return_code == 0
    assert companion.part()[0] == f"sh goes on as process {companion.pid}"
    assert psutil.Process(companion.pid).is_running()


async def test_quitting_ends_it(companion: Companion) -> None:
    app = app_on(companion)
    async with app.run_test(size=(120, 35)) as pilot:
        await runs(pilot, companion)
        await press(pilot, "q", "down", "enter")
        await settled(pilot)
    assert app.return_code == 0
    assert companion._command.wait() == 143


async def test_without_a_recording_it_runs_all_the_same(companion: Companion, home: Path) -> None:
    (home / "data").write_text("in the way")
    app = app_on(companion)
    async with app.run_test(size=(120, 35)) as pilot:
        await runs(pilot, companion)
        assert app.deck.recorder is None
        await press(pilot, "q", "down", "enter")
    assert not [said for said in companion.part() if said.startswith("recorded")]
