"""A piece of physical memory, and a piece of a region, frame by frame: for the eye."""

from __future__ import annotations

import numpy as np

from vmtui.lab.evidence import FramesView
from vmtui.lab.kinship import Frames
from vmtui.lab.kinship import Views as FramesOf
from vmtui.lab.layout import Layout
from vmtui.lab.scatter import Scatter

WINDOW = 1024
"""Frames that are shown: 4 MiB, aligned."""
_PIECE = 512
"""Pages of a region that are shown."""


class Neighbourhood:
    """Looks at one place from the moment on when something there is given back."""

    def __init__(self) -> None:
        self._window = -1
        self._settled = False
        self._shown = ""
        self._before: frozenset[str] = frozenset()

    def look(self, layout: Layout, seen: Scatter, frames: FramesOf) -> FramesView | None:
        """The window with the most of our frames, and the region that was filled last."""
        merged: dict[str, Frames] = {}
        for theirs in frames.values():
            for name, found in theirs.items():
                merged[name] = np.maximum(merged[name], found) if name in merged else found
        filled = frozenset(name for name, found in merged.items() if (found > 0).any())
        if new := filled - self._before:
            self._shown = max(new, key=list(merged).index)
        elif self._shown not in filled and filled:
            self._shown = max(filled, key=list(merged).index)
        self._before = filled
        if not self._settled and len(seen.used):
            self._window = int(np.bincount((seen.used - seen.used[0] // WINDOW * WINDOW) // WINDOW)
                               .argmax()) + int(seen.used[0]) // WINDOW  # fmt: skip
            self._settled = bool(len(seen.given))
        if self._window < 0:
            return None
        names = tuple(region.name for region in layout.watched)
        first = self._window * WINDOW
        around = np.zeros(WINDOW, np.uint8)
        around[_within(seen.given, first)] = FramesView.GIVEN
        for number, name in enumerate(names, 1):
            if name in merged:
                around[_within(merged[name], first)] = min(number, FramesView.GIVEN - 1)
        at, pages = _scattered(merged[self._shown]) if self._shown in merged else (0, b"")
        return FramesView(
            region=self._shown,
            first_page=at,
            pages=pages,
            first_frame=first,
            around=around.tobytes(),
            names=names,
        )


def _within(frames: Frames, first: int) -> Frames:
    return frames[(frames >= first) & (frames < first + WINDOW)] - first


def _scattered(frames: Frames) -> tuple[int, bytes]:
    """The piece with the most breaks, and for each page of it: 0 for a page without a frame, 2
    where the frame follows that of the page before, else 1."""
    follows = np.diff(frames, prepend=-1) == 1
    codes = np.where(frames > 0, np.where(follows & (frames > 1), 2, 1), 0).astype(np.uint8)
    starts = np.arange(0, len(codes), _PIECE)
    at = int(starts[np.add.reduceat(codes == 1, starts, dtype=np.int64).argmax()])
    return at, codes[at : at + _PIECE].tobytes()
