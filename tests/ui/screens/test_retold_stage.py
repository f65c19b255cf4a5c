"""Experiments of recordings on their stage: the same cells as live, any moment, no process."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any, cast

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from tests.record.runs_of_cow import last_of, recorded
from tests.ui.made_up import COW, MadeUpLaboratory, app
from tests.ui.replayed import caught_up, replayed
from tests.ui.screens.test_lab import on_stage, waited
from tests.ui.stage import screen_lines
from tests.ui.test_replay_alike import cells_of
from vmtui.lab.experiments import ALL
from vmtui.lab.moments import Moment
from vmtui.record.reader import Recording
from vmtui.record.retold import retold
from vmtui.ui.dialogs import Choose
from vmtui.ui.lab.retold_run import RetoldRun
from vmtui.ui.lab.run import SPEEDS, State
from vmtui.ui.lab.scene import SceneMaker
from vmtui.ui.observatory import Observatory
from vmtui.ui.screens.process import ProcessScreen
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.screens.retold_stage import RetoldStage
from vmtui.ui.screens.stage import StageScreen
from vmtui.ui.widgets.scrub_bar import ScrubBar

RECORDINGS = Path(__file__).parents[3] / "assets" / "recordings"
SIZES = [(60, 16), (80, 24), (120, 35), (160, 50)]
MOST_BYTES = 250_000


async def staged(pilot: Pilot[Any]) -> RetoldRun:
    """The stage is open, and all of its moments have been read."""
    observatory = cast(Observatory, pilot.app)
    if not isinstance(observatory.screen, RetoldStage):
        await caught_up(pilot)
        await pilot.press("3")
    await waited(pilot, lambda: isinstance(observatory.screen, RetoldStage))
    run = cast(RetoldStage, observatory.screen).staged
    assert run is not None
    await waited(pilot, lambda: len(run._all) == run.count and run.index >= 0)
    await pilot.pause()
    return run


async def go_to(pilot: Pilot[Any], run: RetoldRun, index: int) -> None:
    """Show a moment."""
    run.seek(index)
    await waited(pilot, lambda: run.index == index)
    await pilot.pause()
    await pilot.pause()


class Turns:
    """One moment for each time it is given; stands for the event of a made-up run."""

    def __init__(self) -> None:
        self._given = threading.Semaphore(0)
        self.set = self.give

    def give(self) -> None:
        self._given.release()

    def wait(self) -> None:
        self._given.acquire()


async def every_moment_painted(pilot: Pilot[Any], screen: StageScreen, steps: int) -> None:
    """Do so many steps, each moment of them painted."""
    laboratory = cast(MadeUpLaboratory, screen.laboratory)
    (made,) = laboratory.runs
    made.go = turns = cast(Any, Turns())
    at = 0
    for count in made.chunk_counts[:steps]:
        await pilot.press("right")
        for _ in range(count):
            turns.give()
            at += 1
            await waited(pilot, lambda at=at: screen._maker._eye.glow._number == at)


def shown(pilot: Pilot[Any]) -> str:
    return "\n".join(screen_lines(cast(Observatory, pilot.app)))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("steps", [1, 2, 4, 7])
async def test_the_stage_shows_the_same_as_it_did_live(
    steps: int, size: tuple[int, int], tmp_path: Path
) -> None:
    moments = recorded(tmp_path / "a.vmtui")
    width, height = size
    live = app(MadeUpLaboratory())
    async with live.run_test(size=(width, height - 1)) as pilot:  # without the line of moments
        screen = await on_stage(pilot)
        await every_moment_painted(pilot, screen, steps)
        if steps == 7:
            await pilot.press("right")
            await waited(pilot, lambda: screen.run_now is not None and screen.run_now.result)
        await pilot.pause()
        await pilot.pause()
        one = cells_of(live)[1:-1]
    again = replayed(tmp_path / "a.vmtui")
    async with again.run_test(size=size) as pilot:
        run = await staged(pilot)
        await go_to(pilot, run, last_of(moments, steps - 1))
        other = cells_of(again)[1:-2]
    for number, (before, after) in enumerate(zip(one, other, strict=True), 1):
        assert before == after, f"line {number}"


@pytest.mark.parametrize("size", SIZES)
async def test_every_moment_at_every_size(size: tuple[int, int], tmp_path: Path) -> None:
    moments = recorded(tmp_path / "a.vmtui")
    observatory = replayed(tmp_path / "a.vmtui")
    async with observatory.run_test(size=size) as pilot:
        run = await staged(pilot)
        for index in range(0, len(moments), 5):
            await go_to(pilot, run, index)
            assert all(cell_len(line) == size[0] for line in screen_lines(observatory))


async def test_it_plays_pauses_steps_and_goes_anywhere(tmp_path: Path) -> None:
    moments = recorded(tmp_path / "a.vmtui")
    observatory = replayed(tmp_path / "a.vmtui")
    async with observatory.run_test(size=(120, 35)) as pilot:
        run = await staged(pilot)
        assert run.index == 0 and run.state.value == "ready"
        await pilot.press(*["right_curly_bracket"] * len(SPEEDS))
        for step in (0, 1):
            await pilot.press("right")
            await waited(pilot, lambda step=step: run.index == last_of(moments, step))
        assert run.state.value == "paused"
        await waited(pilot, lambda: "step 2 of 7" in shown(pilot))
        await pilot.press("left_square_bracket")
        await waited(pilot, lambda: run.index == last_of(moments, 1) - 1)
        await pilot.press("right_square_bracket", "right_parenthesis")
        await waited(pilot, lambda: run.index == min(last_of(moments, 1) + 10, len(moments) - 1))
        await pilot.press("end")
        await waited(pilot, lambda: run.state is State.OVER)
        await waited(pilot, lambda: "exact predictions held" in shown(pilot))
        await pilot.press("home")
        await waited(pilot, lambda: run.index == 0)
        await pilot.press("space")
        await waited(pilot, lambda: run.index == len(moments) - 1)
        await pilot.press("left_curly_bracket", "left_curly_bracket", "space")
        await waited(pilot, lambda: run.state is State.RUNNING)
        await pilot.press("space")
        await waited(pilot, lambda: not run.wants_to_run)
        bar = observatory.screen.query_one(ScrubBar)
        await pilot.click(bar, offset=(60, 0))
        await waited(pilot, lambda: 0 < run.index < len(moments) - 1)


async def test_predictions_can_be_kept_secret_and_the_script_be_c(tmp_path: Path) -> None:
    moments = recorded(tmp_path / "a.vmtui")
    observatory = replayed(tmp_path / "a.vmtui")
    async with observatory.run_test(size=(80, 24)) as pilot:
        run = await staged(pilot)
        await go_to(pilot, run, last_of(moments, 3))
        assert COW.answer.en in shown(pilot)
        await pilot.press("p", "C")
        await pilot.pause()
        assert COW.answer.en not in shown(pilot) and "fork();" in shown(pilot)
        await pilot.press("J")
        await pilot.pause()
        assert COW.question.ja in shown(pilot)


async def test_a_process_is_opened_as_it_was_then(tmp_path: Path) -> None:
    recorded(tmp_path / "a.vmtui")
    observatory = replayed(tmp_path / "a.vmtui")
    async with observatory.run_test(size=(80, 24)) as pilot:
        await staged(pilot)
        await pilot.press("a")
        await waited(pilot, lambda: isinstance(observatory.screen, ProcessScreen))
        await pilot.press("3")
        await waited(pilot, lambda: isinstance(observatory.screen, RetoldStage))
        await pilot.press("escape")
        await waited(pilot, lambda: not isinstance(observatory.screen, RetoldStage))


async def test_one_of_several_can_be_chosen_and_then_another(tmp_path: Path) -> None:
    recorded(tmp_path / "a.vmtui", runs=2)
    observatory = replayed(tmp_path / "a.vmtui")
    async with observatory.run_test(size=(80, 24)) as pilot:
        await caught_up(pilot)
        for _ in range(2):
            await pilot.press("3")
            await waited(pilot, lambda: isinstance(observatory.screen, Choose))
            await pilot.press("down", "enter")
            await waited(pilot, lambda: isinstance(observatory.screen, RetoldStage))
            await pilot.press("escape")
            await waited(pilot, lambda: isinstance(observatory.screen, ProcessesScreen))


async def test_without_an_experiment_that_is_said(tmp_path: Path) -> None:
    from tests.record import tapes

    path = tapes.write(tmp_path / "a.vmtui", tapes.moments(2))
    observatory = replayed(path)
    async with observatory.run_test(size=(80, 24)) as pilot:
        await caught_up(pilot)
        await pilot.press("3")
        await pilot.pause()
        assert any("holds no experiment" in str(one.message) for one in observatory._notifications)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE moments SET data = x'00' WHERE number = 20",
        "DELETE FROM moments WHERE number = 20",
        "UPDATE moments SET data = (SELECT data FROM moments WHERE number = 40) WHERE number = 41",
        "UPDATE moments SET base = 0 WHERE number = 21",
        "UPDATE experiments SET began = 1e300",
        "UPDATE experiments SET result = start",
        "UPDATE experiments SET start = result",
        "DELETE FROM classes WHERE name = 'Moment'",
    ],
)
async def test_what_was_edited_leaves_the_rest(statement: str, tmp_path: Path) -> None:
    path = tmp_path / "a.vmtui"
    recorded(path)
    with sqlite3.connect(path) as file:
        file.execute(statement)
    file.close()
    try:
        observatory = replayed(path)
    except Exception as error:
        assert type(error).__name__ == "CannotReplay"
        return
    async with observatory.run_test(size=(120, 35)) as pilot:
        await caught_up(pilot)
        await pilot.press("3")
        await pilot.pause()
        if isinstance(observatory.screen, RetoldStage):
            run = observatory.screen.staged
            assert run is not None
            await waited(pilot, lambda: run.error or len(run._all) == run.count)
            await pilot.press("end")
            await waited(pilot, lambda: run.error or run.index == run.count - 1)
            await pilot.pause()
        assert all(line.isprintable() for line in screen_lines(observatory))


async def test_a_moment_that_cannot_be_drawn_is_said_and_the_others_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = recorded(tmp_path / "a.vmtui")
    observatory = replayed(tmp_path / "a.vmtui")
    make = SceneMaker.make

    def made(self: SceneMaker, run: Any, **how: Any) -> Any:
        if run.latest is not None and run.latest.number == 5:
            raise IndexError
        return make(self, run, **how)

    monkeypatch.setattr(SceneMaker, "make", made)
    async with observatory.run_test(size=(120, 35)) as pilot:
        run = await staged(pilot)
        await go_to(pilot, run, 5)
        assert "this moment cannot be drawn" in shown(pilot)
        await go_to(pilot, run, len(moments) - 1)
        assert "cannot be drawn" not in shown(pilot)
        assert "exact predictions held" in shown(pilot)


def test_there_is_a_recording_of_every_experiment() -> None:
    assert {path.stem for path in RECORDINGS.glob("*.vmtui")} == {one.id for one in ALL}


@pytest.mark.parametrize("name", [one.id for one in ALL])
async def test_the_recording_of_an_experiment_is_shown_to_its_end(name: str) -> None:
    path = RECORDINGS / f"{name}.vmtui"
    assert path.stat().st_size < MOST_BYTES
    with Recording(path) as recording:
        (experiment,) = recording.experiments
        assert experiment.start.id == name
        assert experiment.result is not None and experiment.result.verdict == "as predicted"
        told = retold(experiment.start, recording.about.memory_bytes)
        assert sum(told.chunk_counts) + 1 == len(experiment.moments) == len(told.forecast)
        last: Moment = recording.moment(experiment.number, len(experiment.moments) - 1)
    observatory = replayed(path)
    async with observatory.run_test(size=(120, 35)) as pilot:
        run = await staged(pilot)
        for index in (0, run.count // 3, run.count // 2, run.count - 1):
            await go_to(pilot, run, index)
            assert not run.error
            assert told.experiment.question.en[:20] in shown(pilot)
        assert run.latest is not None and run.latest.at == last.at
        await pilot.press("M", "C", "minus", "tab", "J")
        await pilot.pause()
        assert told.experiment.question.ja[:6] in shown(pilot)
