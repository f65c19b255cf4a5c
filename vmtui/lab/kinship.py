"""Which pages relatives share, and which of them took a copy: marks from frames.

The same code marks what the theory predicts (its frame ids) and what was measured (frame numbers).
Frames are int64 arrays: 0 no frame, −1 the zero page, equal numbers the same frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.lab.moments import Mark

Frames: TypeAlias = NDArray[np.int64]
Views: TypeAlias = Mapping[str, Mapping[str, Frames]]
"""By process, then by region."""
Marks: TypeAlias = dict[str, dict[str, NDArray[np.uint8]]]


@dataclass(slots=True)
class Kinship:
    """What was shared at the last fork of each process."""

    origins: dict[str, dict[str, Frames]] = field(default_factory=dict)

    def forked(self, parent: str, child: str, before: Mapping[str, Frames]) -> None:
        """`child` was forked; `before` are the parent's frames then."""
        shared = {name: np.where(frames > 0, frames, 0) for name, frames in before.items()}
        self.origins[parent] = dict(shared)
        self.origins[child] = dict(shared)

    def ended(self, process: str) -> None:
        """The process is gone."""
        self.origins.pop(process, None)

    def marks(self, views: Views) -> Marks:
        """A `Mark` for every page of every region of every process."""
        return {
            process: {
                name: self._marks(process, name, frames, views) for name, frames in regions.items()
            }
            for process, regions in views.items()
        }

    def _marks(self, process: str, name: str, frames: Frames, views: Views) -> NDArray[np.uint8]:
        marks = np.zeros(len(frames), np.uint8)
        others = [
            theirs[name] for other, theirs in views.items() if other != process and name in theirs
        ]
        if not others:
            return marks
        there = frames > 0
        origin = self.origins.get(process, {}).get(name)
        if origin is not None:
            once = there & (origin > 0)
            marks[once & (frames == origin)] = Mark.ORIGINAL
            marks[once & (frames != origin)] = Mark.COPY
            unshared = np.zeros(len(frames), bool)
            for theirs in others:
                unshared |= theirs > 0
            marks[~unshared & (marks == Mark.ORIGINAL)] = Mark.NONE
        for theirs in others:
            marks[there & (frames == theirs)] = Mark.SAME
        return marks


def unlike(predicted: Frames, measured: Frames) -> NDArray[np.bool_]:
    """Where frames are shared otherwise than predicted.

    Args:
        predicted: the theory's ids of all pages of all processes, one array.
        measured: frame numbers of the same pages.

    Returns:
        A bool array: an id with two frame numbers, or a frame number with two ids.
    """
    wrong: NDArray[np.bool_] = (predicted > 0) != (measured > 0)
    places = np.flatnonzero((predicted > 0) & (measured > 0))
    for one, other in (
        (predicted[places], measured[places]),
        (measured[places], predicted[places]),
    ):
        order = np.argsort(one, kind="stable")
        same = one[order][1:] == one[order][:-1]
        wrong[places[order[1:]]] |= same & (other[order][1:] != other[order][:-1])
    return wrong


def how_many(frames: Frames) -> int:
    """How many different frames there are, the zero page left out."""
    ordered = np.sort(frames[frames > 0])
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + bool(len(ordered))
