"""The kept descriptors, over a fake tree; the real kernel's side is in tests/truth."""

import errno
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from vmtui.errors import NotSupported, ProcessGone
from vmtui.kernel.processes import ProcessFiles, raised_descriptor_limit


def fake_process(proc: Path, pid: int) -> None:
    (proc / str(pid)).mkdir()
    (proc / str(pid) / "statm").write_bytes(b"1 2 3 4 0 5 0\n")
    (proc / str(pid) / "stat").write_bytes(b"%d (x) S 1\n" % pid)


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    for pid in (3, 20, 100):
        fake_process(tmp_path, pid)
    (tmp_path / "sys").mkdir()
    (tmp_path / "meminfo").touch()
    return tmp_path


@pytest.fixture
def files(proc: Path) -> Iterator[ProcessFiles]:
    with ProcessFiles(str(proc), budget=100) as kept:
        yield kept


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_processes_are_the_numbers(files: ProcessFiles) -> None:
    assert sorted(files.pids()) == [3, 20, 100]


def test_reads(files: ProcessFiles) -> None:
    for _ in range(2):
        assert files.statm(3) == b"1 2 3 4 0 5 0\n"
        assert files.stat(20) == b"20 (x) S 1\n"
    assert files.statm(4) is None
    assert files.stat(4) is None


def test_a_descriptor_is_opened_once_and_let_go_of(proc: Path) -> None:
    before = descriptors()
    files = ProcessFiles(str(proc), budget=100)
    for _ in range(3):
        for pid in files.pids():
            files.statm(pid)
            files.stat(pid)
    assert descriptors() == before + 6
    files.drop(3)
    files.drop(3)
    assert descriptors() == before + 4
    files.close()
    files.close()
    assert descriptors() == before


def test_processes_that_are_no_longer_listed_are_let_go_of(proc: Path, files: ProcessFiles) -> None:
    before = descriptors()
    for pid in files.pids():
        files.statm(pid)
    (proc / "20").rename(proc / "gone")
    assert sorted(files.pids()) == [3, 100]
    assert descriptors() == before + 2


def test_past_the_budget_files_are_read_without_being_kept(proc: Path) -> None:
    before = descriptors()
    with ProcessFiles(str(proc), budget=2) as files:
        for _ in range(2):
            assert all(files.statm(pid) for pid in (3, 20, 100))
        assert descriptors() == before + 2


def test_when_no_descriptor_is_left_kept_ones_are_given_back(
    proc: Path, files: ProcessFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(files.statm(pid) and files.stat(pid) for pid in (3, 20))
    full = descriptors()
    real_open = os.open

    def refuse_while_full(path: str, flags: int) -> int:
        if len(real_listdir("/proc/self/fd")) >= full:
            raise OSError(errno.EMFILE, "Too many open files")
        return real_open(path, flags)

    real_listdir = os.listdir
    monkeypatch.setattr(os, "open", refuse_while_full)
    assert files.statm(100) == b"1 2 3 4 0 5 0\n"
    assert files.stat(3) == b"3 (x) S 1\n"


def test_hidden_processes_are_counted(files: ProcessFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    real_open = os.open

    def hide(path: str, flags: int) -> int:
        if "/20/" in path:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        return real_open(path, flags)

    monkeypatch.setattr(os, "open", hide)
    assert [files.statm(pid) is None for pid in (3, 20, 100)] == [False, True, False]
    assert files.statm(20) is None
    assert files.hidden == 1
    monkeypatch.setattr(os, "open", real_open)
    assert files.statm(20) is not None
    assert files.hidden == 0


def test_other_files_and_their_absence(proc: Path, files: ProcessFiles) -> None:
    (proc / "3" / "cmdline").write_bytes(b"a\0" * 5000)
    assert files.cmdline(3, limit=10) == b"a\0" * 5
    assert len(files.cmdline(3)) == 4096
    with pytest.raises(NotSupported):
        files.rollup(3)
    with pytest.raises(ProcessGone):
        files.rollup(4)


def test_the_limit_is_raised_as_far_as_it_goes() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
        assert raised_descriptor_limit(600) == min(600, hard)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (min(600, hard), hard)
        assert raised_descriptor_limit(100) == min(600, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
