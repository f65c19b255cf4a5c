"""The page cache of a file, by cachestat(2) and by mincore(2)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from vmtui.errors import NotPermitted, NotSupported, VmtuiError
from vmtui.kernel import cachestat, filesystems
from vmtui.kernel.files import PAGE_SIZE

PAGES = 64


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path / "pages", os.O_CREAT | os.O_RDWR, 0o600)
    for page in range(PAGES):  # one at a time: a folio is dirty as a whole
        os.pwrite(fd, b"x" * PAGE_SIZE, page * PAGE_SIZE)
    os.fsync(fd)
    yield fd
    os.close(fd)


def test_cached_dropped_and_read_again(file: int, tmp_path: Path) -> None:
    if filesystems.kind_of(str(tmp_path)) in ("tmpfs", "ramfs"):
        pytest.skip("needs a directory on a disk")
    size = PAGES * PAGE_SIZE
    assert cachestat.read(file, size).cached == PAGES == cachestat._by_mincore(file, size)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    assert cachestat.read(file, size).cached == 0 == cachestat._by_mincore(file, size)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
    for page in (3, 40, 41):
        os.pread(file, 1, page * PAGE_SIZE)
    assert cachestat.read(file, size).cached == 3 == cachestat._by_mincore(file, size)


def test_dirty_pages(file: int) -> None:
    try:
        before = cachestat._by_cachestat(file)
    except NotSupported:
        pytest.skip("needs cachestat(2), Linux 6.5")
    os.pwrite(file, b"y" * PAGE_SIZE, 7 * PAGE_SIZE)
    now = cachestat._by_cachestat(file)
    assert before.dirty == 0 and isinstance(now.dirty, int) and isinstance(now.writeback, int)
    assert now.dirty + now.writeback == 1


def test_without_cachestat_what_is_not_known_says_so(
    file: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cachestat, "_SYS_CACHESTAT", 100_000)
    found = cachestat.read(file, PAGES * PAGE_SIZE)
    assert found.cached == PAGES
    assert "mincore" in getattr(found.dirty, "reason", "")


def test_a_memfd_has_a_page_cache_too() -> None:
    fd = os.memfd_create("pages")
    try:
        os.ftruncate(fd, 8 * PAGE_SIZE)
        os.pwrite(fd, b"x", 2 * PAGE_SIZE)
        assert cachestat.read(fd, 8 * PAGE_SIZE).cached >= 1
    finally:
        os.close(fd)


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")  # opening it would wait for a writer
    for path in (tmp_path / "fifo", tmp_path, Path("/dev/null")):
        with pytest.raises(NotSupported):
            cachestat.open_regular(os.fsencode(path))
    with pytest.raises(VmtuiError):
        cachestat.open_regular(os.fsencode(tmp_path / "nothing"))


def test_what_others_may_not_know() -> None:
    if os.geteuid() == 0:
        pytest.skip("needs an ordinary user")
    fd, about = cachestat.open_regular("/etc/hostname")
    try:
        cachestat.read(fd, about.st_size)
    except NotPermitted as error:
        assert "root" in error.unlock
    finally:
        os.close(fd)
    with pytest.raises(NotPermitted):
        fd, about = cachestat.open_regular("/etc/passwd")
        try:
            cachestat._by_mincore(fd, about.st_size)
        finally:
            os.close(fd)
