"""A survey of all frames as a sample keeps it: the counts of 65,536 blocks compressed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vmtui.kernel.memory_map import MemoryMap
from vmtui.model.frame_survey import MOST_BLOCKS, FramesSurvey, memory_per_block
from vmtui.model.frames import KINDS

_MOST_FRAMES = 1 << 46
"""More than any address has room for, and few enough to count with."""
_ITEM_TYPES: Mapping[int, np.dtype[Any]] = {
    1: np.dtype("<u1"), 2: np.dtype("<u2"), 4: np.dtype("<u4"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PackedFrames:
    """Some hundred KiB, where the survey has 4 MiB. Fields of the same names are the survey's."""

    memory: MemoryMap
    block_frames: int
    told: Mapping[int, int]
    read_frames: int
    took_ns: int
    complete: bool
    counts: bytes
    """Deflated: a number per block and `FrameKind`."""
    item_bytes: int
    """Of a number: as few as the largest allows."""

    @property
    def nbytes(self) -> int:
        """What it takes in memory."""
        return len(self.counts) + 120 * len(self.told)

    @property
    def blocks(self) -> int:
        """How many there are."""
        return -(-self.memory.end // self.block_frames)

    def fits(self) -> bool:
        """Whether its parts fit each other: it may come from a file."""
        ranges = self.memory.ranges
        borders = [border for pair in ranges for border in pair]
        return (
            0 < self.block_frames <= _MOST_FRAMES
            and borders == sorted(borders)
            and (not borders or (borders[0] >= 0 and borders[-1] <= _MOST_FRAMES))
            and self.blocks <= MOST_BLOCKS
            and self.item_bytes in _ITEM_TYPES
            and self._numbers() is not None
        )

    def unpacked(self) -> FramesSurvey:
        """The survey as it was; some 5 ms for the largest."""
        raw = self._numbers()
        assert raw is not None
        counts = np.frombuffer(raw, _ITEM_TYPES[self.item_bytes]).reshape(-1, KINDS)
        return FramesSurvey(
            memory=self.memory,
            block_frames=self.block_frames,
            counts=counts.astype(np.uint32),
            memory_frames=memory_per_block(self.memory, self.block_frames),
            told=self.told,
            read_frames=self.read_frames,
            took_ns=self.took_ns,
            complete=self.complete,
        )

    def _numbers(self) -> bytes | None:
        """The counts inflated, and never more than that; None where they are not that many."""
        expected = self.blocks * KINDS * self.item_bytes
        inflate = zlib.decompressobj()
        try:
            raw = inflate.decompress(self.counts, expected + 1)
        except zlib.error:
            return None
        return raw if len(raw) == expected else None


def pack(survey: FramesSurvey) -> PackedFrames:
    """Compress it; 20 ms for the largest, so not for the UI thread."""
    item_bytes = np.min_scalar_type(survey.block_frames).itemsize
    counts = survey.counts.astype(_ITEM_TYPES.get(item_bytes, _ITEM_TYPES[4]))
    return PackedFrames(
        memory=survey.memory,
        block_frames=survey.block_frames,
        told=survey.told,
        read_frames=survey.read_frames,
        took_ns=survey.took_ns,
        complete=survey.complete,
        counts=zlib.compress(counts.data, 1),
        item_bytes=counts.dtype.itemsize,
    )
