import os
import subprocess
import sys
from pathlib import Path

import pytest

from vmtui.kernel.identity import find, user_name


def fake_process(proc: Path, pid: int, comm: bytes, cmdline: bytes) -> None:
    (proc / str(pid)).mkdir()
    (proc / str(pid) / "comm").write_bytes(comm + b"\n")
    (proc / str(pid) / "cmdline").write_bytes(cmdline)


@pytest.fixture
def proc(tmp_path: Path) -> str:
    fake_process(tmp_path, 40, b"web", b"/usr/bin/web\0--port\x0080\0")
    fake_process(tmp_path, 7, b"python3", b"python3\0serve.py\0web\0")
    fake_process(tmp_path, 9, b"kthreadd", b"")
    (tmp_path / "11").mkdir()  # vanished between the listing and the read
    (tmp_path / "sys").mkdir()
    return str(tmp_path)


def test_an_exact_name_wins_over_command_lines(proc: str) -> None:
    assert find("web", proc) == [40]


def test_part_of_a_name_or_of_a_command_line(proc: str) -> None:
    assert find("serve.py web", proc) == [7]
    assert find("thread", proc) == [9]
    assert find("e", proc) == [7, 9, 40]
    assert find("nothing like it", proc) == []


def test_it_does_not_find_itself() -> None:
    assert os.getpid() not in find("python")


def test_names_of_users() -> None:
    assert user_name(0) == "root"
    assert user_name(4_000_000_123) == "4000000123"


def test_psutil_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, vmtui.kernel.identity, vmtui.kernel.processes, vmtui.kernel.cgroup;"
        "sys.exit(' '.join({'psutil', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.stderr.strip() == b""
