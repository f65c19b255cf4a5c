"""However the app or a part of it ends: no process, no zombie and no file is left."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.stand import THOROUGH, mapped
from tests.truth.specimen import NOBODY
from vmtui.errors import ProcessGone, VmtuiError
from vmtui.lab import filedir
from vmtui.lab.spawner import Bench

KILLS = 50 if THOROUGH else 10
PATIENCE_SECONDS = 20.0
_PR_SET_CHILD_SUBREAPER = 36
_REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _adopting() -> Iterator[None]:
    """Orphans come to this process, so that nothing can hide behind another parent."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def in_session(session: int) -> list[int]:
    """Processes of a session, zombies among them."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path("/proc", name, "stat").read_bytes().rpartition(b") ")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[3]) == session:
                found.append(int(name))
    return found


def everything_ended(session: int) -> None:
    """Wait until the session is empty; what has come to this process is reaped, as init would."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := in_session(session):
        for pid in left:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                continue
        assert time.monotonic() < deadline, f"left over: {left}"
        time.sleep(0.005)


def named_files() -> set[str]:
    directory = filedir.choose()
    return set(os.listdir(directory)) if isinstance(directory, str) else set()


def fake_app(user: int | None) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.lab.fake_app"],
            cwd=_REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    except PermissionError:
        pytest.skip("this interpreter may not be run by an ordinary user")


@pytest.mark.parametrize("user", [None, NOBODY], ids=["as-is", "nobody"])
def test_kill_9_at_any_moment_leaves_nothing(user: int | None) -> None:
    if user is not None and os.geteuid() != 0:
        pytest.skip("only root can become another user")
    files = named_files()
    for _ in range(KILLS):
        with fake_app(user) as app:
            assert app.stdout is not None
            session = int(app.stdout.readline())
            time.sleep(random.uniform(0, 0.4))
            app.kill()
            app.wait()
            everything_ended(session)
    assert named_files() - files == set()


def test_an_interrupt_ends_it_all_in_order() -> None:
    with fake_app(None) as app:
        assert app.stdout is not None and app.stderr is not None
        session = int(app.stdout.readline())
        time.sleep(random.uniform(0, 0.3))
        os.killpg(app.pid, signal.SIGINT)
        told = app.stderr.read()
        assert app.wait(PATIENCE_SECONDS) == -signal.SIGINT
        assert b"KeyboardInterrupt" in told.splitlines()[-1]
        assert in_session(session) == []


def test_an_interrupt_of_the_session_does_not_reach_the_specimens() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        assert os.getsid(bench.pid) == os.getsid(hands.pid) == bench.pid != os.getsid(0)


def test_a_killed_spawner_takes_its_specimens_along() -> None:
    bench = Bench.open()
    parent = bench.start()
    child = parent.fork("child")
    os.kill(bench.pid, signal.SIGKILL)
    with pytest.raises(VmtuiError):
        bench.start("another")
    with pytest.raises(ProcessGone):
        while True:  # until the kernel has delivered the parent-death signal
            parent.call("getpid")
    assert child.call("getpid").value == child.pid
    bench.close()
    everything_ended(bench.pid)


def test_a_closed_socket_ends_everything_even_what_is_busy_or_frozen() -> None:
    bench = Bench.open()
    parent = bench.start()
    child = parent.fork("child")
    child.poke(0, "read")
    mapped(parent, 1)
    os.kill(child.pid, signal.SIGSTOP)
    bench._control.close()
    everything_ended(bench.pid)
    bench.close()


def test_close_leaves_no_process_and_may_be_called_twice() -> None:
    bench = Bench.open()
    hands = bench.start().fork("child")
    bench.close()
    assert in_session(bench.pid) == []
    with pytest.raises(ProcessGone):
        hands.call("getpid")
    bench.close()


def test_kill_interrupts_whoever_waits() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        pid = os.fork()
        if pid == 0:
            time.sleep(0.05)
            os.kill(hands.pid, signal.SIGKILL)
            os._exit(0)
        with pytest.raises(ProcessGone, match="SIGKILL"):
            hands.call("pause")
        os.waitpid(pid, 0)


def test_an_interrupted_request_does_not_answer_the_next_one() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with Bench.open() as bench:
            hands = bench.start()
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with pytest.raises(KeyboardInterrupt):
                hands.call("pause")
            with pytest.raises(ProcessGone, match="interrupted"):
                hands.call("getpid")
            assert bench.start("another").call("getpid").errno == 0
    finally:
        signal.signal(signal.SIGALRM, before)
