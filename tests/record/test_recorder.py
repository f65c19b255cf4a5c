"""Recording this machine and processes that live shortly: ticks, marks, ends, and how it stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.record.test_writer import tiny_disk
from tests.truth.specimen import Specimen
from vmtui.cli import main
from vmtui.errors import ProcessGone, VmtuiError
from vmtui.kernel import memory_map
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.observe.machine_depth import PARTS, MachineDepth
from vmtui.record.pages import window_of
from vmtui.record.reader import Recording
from vmtui.record.recorder import DEPTH, Recorder

INTERVAL = 0.1


def until(happened: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for the recorder's thread."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@pytest.fixture(name="specimen")
def _specimen() -> Iterator[Specimen]:
    with Specimen() as specimen:
        yield specimen


def test_a_process_with_all_its_pages(specimen: Specimen, tmp_path: Path) -> None:
    area = specimen.map("anon", 300)
    recorder = Recorder(tmp_path / "a.vmtui", [specimen.pid], interval=INTERVAL)
    recorder.start()
    until(lambda: recorder.progress.ticks >= 2)
    specimen.write(area, step=2)
    ticks = recorder.progress.ticks
    until(lambda: recorder.progress.ticks >= ticks + 5)
    progress = recorder.stop()
    assert not progress.running and not progress.failure
    assert recorder.stop() == progress
    with Recording(progress.path) as recording:
        assert len(recording) == progress.ticks
        resident = []
        for index in (0, len(recording) - 1):
            assert recording.sample(index).process(os.getpid()) is not None
            target = recording.target(index, specimen.pid)
            assert not isinstance(target, Missing)
            window = window_of(target.pages, target.reading.vmas, area.start, area.end)
            assert not isinstance(window, Missing)
            resident.append(int((window.states != 0).sum()))
        assert resident == [0, 150]
        assert area.end - area.start == 300 * PAGE_SIZE


def test_the_dear_parts_of_the_machine(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.vmtui", interval=INTERVAL)
    recorder.start()

    def parts() -> MachineDepth:
        with Recording(recorder.path) as recording:
            return recording.depth(len(recording) - 1, PARTS)

    until(lambda: recorder.progress.ticks >= 1)
    until(lambda: all(getattr(parts(), name) is not None for name in DEPTH))
    recorder.stop()
    found = parts()
    assert found.closer is None
    for name in DEPTH.keys() - {"frames"}:
        assert not isinstance(getattr(found, name).value, Missing), name
    assert found.oom is not None and found.frames is not None
    assert not isinstance(found.oom.value, Missing)
    assert os.getpid() in [one.pid for one in found.oom.value.candidates]
    if isinstance(found.frames.value, Missing):
        assert os.geteuid()
    else:
        survey = found.frames.value.unpacked()
        assert survey.complete
        assert sum(survey.totals()) == survey.frames == memory_map.read().frames


def test_marks_ends_and_what_cannot_be_read_are_noted(specimen: Specimen, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.vmtui", [specimen.pid], interval=INTERVAL)
    recorder.start()
    until(lambda: recorder.progress.ticks >= 1)
    recorder.mark("before the deploy")
    recorder.watch(os.getpid())
    recorder.watch(2**22 - 1)
    until(lambda: 2**22 - 1 not in recorder.progress.pids)
    specimen.close()
    ticks = recorder.progress.ticks
    until(lambda: recorder.progress.ticks >= ticks + 3)
    path = recorder.stop().path
    with Recording(path) as recording:
        kinds = {event.kind: event for event in recording.events if event.kind != "late"}
        assert kinds["mark"].text == b"before the deploy"
        assert kinds["ended"].pid == specimen.pid
        assert kinds["missing"].pid == 2**22 - 1
        assert set(recording.all_pids) == {specimen.pid, os.getpid()}
        last = recording.target(len(recording) - 1, specimen.pid)
        assert not isinstance(last, Missing) and last.reading.ended_at is not None


def test_of_a_process_that_is_not_there_no_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(ProcessGone):
        Recorder(tmp_path / "a.vmtui", [2**22 - 1]).start()
    assert not os.listdir(tmp_path)


def test_a_file_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.vmtui").write_text("mine")
    with pytest.raises(VmtuiError, match="exists already"):
        Recorder(tmp_path / "a.vmtui", [os.getpid()]).start()
    assert (tmp_path / "a.vmtui").read_text() == "mine"


def test_a_full_disk_is_told_and_ends_nothing_else(tmp_path: Path) -> None:
    told: list[str] = []
    with tiny_disk(tmp_path / "disk") as disk:
        recorder = Recorder(
            disk / "a.vmtui", [os.getpid()], interval=INTERVAL, on_failure=told.append
        )
        recorder.start()
        until(lambda: recorder.progress.ticks >= 1)
        (disk / "filler").write_bytes(bytes(_free(disk)))
        until(lambda: not recorder.progress.running)
        assert told == [recorder.progress.failure]
        assert told[0].endswith("stopped: the disk is full")
        (disk / "filler").unlink()
        with Recording(recorder.path) as recording:
            assert len(recording) == recorder.progress.ticks


def _free(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_bsize


def test_a_command_records_until_it_is_told_to_stop(tmp_path: Path) -> None:
    path = tmp_path / "a.vmtui"
    command = [sys.executable, "-m", "vmtui", "record", str(os.getpid()), "-o", str(path)]
    with subprocess.Popen([*command, "--interval", "0.1"], stdout=subprocess.PIPE) as child:
        until(lambda: path.exists() and path.stat().st_size)
        until(lambda: _ticks(path) >= 3)
        child.send_signal(signal.SIGTERM)
        said, _ = child.communicate(timeout=30)
    assert child.returncode == 0
    assert b"ticks in" in said and said.count(b"\n") == 1
    assert os.listdir(tmp_path) == ["a.vmtui"]


def _ticks(path: Path) -> int:
    try:
        with Recording(path) as recording:
            return len(recording)
    except VmtuiError:
        return 0


def test_a_command_keeps_to_its_time_and_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "a.vmtui")
    assert main(["record", "--machine-only", "-o", path, "--duration", "1s"]) == 0
    assert "ticks in" in capsys.readouterr().out
    for arguments, code, said in (
        (["-o", path], 1, "exists already"),
        (["-o", path, "--machine-only", "1"], 2, "records no process in depth"),
        (["-o", path, "--interval", "0.01"], 2, "0.1 seconds at least"),
        (["-o", path, "--keep", "ever"], 2, "is no time span"),
        (["-o", f"{path}2", str(2**22 - 1)], 3, "no process"),
    ):
        assert main(["record", *arguments]) == code
        assert said in capsys.readouterr().err


def test_the_next_tick_comes_so_early_that_it_is_written_an_interval_after_this_one(
    tmp_path: Path,
) -> None:
    recorder = Recorder(tmp_path / "a.vmtui", interval=1.0)
    assert recorder._until_next(0.1) == pytest.approx(0.85)
    assert recorder._until_next(0.01) == pytest.approx(0.86)  # a slow one may come again
    assert recorder._until_next(5.0) == 0.75
