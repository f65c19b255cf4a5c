"""What happened to the VMAs of a process between two moments.

Works on columns, so that 60,000 VMAs are compared in milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel.smaps import Figures
from vmtui.missing import Missing
from vmtui.model.vma_row import VmaRow
from vmtui.model.vmas import UNKNOWN, Vmas


@dataclass(frozen=True, slots=True)
class VmaChange:
    """One VMA that is not as it was."""

    vma: VmaRow
    """As it is now, or as it was last where it is gone."""
    what: str
    """`new`, `unmapped`, `resized`, or empty where only its residency changed."""
    delta: int
    """Change of its Rss in bytes."""


class Changes(Sequence[VmaChange]):
    """The VMAs that differ, largest change of Rss first; made one by one as they are looked at."""

    def __init__(self, before: Vmas, after: Vmas) -> None:
        self._before, self._after = before, after
        old, now, then = _covering(before, after), _rss(after), _rss(before)
        matched = np.maximum(old, 0)
        earlier = np.where(old < 0, 0, then[matched]) if len(then) else np.zeros_like(now)
        delta = np.where((now == UNKNOWN) | (earlier == UNKNOWN), 0, now - earlier)
        sizes = after.maps.end - after.maps.start
        resized = np.zeros(len(after), bool)
        if len(before):
            resized = (old >= 0) & ((before.maps.end - before.maps.start)[matched] != sizes)
        differs = np.flatnonzero((old < 0) | resized | (delta != 0))
        gone = np.flatnonzero(_covering(after, before) < 0)
        what = np.where(old < 0, "new", np.where(resized, "resized", ""))
        whats = np.concatenate((what[differs], np.full(len(gone), "unmapped")))
        deltas = np.concatenate((delta[differs], np.where(then == UNKNOWN, 0, -then)[gone]))
        order = np.argsort(-np.abs(deltas), kind="stable")
        self._rows = np.concatenate((differs, gone))[order]
        self._whats, self._deltas = whats[order], deltas[order]

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> VmaChange: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[VmaChange]: ...

    def __getitem__(self, at: int | slice) -> VmaChange | Sequence[VmaChange]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        what = str(self._whats[at])
        table = self._before if what == "unmapped" else self._after
        return VmaChange(table[int(self._rows[at])], what, int(self._deltas[at]))


def grown(vma: VmaRow, before: Vmas) -> int | Missing:
    """Change of a VMA's Rss since another moment, in bytes; a new VMA counts in full."""
    now = vma.rss
    index = before.index_of(vma.start)
    if isinstance(now, Missing) or index is None:
        return now
    then = before[index].rss
    return then if isinstance(then, Missing) else now - then


def _covering(table: Vmas, others: Vmas) -> NDArray[np.intp]:
    """For each VMA of `others` the one of `table` that covers its first address, or -1."""
    starts = others.maps.start
    if not len(table):
        return np.full(len(others), -1)
    index = np.searchsorted(table.maps.start, starts, side="right") - 1
    covered = (index >= 0) & (starts < table.maps.end[np.maximum(index, 0)])
    return np.where(covered, index, -1)


def _rss(vmas: Vmas) -> Figures:
    figures = vmas.figures("rss")
    return np.full(len(vmas), UNKNOWN) if isinstance(figures, Missing) else figures
