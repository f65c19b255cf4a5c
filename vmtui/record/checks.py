"""Whether the parts of a record fit each other: columns of one length, places that exist.

What `kernel` and `model` take care of when they make a record is asked again of one that comes
from a file: a screen that indexes one column by another must not fail over it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from vmtui.kernel.maps import Maps
from vmtui.kernel.smaps import Smaps
from vmtui.missing import Missing
from vmtui.model.states import PageState
from vmtui.model.vma_kinds import KINDS
from vmtui.model.vmas import Vmas
from vmtui.observe.sample import Sample
from vmtui.record.pages import SpacePages
from vmtui.record.regions import SpaceRuns
from vmtui.record.runs import Runs
from vmtui.record.tags import Damaged


def check(made: Any) -> None:
    """Nothing, if the record's parts fit.

    Raises:
        Damaged: they do not.
    """
    fits = _FITS.get(type(made).__name__)
    if fits is not None and not fits(made):
        raise Damaged(f"the parts of its {type(made).__name__} do not fit each other")


def _maps(maps: Maps) -> bool:
    columns = (maps.start, maps.end, maps.perms, maps.offset, maps.device, maps.inode)
    return (
        all(len(column) == len(maps.names) for column in columns)
        and maps.perms.dtype.itemsize == 4
        and bool((maps.start < maps.end).all())
        and bool((maps.start[1:] >= maps.end[:-1]).all())
    )


def _smaps(smaps: Smaps) -> bool:
    columns = [*smaps.bytes_columns.values(), *smaps.number_columns.values()]
    rows = smaps.flag_rows
    return all(len(column) == len(smaps.maps) for column in columns) and (
        isinstance(rows, Missing)
        or (len(rows) == len(smaps.maps) and _within(rows, 0, len(smaps.flag_sets)))
    )


def _vmas(vmas: Vmas) -> bool:
    rows = len(vmas.maps)
    known = 0 if isinstance(vmas.smaps, Missing) else len(vmas.smaps)
    scanned = (vmas.resident_pages, vmas.swapped_pages)
    return (
        len(vmas.smaps_rows) == len(vmas.kind_codes) == len(vmas.name_ids) == rows
        and _within(vmas.smaps_rows, -1, known)
        and _within(vmas.kind_codes, 0, len(KINDS))
        and _within(vmas.name_ids, 0, max(1, rows))
        and all(pages is None or len(pages) == rows for pages in scanned)
    )


def _sample(sample: Sample) -> bool:
    pids = [reading.stat.pid for reading in sample.processes]
    return sample.target is None and all(a < b for a, b in pairwise(pids))


def _region_view(view: Any) -> bool:
    if view.pages < 0 or (view.first_wrong is not None and view.first_wrong < 0):
        return False
    for column, kinds in ((view.states, len(PageState)), (view.marks, 4)):
        if len(column) not in (0, view.pages) or not _within(column, 0, kinds):
            return False
    return True


def _within(column: np.ndarray[Any, Any], low: int, high: int) -> bool:
    """Whether every item is at least `low` and below `high`."""
    return not len(column) or bool(column.min() >= low and column.max() < high)


def _space_pages(pages: SpacePages) -> bool:
    return pages.facts.values.dtype == np.uint8


def _space_runs(space: SpaceRuns) -> bool:
    return space.regions.values.dtype == np.uint64


def _runs(runs: Runs) -> bool:
    return False  # never written as a record


_FITS: dict[str, Callable[[Any], bool]] = {
    "Maps": _maps,
    "Smaps": _smaps,
    "Vmas": _vmas,
    "Sample": _sample,
    "PackedFrames": lambda packed: packed.fits(),
    "RegionView": _region_view,
    "SpacePages": _space_pages,
    "SpaceRuns": _space_runs,
    "Runs": _runs,
}
