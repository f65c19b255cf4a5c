"""The laboratory's screens under a pilot, on a made-up run."""

from __future__ import annotations

from typing import Any, cast

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from tests.ui.made_up import COW, MadeUpLaboratory, app
from tests.ui.stage import screen_lines
from vmtui.ui.dialogs import Card, Confirm
from vmtui.ui.dialogs.ask import Ask
from vmtui.ui.lab.run import SPEEDS, LabRun, State
from vmtui.ui.observatory import Observatory
from vmtui.ui.palette import Depth
from vmtui.ui.screens.lab import ListScreen
from vmtui.ui.screens.process import ProcessScreen
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.screens.stage import StageScreen
from vmtui.ui.settings import Settings

SIZES = [(60, 15), (80, 24), (120, 35), (160, 50)]


async def waited(pilot: Pilot[Any], happened: Any) -> None:
    for _ in range(500):
        await pilot.pause(0.01)
        if happened():
            return
    raise AssertionError("it did not happen")


async def on_stage(pilot: Pilot[Any], speed: int = len(SPEEDS) - 1) -> StageScreen:
    """The stage of `cow`, ready."""
    await pilot.press("3")
    await waited(pilot, lambda: isinstance(pilot.app.screen, ListScreen))
    screen = StageScreen(COW)
    screen._speed = speed
    pilot.app.push_screen(screen)
    await waited(pilot, lambda: screen.run_now is not None and run(screen).state is State.READY)
    await pilot.pause()
    return screen


def run(screen: StageScreen) -> LabRun:
    assert screen.run_now is not None
    return screen.run_now


async def after_steps(pilot: Pilot[Any], screen: StageScreen, steps: int) -> None:
    for number in range(steps):
        await pilot.press("right")
        await waited(pilot, lambda number=number: len(run(screen).finished) > number)
    await waited(pilot, lambda: run(screen).state in (State.PAUSED, State.OVER))
    await pilot.pause()
    await pilot.pause()


def shown(pilot: Pilot[Any]) -> str:
    return "\n".join(screen_lines(cast(Observatory, pilot.app)))


async def test_the_list_says_what_each_asks_and_opens_it() -> None:
    laboratory = MadeUpLaboratory()
    observatory = app(laboratory)
    async with observatory.run_test(size=(120, 35)) as pilot:
        await pilot.press("3")
        await waited(pilot, lambda: isinstance(observatory.screen, ListScreen))
        await pilot.pause()
        assert "What does fork copy?" in shown(pilot)
        assert "2 Machine  3 Lab" in shown(pilot)
        await pilot.press("down", "down", "down")
        await pilot.press("enter")
        await waited(pilot, lambda: isinstance(observatory.screen, StageScreen))
        await pilot.press("escape")
        await waited(pilot, lambda: isinstance(observatory.screen, ListScreen))
        await pilot.press("1")
        await waited(pilot, lambda: isinstance(observatory.screen, ProcessesScreen))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "ja"])
async def test_every_step_at_every_size(size: tuple[int, int], language: Any) -> None:
    laboratory = MadeUpLaboratory()
    laboratory.language = language
    observatory = app(laboratory)
    async with observatory.run_test(size=size) as pilot:
        screen = await on_stage(pilot)
        for steps in range(1, 8):
            await pilot.press("right")
            await waited(pilot, lambda steps=steps: len(run(screen).finished) >= steps)
            await pilot.pause()
            for line in screen_lines(observatory):
                assert cell_len(line) == size[0]


async def test_the_pages_that_split_are_told_apart() -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        screen = await on_stage(pilot)
        await after_steps(pilot, screen, 3)
        assert "==========" in shown(pilot) and "≠" not in shown(pilot)
        await pilot.press("right")
        await waited(pilot, lambda: len(run(screen).finished) == 4)
        await pilot.pause()
        assert "1========= 1=========" in shown(pilot)
        assert "2========= 2=========" in shown(pilot)
        assert "≠" in shown(pilot)
        assert "440 frames instead of 800" in shown(pilot)


async def test_predictions_can_be_kept_secret() -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        screen = await on_stage(pilot)
        await after_steps(pilot, screen, 2)
        assert COW.answer.en in shown(pilot)
        await pilot.press("p")
        await pilot.pause()
        assert COW.answer.en not in shown(pilot)
        assert COW.lines[1].told.en.split(":")[0] not in shown(pilot)
        assert " ? " in shown(pilot)
        assert "0 =" not in shown(pilot)
        await pilot.press("p")
        await pilot.pause()
        assert "0 =" in shown(pilot)


async def test_space_runs_pauses_and_begins_again() -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        screen = await on_stage(pilot, speed=0)
        await pilot.press("space")
        await waited(pilot, lambda: run(screen).state is State.RUNNING)
        await waited(pilot, lambda: "space pause" in shown(pilot))
        await pilot.press("space")
        await waited(pilot, lambda: run(screen).state in (State.PAUSED, State.READY))
        await pilot.press(*["right_curly_bracket"] * 6)
        await waited(pilot, lambda: "full speed" in shown(pilot))
        await pilot.press("space")
        await waited(pilot, lambda: run(screen).state is State.OVER)
        await waited(pilot, lambda: "space again" in shown(pilot))
        before = run(screen)
        await pilot.press("space")
        await waited(pilot, lambda: run(screen) is not before)
        await waited(pilot, lambda: run(screen).state is State.OVER)


async def test_what_differs_is_an_alarm() -> None:
    observatory = app(MadeUpLaboratory(off=1))
    async with observatory.run_test(size=(120, 35)) as pilot:
        screen = await on_stage(pilot)
        await after_steps(pilot, screen, 2)
        assert "+1 ≠" in shown(pilot)


async def test_what_is_refused_is_said_on_the_stage() -> None:
    observatory = app(MadeUpLaboratory(refuses="it would use 2T; here it may use 1G"))
    async with observatory.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await waited(pilot, lambda: isinstance(observatory.screen, ListScreen))
        observatory.push_screen(StageScreen(COW))
        await waited(pilot, lambda: "it would use 2T" in shown(pilot))


async def test_c_whole_regions_charts_overlay_and_language() -> None:
    observatory = app()
    async with observatory.run_test(size=(120, 35)) as pilot:
        screen = await on_stage(pilot)
        await after_steps(pilot, screen, 4)
        await pilot.press("C")
        await pilot.pause()
        assert "pid_t child = fork();" in shown(pilot)
        await pilot.press("C", "minus", "tab")
        await pilot.pause()
        await pilot.press("shift+tab", "plus", "o")
        await pilot.pause()
        assert any("no run before this one has finished" in str(one.message)
                   for one in observatory._notifications)  # fmt: skip
        await pilot.press("space")
        await waited(pilot, lambda: run(screen).state is State.OVER)
        await pilot.press("r", "o")
        await waited(pilot, lambda: run(screen).state is State.READY)
        await pilot.pause()
        assert "last run" in shown(pilot)
        await pilot.press("J")
        await pilot.pause()
        assert COW.question.ja in shown(pilot)


async def test_parameters_can_be_changed() -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        screen = await on_stage(pilot)
        await pilot.press("e")
        await pilot.pause()
        await pilot.press("down", "enter")
        await waited(pilot, lambda: isinstance(observatory.screen, Ask))
        await pilot.press(*["backspace"] * 4, *"99999", "enter")
        await pilot.pause()
        assert isinstance(observatory.screen, Ask)
        await pilot.press(*["backspace"] * 5, *"20", "enter")
        await waited(pilot, lambda: run(screen).values["stride"] == "20")


async def test_notes_and_figures_are_told() -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        await on_stage(pilot)
        for key in "ni":
            await pilot.press(key)
            await waited(pilot, lambda: isinstance(observatory.screen, Card))
            await pilot.press("escape")
            await waited(pilot, lambda: isinstance(observatory.screen, StageScreen))


async def test_a_process_is_opened_in_the_microscope_and_the_run_stands_still() -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        screen = await on_stage(pilot)
        await after_steps(pilot, screen, 3)
        await pilot.press("a")
        await pilot.pause()
        await pilot.press("enter")
        await waited(pilot, lambda: isinstance(observatory.screen, ProcessScreen))
        assert cast(ProcessScreen, observatory.screen).pid == 8124
        assert not run(screen).wants_to_run
        observatory.pop_screen()
        await waited(pilot, lambda: observatory.screen is screen)


async def test_another_area_lets_the_run_stand_still_and_leaving_ends_it() -> None:
    laboratory = MadeUpLaboratory()
    observatory = app(laboratory)
    async with observatory.run_test(size=(80, 24)) as pilot:
        screen = await on_stage(pilot, speed=0)
        await pilot.press("space")
        await waited(pilot, lambda: run(screen).state is State.RUNNING)
        await pilot.press("1")
        await waited(pilot, lambda: not run(screen).wants_to_run)
        await pilot.press("3")
        await waited(pilot, lambda: observatory.screen is screen)
        await pilot.press("escape")
        await waited(pilot, laboratory.runs[0].closed.is_set)


async def test_quitting_asks_while_an_experiment_has_processes() -> None:
    laboratory = MadeUpLaboratory()
    observatory = app(laboratory)
    async with observatory.run_test(size=(80, 24)) as pilot:
        screen = await on_stage(pilot)
        await after_steps(pilot, screen, 2)
        await pilot.press("q")
        await waited(pilot, lambda: isinstance(observatory.screen, Confirm))
        assert COW.title.en in shown(pilot)
        await pilot.press("n")
        await waited(pilot, lambda: observatory.screen is screen)
        await pilot.press("q")
        await waited(pilot, lambda: isinstance(observatory.screen, Confirm))
        await pilot.press("y")
        await waited(pilot, lambda: not observatory.is_running)
    assert laboratory.runs[0].closed.is_set()


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("theme", ["dark", "light", "projector", "projector-light"])
async def test_every_theme_at_every_depth(depth: Depth, theme: str) -> None:
    observatory = app(depth=depth, settings=Settings(theme=theme))
    async with observatory.run_test(size=(80, 24)) as pilot:
        screen = await on_stage(pilot)
        await after_steps(pilot, screen, 4)
        assert "2=========" in shown(pilot)
