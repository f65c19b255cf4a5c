"""`vmtui lab run` of an experiment that changes everything there is, ended in every way."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lab.resources.machine import PATIENCE_SECONDS, assert_state, children, machine_state
from tests.lab.stand import THOROUGH
from vmtui.lab.resources.journal import ROOT_PLACE

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
TIMES = 20 if THOROUGH else 1
SCRIPT = """
swap file 16M
swap zram 16M
pool 4M
limit memory 8M
map buf 16M
touch buf write
touch buf read
touch buf read rate 8M
"""
_ROOT = Path(__file__).parents[3]


def command(directory: Path, *options: str) -> subprocess.Popen[str]:
    """It, as a program."""
    path = directory / "everything.toml"
    path.write_text(f'script = """{SCRIPT}"""\n')
    return subprocess.Popen(
        [sys.executable, "-m", "vmtui", "lab", "run", str(path), "--yes", *options],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_to_its_end(machine: str, tmp_path: Path) -> None:
    before = machine_state()
    with command(tmp_path, "--json") as running:
        said, complaint = running.communicate(timeout=60)
    assert complaint == ""
    assert json.loads(said)["restored"] is True
    assert_state(before, ROOT_PLACE, "the end")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("number", range(TIMES))
def test_cut_off(machine: str, tmp_path: Path, ending: signal.Signals, number: int) -> None:
    before = machine_state()
    with command(tmp_path) as running:
        until = time.monotonic() + PATIENCE_SECONDS
        while not os.path.exists(ROOT_PLACE) and time.monotonic() < until:
            time.sleep(0.005)
        assert os.path.exists(ROOT_PLACE)
        time.sleep(random.uniform(0, 1.5))
        running.send_signal(ending)
        if ending == signal.SIGINT and random.random() < 0.5:
            time.sleep(random.uniform(0, 0.2))
            running.send_signal(ending)  # by somebody impatient
        running.communicate(timeout=PATIENCE_SECONDS)
    until = time.monotonic() + PATIENCE_SECONDS
    while children() and time.monotonic() < until:
        time.sleep(0.01)
    assert_state(before, ROOT_PLACE, ending.name)
