"""What level 3 says of the pages of a VMA: sums now and lately, changes, or why there are none."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from vmtui import units
from vmtui.draw import legend
from vmtui.draw.paint import DIM, STRONG, Row, Run, row
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.page_survey import PageSurvey
from vmtui.model.pages import histogram_of
from vmtui.model.states import PageState
from vmtui.observe.sample import Sample
from vmtui.observe.target_reading import TargetReading
from vmtui.ui.screens.target_screen import reading_of


def state_counts(survey: PageSurvey, *, inaccessible: bool = False) -> list[int]:
    """Pages by state; in a VMA without access what is absent is drawn as guard."""
    counts: list[int] = histogram_of(survey.states)[: len(PageState)].tolist()
    if inaccessible:
        counts[PageState.GUARD] += counts[PageState.ABSENT]
        counts[PageState.ABSENT] = 0
    return counts


def changed(then: list[int], today: list[int]) -> list[Row]:
    """How many pages of each state there are more or fewer; counts as `state_counts` gives."""
    rows = [
        row(
            legend.swatch(state), Run(f" {state.slot:<9}"),
            Run(f"{today[state] - then[state]:+,} pages".replace("-", units.MINUS), STRONG),
            Run(f"  {units.change((today[state] - then[state]) * PAGE_SIZE)}", DIM),
        )
        for state in PageState
        if today[state] != then[state]
    ]  # fmt: skip
    return rows or [row(Run("as many pages in every state as at the mark", DIM))]


def turned(then: PageSurvey, today: PageSurvey) -> list[Row]:
    """How many pages went from which state to which, the most first, and what that means."""
    start, end = max(then.start, today.start), min(then.end, today.end)
    if start >= end:
        return []
    old, new = (
        survey.states[(start - survey.start) // PAGE_SIZE : (end - survey.start) // PAGE_SIZE]
        for survey in (then, today)
    )
    other = old != new
    pairs = np.bincount(old[other].astype(np.intp) * len(PageState) + new[other])
    found = sorted(np.flatnonzero(pairs).tolist(), key=lambda pair: -pairs[pair])
    rows = []
    for pair in found:
        was, now = map(PageState, divmod(pair, len(PageState)))
        pages = int(pairs[pair])
        rows.append(
            row(
                legend.swatch(was), Run(" → ", DIM), legend.swatch(now),
                Run(f"  {pages:,} page{'s' * (pages != 1)}", STRONG),
                Run(f"  {units.size(pages * PAGE_SIZE)}  ", DIM),
                Run(_meaning(was, now)),
            )
        )  # fmt: skip
    return rows


_EMPTY = frozenset({PageState.ABSENT, PageState.ZERO})
_BECAME = {
    PageState.SWAPPED: "paged out to swap", PageState.HUGE: "became part of a huge page",
    PageState.COW: "shared since a fork", PageState.DIRTY: "written",
    PageState.KSM: "merged with equal pages", PageState.LOCKED: "locked",
    PageState.GUARD: "made a guard", PageState.ABSENT: "given back, or reclaimed",
}  # fmt: skip
_WAS = {
    PageState.SWAPPED: "came back from swap", PageState.HUGE: "its huge page was split",
    PageState.COW: "no longer shared", PageState.DIRTY: "written back",
    PageState.KSM: "written: a copy of its own", PageState.LOCKED: "no longer locked",
}  # fmt: skip


def _meaning(was: PageState, now: PageState) -> str:
    """What happened to a page between the two states."""
    if was in _EMPTY and now not in (*_EMPTY, PageState.SWAPPED, PageState.GUARD):
        huge = " in huge pages" if now is PageState.HUGE else ""
        return f"touched for the first time{huge}"
    if was is PageState.ABSENT and now is PageState.ZERO:
        return "read, never written"
    if was is PageState.SWAPPED and now is PageState.ABSENT:
        return "dropped from swap"
    if now not in _BECAME or (was is PageState.SWAPPED and now is not PageState.GUARD):
        return _WAS.get(was, "written: a private copy")
    return _BECAME[now]


def explained(survey: PageSurvey) -> list[Row]:
    """What the states mean, and what could not be told."""
    rows: list[Row] = legend.legend(state_counts(survey), PAGE_SIZE, 66, every=True)
    for name, why in survey.missing.items():
        unlock = f" ({why.unlock})" if why.unlock else ""
        rows += [(), row(Run(f"{name}: ", STRONG), Run(f"{why.reason}{unlock}", DIM))]
    return rows


def past(samples: Iterable[Sample], pid: int, interval: float) -> list[tuple[int, int, int]]:
    """Own, shared and swapped bytes of the VMA, once every `interval` seconds.

    Args:
        samples: oldest first; those without pages are passed over.
        pid: whose pages.
        interval: seconds.
    """
    found: list[tuple[int, int, int]] = []
    last = float("-inf")
    for sample in samples:
        reading = reading_of(sample, pid)
        packed = reading.packed_pages if reading else None
        if packed is None or sample.began - last < 0.95 * interval:
            continue
        last, counts = sample.began, packed.survey.counts
        amounts = (counts.exclusive, counts.shared, counts.swapped)
        found.append((amounts[0] * PAGE_SIZE, amounts[1] * PAGE_SIZE, amounts[2] * PAGE_SIZE))
    return found


def why_nothing(reading: TargetReading | None, survey: Missing | None, *, live: bool) -> str:
    """Why there is no survey to draw."""
    if survey is not None:
        return survey.reason + (f": {survey.unlock}" if survey.unlock else "")
    if reading is not None and isinstance(reading.vmas, Missing):
        return reading.vmas.reason
    if reading is not None and not live:
        return "these pages were not looked at then"
    return "waiting for the first look at these pages"
