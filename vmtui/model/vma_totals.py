"""Sums over VMAs: of all of them, and of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vmtui.missing import Missing
from vmtui.model.vma_kinds import KINDS, VmaKind
from vmtui.model.vma_row import SMAPS_NAMES, TOO_NEW

if TYPE_CHECKING:
    from vmtui.model.vmas import Vmas  # offers the sums as methods


@dataclass(frozen=True, slots=True)
class VmaTotals:
    """What some VMAs come to together. Sizes are bytes; the figures are those of `VmaRow`."""

    count: int
    """VMAs."""
    unread: int
    """VMAs among them that smaps does not know yet: the sums of its figures lack them."""
    size: int
    """Bytes of address space."""
    rss: int | Missing
    pss: int | Missing
    pss_dirty: int | Missing
    shared_clean: int | Missing
    shared_dirty: int | Missing
    private_clean: int | Missing
    private_dirty: int | Missing
    referenced: int | Missing
    anonymous: int | Missing
    ksm: int | Missing
    lazyfree: int | Missing
    anon_huge_pages: int | Missing
    shmem_pmd_mapped: int | Missing
    file_pmd_mapped: int | Missing
    shared_hugetlb: int | Missing
    private_hugetlb: int | Missing
    swap: int | Missing
    swap_pss: int | Missing
    locked: int | Missing


def totals(vmas: Vmas) -> VmaTotals:
    """The sums over all VMAs."""
    return _summed(vmas, np.zeros(len(vmas), np.uint8), 1)[0]


def totals_by_kind(vmas: Vmas) -> dict[VmaKind, VmaTotals]:
    """The sums over the VMAs of each kind that there is, in the order of the kinds."""
    every = _summed(vmas, vmas.kind_codes, len(KINDS))
    return {kind: sums for kind, sums in zip(KINDS, every, strict=True) if sums.count}


def _summed(vmas: Vmas, codes: NDArray[np.uint8], number: int) -> list[VmaTotals]:
    """The sums over each of so many groups; a group per VMA."""
    groups = codes.astype(np.intp)  # as bincount wants them, for the twenty times it is asked
    unread = vmas.smaps_rows < 0
    counts = np.bincount(groups, minlength=number)
    unread_counts = np.bincount(groups[unread], minlength=number)
    sizes = _sums(vmas.maps.end - vmas.maps.start, groups, number)
    figures = {name: _figure_sums(vmas.figures(name), groups, counts) for name in SMAPS_NAMES}
    return [
        VmaTotals(
            count=int(counts[group]),
            unread=int(unread_counts[group]),
            size=sizes[group],
            **{name: sums[group] for name, sums in figures.items()},
        )
        for group in range(number)
    ]


def _figure_sums(
    column: NDArray[np.int64] | Missing, groups: NDArray[np.intp], counts: NDArray[np.int64]
) -> list[int | Missing]:
    """The sums of what is known; Missing for a group of which nothing is known."""
    if isinstance(column, Missing):
        return [column] * len(counts)
    if len(column) and column.min() >= 0:  # everything is known, as it mostly is
        return [*_sums(column, groups, len(counts))] if column.any() else [0] * len(counts)
    known = column >= 0
    known_counts = np.bincount(groups[known], minlength=len(counts))
    sums = _sums(column[known], groups[known], len(counts))
    return [
        total if there or not all_of_them else TOO_NEW
        for total, there, all_of_them in zip(
            sums, known_counts.tolist(), counts.tolist(), strict=True
        )
    ]


def _sums(
    column: NDArray[np.int64] | NDArray[np.uint64], groups: NDArray[np.intp], number: int
) -> list[int]:
    # Sums of doubles: exact below 8 PiB, and far beyond for multiples of a page.
    return [int(total) for total in np.bincount(groups, weights=column, minlength=number)]
