"""Frames one by one: a range of them for the picture zoomed in, or all about a single one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmtui.errors import NotPermitted, VmtuiError
from vmtui.kernel import cgroup_inodes, flags, memory_map, mounts
from vmtui.kernel.frame_files import FrameFact, FrameFile
from vmtui.missing import Missing
from vmtui.model.frames import FrameKind, Judge, Kinds, Words, kind_of
from vmtui.observe.frames import WHAT_ROOT_SEES

MOST_FRAMES = 1 << 20
"""Frames that `read` reads at a time: 4 GiB of 4 KiB pages, a third of a second."""


@dataclass(frozen=True, slots=True, eq=False)
class FramesCloser:
    """Every frame of a range, read a moment ago."""

    first: int
    """The first frame."""
    kinds: Kinds
    """FrameKind of each."""
    flags: Words
    """KPF_* bits of each (`JUDGED`)."""
    counts: Words | Missing
    """How many page-table entries map each."""
    is_memory: NDArray[np.bool_]
    """Whether there is memory at that number at all."""


def read(first: int, frames: int, *, with_counts: bool = False) -> FramesCloser:
    """A range frame by frame: the picture zoomed in.

    Args:
        first: first frame.
        frames: how many; at most `MOST_FRAMES` are read.
        with_counts: whether map counts are read too, which doubles the cost.

    Raises:
        NotPermitted, NotSupported: as `survey`.
    """
    frames = min(frames, MOST_FRAMES)
    try:
        words = _words_of("kpageflags", first, frames, flags.KPF_NOPAGE)
    except NotPermitted as error:
        raise NotPermitted(f"{error}; {WHAT_ROOT_SEES}", error.unlock) from error
    counts: Words | Missing = Missing("map counts were not asked for")
    if with_counts:
        try:
            counts = _words_of("kpagecount", first, frames, 0)
        except VmtuiError as error:
            counts = Missing.because(error)
    is_memory = np.zeros(frames, bool)
    for low, high in memory_map.read().within(first, first + frames):
        is_memory[low - first : high - first] = True
    return FramesCloser(first, Judge().kinds(words), words, counts, is_memory)


def _words_of(name: FrameFact, first: int, frames: int, past_the_end: int) -> Words:
    words = np.full(frames, np.uint64(past_the_end))
    with FrameFile(name) as source:
        source.read(first, words)
    return words


@dataclass(frozen=True, slots=True)
class OneFrame:
    """Everything the kernel says of one frame."""

    pfn: int
    is_memory: bool
    flags: int | Missing
    """KPF_* bits."""
    map_count: int | Missing
    """How many page-table entries map it."""
    cgroup_inode: int | Missing
    """Of the memory cgroup it is charged to; 0 for none."""
    cgroup: bytes | Missing
    """That group's path below its hierarchy; raw: untrusted."""

    @property
    def kind(self) -> FrameKind | Missing:
        """What it is used for."""
        return self.flags if isinstance(self.flags, Missing) else kind_of(self.flags)


def one(pfn: int) -> OneFrame:
    """One frame; what this user may not see is Missing. Some 100 µs, and 10 µs a cgroup."""
    flagged, count, inode = (
        _word_of("kpageflags", pfn), _word_of("kpagecount", pfn), _word_of("kpagecgroup", pfn),
    )  # fmt: skip
    group: bytes | Missing
    try:
        group = inode if isinstance(inode, Missing) else cgroup_inodes.path_of(inode, mounts.read())
    except VmtuiError as error:
        group = Missing.because(error)
    is_memory = bool(memory_map.read().within(pfn, pfn + 1))
    return OneFrame(pfn, is_memory, flagged, count, inode, group)


def _word_of(name: FrameFact, pfn: int) -> int | Missing:
    try:
        with FrameFile(name) as source:
            word = np.zeros(1, np.uint64)
            if not source.read(pfn, word):
                return Missing("there is no memory at this frame number")
            return int(word[0])
    except VmtuiError as error:
        return Missing.because(error)
