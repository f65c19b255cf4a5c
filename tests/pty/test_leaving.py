"""Every way out gives the terminal back and says how it ended."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.harness import ROOT, OnTerminal

SPECIMEN = str(ROOT / "tests" / "pty" / "specimen.py")
RESETS = ("?1049l", "?25h", "?1000l", "?1002l", "?1003l", "?1006l", "?2004l")
PROMISE_SECONDS = 3.0
"""Two seconds by the watchdog, one for a machine with other things to do."""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[OnTerminal]:
    with OnTerminal(SPECIMEN, XDG_STATE_HOME=str(tmp_path)) as program:
        assert program.shows("ready"), program.sent[-500:]
        yield program


def assert_given_back(program: OnTerminal) -> None:
    modes = {mode: at for at, mode in enumerate(re.findall(rb"\x1b\[(\?\d+[hl])", program.sent))}
    for reset in RESETS:
        assert reset.encode() in modes, reset
        opposite = reset[:-1] + ("h" if reset.endswith("l") else "l")
        assert modes[reset.encode()] > modes.get(opposite.encode(), -1), f"{reset} came too early"
    assert program.attributes() == program.attributes_before


def test_quit(running: OnTerminal) -> None:
    running.press("q")
    assert running.ends_within(PROMISE_SECONDS) == 0
    assert_given_back(running)


def test_quitting_waits_for_no_work(running: OnTerminal) -> None:
    running.press("l")
    assert running.shows("at work")
    running.press("q")
    assert running.ends_within(PROMISE_SECONDS) == 0
    assert_given_back(running)


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT], ids=lambda n: n.name
)
def test_signals(running: OnTerminal, number: signal.Signals) -> None:
    os.kill(running.pid, number)
    assert running.ends_within(PROMISE_SECONDS) == 128 + number
    assert_given_back(running)


def test_a_signal_while_the_app_hangs(running: OnTerminal) -> None:
    running.press("h")
    running.until(lambda: False, 0.5)
    os.kill(running.pid, signal.SIGTERM)
    assert running.ends_within(PROMISE_SECONDS) == 128 + signal.SIGTERM
    assert_given_back(running)


def test_an_exception_in_a_handler(running: OnTerminal, tmp_path: Path) -> None:
    running.press("x")
    assert running.ends_within(PROMISE_SECONDS + 2) == 1
    assert_given_back(running)
    after = running.sent[running.sent.rindex(b"\x1b[?1049l") :].decode()
    assert "vmtui: RuntimeError: it broke: \\x1b[2J" in after
    assert "Traceback" not in after
    [log] = (tmp_path / "vmtui").glob("crash-*.log")
    assert log.name in after.replace("\r\n", "")
    assert log.stat().st_mode & 0o777 == 0o600
    assert "action_explode" in log.read_text()


def test_an_exception_in_a_worker(running: OnTerminal) -> None:
    running.press("w")
    assert running.ends_within(PROMISE_SECONDS + 2) == 1
    assert_given_back(running)
    assert b"a worker broke" in running.sent[running.sent.rindex(b"\x1b[?1049l") :]


def test_a_closed_terminal(running: OnTerminal) -> None:
    running.hang_up()
    assert running.ends_within(PROMISE_SECONDS) == 128 + signal.SIGHUP


def test_a_closed_terminal_with_sighup_ignored(tmp_path: Path) -> None:
    with OnTerminal(SPECIMEN, ignore=(signal.SIGHUP,), XDG_STATE_HOME=str(tmp_path)) as program:
        assert program.shows("ready")
        program.hang_up()
        assert program.ends_within(PROMISE_SECONDS) == 128 + signal.SIGHUP


def test_a_terminal_that_is_not_read_and_then_closed(tmp_path: Path) -> None:
    with OnTerminal(SPECIMEN, XDG_STATE_HOME=str(tmp_path), columns=200, lines=50) as program:
        assert program.shows("ready")
        for _ in range(60):  # more output than the pipe holds, none of it taken
            program.press("P")
        program.hang_up()
        assert program.ends_within(PROMISE_SECONDS) == 128 + signal.SIGHUP


def test_a_signal_while_nobody_reads_the_terminal(tmp_path: Path) -> None:
    with OnTerminal(SPECIMEN, XDG_STATE_HOME=str(tmp_path), columns=200, lines=50) as program:
        assert program.shows("ready")
        for _ in range(60):
            program.press("P")
        time.sleep(1)  # until its output has filled the terminal's buffer
        os.kill(program.pid, signal.SIGTERM)
        deadline = time.monotonic() + PROMISE_SECONDS
        while program.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        assert program.poll() == 128 + signal.SIGTERM
        assert program.attributes() == program.attributes_before


def test_suspend_gives_the_terminal_to_the_shell_and_takes_it_back(running: OnTerminal) -> None:

    running.press("\x1a")
    _, status = os.waitpid(running.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    while running.read(0.2):
        pass
    assert running.attributes() == running.attributes_before
    assert running.sent.rindex(b"\x1b[?1049l") > running.sent.rindex(b"\x1b[?1049h")
    os.kill(running.pid, signal.SIGCONT)
    assert running.until(
        lambda: running.sent.rindex(b"\x1b[?1049h") > running.sent.rindex(b"\x1b[?1049l")
    )
    running.until(lambda: False, 0.5)
    running.press("q")
    assert running.ends_within(PROMISE_SECONDS) == 0
    assert_given_back(running)


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_be_drawn_on_is_refused(term: str) -> None:
    with OnTerminal(SPECIMEN, TERM=term) as program:
        assert program.ends_within(15) == 2
        assert b"\x1b" not in program.sent
        assert b"vmtui: TERM is" in program.sent
