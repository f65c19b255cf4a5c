"""The page cache by file: what this process has open and mapped is found, with its holders."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import pytest

from vmtui.errors import VmtuiError
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.observe import page_cache

PAGES = 33


def test_open_mapped_and_deleted(tmp_path: Path) -> None:
    made = {}
    for name in ("opened", "mapped", "deleted"):
        fd = os.open(tmp_path / name, os.O_CREAT | os.O_RDWR)
        os.write(fd, b"x" * (PAGES * PAGE_SIZE))
        made[name] = fd
    area = mmap.mmap(made["mapped"], PAGES * PAGE_SIZE)
    os.close(made["mapped"])  # mmap keeps a descriptor of its own
    os.unlink(tmp_path / "deleted")
    try:
        found = {
            Path(os.fsdecode(file.path)).name: file
            for file in page_cache.survey().files
            if os.fsencode(tmp_path) in file.path
        }
    finally:
        area.close()
        for name in ("opened", "deleted"):
            os.close(made[name])
    assert set(found) == {"opened", "mapped", "deleted (deleted)"}
    for file in found.values():
        assert file.cached_bytes == PAGES * PAGE_SIZE == file.size_bytes
        assert file.share == 100.0
        assert [holder.pid for holder in file.holders] == [os.getpid()]
    assert (found["opened"].mapped_by, found["opened"].opened_by) == (0, 1)
    assert found["mapped"].mapped_by == 1


def test_files_that_the_kernel_makes_up_are_left_out() -> None:
    with open("/proc/self/stat", "rb"):
        assert not [one for one in page_cache.survey().files if one.path.startswith(b"/proc/")]


def test_the_most_is_kept_to() -> None:
    survey = page_cache.survey(most=3)
    assert len(survey.files) == 3 and survey.left_out > 0
    assert page_cache.survey(cancelled=lambda: True).files == ()


def test_a_survey_says_how_far_it_is() -> None:
    heard: list[tuple[int, int]] = []
    survey = page_cache.survey(told=lambda *far: heard.append(far))
    processes, files = heard[: heard.index((0, len(survey.files)), 1)], len(survey.files)
    assert [done for done, _ in processes] == list(range(processes[0][1]))
    assert heard[len(processes) :] == [(done, files) for done in range(files)]


def test_named_paths(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "file").write_bytes(b"x" * PAGE_SIZE)
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "fifo")
    heard: list[tuple[int, int]] = []
    survey = page_cache.of_paths([str(tmp_path)], told=lambda *far: heard.append(far))
    assert heard == [(0, 0), (1, 0), (2, 0)]
    by_name = {Path(os.fsdecode(file.path)).name: file for file in survey.files}
    assert by_name["file"].cached_bytes == PAGE_SIZE
    assert by_name["empty"].share == 0.0
    assert isinstance(by_name["fifo"].cached, Missing)
    with pytest.raises(VmtuiError, match="nothing-here"):
        page_cache.of_paths([str(tmp_path / "nothing-here")])
