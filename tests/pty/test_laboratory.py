"""An experiment on the stage of the real app, on a terminal: it runs, and it leaves nothing."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.lab.stand import THOROUGH
from tests.pty.harness import OnTerminal

KILLS = 50 if THOROUGH else 3
PATIENCE_SECONDS = 5.0
EXPERIMENTS = ("copy-on-write fork", "mapped files", "demand paging")
"""One with a child, one with a file, one that lasts; by their titles in the list."""


def workers(of: int) -> list[int]:
    """Spawners of an app and all that is in their sessions."""
    spawners, sessions = set(), dict[int, int]()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = Path("/proc", name, "stat").read_bytes().rpartition(b") ")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        sessions[int(name)] = int(fields[3])
        if int(fields[1]) == of and int(fields[3]) == int(name):
            spawners.add(int(name))
    return [pid for pid, session in sessions.items() if session in spawners]


def on_stage(app: OnTerminal, title: str) -> None:
    """Open an experiment and run it."""
    assert app.shows("COMMAND")
    app.press("3")
    assert app.shows(title)
    for _ in range(30):
        if any("▸" in line and title in line for line in app.screen.display):
            break
        app.press("j")
        app.read(0.2)
    app.press("\r")
    assert app.until(lambda: bool(workers(app.pid)), 30)
    app.press(" ")


def gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if not any(os.path.exists(f"/proc/{pid}/exe") and _alive(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def _alive(pid: int) -> bool:
    try:
        return b") Z" not in Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("attempt", range(KILLS))
def test_kill_9_on_the_stage_leaves_no_process(attempt: int) -> None:
    dice = random.Random(attempt)
    with OnTerminal("-m", "vmtui", columns=120, lines=35) as app:
        on_stage(app, EXPERIMENTS[attempt % len(EXPERIMENTS)])
        app.until(lambda: False, dice.uniform(0, 2.5))
        left = workers(app.pid)
        assert left
        os.kill(app.pid, signal.SIGKILL)
        assert gone(left)


def test_quitting_ends_the_experiment() -> None:
    with OnTerminal("-m", "vmtui", columns=120, lines=35) as app:
        on_stage(app, "demand paging")
        app.until(lambda: False, 1.0)
        left = workers(app.pid)
        assert left
        app.press("q")
        app.read(0.5)
        app.press("y")
        assert app.until(lambda: app.poll() is not None)
        assert app.poll() == 0
        assert gone(left)
