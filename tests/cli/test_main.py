"""Exit codes, errors as one sentence, and a start that imports nothing heavy."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import vmtui.cli
from tests.cli.running import ROOT, inside, one_sentence, program
from vmtui import __version__
from vmtui.cli.arguments import COMMANDS
from vmtui.errors import NotPermitted, NotSupported, ParseError, ProcessGone, VmtuiError

NO_SUCH_PID = str(2**22 + 1)
"""Above the largest PID that Linux gives."""


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, "--version")
    assert (outcome.code, outcome.out) == (0, f"vmtui {__version__}\n")


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, "--help")
    assert outcome.code == 0
    assert all(f"  {name} " in outcome.out for name in COMMANDS)


_ONCE = {"lab", "cleanup", "record", "replay", "diff", "export"}
"""Commands that do something rather than look, tick by tick."""


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, command, "--help")
    assert outcome.code == 0
    assert outcome.out.startswith(f"usage: vmtui {command} ")
    assert command in _ONCE or "--jsonl" in outcome.out


def test_version_and_help_import_nothing_heavy() -> None:
    heavy = "{'textual', 'rich', 'numpy', 'psutil', 'platformdirs', 'elftools'}"
    code = (
        "import sys\nfrom vmtui.cli import main\n"
        f"main(['--version']), main(['--help']), main(['ps', '--nonsense'])\n"
        f"print(sorted({heavy} & set(sys.modules) - {{'rich'}}), file=sys.stderr)"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    finished = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert finished.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("--pid", "x"),
        ("0",),
        ("-p", "-3"),
        ("1", "--name", "init"),
        ("--interval", "0"),
        ("--interval", "nan"),
        ("--name", ""),
        ("--readonly", "ps"),
        ("ps", "extra"),
        ("ps", "--json", "--csv"),
        ("ps", "--interval", "1"),
        ("ps", "--count", "2"),
        ("ps", "--jsonl", "--count", "0"),
        ("ps", "--sort", "colour"),
        ("ps", "--filter", "rss>much"),
        ("ps", "--columns", "pid,trend"),
        ("maps",),
        ("maps", "heap"),
        ("machine", "--over", "-1"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, *words)
    assert outcome.code == 2
    assert one_sentence(outcome), outcome


@pytest.mark.parametrize(
    "words",
    [
        (NO_SUCH_PID,),
        ("-p", NO_SUCH_PID),
        ("--name", "no process is called like this"),
        ("maps", NO_SUCH_PID),
        ("pages", NO_SUCH_PID),
    ],
)
def test_no_such_process(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, *words)
    assert outcome.code == 3
    assert one_sentence(outcome), outcome


def test_the_app_needs_a_terminal() -> None:
    outcome = program()
    assert outcome.code == 2
    assert one_sentence(outcome), outcome
    assert "vmtui ps" in outcome.err


def test_a_hostile_argument_is_shown_safely() -> None:
    outcome = program("\x1b]0;owned\x07")
    assert outcome.code == 2
    assert one_sentence(outcome), outcome


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ProcessGone("gone"), 3),
        (NotPermitted("refused"), 4),
        (NotSupported("not here"), 5),
        (ParseError("odd"), 1),
        (VmtuiError("bad"), 1),
        (OSError(28, "No space left on device"), 1),
        (ZeroDivisionError("a bug"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_codes(
    error: BaseException,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(command: str, words: list[str], started: list[str] | None) -> int:
        raise error

    monkeypatch.setattr(vmtui.cli, "_run", fail)
    monkeypatch.setattr(vmtui.cli, "_abandon_stdout", lambda: None)
    outcome = inside(capsys, "ps")
    assert outcome.code == code
    assert outcome.err.count("\n") == (0 if code == 130 else 1)


def test_a_closed_pipe_ends_quietly() -> None:
    code = f"exec {sys.executable} -m vmtui fields | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}"
    finished = subprocess.run(
        ["bash", "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert finished.stderr == ""
    assert finished.stdout == "0\n"


def test_a_full_disk_is_an_error() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    code = f"{sys.executable} -m vmtui fields > /dev/full"
    finished = subprocess.run(
        ["bash", "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 1
    assert finished.stderr == "vmtui fields: No space left on device\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -15)])
def test_signals_end_a_stream(number: signal.Signals, code: int) -> None:
    stream = subprocess.Popen(
        [sys.executable, "-m", "vmtui", "machine", "--jsonl", "--interval", "0.2"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert stream.stdout is not None
    assert stream.stdout.readline().startswith("{")
    stream.send_signal(number)
    _out, err = stream.communicate(timeout=30)
    assert stream.returncode == code
    assert err == ""


def test_a_stream_ends_when_its_reader_goes() -> None:
    stream = subprocess.Popen(
        [sys.executable, "-m", "vmtui", "machine", "--jsonl", "--interval", "0.05"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert stream.stdout is not None and stream.stderr is not None
    stream.stdout.readline()
    stream.stdout.close()
    assert stream.wait(timeout=30) == 0
    assert stream.stderr.read() == ""
    stream.stderr.close()


@pytest.mark.parametrize("action", ["list", "show", "run"])
def test_help_of_an_action_of_the_laboratory(
    action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = inside(capsys, "lab", action, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"usage: vmtui lab {action}")
