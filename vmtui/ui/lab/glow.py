"""Where the eye is: pages that changed lately flash, then fade, and the window follows them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vmtui.draw.lab import scene
from vmtui.lab.moments import Moment, RegionView
from vmtui.model.distinct import distinct
from vmtui.model.states import PageState

_FADED = 4
"""The age from which a change is not shown any more."""
TRAIL = _FADED
"""So many moments before one decide what of it glows."""
_NEAR_PAGES = 80
"""So far before the focus of a window a change does not move it."""


class Glow:
    """When each page changed, in painted moments: 1 just now, 2 and 3 after it, 0 not lately."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, str], tuple[NDArray[np.uint8], NDArray[np.uint8]]] = {}
        self._ages: dict[tuple[int, str], NDArray[np.uint8]] = {}
        self._number = -1

    def look(self, moment: Moment) -> None:
        """Another moment is painted; the same one again changes nothing."""
        if moment.number == self._number:
            return
        first = self._number < 0
        self._number = moment.number
        seen, ages = {}, {}
        for view in moment.regions:
            key = view.pid, view.name
            before = self._seen.get(key)
            seen[key] = view.states, view.marks
            age = self._ages.get(key)
            if age is None or len(age) != len(view.states):
                age = np.zeros(len(view.states), np.uint8)
            age = np.where((age > 0) & (age < _FADED - 1), age + 1, 0).astype(np.uint8)
            if before is None and not first:
                relative = any(other == view.name for _, other in self._seen)
                if not relative:
                    age[view.states != PageState.ABSENT] = 1
            elif before is not None and len(before[0]) == len(view.states):
                changed = before[0] != view.states
                if len(before[1]) == len(view.marks):
                    changed |= (before[1] != view.marks) & (view.marks > scene.SAME)
                age[changed] = 1
            ages[key] = age
        self._seen, self._ages = seen, ages

    def of(self, view: RegionView) -> NDArray[np.uint8] | None:
        """The ages of a region's pages."""
        return self._ages.get((view.pid, view.name))

    def fresh(self, name: str) -> NDArray[np.intp]:
        """Indices of the pages of a region that changed just now in any process."""
        hot = [np.flatnonzero(age == 1) for (_, of), age in self._ages.items() if of == name]
        return distinct(np.concatenate(hot)) if hot else np.zeros(0, np.intp)

    def fresh_pages(self, moment: Moment, process: str) -> frozenset[int]:
        """Page numbers that changed just now in a process."""
        pages: set[int] = set()
        for view in moment.regions:
            age = self.of(view) if view.process == process else None
            if age is not None:
                pages |= {view.start + int(at) for at in np.flatnonzero(age == 1)}
        return frozenset(pages)


class Eye:
    """What glows, and where one looks, from one painted moment to the next."""

    def __init__(self) -> None:
        self.glow = Glow()
        self.focus: dict[str, int] = {}
        """By region, the page that the window of its pages must show."""

    def look(self, moment: Moment) -> None:
        """Look where something happened; a little way on is no reason to move."""
        self.glow.look(moment)
        for view in moment.regions:
            fresh = self.glow.fresh(view.name)
            if not len(fresh):
                continue
            last, before = int(fresh[-1]), self.focus.get(view.name, 0)
            if not 0 <= before - last < _NEAR_PAGES:
                self.focus[view.name] = min(view.pages - 1, last + _NEAR_PAGES // 4)
