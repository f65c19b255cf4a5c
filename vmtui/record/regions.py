"""The scanned regions of an address space as runs: what stays the same is not written again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vmtui.kernel.files import PAGE_SIZE
from vmtui.model.slices import ScannedSpace
from vmtui.record.runs import Runs

_PAGE = np.uint64(PAGE_SIZE)


@dataclass(frozen=True, slots=True, eq=False)
class SpaceRuns:
    """A `ScannedSpace`, its regions by page number."""

    regions: Runs
    """PAGE_IS_* categories, 64 bits each."""
    knows_files: bool

    @classmethod
    def of(cls, space: ScannedSpace) -> SpaceRuns:
        """The same regions."""
        firsts = (space.starts // _PAGE).astype(np.int64)
        lengths = (space.ends // _PAGE).astype(np.int64) - firsts
        return cls(Runs(firsts, lengths, space.categories), space.knows_files)

    def space(self) -> ScannedSpace:
        """The regions by address."""
        runs = self.regions
        return ScannedSpace(
            runs.firsts.astype(np.uint64) * _PAGE,
            runs.ends.astype(np.uint64) * _PAGE,
            runs.values,
            self.knows_files,
        )
