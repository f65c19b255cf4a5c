"""A run in the laboratory while something is recorded: what gets into the file, and fits."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, cast

from tests.record import tapes
from tests.ui.made_up import COW, MadeUpLaboratory, until
from vmtui.lab.moments import Moment
from vmtui.record.reader import Recording
from vmtui.record.recorder import Recorder
from vmtui.record.retold import check, retold
from vmtui.record.writer import Writer
from vmtui.ui.lab.run import SPEEDS, LabRun, State

FULL_SPEED = len(SPEEDS) - 1


class MadeUpRecorder:
    """What a run asks of a recorder."""

    def __init__(self, path: Path) -> None:
        self.writer = Writer(path, tapes.about())
        self.watched: set[int] = set()

    def watch(self, pid: int) -> None:
        self.watched.add(pid)


def begun(laboratory: MadeUpLaboratory, recorders: list[MadeUpRecorder]) -> LabRun:
    """A run that is ready, beside the last of the recorders."""

    def now() -> Recorder | None:
        return cast(Any, recorders[-1]) if recorders else None

    run = LabRun(
        laboratory, COW, COW.values(), lambda _: None, speed=FULL_SPEED, recorder=now
    )  # fmt: skip
    laboratory.begin(run)
    until(lambda: run.state is State.READY)
    until(lambda: run.forecast and run.forecast[-1].step == 6)
    return run


def _stands_after(run: LabRun, steps: int) -> bool:
    return len(run.finished) == steps and run.state is State.PAUSED


def to_the_end(run: LabRun) -> None:
    run.go_on()
    until(lambda: run.state is State.OVER)
    run.join(10)


def moments(path: Path) -> list[list[Moment]]:
    """Of every experiment in it, each seen to fit its script."""
    found = []
    with Recording(path) as recording:
        for one in recording.experiments:
            told = retold(one.start, recording.about.memory_bytes)
            assert told.forecast and told.experiment.question == COW.question
            assert one.result is not None
            here = [recording.moment(one.number, index) for index in range(len(one.moments))]
            for moment in here:
                check(moment, told)
            assert list(one.moments) == sorted(one.moments)
            found.append(here)
    return found


def test_a_run_is_recorded_from_its_first_moment_to_its_result(tmp_path: Path) -> None:
    recorder = MadeUpRecorder(tmp_path / "a.vmtui")
    run = begun(MadeUpLaboratory(), [recorder])
    to_the_end(run)
    recorder.writer.close()
    (found,) = moments(tmp_path / "a.vmtui")
    assert [one.number for one in found] == list(range(len(run.past)))
    assert recorder.watched == {8123, 8124}


def test_what_came_before_the_recording_is_told_by_the_ends_of_its_steps(tmp_path: Path) -> None:
    recorders: list[MadeUpRecorder] = []
    run = begun(MadeUpLaboratory(), recorders)
    for steps in (1, 2, 3):
        run.step()
        until(partial(_stands_after, run, steps))
    recorders.append(MadeUpRecorder(tmp_path / "a.vmtui"))
    to_the_end(run)
    recorders[0].writer.close()
    (found,) = moments(tmp_path / "a.vmtui")
    assert [one.step for one in found[:4]] == [-1, 0, 1, 2]
    assert all(one.finished_step for one in found[:4])
    assert found[4].step == 3 and found[-1].step == 6


def test_a_run_that_is_left_says_so(tmp_path: Path) -> None:
    recorder = MadeUpRecorder(tmp_path / "a.vmtui")
    run = begun(MadeUpLaboratory(), [recorder])
    run.step()
    until(lambda: len(run.finished) == 1)
    run.close()
    run.join(10)
    recorder.writer.close()
    with Recording(tmp_path / "a.vmtui") as recording:
        (one,) = recording.experiments
        assert one.result is not None


def test_another_recording_gets_a_run_of_its_own(tmp_path: Path) -> None:
    recorders = [MadeUpRecorder(tmp_path / "a.vmtui")]
    run = begun(MadeUpLaboratory(), recorders)
    run.step()
    until(lambda: len(run.finished) == 1 and run.state is State.PAUSED)
    recorders.append(MadeUpRecorder(tmp_path / "b.vmtui"))
    to_the_end(run)
    for recorder in recorders:
        recorder.writer.close()
    assert len(moments(tmp_path / "b.vmtui")) == 1


def test_that_nothing_more_can_be_written_does_not_end_the_run(tmp_path: Path) -> None:
    recorder = MadeUpRecorder(tmp_path / "a.vmtui")
    run = begun(MadeUpLaboratory(), [recorder])
    recorder.writer.close()
    to_the_end(run)
    assert run.result is not None and not run.error
