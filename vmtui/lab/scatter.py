"""How the frames behind some pages lie in physical memory: runs, and the holes between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from vmtui.lab.kinship import Frames
from vmtui.model.distinct import distinct

NONE: Frames = np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class Scatter:
    """Frames in use, and those that were once and were given back."""

    used: Frames
    """Ascending, each once."""
    given: Frames = field(default_factory=lambda: NONE)
    """Ascending, each once, none of `used`."""

    @cached_property
    def _lengths(self) -> Frames:
        if not len(self.used):
            return NONE
        ends = np.flatnonzero(np.diff(self.used) != 1)
        return np.diff(np.concatenate(([-1], ends, [len(self.used) - 1])))

    @property
    def runs(self) -> int:
        """Stretches of frames without a gap."""
        return len(self._lengths)

    @property
    def longest(self) -> int:
        """Frames of the longest stretch."""
        return int(self._lengths.max()) if self.runs else 0

    @cached_property
    def holes(self) -> int:
        """Given frames whose buddy is still in use, so that no larger block can hold them."""
        return int(np.count_nonzero(np.isin(self.given ^ 1, self.used, assume_unique=True)))


def known(frames: Frames) -> Frames:
    """The frames there are, ascending, each once: without absent pages and the zero page."""
    return distinct(frames[frames > 0])


def without(frames: Frames, less: Frames) -> Frames:
    """Those that are not among the others."""
    return np.setdiff1d(frames, less, assume_unique=True)
