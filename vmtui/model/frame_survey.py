"""All frames of the machine, block by block: a first picture from samples, then every frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel.memory_map import MemoryMap
from vmtui.model.frames import KINDS, UseCount, use_counts

Counts = NDArray[np.uint32]
MOST_BLOCKS = 1 << 16
LEAST_FRAMES = 64
"""Of a block: several times a sample."""


def block_frames_for(end: int) -> int:
    """Frames of a block, a power of two, such that at most `MOST_BLOCKS` reach to frame `end`."""
    needed = 1 << max(0, (max(1, end) - 1).bit_length() - (MOST_BLOCKS.bit_length() - 1))
    return max(LEAST_FRAMES, needed)


def memory_per_block(memory: MemoryMap, block_frames: int) -> NDArray[np.int64]:
    """How many frames of each block are memory: int64 array."""
    borders = np.arange(-(-memory.end // block_frames) + 1, dtype=np.int64) * block_frames
    total = np.zeros(len(borders) - 1, np.int64)
    for first, end in memory.ranges:
        inside = np.minimum(borders[1:], end) - np.maximum(borders[:-1], first)
        total += np.maximum(inside, 0)
    return total


@dataclass(frozen=True, slots=True, eq=False)
class FramesSurvey:
    """What is known of all frames so far. Block b holds frames b × `block_frames` and on."""

    memory: MemoryMap
    block_frames: int
    counts: Counts
    """Blocks × `FrameKind`: frames read, by kind. Those of a block that is only sampled are few."""
    memory_frames: NDArray[np.int64]
    """Per block, how many of its frames are memory: 0 in a hole."""
    told: Mapping[int, int]
    """Frames by their flags: of all frames once `complete`, before that of the samples."""
    read_frames: int
    """Frames read by the full pass so far."""
    took_ns: int
    """Since the beginning."""
    complete: bool

    @property
    def frames(self) -> int:
        """All frames that are memory."""
        return self.memory.frames

    @property
    def share_read(self) -> float:
        """How far the full pass has got, 0 to 1."""
        return self.read_frames / self.frames if self.frames else 1.0

    @property
    def rate(self) -> float:
        """Frames read in a second."""
        return self.read_frames / (self.took_ns / 1e9) if self.took_ns else 0.0

    def totals(self) -> list[int]:
        """Frames by kind, in the order of `FrameKind`; they add up to `frames`.

        Exact once `complete`; before that each block counts as its samples do.
        """
        read = self.counts.sum(axis=1, dtype=np.int64)
        whole = read >= self.memory_frames
        exact = self.counts[whole].sum(axis=0, dtype=np.int64)
        if whole.all():
            return [int(total) for total in exact]
        part = ~whole & (read > 0)
        weight = self.memory_frames[part] / read[part]
        unread = int(self.memory_frames[~whole & (read == 0)].sum())
        guess = (self.counts[part] * weight[:, None]).sum(axis=0) if part.any() else np.zeros(KINDS)
        known = float(guess.sum() + exact.sum())
        if unread and known:
            guess = guess + (guess + exact) * (unread / known)
        return _rounded(exact + guess, self.frames) if known else [0] * KINDS

    def uses(self) -> tuple[UseCount, ...]:
        """The table of use counts; before `complete` that of the samples, scaled to all frames."""
        if self.complete:
            return use_counts(self.told)
        seen = sum(self.told.values())
        if not seen:
            return ()
        names = list(self.told)
        scaled = _rounded(np.array([self.told[name] for name in names]) * (self.frames / seen),
                          self.frames)  # fmt: skip
        return use_counts(dict(zip(names, scaled, strict=True)))

    def shares(self, first: int, end: int) -> NDArray[np.int64]:
        """The counts of the blocks that lie in a range of frames, added up."""
        low, high = first // self.block_frames, -(-end // self.block_frames)
        total: NDArray[np.int64] = self.counts[low:high].sum(axis=0, dtype=np.int64)
        return total


def _rounded(values: NDArray[np.float64], total: int) -> list[int]:
    """Whole numbers next to these that add up to `total`: the largest takes the difference."""
    whole = np.floor(values + 0.5).astype(np.int64)
    whole[int(np.argmax(whole))] += total - int(whole.sum())
    return [int(number) for number in whole]
