"""Killed at random moments, with its children swapping: nothing is left, whoever it is."""

from __future__ import annotations

import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.resources.machine import PATIENCE_SECONDS, assert_state, children, machine_state
from tests.lab.stand import THOROUGH
from vmtui.lab.resources import leftovers

KILLS = 20 if THOROUGH else 3
_LATEST_SECONDS = 0.8
_REPOSITORY = Path(__file__).parents[3]


@contextmanager
def busy_app(place: str, terminal: int | None = None) -> Iterator[subprocess.Popen[str]]:
    """One in its first round; killed at the end if it lives still."""
    app = subprocess.Popen(
        [sys.executable, "-m", "tests.lab.resources.busy_app", place],
        cwd=_REPOSITORY,
        stdin=terminal,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=terminal is not None,
    )
    try:
        assert app.stdout is not None
        assert app.stdout.readline() == "round\n"
        yield app
    finally:
        app.kill()
        app.communicate()


def relatives(app: subprocess.Popen[str], program: str) -> list[int]:
    """Its children that run that program of ours."""
    try:
        pids = Path(f"/proc/{app.pid}/task/{app.pid}/children").read_text().split()
    except OSError:
        return []
    named = f"/{program}.py".encode()
    return [int(pid) for pid in pids if named in Path(f"/proc/{pid}/cmdline").read_bytes()]


def later(app: subprocess.Popen[str]) -> None:
    """Some moment of a round; the app is still at it."""
    time.sleep(random.uniform(0, _LATEST_SECONDS))
    assert app.poll() is None, app.communicate()


def settled(place: str) -> None:
    """Wait until no process is left and no journal."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and (children() or os.path.exists(place)):
        time.sleep(0.002)


@pytest.mark.parametrize("number", range(KILLS))
def test_app_killed(machine: str, number: int) -> None:
    before = machine_state(machine)
    with busy_app(machine) as app:
        later(app)
        app.kill()
        app.wait()
        settled(machine)
    assert_state(before, machine, "the janitor")


@pytest.mark.parametrize("number", range(KILLS))
def test_worker_killed(machine: str, number: int) -> None:
    before = machine_state(machine)
    with busy_app(machine) as app:
        later(app)
        for pid in relatives(app, "worker"):
            os.kill(pid, signal.SIGKILL)
        said, _ = app.communicate(timeout=PATIENCE_SECONDS)
        assert app.returncode == 0, said
        settled(machine)
    assert_state(before, machine, "the app")


@pytest.mark.parametrize("number", range(KILLS))
def test_janitor_killed(machine: str, number: int) -> None:
    before = machine_state(machine)
    with busy_app(machine) as app:
        later(app)
        for pid in relatives(app, "janitor"):
            os.kill(pid, signal.SIGKILL)
        app.terminate()
        said, _ = app.communicate(timeout=PATIENCE_SECONDS)
        assert app.returncode == 0, said
    assert_state(before, machine, "the app")


@pytest.mark.parametrize("number", range(KILLS))
def test_app_and_janitor_killed(machine: str, number: int) -> None:
    before = machine_state(machine)
    with busy_app(machine) as app:
        later(app)
        for pid in [*relatives(app, "janitor"), app.pid]:
            os.kill(pid, signal.SIGKILL)
        app.wait()
        assert leftovers.clean_up(machine).left == ()
        settled(machine)
    assert_state(before, machine, "the next start")


@pytest.mark.parametrize("number", range(KILLS))
def test_terminal_lost(machine: str, number: int) -> None:
    before = machine_state(machine)
    ours, theirs = pty.openpty()
    try:
        with busy_app(machine, theirs) as app:
            later(app)
            os.close(ours)
            os.kill(app.pid, signal.SIGHUP)  # as the kernel does to a session's leader
            app.wait(PATIENCE_SECONDS)
            settled(machine)
    finally:
        os.close(theirs)
    assert_state(before, machine, "the janitor")
