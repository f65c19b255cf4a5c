import mmap
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from vmtui.errors import NotSupported
from vmtui.kernel import maps
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.procmap import following, query
from vmtui.kernel.target import Target


@pytest.fixture
def own_maps() -> Iterator[int]:
    with Target(os.getpid()) as target:
        fd = target.open("maps")
        try:
            query(fd, 0)
        except NotSupported:
            os.close(fd)
            pytest.skip("this kernel has no PROCMAP_QUERY")
        yield fd
        os.close(fd)


def test_names_come_back_raw(own_maps: int, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/two\nlines \x1b[31m \\012 \xff"
    fd = os.open(path, os.O_RDWR | os.O_CREAT)
    os.truncate(fd, 2 * PAGE_SIZE)
    with mmap.mmap(fd, PAGE_SIZE, prot=mmap.PROT_READ, offset=PAGE_SIZE) as memory:
        with Target(os.getpid()) as target:
            seen = maps.read(target)
        row = seen.names.index(path.replace(b"\n", b"\\012"))
        found = query(own_maps, int(seen.start[row]))
        assert found is not None
        assert found.name == path
        assert (found.start, found.end) == (int(seen.start[row]), int(seen.end[row]))
        assert found.end - found.start == len(memory)
        assert found.perms == "r--s"
        assert (found.offset, found.page_size_bytes) == (PAGE_SIZE, PAGE_SIZE)
        assert found.inode == os.fstat(fd).st_ino
        assert found.device == seen.device[row]
        assert found.build_id == b""
    os.close(fd)


def test_covering_or_next(own_maps: int) -> None:
    first = query(own_maps, 0)
    assert first is not None
    assert query(own_maps, first.start - 1) == first
    assert query(own_maps, first.start - 1, covering_or_next=False) is None
    assert query(own_maps, first.end - 1, covering_or_next=False) == first
    assert query(own_maps, (1 << 64) - PAGE_SIZE) is None


def test_a_viewport_is_the_rows_of_maps(own_maps: int) -> None:
    found = following(own_maps, 0, 10)
    with Target(os.getpid()) as target:
        seen = maps.read(target)
    assert [vma.start for vma in found] == seen.start[:10].tolist()
    assert [vma.end for vma in found] == seen.end[:10].tolist()
    assert [vma.perms.encode() for vma in found] == seen.perms[:10].tolist()
    assert [vma.offset for vma in found] == seen.offset[:10].tolist()


def test_build_id_of_a_library(own_maps: int) -> None:
    libraries = [vma for vma in following(own_maps, 0, 1000) if b"/libc.so" in vma.name]
    if not libraries:
        pytest.skip("no libc.so is mapped here")
    found = query(own_maps, libraries[0].start, build_id=True)
    assert found is not None
    assert found.build_id in (b"", found.build_id[:20])
    assert found.build_id in Path(os.fsdecode(found.name)).read_bytes()


def test_another_file_is_not_supported() -> None:
    fd = os.open("/dev/null", os.O_RDONLY)
    with pytest.raises(NotSupported):
        query(fd, 0)
    os.close(fd)
