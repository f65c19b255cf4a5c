"""Which pages changed lately and how long ago: a pure function of the last two seconds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.page_survey import PageSurvey
from vmtui.observe.sample import Sample

GLOW_SECONDS = 2.0
"""How long a change is visible."""
_AGES = ((0.6, 1), (1.3, 2), (GLOW_SECONDS, 3))
"""Seconds since the change, and the step of the flash."""

Bytes = NDArray[np.uint8]


class Heat:
    """Compares neighbouring surveys once and remembers where they differ."""

    def __init__(self) -> None:
        self._changes: dict[tuple[float, float], Bytes | None] = {}

    def ages(self, samples: Sequence[Sample], pid: int, now: PageSurvey) -> Bytes | None:
        """The step of the flash of every page of `now`: 1 just changed, 2, 3, 0 not lately.

        Args:
            samples: the last seconds up to the one that is shown, oldest first.
            pid: the target.
            now: the survey that is shown.

        Returns:
            uint8 array of the survey's pages; None when nothing changed.
        """
        looks = _distinct(samples, pid)
        if not looks:
            return None
        latest = looks[-1].target
        assert latest is not None
        ages: Bytes | None = None
        wanted: dict[tuple[float, float], Bytes | None] = {}
        for before, after in pairwise(looks):
            assert before.target is not None and after.target is not None
            key = before.target.pages_at, after.target.pages_at
            if key not in self._changes:
                self._changes[key] = _changed(before, after)
            wanted[key] = packed = self._changes[key]
            since = latest.pages_at - after.target.pages_at
            step = next((step for limit, step in _AGES if since < limit), 0)
            if packed is None or not step:
                continue
            if ages is None:
                ages = np.zeros(len(now.states), np.uint8)
            changed = np.unpackbits(packed, count=min(len(packed) * 8, len(ages))).view(bool)
            ages[: len(changed)][changed] = step
        self._changes = wanted
        return ages


def _distinct(samples: Sequence[Sample], pid: int) -> list[Sample]:
    """One sample for each time the pages were read."""
    looks: list[Sample] = []
    for sample in samples:
        target = sample.target
        if target is None or target.pid != pid or target.pages is None:
            continue
        if isinstance(target.pages, Missing):
            continue
        if not looks or looks[-1].target is None or looks[-1].target.pages_at != target.pages_at:
            looks.append(sample)
    return looks


def _changed(before: Sample, after: Sample) -> Bytes | None:
    """Where two surveys differ, as packed bits by the later one's pages; None for nowhere."""
    assert before.target is not None and after.target is not None
    old, new = before.target.survey(), after.target.survey()
    if not isinstance(old, PageSurvey) or not isinstance(new, PageSurvey):
        return None
    if old.states is new.states or (old.end <= new.start or new.end <= old.start):
        return None
    start, end = max(old.start, new.start), min(old.end, new.end)
    pages = (end - start) // PAGE_SIZE
    here, there = (start - new.start) // PAGE_SIZE, (start - old.start) // PAGE_SIZE
    differs = np.zeros(len(new.states), bool)
    differs[here : here + pages] = (
        new.states[here : here + pages] != old.states[there : there + pages]
    )
    # what lies beyond the old range is new to the VMA: it changed if it is populated
    differs[:here] = new.states[:here] != 0
    differs[here + pages :] = new.states[here + pages :] != 0
    return np.packbits(differs) if differs.any() else None
