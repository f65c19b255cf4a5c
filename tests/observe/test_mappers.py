"""Who maps a page of ours; relatives first, and why a search ends."""

from __future__ import annotations

import ctypes
import mmap
import os

import pytest

from vmtui.kernel import maps
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.observe import mappers, page_view
from vmtui.observe.mappers import FilePlace, Wanted, _relatives

PARENTS = {2: 1, 3: 1, 10: 3, 11: 3, 12: 10, 20: 2, 30: 29}


def test_relatives_by_distance() -> None:
    assert _relatives(10, PARENTS) == {10: 0, 12: 1, 3: 1, 11: 2}
    assert _relatives(None, PARENTS) == {}


def test_without_frame_number_private_memory_is_hopeless() -> None:
    missing = Missing("hidden")
    *_, found = mappers.search(Wanted(None, missing, os.getpid(), 0))
    assert found.finished and not found.complete
    assert "only root" in found.why


def test_a_page_of_a_file_twice() -> None:
    """Known by its place in the file, which anyone can tell of processes of their own."""
    fd = os.memfd_create("mapped")
    try:
        os.ftruncate(fd, 4 * PAGE_SIZE)
        with mmap.mmap(fd, 4 * PAGE_SIZE) as one, mmap.mmap(fd, 4 * PAGE_SIZE) as other:
            one[PAGE_SIZE] = other[PAGE_SIZE + 1] = 1
            wanted = {_address(one) + PAGE_SIZE, _address(other) + PAGE_SIZE}
            with Target(os.getpid()) as target:
                vmas = maps.read(target)
            row = int((vmas.start <= min(wanted)).sum()) - 1
            place = FilePlace(int(vmas.device[row]), int(vmas.inode[row]), PAGE_SIZE)
            *_, found = mappers.search(Wanted(None, Missing("hidden"), file=place))
    finally:
        os.close(fd)
    assert {mapper.address for mapper in found.found if mapper.pid == os.getpid()} == wanted
    assert len(found.found) == 2


@pytest.mark.parametrize("cancelled", [True, False])
def test_ends_early(cancelled: bool) -> None:
    address = ctypes.addressof(kept := ctypes.create_string_buffer(b"x"))
    wanted = Wanted((1 << 50) - 1, 5, os.getpid(), address // PAGE_SIZE * PAGE_SIZE)
    *_, found = mappers.search(wanted, lambda: cancelled, seconds=30 if cancelled else 0)
    assert found.finished and not found.complete
    assert found.why == ("cancelled" if cancelled else "given up after 0 s")
    del kept


@pytest.mark.skipif(os.geteuid() != 0, reason="frame numbers need root")
def test_our_own_page() -> None:
    kept = ctypes.create_string_buffer(b"x" * PAGE_SIZE)
    address = ctypes.addressof(kept) // PAGE_SIZE * PAGE_SIZE
    wanted = page_view.read(os.getpid(), address).wanted
    assert isinstance(wanted, Wanted)
    *_, found = mappers.search(wanted)
    assert found.complete
    assert (os.getpid(), address) in [(mapper.pid, mapper.address) for mapper in found.found]


def _address(memory: mmap.mmap) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))
