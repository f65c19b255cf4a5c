"""Runs in their thread: what is told, when they stand still, and how they end."""

from __future__ import annotations

from functools import partial

from textual.message import Message

from tests.ui.made_up import COW, MadeUpLaboratory, until
from vmtui.ui.lab.run import SPEEDS, LabRun, RunFailed, RunMoved, State

FULL_SPEED = len(SPEEDS) - 1


def begun(laboratory: MadeUpLaboratory, heard: list[Message]) -> LabRun:
    run = LabRun(laboratory, COW, COW.values(), heard.append, speed=FULL_SPEED)
    laboratory.begin(run)
    return run


def ready(laboratory: MadeUpLaboratory, heard: list[Message]) -> LabRun:
    run = begun(laboratory, heard)
    until(lambda: run.state is State.READY)
    return run


def _stands_after(run: LabRun, steps: int) -> bool:
    return len(run.finished) == steps and run.state is State.PAUSED


def test_nothing_is_done_before_it_is_asked_for() -> None:
    run = ready(MadeUpLaboratory(), [])
    assert run.latest is not None and run.latest.step == -1
    until(lambda: run.forecast and run.forecast[-1].step == 6)
    run.close()
    run.join(5)
    assert run.state is State.OVER


def test_a_step_is_a_whole_step() -> None:
    run = ready(MadeUpLaboratory(), [])
    for step in range(3):
        run.step()
        until(partial(_stands_after, run, step + 1))
        assert run.latest is not None and (run.latest.step, run.latest.part) == (step, 1.0)
    run.close()


def test_it_runs_to_the_end_and_keeps_every_moment() -> None:
    run = ready(MadeUpLaboratory(), [])
    run.go_on()
    until(lambda: run.state is State.OVER)
    assert run.run is not None and run.result is not None
    assert len(run.past) == 1 + sum(len(chunks) for chunks in run.run.plan)
    assert [moment.step for moment in run.finished] == list(range(7))


def test_it_pauses_after_a_chunk_and_goes_on() -> None:
    laboratory = MadeUpLaboratory()
    run = LabRun(laboratory, COW, COW.values(), lambda _: None, speed=0)
    laboratory.begin(run)
    until(lambda: run.state is State.READY)
    run.toggle()
    until(lambda: len(run.past) > 1)
    run.toggle()
    assert not run.wants_to_run
    seen = len(run.past)
    run.change_speed(FULL_SPEED)
    run.toggle()
    until(lambda: run.state is State.OVER)
    assert len(run.past) > seen


def test_while_a_moment_is_long_in_coming_one_glances() -> None:
    laboratory = MadeUpLaboratory()
    run = ready(laboratory, [])
    (made_up,) = laboratory.runs
    run.step()
    until(lambda: _stands_after(run, 1))
    made_up.go.clear()
    run.go_on()
    until(lambda: len(run.glances) > 2)
    seen = run.glances
    assert {one.step for one in seen} == {1}
    assert seen[0].since == 0.0
    assert [one.part for one in seen] == sorted(one.part for one in seen)
    assert seen[-1].part < 1 / len(laboratory.runs[0].plan[1])
    assert seen[0].chart == {"rss.parent": 123 << 20}
    made_up.go.set()
    until(lambda: run.state is State.OVER)
    assert run.glances == ()


def test_news_are_told_once_until_somebody_looks() -> None:
    heard: list[Message] = []
    run = ready(MadeUpLaboratory(), heard)
    run.go_on()
    until(lambda: run.state is State.OVER)
    assert len([one for one in heard if isinstance(one, RunMoved)]) == 1
    run.seen()
    run.pause()
    run._news()
    assert len(heard) == 2


def test_another_run_begins_when_the_one_before_has_ended() -> None:
    laboratory = MadeUpLaboratory()
    first = ready(laboratory, [])
    second = ready(laboratory, [])
    assert laboratory.runs[0].closed.is_set()
    assert first.state is State.OVER
    assert laboratory.busy is False
    second.step()
    until(lambda: second.state is State.PAUSED)
    assert laboratory.busy
    laboratory.close()
    assert laboratory.runs[1].closed.is_set()


def test_what_is_refused_is_said() -> None:
    run = begun(MadeUpLaboratory(refuses="it would use 2T; here it may use 1G"), [])
    until(lambda: run.state is State.OVER)
    assert run.error.startswith("it would use")
    run.toggle()
    assert run.state is State.OVER


def test_a_mistake_of_ours_is_not_kept_secret() -> None:
    class Broken(MadeUpLaboratory):
        def make(self, *_: object) -> None:  # type: ignore[override]  # it never makes one
            raise RuntimeError("broken")

    heard: list[Message] = []
    begun(Broken(), heard)
    until(lambda: any(isinstance(one, RunFailed) for one in heard))


def test_speeds_have_ends() -> None:
    run = LabRun(MadeUpLaboratory(), COW, COW.values(), lambda _: None)
    assert run.change_speed(-10) == SPEEDS[0][0]
    assert run.change_speed(10) == SPEEDS[-1][0]
