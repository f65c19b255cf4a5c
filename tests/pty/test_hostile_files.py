"""Level 2 on a real terminal, on a process that maps files with names that attack."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import PAYLOADS
from tests.pty.harness import OnTerminal
from tests.pty.test_hostile_names import raw_controls

MAPPER = """
import mmap, os, sys
directory = os.fsencode(sys.argv[1])
kept = []
for number, name in enumerate(sys.stdin.buffer.read().split(b"\\0")):
    path = os.path.join(directory, b"%02d" % number + name.replace(b"/", b"|"))
    with open(path, "wb+") as file:
        file.write(b"x" * 4096)
        file.flush()
        kept.append(mmap.mmap(file.fileno(), 4096))
print("ready", flush=True)
import time
time.sleep(120)
"""


@pytest.fixture
def mapper(tmp_path: Path) -> Iterator[int]:
    """PID of a process that maps a file of every name that a file can have."""
    names = [raw for raw in PAYLOADS if b"\0" not in raw and len(raw) < 250]
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", MAPPER, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdin is not None and child.stdout is not None
    try:
        child.stdin.write(b"\0".join(names))
        child.stdin.close()
        assert child.stdout.readline() == b"ready\n"
        yield child.pid
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_no_file_name_reaches_the_terminal_raw(mapper: int, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    arguments = ["-m", "vmtui", str(mapper)]
    with OnTerminal(*arguments, lines=50, columns=160, XDG_STATE_HOME=str(state)) as program:
        assert program.shows("VMAs"), program.sent[-500:]
        assert program.shows("r--p")
        program.press("/perms:rw-s\r")  # typed ahead, in one go
        assert program.shows("shown"), "\n".join(program.screen.display)
        for keys in ("i", "\x1b", "\x1b[6~", "m", "d", "\x1b", "G", "\r", "i", "\x1b", "\x1b"):
            program.press(keys)
            program.until(lambda: False, 0.4)
        for _ in range(4):
            program.press("\t")
            program.until(lambda: False, 0.3)
        program.press("q")
        assert program.ends_within(5) == 0
    assert len(program.sent) > 5_000
    assert b"\\x1b" in program.sent
    assert raw_controls(program.sent) == []
