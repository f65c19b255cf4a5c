"""Processes that are hard to look at: not ours, kernel threads, zombies, hostile names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import inside, one_sentence

PAGE = os.sysconf("SC_PAGE_SIZE")


def somebody_elses() -> int:
    """A process whose maps may not be opened."""
    for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdecimal()):
        try:
            os.close(os.open(f"/proc/{pid}/maps", os.O_RDONLY))
        except PermissionError:
            return pid
        except OSError:
            continue
    pytest.skip("every process may be looked at here")


def kernel_thread() -> int:
    for name in ("2", "3", "4"):
        path = Path("/proc", name, "stat")
        try:
            flags = int(path.read_bytes().rpartition(b") ")[2].split()[6])
        except OSError:
            continue
        if flags & 0x200000:
            return int(name)
    pytest.skip("kernel threads are not visible here")


@pytest.mark.parametrize("command", ["maps", "pages"])
def test_not_permitted(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, command, str(somebody_elses()))
    assert outcome.code == 4
    assert one_sentence(outcome), outcome
    assert "root" in outcome.err


@pytest.mark.parametrize("command", ["maps", "pages"])
def test_kernel_thread(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, command, str(kernel_thread()))
    assert outcome.code == 1
    assert one_sentence(outcome), outcome
    assert "no user memory" in outcome.err


@pytest.mark.parametrize("command", ["maps", "pages"])
def test_zombie(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    child = os.fork()
    if not child:
        os._exit(0)
    try:
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        outcome = inside(capsys, command, str(child))
    finally:
        os.waitpid(child, 0)
    assert outcome.code == 3
    assert one_sentence(outcome), outcome


def test_hostile_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = os.fsencode(tmp_path) + b"/\x1b]0;owned\x07\xff"
    code = (
        "import mmap, sys\n"
        f"file = open({path!r}, 'w+b'); file.truncate({PAGE})\n"
        f"kept = mmap.mmap(file.fileno(), {PAGE})\n"
        "open('/proc/self/comm', 'wb').write(b'a\\x1b[31m)\\xe9')\n"
        "print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        table = inside(capsys, "maps", str(child.pid)).out
        document = json.loads(inside(capsys, "maps", str(child.pid), "--json").out)
        shown = inside(capsys, "ps", "--over", "0.05", "--filter", f"pid:{child.pid}", "--json")
        child.communicate()
    assert table.replace("\n", "").isprintable()
    (vma,) = [vma for vma in document["vmas"] if vma.get("name_bytes") == path.hex()]
    assert vma["name"].endswith("\\x1b]0;owned\\x07\\xff")
    (process,) = json.loads(shown.out)["processes"]
    assert process["comm"] == "a\\x1b[31m)\\xe9"
    assert bytes.fromhex(process["name_bytes"]) == b"a\x1b[31m)\xe9"
