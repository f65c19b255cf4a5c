"""Regions for tests of the laboratory, mapped by a specimen between gaps, and what is in them."""

from __future__ import annotations

import os
from collections import Counter

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.hands import Hands, Reply
from vmtui.lab.layout import Region
from vmtui.lab.measure import ProcessLook
from vmtui.lab.operations import abi
from vmtui.lab.spawner import SLOT

READ, READ_WRITE = abi.PROT_READ, abi.PROT_READ | abi.PROT_WRITE
BLOCK_PAGES = PAGE_SIZE // 8
FIRST = SLOT // PAGE_SIZE
ANON = abi.MAP_PRIVATE | abi.MAP_ANONYMOUS
PRESENT, SWAPPED, FILE, EXCLUSIVE, GUARD, ZERO, HUGE = (1 << bit for bit in range(7))
MEBIBYTE_PAGES = (1 << 20) // PAGE_SIZE
THOROUGH = "VMTUI_THOROUGH" in os.environ
"""Whether the sizes and repetitions that take minutes are tested too."""


def mapped(
    hands: Hands,
    pages: int,
    *,
    window: int = 0,
    prot: int = READ_WRITE,
    how: int = ANON,
    fd: int = -1,
    huge: bool = False,
) -> Region:
    """A region between two gaps, on a 2 MiB border; a window is 512 MiB."""
    region = Region("buf", FIRST + window * 512 * MEBIBYTE_PAGES + BLOCK_PAGES, pages)
    gap = ANON | abi.MAP_NORESERVE | abi.MAP_FIXED
    around = (pages + 2 * BLOCK_PAGES) * PAGE_SIZE
    done(hands.call("mmap", region.address - (2 << 20), around, 0, gap, -1, 0))
    size = pages * PAGE_SIZE
    done(hands.call("mmap", region.address, size, prot, how | abi.MAP_FIXED, fd, 0))
    if how & abi.MAP_ANONYMOUS and how & abi.MAP_PRIVATE:
        done(advise(hands, region, "hugepage" if huge else "nohugepage"))
    return region


def done(reply: Reply) -> Reply:
    """The reply of a call that must have worked."""
    assert reply.errno == 0, os.strerror(reply.errno)
    return reply


def advise(hands: Hands, region: Region, advice: str) -> Reply:
    """madvise(2) of all of it."""
    size = region.pages * PAGE_SIZE
    return hands.call("madvise", region.address, size, abi.ADVICE[advice])


def protect(hands: Hands, region: Region, prot: int) -> Reply:
    """mprotect(2) of all of it."""
    return hands.call("mprotect", region.address, region.pages * PAGE_SIZE, prot)


def unmap(hands: Hands, region: Region) -> Reply:
    """munmap(2) of all of it."""
    return hands.call("munmap", region.address, region.pages * PAGE_SIZE)


def touch(hands: Hands, region: Region, *, write: bool, start: int = 0, step: int = 1) -> Reply:
    """Every `step`-th page from `start` on."""
    count = len(range(start, region.pages, step))
    return hands.touch([(region.first + start, count, step)], write=write)


def words(look: ProcessLook, index: int = 0) -> Counter[int]:
    """How many pages have each word."""
    return Counter(look.words[index])


def cannot_look_at_frames() -> str:
    """Why frame numbers are not tested here; empty when they are."""
    return "" if os.geteuid() == 0 else "frame numbers are shown to root only"
