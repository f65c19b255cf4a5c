"""Running vmtui's command line: in this process, and as the program it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from vmtui.cli import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int
    out: str
    err: str


def inside(capsys: pytest.CaptureFixture[str], *words: str) -> Outcome:
    """`main` in this process."""
    code = main(words)
    captured = capsys.readouterr()
    return Outcome(code, captured.out, captured.err)


def program(*words: str, environ: Mapping[str, str] | None = None) -> Outcome:
    """The program in a process of its own, without a terminal."""
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    env["PYTHONPATH"] = str(ROOT)
    finished = subprocess.run(
        [sys.executable, "-m", "vmtui", *words],
        env=env | dict(environ or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Outcome(
        finished.returncode,
        finished.stdout.decode("utf-8"),
        finished.stderr.decode("utf-8"),
    )


def one_sentence(outcome: Outcome) -> bool:
    """Whether nothing but one line of plain words was said, and nothing printed."""
    return (
        outcome.out == ""
        and outcome.err.count("\n") == 1
        and outcome.err.startswith("vmtui")
        and "Traceback" not in outcome.err
        and outcome.err.rstrip("\n").isprintable()
    )
