"""Work in a thread: a bar once it takes long, escape leaves it, and the keys work meanwhile."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.ui.made_up import app
from tests.ui.screens.observing import shown
from tests.ui.screens.test_lab import waited
from vmtui.errors import VmtuiError
from vmtui.told import Told
from vmtui.ui import aside as asides
from vmtui.ui.aside import aside
from vmtui.ui.comparing import Cancelled
from vmtui.ui.dialogs.help import HelpScreen
from vmtui.ui.dialogs.working import Working
from vmtui.ui.unawaited import Unawaited


class Work:
    """Goes as far as the test lets it."""

    def __init__(self, error: str = "") -> None:
        self.steps = threading.Semaphore(0)
        self.begun, self.left = threading.Event(), threading.Event()
        self.taken: list[str | VmtuiError] = []
        self._error = error

    def __call__(self, told: Told) -> str:
        self.begun.set()
        try:
            for done in range(1, 4):
                assert self.steps.acquire(timeout=20)
                told(done, 4)
        except Cancelled:
            self.left.set()
            raise
        if self._error:
            raise VmtuiError(self._error)
        return "found"

    def begin(self, pilot: Pilot[Any]) -> None:
        aside(pilot.app.screen, "counting", self, self.taken.append, group="test")


def bar_is_open(pilot: Pilot[Any]) -> bool:
    return isinstance(pilot.app.screen, Working)


@pytest.mark.parametrize("error", ["", "it cannot be read"])
async def test_a_bar_that_moves_and_goes(error: str) -> None:
    work = Work(error)
    async with app().run_test(size=(120, 35)) as pilot:
        work.begin(pilot)
        await waited(pilot, lambda: bar_is_open(pilot))
        work.steps.release()
        await waited(pilot, lambda: "1 of 4" in shown(pilot))
        assert "counting" in shown(pilot)
        work.steps.release(2)
        await waited(pilot, lambda: work.taken)
        await waited(pilot, lambda: not bar_is_open(pilot))
    (taken,) = work.taken
    assert str(taken) == (error or "found") and isinstance(taken, VmtuiError) is bool(error)


async def test_escape_leaves_it() -> None:
    work = Work()
    async with app().run_test(size=(120, 35)) as pilot:
        work.begin(pilot)
        await waited(pilot, lambda: bar_is_open(pilot))
        await pilot.press("escape")
        assert not bar_is_open(pilot)
        await pilot.press("question_mark")
        await waited(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        work.steps.release()
        await waited(pilot, work.left.is_set)
    assert not work.taken


async def test_what_is_quick_shows_no_bar_and_keys_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asides, "SILENT_SECONDS", 3600.0)
    work = Work()
    async with app().run_test(size=(120, 35)) as pilot:
        work.begin(pilot)
        await pilot.press("question_mark")
        await waited(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        await pilot.press("escape")
        work.steps.release(3)
        await waited(pilot, lambda: work.taken == ["found"])


async def test_another_of_its_kind_takes_its_place() -> None:
    first, second = Work(), Work()
    async with app().run_test(size=(120, 35)) as pilot:
        first.begin(pilot)
        await waited(pilot, first.begun.is_set)
        second.begin(pilot)
        first.steps.release()
        await waited(pilot, first.left.is_set)
        second.steps.release(3)
        await waited(pilot, lambda: second.taken == ["found"])
        await pilot.pause()
        assert not bar_is_open(pilot)
    assert not first.taken


def test_threads_that_go_on_are_given_a_moment_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop's executor is shut down twice: waited for when it ends, not when it closes."""
    joined: list[float | None] = []
    go_on, executor = threading.Event(), Unawaited()
    never = executor.submit(go_on.wait)
    assert executor.submit(lambda: 3).result(20) == 3
    with pytest.raises(ZeroDivisionError):
        executor.submit(lambda: 1 // 0).result(20)
    monkeypatch.setattr(threading.Thread, "join", lambda _thread, wait=None: joined.append(wait))
    executor.shutdown(wait=True)
    assert joined and all(wait is not None and wait < 1 for wait in joined)
    joined.clear()
    executor.shutdown(wait=False)
    assert not joined and not never.done()
    go_on.set()
    assert never.result(20)
