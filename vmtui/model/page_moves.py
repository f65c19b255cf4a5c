"""What became of the pages between two moments: how many moved from which state to which.

Two scans are laid over each other, cut where either changes. Pages keep no identity: a page that
was dropped and touched again between the moments counts as having stayed.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.distinct import distinct
from vmtui.model.process_moment import ProcessMoment
from vmtui.model.slices import SHARED, ScannedSpace
from vmtui.model.vma_match import Indices, Matching
from vmtui.model.vmas import Vmas


class PageMove(IntEnum):
    """What can become of a page, as its VMA stays, comes or goes."""

    STAYED = 0
    APPEARED = 1
    """It had no frame of its own and has one now, in a page of the base size."""
    APPEARED_HUGE = 2
    """The same, in a huge page."""
    TO_SWAP = 3
    FROM_SWAP = 4
    DROPPED = 5
    """It was in memory and is nowhere, though its VMA is still there."""
    SWAP_DROPPED = 6
    """The same of one that was in swap."""
    BECAME_HUGE = 7
    SPLIT = 8
    """It was in a huge page and no longer is."""
    BECAME_SHARED = 9
    """A private page that only this process had, and now others have as well."""
    BECAME_OWN = 10
    """The other way round."""
    COPIED = 11
    """A page of a file whose private copy was written."""
    GUARDED = 12
    UNMAPPED = 13
    """It was in memory, and its VMA is gone."""
    SWAP_UNMAPPED = 14
    READ_ZERO = 15
    """Read, never written: the zero page stands for it."""


class _Kind(IntEnum):
    """States of a page as far as moves tell them apart."""

    ABSENT = 0
    ZERO = 1
    OWN = 2
    SHARED = 3
    HUGE = 4
    HUGE_SHARED = 5
    FILE = 6
    HUGE_FILE = 7
    SWAPPED = 8
    GUARD = 9
    UNMAPPED = 10


_PRESENT = frozenset(
    {_Kind.OWN, _Kind.SHARED, _Kind.HUGE, _Kind.HUGE_SHARED, _Kind.FILE, _Kind.HUGE_FILE}
)
_HUGE = frozenset({_Kind.HUGE, _Kind.HUGE_SHARED, _Kind.HUGE_FILE})
_SHARED = frozenset({_Kind.SHARED, _Kind.HUGE_SHARED})
_OF_FILE = frozenset({_Kind.FILE, _Kind.HUGE_FILE})
MOVES = len(PageMove)


def page_moves(
    before: ProcessMoment, after: ProcessMoment, matching: Matching
) -> NDArray[np.int64] | Missing:
    """Pages by group and move: an array of shape (groups, `MOVES`).

    Returns:
        The counts, or why there are none: a moment without a scan, or two processes.
    """
    if not matching.by_address:
        return Missing("of two processes no page is the same page")
    if isinstance(before.space, Missing):
        return before.space
    if isinstance(after.space, Missing):
        return after.space
    edges = distinct(
        np.concatenate(
            [
                part
                for moment, space in ((before, before.space), (after, after.space))
                for part in (
                    moment.vmas.maps.start, moment.vmas.maps.end, space.starts, space.ends
                )
            ]
        )
    )  # fmt: skip
    if len(edges) < 2:
        return np.zeros((matching.groups, MOVES), np.int64)
    lefts, pages = edges[:-1], ((edges[1:] - edges[:-1]) // np.uint64(PAGE_SIZE)).astype(np.int64)
    files = before.space.knows_files and after.space.knows_files
    was, of_old = _seen(before.vmas, before.space, lefts, matching.of_before, files)
    now, of_new = _seen(after.vmas, after.space, lefts, matching.of_after, files)
    counts = np.zeros(matching.groups * MOVES, np.int64)
    same = (of_old == of_new) | (of_old < 0) | (of_new < 0)
    gone, there = np.full(len(was), int(_Kind.UNMAPPED)), np.full(len(was), int(_Kind.UNMAPPED))
    for chosen, old, new, group in (
        (same, was, now, np.maximum(of_old, of_new)),
        (~same, was, gone, of_old),  # something else was mapped there meanwhile: it went,
        (~same, there, now, of_new),  # and that came
    ):
        taken = chosen & (group >= 0)
        at = group[taken] * MOVES + _TABLE[old[taken], new[taken]]
        counts += np.bincount(at, pages[taken], len(counts)).astype(np.int64)
    return counts.reshape(matching.groups, MOVES)


def _seen(
    vmas: Vmas, space: ScannedSpace, lefts: NDArray[np.uint64], groups: Indices, files: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of single addresses: the kind of the page there, and the group of its VMA, -1 for none."""
    vma = _covering(vmas.maps.start, vmas.maps.end, lefts)
    region = _covering(space.starts, space.ends, lefts)
    kinds = np.zeros(len(lefts), np.intp)
    if len(space.categories):
        found = _kinds(space.categories, files)
        kinds = np.where(region >= 0, found[np.maximum(region, 0)], int(_Kind.ABSENT))
    kinds[vma < 0] = int(_Kind.UNMAPPED)
    group = np.full(len(lefts), -1)
    if len(groups):
        group = np.where(vma >= 0, groups[np.maximum(vma, 0)], -1)
    return kinds, group


def _covering(
    starts: NDArray[np.uint64], ends: NDArray[np.uint64], addresses: NDArray[np.uint64]
) -> NDArray[np.intp]:
    """Which of rising ranges covers each address, or -1."""
    if not len(starts):
        return np.full(len(addresses), -1)
    index = np.searchsorted(starts, addresses, side="right") - 1
    covered = (index >= 0) & (addresses < ends[np.maximum(index, 0)])
    return np.where(covered, index, -1)


def _kinds(categories: NDArray[np.uint64], files: bool) -> NDArray[np.intp]:
    def has(bit: int) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (categories & np.uint64(bit)) != 0
        return found

    kinds = np.where(has(flags.PAGE_IS_SWAPPED), int(_Kind.SWAPPED), int(_Kind.ABSENT))
    present, huge, shared = has(flags.PAGE_IS_PRESENT), has(flags.PAGE_IS_HUGE), has(SHARED)
    of_file = has(flags.PAGE_IS_FILE) & files
    kinds[present] = int(_Kind.OWN)
    kinds[present & shared] = int(_Kind.SHARED)
    kinds[present & of_file] = int(_Kind.FILE)
    kinds[present & huge] = int(_Kind.HUGE)
    kinds[present & huge & shared] = int(_Kind.HUGE_SHARED)
    kinds[present & huge & of_file] = int(_Kind.HUGE_FILE)
    kinds[has(flags.PAGE_IS_PFNZERO)] = int(_Kind.ZERO)
    kinds[has(flags.PAGE_IS_GUARD)] = int(_Kind.GUARD)
    return kinds


def _move(old: _Kind, new: _Kind) -> PageMove:
    """What it is called; the most telling where several are true."""
    if new in _PRESENT:
        return _into_memory(old, new)
    if old in _PRESENT:
        return {
            _Kind.SWAPPED: PageMove.TO_SWAP, _Kind.GUARD: PageMove.GUARDED,
            _Kind.UNMAPPED: PageMove.UNMAPPED,
        }.get(new, PageMove.DROPPED)  # fmt: skip
    if old is _Kind.SWAPPED and new is not _Kind.SWAPPED:
        return PageMove.SWAP_UNMAPPED if new is _Kind.UNMAPPED else PageMove.SWAP_DROPPED
    if new is _Kind.SWAPPED and old is not _Kind.SWAPPED:
        return PageMove.TO_SWAP
    if new is _Kind.GUARD and old is not _Kind.GUARD:
        return PageMove.GUARDED
    if new is _Kind.ZERO and old is not _Kind.ZERO:
        return PageMove.READ_ZERO
    return PageMove.STAYED


def _into_memory(old: _Kind, new: _Kind) -> PageMove:
    if old is _Kind.SWAPPED:
        return PageMove.FROM_SWAP
    if old not in _PRESENT:
        return PageMove.APPEARED_HUGE if new in _HUGE else PageMove.APPEARED
    if old in _OF_FILE and new not in _OF_FILE:
        return PageMove.COPIED
    if (old in _SHARED) != (new in _SHARED):
        return PageMove.BECAME_SHARED if new in _SHARED else PageMove.BECAME_OWN
    if (old in _HUGE) != (new in _HUGE):
        return PageMove.BECAME_HUGE if new in _HUGE else PageMove.SPLIT
    return PageMove.STAYED


_TABLE = np.array([[int(_move(old, new)) for new in _Kind] for old in _Kind], np.intp)
"""By the page's kind then and now."""
