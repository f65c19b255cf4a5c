"""All frames of physical memory: sampled for a first picture, then read to the last one.

Root only. The full pass costs the kernel 180–260 ns a frame (1.5 s for 24 GiB) and vmtui an eighth
of that; memory for it is bounded whatever the size of the machine: at most 65,536 blocks of counts.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from vmtui.errors import NotPermitted
from vmtui.kernel import flags, memory_map
from vmtui.kernel.frame_files import FrameFile
from vmtui.kernel.memory_map import MemoryMap
from vmtui.model.frame_survey import FramesSurvey, block_frames_for, memory_per_block
from vmtui.model.frames import KINDS, Judge, Kinds
from vmtui.observe.errand import Cancelled, Errand

FIRST_PICTURE_SECONDS = 0.4
"""How long samples are taken at most."""
WHAT_ROOT_SEES = (
    "root would see what each frame of memory is used for: free, private, page cache, the kernel's"
)

_CHUNK = 1 << 15
"""Frames read at a time: 256 KiB, 7 ms."""
_CLUSTER = 16
"""Frames of a sample."""
_EVERY_NS = 150_000_000
_ASK_TIME = 256
_SCATTER = 0.6180339887
"""Blocks are sampled this share of all blocks apart: wherever it stops, they lie evenly."""


def survey_in_background() -> Errand[FramesSurvey]:
    """A full survey in a thread of its own."""
    return Errand(survey, "frames")


def survey(
    cancelled: Cancelled = lambda: False, first_picture_seconds: float = FIRST_PICTURE_SECONDS
) -> Generator[FramesSurvey, None, None]:
    """All frames, ever more exactly: the samples first, then several times a second, then all.

    Args:
        cancelled: asked every few ms; the last survey is then not complete.
        first_picture_seconds: for samples; 0 for none.

    Raises:
        NotPermitted: not root.
        NotSupported: the kernel was built without /proc/kpageflags.
    """
    try:
        with FrameFile() as source:
            sweep = _Sweep(source, memory_map.read())
            if first_picture_seconds:
                sweep.sample(first_picture_seconds, cancelled)
                yield sweep.survey(complete=False)
            yield from sweep.read_all(cancelled)
    except NotPermitted as error:
        raise NotPermitted(f"{error}; {WHAT_ROOT_SEES}", error.unlock) from error


class _Sweep:
    """Counts by block, of the samples and of the full pass."""

    def __init__(self, source: FrameFile, memory: MemoryMap) -> None:
        end = source.end()
        self._memory = memory = MemoryMap(memory.within(0, end), memory.exact)
        self._source = source
        self._began = time.perf_counter_ns()
        self._block = block_frames_for(memory.end)
        self._of_block = memory_per_block(memory, self._block)
        self._counts = np.zeros((len(self._of_block), KINDS), np.uint32)
        self._sampled: dict[int, int] = {}
        self._told: Counter[int] = Counter()
        self._judge = Judge()
        self._read = 0

    def sample(self, seconds: float, cancelled: Cancelled) -> None:
        """A few frames of as many blocks as there is time for."""
        places = _spread(self._memory, self._block)
        words = np.full((len(places), _CLUSTER), np.uint64(flags.KPF_NOPAGE))
        until, done = time.perf_counter() + seconds, 0
        for done, first in enumerate(places.tolist(), 1):
            self._source.read(first, words[done - 1])
            if not done % _ASK_TIME and (time.perf_counter() >= until or cancelled()):
                break
        if not done:
            return
        borders = np.arange(0, done * _CLUSTER, _CLUSTER)
        runs = self._judge.runs(words[:done].reshape(-1), borders)
        blocks = places[runs.firsts // _CLUSTER] // self._block
        self._add(blocks, runs.kinds, runs.lengths)
        self._sampled = runs.told

    def read_all(self, cancelled: Cancelled) -> Generator[FramesSurvey, None, None]:
        """Every frame; the counts of a block take the place of its samples."""
        buffer, shown = np.empty(_CHUNK, np.uint64), time.perf_counter_ns()
        begun = -1
        for first, end in self._memory.ranges:
            at = first
            while at < end:
                if cancelled():
                    yield self.survey(complete=False)
                    return
                stop = min(end, (at // _CHUNK + 1) * _CHUNK)
                words = buffer[: stop - at]
                if (got := self._source.read(at, words)) < len(words):
                    words[got:] = flags.KPF_NOPAGE  # memory was taken away meanwhile
                blocks = at // self._block, (stop - 1) // self._block
                self._counts[max(blocks[0], begun + 1) : blocks[1] + 1] = 0
                begun = max(begun, blocks[1])
                borders = np.arange(blocks[0] + 1, blocks[1] + 1) * self._block - at
                runs = self._judge.runs(words, borders)
                self._add((runs.firsts + at) // self._block, runs.kinds, runs.lengths)
                self._told.update(runs.told)
                self._read += len(words)
                at = stop
                if time.perf_counter_ns() - shown >= _EVERY_NS:
                    yield self.survey(complete=False)
                    shown = time.perf_counter_ns()
        yield self.survey(complete=True)

    def survey(self, *, complete: bool) -> FramesSurvey:
        """What is known now."""
        counts = self._counts.copy()
        counts.flags.writeable = False
        told = dict(self._told) if complete or not self._sampled else self._sampled
        took = time.perf_counter_ns() - self._began
        return FramesSurvey(
            self._memory, self._block, counts, self._of_block, told, self._read, took, complete
        )

    def _add(self, blocks: NDArray[np.int64], kinds: Kinds, frames: NDArray[np.int64]) -> None:
        """Count runs of frames in their blocks."""
        low = int(blocks.min())
        cells = (blocks - low) * KINDS + kinds
        added = np.bincount(cells, frames, (int(blocks.max()) - low + 1) * KINDS)
        part = self._counts[low : low + len(added) // KINDS]
        part += added.reshape(-1, KINDS).astype(np.uint32)


def _spread(memory: MemoryMap, block_frames: int) -> NDArray[np.int64]:
    """A first frame to sample in each block, in an order that covers all memory evenly."""
    firsts = []
    for first, end in memory.ranges:
        starts = np.arange(first // block_frames, -(-end // block_frames)) * block_frames
        low, high = np.maximum(starts, first), np.minimum(starts + block_frames, end)
        room = np.maximum(high - low - _CLUSTER, 0)
        scattered = (starts // block_frames * 2_654_435_761 % 65_536) / 65_536
        firsts.append(np.where(high - low >= _CLUSTER, low + (room * scattered).astype(int), -1))
    places = np.concatenate(firsts or [np.zeros(0, np.int64)])
    places = places[places >= 0]
    order = np.argsort(np.arange(len(places)) * _SCATTER % 1.0, kind="stable")
    spread: NDArray[np.int64] = places[order]
    return spread
