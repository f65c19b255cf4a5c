"""What takes its time says so on a terminal, ends on Ctrl-C, and leaves no trace of having said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cli.running import ROOT
from tests.pty.harness import OnTerminal
from tests.record import tapes
from vmtui.cli import progress
from vmtui.cli.progress import Progress
from vmtui.record import opening
from vmtui.record.opening import File

_SLOW = """
import sys
from threading import Event
from vmtui.cli import main, progress
{patch}
sys.exit(main({words!r}))
"""
"""The command line with something in it that does not end by itself."""

ENDLESS = {
    "doctor": (
        "import vmtui.cli.doctor as it; it.sources = lambda: Event().wait()",
        ["doctor", "--json"],
    ),
    "pages": (
        "import vmtui.cli.pages as it; it.page_ranges.read = lambda *a, **b: Event().wait()",
        ["pages", str(os.getpid())],
    ),
    "diff": (
        "import vmtui.cli.diff as it; it._opened = lambda *a: Event().wait()",
        ["diff", "FILE"],
    ),
    "export": (
        "import vmtui.cli.export as it; it.ticks_of = lambda *a: iter(Event().wait, 1)",
        ["export", "FILE", "--format", "csv", "-o", "OUT"],
    ),
    "replay": (
        "import vmtui.ui.replaying as it; it.feed_of = lambda *a: Event().wait()",
        ["replay", "FILE"],
    ),
    "cleanup": (
        "import vmtui.lab.resources.leftovers as it; it.clean_up = lambda: Event().wait()",
        ["cleanup"],
    ),
    "lab": (
        "import vmtui.lab.course as it; it.forecasts = lambda *a: iter(Event().wait, 1)",
        ["lab", "show", "mmap"],
    ),
}
"""A command, what makes it endless, and its words."""


@pytest.mark.parametrize("command", ENDLESS)
def test_a_command_that_takes_long_moves_and_can_be_left(command: str, tmp_path: Path) -> None:
    tape, out = tapes.write(tmp_path / "a.vmtui", tapes.moments(3)), tmp_path / "out"
    patch, words = ENDLESS[command]
    named = [{"FILE": str(tape), "OUT": str(out)}.get(word, word) for word in words]
    with OnTerminal("-c", _SLOW.format(patch=patch, words=named), columns=120) as running:
        assert running.shows("Ctrl-C cancels", 30), running.sent
        before = running.sent
        assert running.until(lambda: running.sent.count(b"\r\x1b[K") > 3), "it moves"
        assert running.sent != before
        os.kill(running.pid, signal.SIGINT)
        assert running.ends_within(15) == 130
    assert running.sent.endswith(b"\r\x1b[K"), "the line is taken away"
    assert b"Traceback" not in running.sent
    assert not out.exists()


def test_what_is_quick_says_nothing() -> None:
    with OnTerminal("-m", "vmtui", "lab", "list") as running:
        assert running.ends_within(30) == 0
    assert b"\x1b" not in running.sent


def test_nothing_is_said_where_nobody_looks() -> None:
    """Neither on an error output that is no terminal, nor between what an export prints on one."""
    patch = "progress.PATIENCE_SECONDS = 0.0"
    words = ["machine", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", _SLOW.format(patch=patch, words=words)],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == b""
    assert done.stdout.startswith(b"{") and b"Ctrl-C" not in done.stdout


def test_an_export_on_a_terminal_is_not_written_across(tmp_path: Path) -> None:
    tape = tapes.write(tmp_path / "a.vmtui", tapes.moments(30))
    patch = "progress.PATIENCE_SECONDS = 0.0; progress._EVERY_SECONDS = 0.001"
    words = ["export", str(tape), "--format", "jsonl"]
    with OnTerminal("-c", _SLOW.format(patch=patch, words=words), columns=120) as running:
        assert running.ends_within(30) == 0
    assert b"Ctrl-C cancels" not in running.sent


class _Terminal:
    """Remembers what is written, and when one may look."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self._more = threading.Condition()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        with self._more:
            self.written.append(text)
            self._more.notify_all()

    def flush(self) -> None:
        pass

    def line(self, words: str) -> str:
        """The one that has them, once there is one."""
        with self._more:
            assert self._more.wait_for(lambda: any(words in one for one in self.written), 20)
            return next(one for one in self.written if words in one)


def test_a_bar_where_it_is_known_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(progress, "_EVERY_SECONDS", 0.001)
    with Progress("counting") as counting:
        assert "%" not in terminal.line("counting [")
        counting.at(3, 0)
        assert "%" not in terminal.line("] 3, ")
        counting.at(5, 10)
        assert "[############............]" in terminal.line(" 50%, ")
        with counting.away():
            written = list(terminal.written)
            assert written[-1] == "\r\x1b[K"
    ended = list(terminal.written)
    assert ended[-1] == "\r\x1b[K"
    counting.at(6, 10)
    counting.end()
    assert terminal.written == ended, "nothing is drawn after the end"


def test_ctrl_c_inside_sqlite_is_not_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_STEPS", 10)
    with_file = File(tapes.write(tmp_path / "a.vmtui", tapes.moments(3)))
    many = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    monkeypatch.setattr(with_file, "_asked", 0)

    def interrupted(_self: File) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(File, "_too_long", interrupted)
    with_file._connection.set_progress_handler(  # type: ignore[union-attr]
        with_file._too_long, 10
    )
    with pytest.raises(KeyboardInterrupt):
        with_file.rows(many)
    with_file.close()
