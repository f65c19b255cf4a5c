"""What the environment says about colours and glyphs, and when there is no terminal."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator

import pytest

from vmtui.ui.terminal import NoTerminal, depth_of, examine, is_too_small, only_ascii

SSH = {"SSH_CONNECTION": "1 2 3 4"}


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit", **SSH}, "truecolor"),
        ({"TERM": "tmux-256color"}, "256"),
        ({"TERM": "xterm-kitty"}, "truecolor"),
        ({"TERM": "xterm-kitty", **SSH}, "256"),
        ({"TERM": "xterm-direct"}, "truecolor"),
        ({"TERM": "linux"}, "16"),
        ({"TERM": "screen"}, "16"),
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "vt220"}, "mono"),
        ({"TERM": "xterm-mono"}, "mono"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, "mono"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "256"),
    ],
)
def test_depth(environ: dict[str, str], depth: str) -> None:
    assert depth_of(environ) == depth


@pytest.mark.parametrize(
    ("environ", "ascii_only"),
    [
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "ja_JP.utf8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, True),
        ({"LANG": "en_US.UTF-8", "LC_CTYPE": "de_DE.ISO-8859-1"}, True),
        ({"LC_ALL": "", "LC_CTYPE": "C.UTF-8"}, False),
        ({}, True),
        ({"LANG": "C.UTF-8", "TERM": "linux"}, True),
    ],
)
def test_ascii(environ: dict[str, str], ascii_only: bool) -> None:
    assert only_ascii(environ) is ascii_only


@pytest.fixture
def terminal() -> Iterator[int]:
    master, slave = pty.openpty()
    yield slave
    os.close(slave)
    os.close(master)


def test_examine(terminal: int) -> None:
    environ = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
    found = examine(environ, (terminal, terminal))
    assert (found.depth, found.ascii) == ("256", False)


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_cannot_move_its_cursor_is_refused(terminal: int, term: str) -> None:
    with pytest.raises(NoTerminal, match="vmtui ps"):
        examine({"TERM": term}, (terminal, terminal))


def test_no_terminal_is_refused(terminal: int) -> None:
    with open("/dev/null") as null:
        for fds in ((null.fileno(), terminal), (terminal, null.fileno())):
            with pytest.raises(NoTerminal, match="needs a terminal"):
                examine({"TERM": "xterm"}, fds)


def test_too_small() -> None:
    assert not is_too_small(60, 15)
    assert is_too_small(59, 15)
    assert is_too_small(60, 14)
