"""What a vessel of the address-space picture holds: one VMA's slices, or those of many together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel.files import PAGE_SIZE
from vmtui.model.slices import STATES, ScannedSpace, slices_of
from vmtui.model.states import PageState
from vmtui.model.vma_kinds import KINDS
from vmtui.model.vmas import Vmas

_MAPPED = {"file": PageState.FILE, "shmem": PageState.SHMEM, "special": PageState.FILE,
           "hugetlb": PageState.HUGE, "anon": PageState.ANON}  # fmt: skip
_KIND_STATES = np.array([_MAPPED[kind.mapping] for kind in KINDS], np.int64)


def block_counts(
    vmas: Vmas, space: ScannedSpace | None, first: int, last: int, columns: int
) -> NDArray[np.int64] | None:
    """The slices of one VMA, or of neighbours drawn as one vessel.

    Args:
        vmas: the table.
        space: what is populated; None when it was not scanned.
        first: index of the first VMA.
        last: index after the last.
        columns: slices; several VMAs share them evenly.

    Returns:
        An array of shape (columns, 12), or None when nothing is known.
    """
    if space is None:
        return None
    if last - first == 1:
        return slices_of(vmas[first], space, columns)
    resident, swapped = vmas.resident_pages, vmas.swapped_pages
    if resident is None or swapped is None:
        return None
    chosen = np.arange(first, last)
    sizes = ((vmas.maps.end - vmas.maps.start)[chosen] // np.uint64(PAGE_SIZE)).astype(np.int64)
    column = (chosen - first) * columns // (last - first)
    counts = np.zeros((columns, STATES), np.int64)
    states = _KIND_STATES[vmas.kind_codes[chosen]]
    there = np.bincount(column * STATES + states, resident[chosen], columns * STATES)
    counts += there.reshape(columns, STATES).astype(np.int64)  # doubles: exact up to 2⁵³ pages
    away = np.bincount(column, swapped[chosen], columns).astype(np.int64)
    counts[:, PageState.SWAPPED] += away
    counts[:, PageState.ABSENT] += np.bincount(column, sizes, columns).astype(np.int64)
    counts[:, PageState.ABSENT] -= there.reshape(columns, STATES).sum(axis=1).astype(np.int64)
    counts[:, PageState.ABSENT] -= away
    return counts
