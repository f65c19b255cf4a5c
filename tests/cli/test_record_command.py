"""`vmtui record -- CMD…`: from the first page until it ends, as time(1) runs a command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import ROOT, inside, one_sentence, program
from vmtui.missing import Missing
from vmtui.record.reader import Recording

GROWS = "import time; kept = bytearray(24 << 20); print('grown'); raise SystemExit(7)"


def test_it_is_recorded_before_it_runs_and_its_code_is_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.vmtui"
    outcome = program("record", "-o", str(path), "--", sys.executable, "-c", GROWS)
    assert (outcome.code, outcome.out) == (7, "grown\n")
    assert "exited with 7\n" in outcome.err and str(path) in outcome.err
    with Recording(path) as recording:
        (pid,) = recording.all_pids
        first = recording.sample(0).process(pid)
        assert first is not None and first.stat.state == "T"
        target = recording.target(0, pid)
        assert not isinstance(target, Missing) and not isinstance(target.reading.vmas, Missing)
        assert not any("libc" in vma.name for vma in target.reading.vmas)
        assert not isinstance(target.pages, Missing)
        told = [(event.kind, event.pid) for event in recording.events]
        assert ("ended", pid) in told


def test_what_it_reads_and_writes_is_its_own(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vmtui", "record", "-o", str(tmp_path / "a"), "--", "cat", "-"],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, input=b"through", capture_output=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b"through")


def test_a_file_that_cannot_be_made_keeps_it_from_running(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "there"
    path.write_text("")
    outcome = inside(capfd, "record", "-o", str(path), "--", "touch", str(tmp_path / "touched"))
    assert outcome.code == 1 and one_sentence(outcome)
    assert not (tmp_path / "touched").exists()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_sigterm_ends_the_recording_and_is_passed_on(tmp_path: Path) -> None:
    path = tmp_path / "a.vmtui"
    words = ("record", "-o", str(path), "--", "sh", "-c", "echo up; exec sleep 60")
    process = subprocess.Popen(
        [sys.executable, "-m", "vmtui", *words], env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 143
    assert b"was ended by SIGTERM" in said and b"Traceback" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("record", "--"), "a command follows --"),
        (("--",), "a command follows --"),
        (("record", "-o", "x", "--", "no-such-command"), "there is no command"),
        (("record", "--machine-only", "--", "true"), "--machine-only"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_a_sentence(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = inside(capsys, *words)
    assert outcome.code in (1, 2) and one_sentence(outcome)
    assert said in outcome.err


def test_other_commands_keep_their_two_dashes(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, "maps", "--", str(os.getpid()))
    assert outcome.code == 0
