"""The kernel's parameters, found out by trying."""

import os

import pytest

from tests.lab.stand import mapped, touch
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.operations import abi
from vmtui.lab.probe import probe
from vmtui.lab.spawner import Bench
from vmtui.missing import Missing


def test_what_is_found_is_possible_and_the_same_twice() -> None:
    with Bench.open() as bench:
        found = probe(bench)
        kernel = found.kernel
        assert kernel == probe(bench).kernel
        assert kernel.page_bytes == PAGE_SIZE
        window = kernel.fault_around_pages
        assert 1 <= window <= PAGE_SIZE // 8 and window & (window - 1) == 0
        assert found.cpu == bench.cpu and found.directory == bench.directory
        assert bench.specimens() == ()


def test_the_window_is_what_reading_a_file_shows() -> None:
    with Bench.open() as bench:
        if isinstance(bench.directory, Missing):
            pytest.skip(bench.directory.reason)
        kernel = probe(bench).kernel
        hands = bench.start()
        pages = 4 * kernel.fault_around_pages
        region = mapped(hands, pages, how=abi.MAP_SHARED, fd=hands.file("data", pages))
        assert touch(hands, region, write=False).minor == 4


def test_swap_is_as_the_kernel_says() -> None:
    with Bench.open() as bench, open("/proc/swaps", encoding="utf-8") as swaps:
        room = len(swaps.readlines()) > 1
        assert probe(bench).kernel.swap == room or os.path.exists("/dev/zram0")
