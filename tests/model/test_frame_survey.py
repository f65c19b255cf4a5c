"""Surveys add up to all frames, sampled or whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vmtui.kernel.memory_map import MemoryMap
from vmtui.model.frame_survey import (
    LEAST_FRAMES,
    MOST_BLOCKS,
    FramesSurvey,
    block_frames_for,
    memory_per_block,
)
from vmtui.model.frames import KINDS, FrameKind

BANKS = MemoryMap(((1, 159), (256, 3000), (4096, 9000)), exact=True)


@given(st.integers(0, 1 << 45))
def test_blocks_are_few(end: int) -> None:
    block = block_frames_for(end)
    assert block & block - 1 == 0
    assert -(-end // block) <= MOST_BLOCKS
    assert block == LEAST_FRAMES or end > MOST_BLOCKS // 2 * block


@given(st.sampled_from([1, 2, 16, 64, 1024, 1 << 20]))
def test_memory_of_each_block(block: int) -> None:
    frames = memory_per_block(BANKS, block)
    assert frames.sum() == BANKS.frames
    assert frames.max() <= block
    assert len(frames) == -(-BANKS.end // block)


def survey(counts: np.ndarray, *, told: dict[int, int], complete: bool) -> FramesSurvey:
    of_block = memory_per_block(BANKS, 64)
    return FramesSurvey(BANKS, 64, counts, of_block, told, 0, 10**9, complete)


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_totals_add_up(seed: int, share: float) -> None:
    random = np.random.default_rng(seed)
    of_block = memory_per_block(BANKS, 64)
    counts = np.zeros((len(of_block), KINDS), np.uint32)
    for block in np.flatnonzero(of_block).tolist():
        if random.random() < share:
            read = int(random.integers(1, of_block[block] + 1))
            kinds = random.integers(0, KINDS, read)
            counts[block] = np.bincount(kinds, minlength=KINDS)
    totals = survey(counts, told={}, complete=False).totals()
    assert min(totals) >= -1
    assert sum(totals) == (BANKS.frames if counts.any() else 0)


def test_uses_before_all_is_read_are_scaled() -> None:
    of_block = memory_per_block(BANKS, 64)
    counts = np.zeros((len(of_block), KINDS), np.uint32)
    rows = survey(counts, told={0x400: 3, 0x5828: 1}, complete=False).uses()
    assert sum(row.frames for row in rows) == BANKS.frames
    shares = {row.kind: row.frames / BANKS.frames for row in rows}
    assert abs(shares[FrameKind.ANON] - 0.25) < 0.001
    assert survey(counts, told={}, complete=False).uses() == ()
