"""The theory's pages as arrays, kept up to date where something can have changed.

Asking the theory for a quarter of a million pages takes a while; a chunk of touches changes only
the pages around it. So after such a chunk only those are asked for anew, after everything else all
of them are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.lab.kinship import Frames
from vmtui.lab.layout import Region, Run
from vmtui.theory import World, views

Window: TypeAlias = tuple[int, int]
"""First page and the page after the last."""
_TABLE_PAGES = 512
"""A fault changes nothing outside its page table: not by a huge page, not by fault-around."""


@dataclass(slots=True)
class Known:
    """What the theory says of one region in one process, a value a page."""

    words: NDArray[np.uint8]
    frames: Frames
    counts: NDArray[np.int64]
    """How many map each page; 0 for the zero page and for none."""


class PredictedPages:
    """All watched regions of all processes."""

    def __init__(self, world: World, watched: tuple[Region, ...]) -> None:
        """Nothing is asked before somebody wants it."""
        self._world = world
        self._watched = watched
        self._known: dict[str, dict[str, Known]] = {}
        self._stale: list[Window] | None = None
        """Where the arrays are out of date; None for everywhere."""
        self.fresh: tuple[Window, ...] | None = None
        """What was asked anew last; None for everything."""

    def changed(self, runs: Iterable[Run] | None) -> None:
        """Something happened to these pages; None for anything anywhere."""
        if runs is None or self._stale is None:
            self._stale = None
            return
        for run in runs:
            low = run.first // _TABLE_PAGES * _TABLE_PAGES
            last = run.first + (run.count - 1) * run.stride
            self._stale.append((low, (last // _TABLE_PAGES + 1) * _TABLE_PAGES))

    def known(self) -> dict[str, dict[str, Known]]:
        """By process and region, up to date. The arrays are not for keeping."""
        if self._stale is None:
            self._known = {
                process: {region.name: self._asked(process, region) for region in self._watched}
                for process in self._world.processes
            }
            self.fresh = None
        elif self._stale:
            self.fresh = tuple(_merged(self._stale))
            for window in self.fresh:
                self._renew(window)
        self._stale = []
        return self._known

    def _asked(self, process: str, region: Region) -> Known:
        known = Known(
            np.zeros(region.pages, np.uint8),
            np.zeros(region.pages, np.int64),
            np.zeros(region.pages, np.int64),
        )
        self._fill(known, process, region, region.first, region.end)
        return known

    def _renew(self, window: Window) -> None:
        for process, regions in self._known.items():
            for region in self._watched:
                low, high = max(window[0], region.first), min(window[1], region.end)
                if low < high:
                    self._fill(regions[region.name], process, region, low, high)

    def _fill(self, known: Known, process: str, region: Region, low: int, high: int) -> None:
        part = slice(low - region.first, high - region.first)
        where = self._world, process, low, high - low
        if views.vmas(*where):
            words, frames, counts = views.page_by_page(*where)
            known.words[part] = np.frombuffer(words, np.uint8)
            known.frames[part] = frames
            known.counts[part] = counts
        else:
            for array in (known.words, known.frames, known.counts):
                array[part] = 0


def _merged(windows: list[Window]) -> list[Window]:
    """The same pages as windows that do not touch."""
    made: list[Window] = []
    for low, high in sorted(windows):
        if made and low <= made[-1][1]:
            made[-1] = made[-1][0], max(high, made[-1][1])
        else:
            made.append((low, high))
    return made
