"""A survey of all frames as a sample keeps it: the counts of 65,536 blocks compressed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np

from vmtui.model.frame_survey import FramesSurvey, memory_per_block
from vmtui.model.frames import KINDS


@dataclass(frozen=True, slots=True, eq=False)
class PackedFrames:
    """Some hundred KiB, where the survey has 4 MiB."""

    bare: FramesSurvey
    """The survey with empty arrays."""
    counts: bytes
    kind: str
    """The numbers' type: as small as the largest of them allows."""

    @property
    def nbytes(self) -> int:
        """What it takes in memory."""
        return len(self.counts) + 120 * len(self.bare.told)

    def unpacked(self) -> FramesSurvey:
        """The survey as it was; some 5 ms for the largest."""
        counts = np.frombuffer(zlib.decompress(self.counts), self.kind).reshape(-1, KINDS)
        memory = memory_per_block(self.bare.memory, self.bare.block_frames)
        return replace(self.bare, counts=counts.astype(np.uint32), memory_frames=memory)


def pack(survey: FramesSurvey) -> PackedFrames:
    """Compress it; 20 ms for the largest, so not for the UI thread."""
    kind = np.min_scalar_type(survey.block_frames).str
    bare = replace(
        survey, counts=np.empty((0, KINDS), np.uint32), memory_frames=np.empty(0, np.int64)
    )
    return PackedFrames(bare, zlib.compress(survey.counts.astype(kind).data, 1), kind)
