"""pagemap and PAGEMAP_SCAN on this very process, and the ways a read can come to nothing."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from vmtui.errors import NotSupported, ProcessGone
from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap, joined
from vmtui.kernel.target import Target

PAGES = 1 << 15


@pytest.fixture
def own() -> Iterator[Pagemap]:
    with Target(os.getpid()) as target, Pagemap(target) as pagemap:
        yield pagemap


@pytest.fixture
def alternating() -> Iterator[int]:
    """The address of memory whose every second page is present."""
    flagged = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    with mmap.mmap(-1, PAGES * PAGE_SIZE, flags=flagged) as memory:
        memory.madvise(mmap.MADV_NOHUGEPAGE)
        pages = np.frombuffer(memory, np.uint8)
        pages[:: 2 * PAGE_SIZE] = 1
        yield pages.ctypes.data
        del pages


def test_entries_are_of_the_pages_asked(own: Pagemap, alternating: int) -> None:
    first = alternating // PAGE_SIZE
    buffer = np.full(PAGES, 7, np.uint64)
    entries = own.entries(first + 10, 100, buffer)
    assert len(entries) == 100
    assert np.shares_memory(entries, buffer)
    assert buffer[100] == 7
    assert (entries >> np.uint64(63)).tolist() == [1, 0] * 50
    assert (entries[::2] & np.uint64(flags.PM_EXCLUSIVE) != 0).all()


def test_past_user_memory_reads_as_absent(own: Pagemap) -> None:
    assert not own.entries(0xFFFF_FFFF_FF60_0000 // PAGE_SIZE, 5).any()


def test_scan_finds_each_region_once(own: Pagemap, alternating: int) -> None:
    """The kernel may send walk_end back before the last region; 16,384 regions cross that."""
    if not own.can_scan:
        pytest.skip("this kernel has no PAGEMAP_SCAN")
    regions = own.scan(
        alternating,
        alternating + PAGES * PAGE_SIZE,
        any_of=flags.PAGE_IS_PRESENT,
        return_mask=flags.PAGE_IS_PRESENT,
    )
    expected = np.arange(0, PAGES, 2) * PAGE_SIZE + alternating
    assert np.array_equal(regions.start, expected.astype(np.uint64))
    assert np.array_equal(regions.end, regions.start + np.uint64(PAGE_SIZE))
    assert set(regions.categories.tolist()) == {flags.PAGE_IS_PRESENT}


def test_scan_resumes_after_the_last_region(
    own: Pagemap, alternating: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that always sends walk_end back: each region comes once, and the scan ends."""
    if not own.can_scan:
        pytest.skip("this kernel has no PAGEMAP_SCAN")
    real = fcntl.ioctl

    def going_back(fd: int, request: int, argument: Any) -> int:
        filled: int = real(fd, request, argument)
        if filled:
            argument[4] = argument[2]  # walk_end = start
        return filled

    monkeypatch.setattr(fcntl, "ioctl", going_back)
    regions = own.scan(
        alternating,
        alternating + PAGES * PAGE_SIZE,
        any_of=flags.PAGE_IS_PRESENT,
        return_mask=flags.PAGE_IS_PRESENT,
    )
    assert len(regions) == PAGES // 2


def test_scan_of_absent_pages_by_inversion(own: Pagemap, alternating: int) -> None:
    if not own.can_scan:
        pytest.skip("this kernel has no PAGEMAP_SCAN")
    regions = own.scan(
        alternating,
        alternating + 8 * PAGE_SIZE,
        all_of=flags.PAGE_IS_PRESENT,
        inverted=flags.PAGE_IS_PRESENT,
        return_mask=flags.PAGE_IS_PRESENT,
    )
    assert ((regions.start - np.uint64(alternating)) // PAGE_SIZE).tolist() == [1, 3, 5, 7]


def test_single_pages_and_the_next_populated_one(own: Pagemap, alternating: int) -> None:
    if not own.can_scan:
        pytest.skip("this kernel has no PAGEMAP_SCAN")
    addresses = np.arange(4, dtype=np.uint64) * np.uint64(PAGE_SIZE) + np.uint64(alternating)
    categories = own.categories_at(addresses, flags.PAGE_IS_PRESENT)
    assert categories.tolist() == [flags.PAGE_IS_PRESENT, 0] * 2
    end = alternating + 4 * PAGE_SIZE
    assert own.next_populated(alternating, end) == alternating
    assert own.next_populated(alternating + PAGE_SIZE, end) == alternating + 2 * PAGE_SIZE
    assert own.next_populated(end - PAGE_SIZE, end) == end


def test_frames_are_visible_to_privileged_users_only(own: Pagemap, alternating: int) -> None:
    entries = own.entries(alternating // PAGE_SIZE, 64)[::2]
    seen = bool((entries & np.uint64(flags.PM_PFN_MASK)).all())
    assert own.pfns_visible == seen


def test_a_kernel_without_scan_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise OSError(errno.ENOTTY, "Inappropriate ioctl for device")

    monkeypatch.setattr(fcntl, "ioctl", refused)
    with Target(os.getpid()) as target, Pagemap(target) as pagemap:
        assert not pagemap.can_scan
        assert not pagemap.knows_guard
        assert len(pagemap.entries(0x1000, 3)) == 3
        with pytest.raises(NotSupported):
            pagemap.scan(0, PAGE_SIZE, return_mask=flags.PAGE_IS_PRESENT)


def test_a_kernel_that_does_not_know_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    real = fcntl.ioctl

    def older(fd: int, request: int, argument: Any) -> int:
        if argument[11] & flags.PAGE_IS_GUARD:
            raise OSError(errno.EINVAL, "Invalid argument")
        answer: int = real(fd, request, argument)
        return answer

    with Target(os.getpid()) as target:
        with Pagemap(target) as today:
            if not today.can_scan:
                pytest.skip("this kernel has no PAGEMAP_SCAN")
        monkeypatch.setattr(fcntl, "ioctl", older)
        with Pagemap(target) as pagemap:
            assert pagemap.can_scan
            assert not pagemap.knows_guard


def test_an_exited_process_is_not_an_empty_one() -> None:
    child = subprocess.Popen(["sleep", "100"])
    with Target(child.pid) as target, Pagemap(target) as pagemap:
        child.kill()
        child.wait()
        with pytest.raises(ProcessGone):
            pagemap.entries(0x1000, 1)
        if pagemap.can_scan:
            with pytest.raises(ProcessGone):
                pagemap.scan(0, 1 << 30, return_mask=flags.PAGE_IS_PRESENT)


def test_neighbours_that_are_alike_become_one() -> None:
    start = np.array([0, 1, 2, 4, 5], np.uint64)
    categories = np.array([8, 8, 16, 16, 16], np.uint64)
    regions = joined(start, start + np.uint64(1), categories)
    assert regions.start.tolist() == [0, 2, 4]
    assert regions.end.tolist() == [2, 3, 6]
    assert regions.categories.tolist() == [8, 16, 16]


def test_where_user_addresses_end(own: Pagemap) -> None:
    with open("/proc/self/maps") as lines:
        ends = [
            int(line.split()[0].split("-")[1], 16) for line in lines if "[vsyscall]" not in line
        ]
    assert max(ends) <= own.space_end
    assert len(own.entries(own.space_end // PAGE_SIZE - 1, 1)) == 1


def test_a_scan_past_the_end_still_finds_what_lies_below(own: Pagemap, alternating: int) -> None:
    if not own.can_scan:
        pytest.skip("this kernel has no PAGEMAP_SCAN")
    mask = flags.PAGE_IS_PRESENT
    below = own.scan(alternating, own.space_end, any_of=mask, return_mask=mask)
    for end in (own.space_end + PAGE_SIZE, 1 << 57, (1 << 64) - PAGE_SIZE):
        regions = own.scan(alternating, end, any_of=mask, return_mask=mask)
        assert len(regions) >= PAGES // 2
        assert regions.start[0] == below.start[0]
        assert own.next_populated(alternating + PAGE_SIZE, end) == alternating + 2 * PAGE_SIZE
    assert len(own.scan(own.space_end, 1 << 63, any_of=mask, return_mask=mask)) == 0
