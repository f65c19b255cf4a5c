"""Before an experiment changes something outside its processes, the stage asks: once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ui.made_up import MadeUpLaboratory, app
from tests.ui.screens.test_lab import after_steps, on_stage, run, shown, waited
from vmtui.lab.operations.map import Map
from vmtui.lab.text import Text
from vmtui.ui.dialogs import Consent
from vmtui.ui.lab.run import State
from vmtui.ui.screens.stage import StageScreen

CHANGES = [
    Text("a swap file of 64M is in use until the end", "64M のスワップファイルを使う"),
    Text("the processes are in a memory cgroup of their own", "専用のメモリグループに入る"),
]


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch) -> list[Text]:
    """What the script of the made-up experiment says it changes."""
    said = list(CHANGES)
    monkeypatch.setattr(Map, "changes", lambda _self: tuple(said))
    return said


@pytest.mark.parametrize("key", ["enter", "y"])
async def test_it_asks_once_and_not_again_for_the_same(changes: Any, key: str) -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        screen = await on_stage(pilot)
        await pilot.press("right")
        await waited(pilot, lambda: isinstance(observatory.screen, Consent))
        await pilot.pause()
        for change in CHANGES:
            assert change.en in shown(pilot)
        assert not run(screen).finished
        await pilot.press(key)
        await waited(pilot, lambda: len(run(screen).finished) == 1)
        await waited(pilot, lambda: "machine changed" in shown(pilot))
        before = run(screen)
        await pilot.press("r", "space")
        await waited(pilot, lambda: run(screen) is not before and len(run(screen).finished) > 1)
        assert isinstance(observatory.screen, StageScreen)
        changes.append(Text("one thing more", "もう一つ"))
        await waited(pilot, lambda: run(screen).state is State.OVER)
        await pilot.press("space")
        await waited(pilot, lambda: isinstance(observatory.screen, Consent))
        assert "one thing more" in shown(pilot)


@pytest.mark.parametrize("key", ["escape", "n"])
@pytest.mark.parametrize("start", ["space", "right"])
async def test_leaving_it_starts_nothing(changes: Any, key: str, start: str) -> None:
    observatory = app()
    async with observatory.run_test(size=(60, 15)) as pilot:
        screen = await on_stage(pilot)
        await pilot.press(start)
        await waited(pilot, lambda: isinstance(observatory.screen, Consent))
        await pilot.press(key)
        await waited(pilot, lambda: observatory.screen is screen)
        await pilot.pause(0.1)
        assert run(screen).state is State.READY and not run(screen).wants_to_run
        await pilot.press(start)
        await waited(pilot, lambda: isinstance(observatory.screen, Consent))


async def test_it_asks_in_the_laboratorys_language(changes: Any) -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        await on_stage(pilot)
        await pilot.press("J", "space")
        await waited(pilot, lambda: isinstance(observatory.screen, Consent))
        await pilot.pause()
        assert CHANGES[0].ja in shown(pilot)


async def test_readonly_refuses_it_in_a_sentence(changes: Any) -> None:
    observatory = app(readonly=True)
    async with observatory.run_test(size=(120, 35)) as pilot:
        screen = await on_stage(pilot)
        for key in ("space", "right"):
            await pilot.press(key)
            await pilot.pause()
            assert observatory.screen is screen and not run(screen).wants_to_run
        assert any("--readonly" in str(one.message) for one in observatory._notifications)


async def test_readonly_lets_the_others_run() -> None:
    observatory = app(readonly=True)
    async with observatory.run_test(size=(80, 24)) as pilot:
        screen = await on_stage(pilot)
        await after_steps(pilot, screen, 2)
        assert len(run(screen).finished) == 2


async def test_what_could_not_be_put_back_is_an_alarm() -> None:
    laboratory = MadeUpLaboratory()
    observatory = app(laboratory)
    async with observatory.run_test(size=(120, 35)) as pilot:
        screen = await on_stage(pilot)
        laboratory.runs[0].left = ("/var/x.swap is still in use",)
        await pilot.press("space")
        await waited(pilot, lambda: run(screen).state is State.OVER)
        await waited(pilot, lambda: "/var/x.swap is still in use" in shown(pilot))
        assert "machine changed" not in shown(pilot)
