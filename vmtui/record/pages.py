"""The page states of a whole process as runs of facts, and any window of them as level 3 shows it.

Pure. A fact byte (see `model.pages`) holds what the kernel said of a page; its state and every
count follow from that, from what the VMA maps and whether it is locked. So runs of fact bytes are
enough to make, of any range, the survey that a live read would have given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.page_survey import PageSurvey
from vmtui.model.pages import MappingKind, counts_of, states_of
from vmtui.model.vmas import Vmas
from vmtui.observe.page_batch import ENTRIES
from vmtui.observe.page_reader import WIDEST_PAGES
from vmtui.observe.page_unknowns import HAS_FILE, HAS_PRIVATE, HAS_SWAPPED, uncounted
from vmtui.record.runs import Runs

MOST_POPULATED = 1 << 27
"""Populated pages of a window that are laid out at most: a file must not take all memory."""
PENDING = (
    "PAGEMAP_SCAN; {pages:,} pages of the process were still to be read from /proc/PID/pagemap"
)


@dataclass(frozen=True, slots=True, eq=False)
class SpacePages:
    """What is known of every page of a process at one tick."""

    facts: Runs
    """Fact bytes of the populated pages, by page number."""
    at: float
    """When they were last looked at, seconds of the monotonic clock."""
    took_ns: int
    """Wall time of the reads of this tick."""
    read_pages: int
    """Pages whose entries were read for this tick."""
    pending_pages: int
    """Populated pages of which so far only a scan tells, for lack of time."""
    want_flags: bool
    """Whether dirty and merged pages were looked up."""
    untold: Mapping[str, Missing]
    """Figures that the kernel could not tell of any page."""
    of_file: Mapping[str, Missing]
    """What is missing where there are present pages of a file; so the next two."""
    of_private: Mapping[str, Missing]
    of_swapped: Mapping[str, Missing]


def survey_of(
    pages: SpacePages, start: int, end: int, *, mapping: MappingKind = "anon", locked: bool = False
) -> PageSurvey | Missing:
    """The pages from `start` to `end` (page-aligned addresses), as a live read would show them.

    Args:
        pages: of the process.
        start: first address.
        end: first address after the range.
        mapping: what its VMA maps.
        locked: whether its VMA is locked in memory.

    Returns:
        The survey, or why the range is too wide for one.
    """
    first, count = start // PAGE_SIZE, (end - start) // PAGE_SIZE
    if not 0 <= count <= WIDEST_PAGES:
        return Missing(f"a range of {count:,} pages is too wide to show page by page")
    part = pages.facts.between(first, first + count)
    if (populated := part.pages) > MOST_POPULATED:
        return Missing(f"{populated:,} populated pages are too many to lay out from a recording")
    states = np.zeros(count, np.uint8)
    drawn = states_of(part.values, mapping=mapping, locked=locked)
    inside = Runs(part.firsts, part.lengths, drawn)
    if len(part) > count >> 3:
        states = inside.expanded(first, count)
    else:
        for at, length, state in zip(
            (part.firsts - first).tolist(), part.lengths.tolist(), drawn.tolist(), strict=True
        ):
            states[at : at + length] = state
    states.flags.writeable = False
    histogram = np.bincount(part.values, part.lengths, 256).astype(np.int64)
    histogram[0] += count - populated
    missing = _missing(pages, histogram)
    return PageSurvey(
        start=start,
        end=end,
        states=states,
        counts=counts_of(
            histogram,
            mapping=mapping,
            locked=locked,
            missing=dict(pages.untold) | uncounted(missing),
        ),
        took_ns=pages.took_ns,
        source=PENDING.format(pages=pages.pending_pages) if pages.pending_pages else ENTRIES,
        missing=dict(pages.untold) | missing,
        mapping=mapping,
        locked=locked,
        want_flags=pages.want_flags,
        reread_pages=count,
    )


def window_of(
    pages: SpacePages | Missing, vmas: Vmas | Missing, start: int, end: int
) -> PageSurvey | Missing:
    """The same, with kind and lock of the VMA at `start` as `PageWatch` takes them."""
    if isinstance(pages, Missing):
        return pages
    index = None if isinstance(vmas, Missing) else vmas.index_of(start)
    vma = None if index is None or isinstance(vmas, Missing) else vmas[index]
    return survey_of(
        pages, start, end,
        mapping=vma.kind.mapping if vma else "anon", locked=bool(vma and vma.is_locked),
    )  # fmt: skip


def _missing(pages: SpacePages, histogram: NDArray[np.int64]) -> dict[str, Missing]:
    found: dict[str, Missing] = {}
    for having, lacking in (
        (HAS_FILE, pages.of_file),
        (HAS_PRIVATE, pages.of_private),
        (HAS_SWAPPED, pages.of_swapped),
    ):
        if lacking and histogram[having].any():
            found |= lacking
    return found
