"""Page states and counts from page-table entries: one byte of facts a page, tables for the rest.

A `facts` byte is the top byte of the pagemap entry (present, swapped, file, guard, exclusive) with
the bits the kernel leaves unused there taken for what other sources tell (huge, zero, flagged). All
256 possible bytes are judged once, one at a time and in plain code; states and counts of millions
of pages are then one table look-up and one histogram.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel import flags
from vmtui.missing import Missing
from vmtui.model.page_counts import Figure, PageCounts, Residency
from vmtui.model.states import PageState

__all__ = [
    "EXCLUSIVE",
    "FILE",
    "FLAGGED",
    "GUARD",
    "HUGE",
    "PRESENT",
    "RESIDENCY",
    "SWAPPED",
    "ZERO",
    "Bytes",
    "Figure",
    "MappingKind",
    "PageCounts",
    "Residency",
    "Words",
    "counts_of",
    "facts_of",
    "histogram_of",
    "residency_facts",
    "residency_of",
    "runs_of",
    "states_of",
    "uniform",
]

Words: TypeAlias = NDArray[np.uint64]
Bytes: TypeAlias = NDArray[np.uint8]

MappingKind: TypeAlias = Literal["anon", "file", "shmem", "hugetlb", "special"]
"""What a VMA maps. shmem: tmpfs, memfd, System V and shared anonymous memory; special: [vvar] and
such, whose frames belong to the kernel (those without bit 61 are counted as shmem)."""

PRESENT = flags.PM_PRESENT >> 56
SWAPPED = flags.PM_SWAPPED >> 56
FILE = flags.PM_FILE >> 56
GUARD = flags.PM_GUARD >> 56
EXCLUSIVE = flags.PM_EXCLUSIVE >> 56
HUGE = 0x10
"""Bit 60, unused in entries: mapped by an entry of 2 MiB or larger."""
ZERO = 0x08
"""Bit 59, unused in entries: the zero page."""
FLAGGED = 0x02
"""Takes the place of the userfaultfd bit: dirty (a page with FILE) or merged by KSM (without)."""
RESIDENCY = PRESENT | SWAPPED | HUGE | ZERO | GUARD
"""What PAGEMAP_SCAN tells too."""

_KEPT = PRESENT | SWAPPED | FILE | GUARD | EXCLUSIVE
_TOP = 7 if sys.byteorder == "little" else 0
_CHUNK = 1 << 16


def facts_of(entries: Words, out: Bytes | None = None) -> Bytes:
    """The facts the entries themselves tell: uint8 array of their length."""
    kept: Bytes = np.bitwise_and(entries.view(np.uint8)[_TOP::8], np.uint8(_KEPT), out=out)
    return kept


def states_of(
    facts: Bytes, *, mapping: MappingKind = "anon", locked: bool = False, out: Bytes | None = None
) -> Bytes:
    """What each page is drawn as: uint8 array of `PageState`.

    Args:
        facts: uint8 array, a byte a page.
        mapping: what the VMA maps.
        locked: whether its VmFlags have `lo`.
        out: an array of the same length to fill; a new one otherwise.
    """
    states = np.empty(len(facts), np.uint8) if out is None else out
    table = _state_table(mapping, locked)
    if len(facts) and (alike := uniform(facts)) is not None:
        states.fill(table[alike])
    else:  # bytes.translate: numpy's take would first widen every index to eight bytes
        states[:] = np.frombuffer(facts.tobytes().translate(table), np.uint8)
    return states


def histogram_of(facts: Bytes) -> NDArray[np.int64]:
    """How many pages have each of the 256 facts bytes (bincount widens, hence in chunks)."""
    total = np.zeros(256, np.int64)
    for at in range(0, len(facts), _CHUNK):
        chunk = facts[at : at + _CHUNK]
        if (alike := uniform(chunk)) is None:
            total += np.bincount(chunk, minlength=256)
        else:
            total[alike] += len(chunk)
    return total


def uniform(facts: Bytes) -> int | None:
    """The one value of all these bytes, or None when they differ (far cheaper than counting)."""
    lowest = int(facts.min())
    return lowest if lowest == int(facts.max()) else None


def counts_of(
    histogram: NDArray[np.int64],
    *,
    mapping: MappingKind = "anon",
    locked: bool = False,
    missing: Mapping[str, Missing] | None = None,
) -> PageCounts:
    """The counts of a range from the histogram of its facts.

    Args:
        histogram: int64 array of 256, from `histogram_of`.
        mapping: what the VMA maps.
        locked: whether its VmFlags have `lo`.
        missing: figures (zero, huge, dirty, ksm) that nobody could tell, and why.
    """
    figures: dict[str, Any] = dict.fromkeys(_COUNTED, 0)
    for facts in np.flatnonzero(histogram).tolist():
        pages = int(histogram[facts])
        for name in _kinds(facts, mapping, locked):
            figures[name] += pages
    return PageCounts(**(figures | dict(missing or {})))


def residency_facts(categories: Words) -> Bytes:
    """The facts bytes (their `RESIDENCY` part) of PAGEMAP_SCAN categories."""
    facts = np.zeros(len(categories), np.uint8)
    for category, bit in _SCANNED:
        facts |= ((categories & np.uint64(category)) != 0) * np.uint8(bit)
    return facts


def residency_of(pages: int, facts: Bytes, lengths: NDArray[np.int64]) -> Residency:
    """The residency of a range of `pages` whose populated regions have these facts and lengths."""
    weighed = np.bincount(facts, lengths, 256).astype(np.int64)
    counts = counts_of(weighed)
    return Residency(
        pages=pages,
        present=counts.present,
        swapped=counts.swapped,
        zero=counts.zero,
        huge=counts.huge,
        guard=counts.guard,
    )


def runs_of(states: Bytes) -> tuple[NDArray[np.int64], NDArray[np.int64], Bytes]:
    """Stretches of equal state: (index of the first page, pages, state), three arrays."""
    if not len(states):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), states[:0]
    firsts = np.concatenate(([0], np.flatnonzero(states[1:] != states[:-1]) + 1)).astype(np.int64)
    return firsts, np.diff(firsts, append=len(states)), states[firsts]


_COUNTED = PageCounts.__slots__
_SCANNED = (
    (flags.PAGE_IS_PRESENT, PRESENT),
    (flags.PAGE_IS_SWAPPED, SWAPPED),
    (flags.PAGE_IS_HUGE, HUGE),
    (flags.PAGE_IS_PFNZERO, ZERO),
    (flags.PAGE_IS_GUARD, GUARD),
)


def _state(facts: int, mapping: MappingKind, locked: bool) -> PageState:
    """The state one page is drawn as; the first that fits wins."""
    file = bool(facts & FILE)
    if facts & GUARD:
        return PageState.GUARD
    if not facts & PRESENT:
        return PageState.SWAPPED if facts & SWAPPED else PageState.ABSENT
    if facts & ZERO:
        return PageState.ZERO
    if facts & FLAGGED and not file:
        return PageState.KSM
    if locked:
        return PageState.LOCKED
    if facts & HUGE or mapping == "hugetlb":
        return PageState.HUGE
    if facts & FLAGGED:
        return PageState.DIRTY
    if file or mapping == "special":
        return PageState.FILE if file and mapping in ("file", "special") else PageState.SHMEM
    return PageState.ANON if facts & EXCLUSIVE else PageState.COW


def _kinds(facts: int, mapping: MappingKind, locked: bool) -> tuple[str, ...]:
    """The figures of `PageCounts` a page with these facts counts in."""
    if facts & GUARD:
        return "pages", "guard"
    if not facts & PRESENT:
        return "pages", "swapped" if facts & SWAPPED else "absent"
    kinds = ["pages", "present"]
    file = bool(facts & FILE)
    if facts & ZERO:
        kinds.append("zero")
    else:
        kinds.append("exclusive" if facts & EXCLUSIVE else "shared")
        if file and mapping in ("file", "special"):
            kinds.append("file")
        elif file or mapping == "special":
            kinds.append("shmem")
        else:
            kinds.append("anon")
    if facts & HUGE or mapping == "hugetlb":
        kinds.append("huge")
    if facts & FLAGGED:
        kinds.append("dirty" if file else "ksm")
    if locked:
        kinds.append("locked")
    return tuple(kinds)


@cache
def _state_table(mapping: MappingKind, locked: bool) -> bytes:
    return bytes(_state(facts, mapping, locked) for facts in range(256))
