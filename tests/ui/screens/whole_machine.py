"""A machine made up for tests: its frames, free blocks, files, groups and who would be killed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tests import factories
from vmtui.kernel import flags
from vmtui.kernel.buddyinfo import FreeBlocks
from vmtui.kernel.cachestat import Cached
from vmtui.kernel.huge_pools import HugePool
from vmtui.kernel.ksm import Ksm
from vmtui.kernel.memory_group import GroupPressure, GroupReading
from vmtui.kernel.memory_map import MemoryMap
from vmtui.kernel.swaps import SwapDevice
from vmtui.kernel.zoneinfo import Zone
from vmtui.kernel.zram import Zram
from vmtui.missing import Missing
from vmtui.model.frame_survey import FramesSurvey, block_frames_for, memory_per_block
from vmtui.model.frames import KINDS, FrameKind, Judge
from vmtui.model.groups import Group, GroupSurvey
from vmtui.model.machine_parts import BlockDetail, OverviewDetail
from vmtui.model.oom import OomCandidate, OomRanking
from vmtui.model.page_cache import CachedFile, CacheSurvey, Holder
from vmtui.observe import packed_frames
from vmtui.observe.frames_closer import FramesCloser
from vmtui.observe.machine_depth import Known, MachineDepth
from vmtui.observe.sample import Sample

BANKS = MemoryMap(((0, 100_000), (150_000, 400_000)), exact=True)
ANON = flags.KPF_ANON | flags.KPF_SWAPBACKED | flags.KPF_MMAP | flags.KPF_LRU
FREE = flags.KPF_BUDDY
NOT_ROOT = Missing("only root may read /proc/kpageflags", "run vmtui as root")


def survey(*, complete: bool = True, anon: int = 4) -> FramesSurvey:
    """Every block free but for `anon` of its frames."""
    block = block_frames_for(BANKS.end)
    memory = memory_per_block(BANKS, block)
    counts = np.zeros((len(memory), KINDS), np.uint32)
    counts[:, FrameKind.ANON] = np.minimum(anon, memory)
    counts[:, FrameKind.FREE] = memory - counts[:, FrameKind.ANON]
    told = {ANON: int(counts[:, FrameKind.ANON].sum()), FREE: int(counts[:, FrameKind.FREE].sum())}
    read = BANKS.frames if complete else BANKS.frames // 4
    return FramesSurvey(BANKS, block, counts, memory, told, read, 10**9, complete)


def closer(first: int, count: int, anon_at: int) -> FramesCloser:
    """Frames one by one: all free but one, which two entries map."""
    words = np.full(count, np.uint64(FREE))
    words[anon_at - first] = ANON
    counts = np.zeros(count, np.uint64)
    counts[anon_at - first] = 2
    is_memory = np.zeros(count, bool)
    for low, high in BANKS.within(first, first + count):
        is_memory[low - first : high - first] = True
    return FramesCloser(first, Judge().kinds(words.copy()), words, counts, is_memory)


def known(value: Any, at: float = 0.0) -> Known[Any]:
    """A part as it was read at that moment."""
    return Known(value, at, 0.01, 100)


ZONES = (
    FreeBlocks(0, "DMA", (0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 3)),
    FreeBlocks(0, "Normal", (100, 50, 20, 0, 0, 0, 0, 0, 0, 4, 1000)),
)
BLOCKS = BlockDetail(
    pools=(HugePool(2 << 20, 8, 3, 1, 0, Missing("not printed")),),
    thp="madvise",
    ksm=Ksm(1, 10, 90, 5, 0, 7, 3, 1 << 20),
)
OVERVIEW = OverviewDetail(
    (("zram0", Zram(400 << 20, 90 << 20, 100 << 20, 3, 9)),), True, Missing("no nodes here")
)
FILES = CacheSurvey(
    (
        CachedFile(b"/srv/big.db", 8, 11, 8 << 20, Cached(1024, 16, 0, 3, 0),
                   (Holder(100, b"worker", True, False), Holder(101, b"other", False, True))),
        CachedFile(b"/usr/lib/libc.so.6", 8, 12, 2 << 20, Cached(512, 0, 0, 0, 0),
                   (Holder(100, b"worker", True, True),)),
    ), 2, 1, 0,
)  # fmt: skip
RANKING = OomRanking(
    1_000_000,
    (
        OomCandidate(100, b"worker", 5000, 10, 20, 500, 505_030, 900, ""),
        OomCandidate(101, b"other", 9000, 0, 30, 0, 9030, 670, ""),
        OomCandidate(1, b"init", 300, 0, 3, 0, -1, 0, "the init process is never taken"),
    ), 0,
)  # fmt: skip


def group(path: bytes, usage: int, limit: int | None) -> Group:
    """A group with little else."""
    unknown = Missing("not made up")
    values = dict.fromkeys(GroupReading.__dataclass_fields__, unknown)
    reading = GroupReading(**{**values, "usage": usage, "limit": limit})  # type: ignore[arg-type]
    return Group(path, 2, reading, GroupPressure(unknown, unknown), 3)


GROUPS = GroupSurvey(
    (group(b"/", 4 << 30, None), group(b"/shop", 1 << 30, 2 << 30),
     group(b"/shop/db", 900 << 20, 1 << 30)), 2, 0,
)  # fmt: skip


def sample(number: int, **depth: Any) -> Sample:
    """A sample in which these parts of the depth are known.

    Args:
        number: its place, and its second.
        depth: values by the names of `MachineDepth`.
    """
    zones = tuple(
        Zone(0, one.zone, one.free_pages, 10, 20, 30, 1 << 20, 1 << 20, 64) for one in ZONES
    )
    swap = (SwapDevice(b"/dev/zram0", "partition", 1 << 30, 400 << 20, 100),)
    machine = replace(
        factories.machine(float(number), number * 1000), free_blocks=ZONES, zones=zones, swaps=swap
    )
    parts = {name: known(value, float(number)) for name, value in depth.items()}
    processes = [factories.reading(100), factories.reading(101)]
    return factories.sample(
        number, processes, machine=machine, depth=MachineDepth(**parts) if parts else None
    )


def frames(number: int, **how: Any) -> Sample:
    """A sample with a survey of all frames."""
    return sample(number, frames=packed_frames.pack(survey(**how)))
