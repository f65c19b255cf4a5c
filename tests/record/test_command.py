"""Commands that are started stopped: what is mapped then, and what becomes of them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.running import ROOT
from vmtui.errors import NotPermitted, VmtuiError
from vmtui.kernel import maps, stat
from vmtui.kernel.target import Target
from vmtui.record import command as commands
from vmtui.record.command import Command

SLEEP = (shutil.which("sleep") or "sleep", "60")


@contextmanager
def started(*words: str, output: int | None = None, aside: bool = False) -> Iterator[Command]:
    command = Command.start(words, output=output, aside=aside)
    try:
        yield command
    finally:
        command.send(signal.SIGKILL)
        command.wait()


def test_its_program_is_mapped_and_nothing_else_has_happened() -> None:
    with started(*SLEEP) as command, Target(command.pid) as target:
        assert command.held and not command.before_exec
        assert stat.read(target).state == "T"
        names = {os.path.basename(name) for name in maps.read(target).names}
        assert os.fsencode(os.path.basename(os.path.realpath(SLEEP[0]))) in names
        assert not [name for name in names if name.startswith(b"libc.")], "ld.so has run"
        assert b"[stack]" in names


def test_nobody_traces_it_and_anybody_may_let_it_run() -> None:
    with started(*SLEEP) as command, Target(command.pid) as target:
        assert b"TracerPid:\t0\n" in target.read("status")
        command.release()
        command.release()
        assert not command.held
        os.kill(command.pid, signal.SIGTERM)  # would stay pending while it is stopped
        assert command.wait() == 143
        assert command.outcome() == "was ended by SIGTERM"
        command.send(signal.SIGTERM)


def test_output_goes_where_it_was_told(tmp_path: Path) -> None:
    with open(tmp_path / "out", "wb") as file:
        words = (sys.executable, "-c", "import os; os.write(1, b'out'); os.write(2, b'err'); "
                 "os.write(1, repr(os.read(0, 9)).encode()); raise SystemExit(3)")  # fmt: skip
        with started(*words, output=file.fileno(), aside=True) as command:
            assert os.getsid(command.pid) == command.pid
            command.release()
            assert command.wait() == 3 and command.outcome() == "exited with 3"
    assert (tmp_path / "out").read_bytes() == b"outerrb''"


def test_what_never_ran_is_ended(tmp_path: Path) -> None:
    with started("touch", str(tmp_path / "touched")) as command:
        command.abandon()
        assert command.wait() == 137
    assert not (tmp_path / "touched").exists()


def test_what_runs_is_not_abandoned() -> None:
    with started(*SLEEP) as command:
        command.release()
        command.abandon()
        command.send(signal.SIGTERM)
        assert command.wait() == 143


@pytest.mark.parametrize(
    ("word", "kind", "said"),
    [
        ("no-such-command", VmtuiError, "there is no command «no-such-command»"),
        ("", VmtuiError, "there is no command «»"),
        ("\x1b[2J", VmtuiError, "there is no command «\\\\x1b[2J»"),
        ("/etc/passwd", NotPermitted, "may not be run"),
        ("/no/such/place", VmtuiError, "there is no command"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_told(word: str, kind: type[VmtuiError], said: str) -> None:
    with pytest.raises(kind) as raised:
        Command.start([word])
    assert said.replace("\\\\", "\\") in str(raised.value)


def test_a_file_that_is_no_program_is_told(tmp_path: Path) -> None:
    path = tmp_path / "program"
    path.write_bytes(b"\x7fELF but not really")
    path.chmod(0o755)
    with pytest.raises(VmtuiError, match="Exec format error"):
        Command.start([str(path)])
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize("why", ["gives rights", "ptrace is refused"])
def test_without_ptrace_it_stops_before_its_program(
    why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why == "gives rights":
        monkeypatch.setattr(commands, "_gives_rights", lambda path: True)
    else:
        monkeypatch.setattr(commands, "_ptrace", lambda request, pid: -1)
    with started("sh", "-c", "exit 5") as command, Target(command.pid) as target:
        assert command.before_exec and command.held
        assert stat.read(target).state == "T"
        command.release()
        assert command.wait() == 5


def test_programs_that_give_rights_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "program"
    path.write_bytes(b"")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    path.chmod(0o755)
    assert not commands._gives_rights(str(path))
    path.chmod(0o4755)
    assert commands._gives_rights(str(path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert not commands._gives_rights(str(path)), "root has them already"


def test_it_is_not_left_standing_when_vmtui_is_killed(tmp_path: Path) -> None:
    touched, (ours, theirs) = tmp_path / "touched", os.pipe()
    words = ["sh", "-c", f"touch {touched}; echo ran"]
    code = (
        "import os, signal\nfrom vmtui.record.command import Command\n"
        f"Command.start({words!r}, output={theirs}, aside=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False,
        pass_fds=(theirs,),
    )  # fmt: skip
    os.close(theirs)
    with os.fdopen(ours, "rb") as said:
        assert killed.returncode == -signal.SIGKILL
        assert said.read() == b"ran\n"
    assert touched.exists()
