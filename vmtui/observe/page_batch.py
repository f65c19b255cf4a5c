"""Small ranges of pages many at a time: few reads of pagemap, and every figure summed for all.

A read of its own costs a range 0.2 ms, whatever its size; a process can have 65,530 VMAs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.missing import Missing
from vmtui.model.page_counts import PageCounts
from vmtui.model.page_survey import PageSurvey
from vmtui.model.pages import Bytes, MappingKind, counts_of, states_of
from vmtui.observe.page_facts import CHUNK, FactReader
from vmtui.observe.page_places import Indices, Patches, offsets
from vmtui.observe.page_unknowns import HAS_FILE, HAS_PRIVATE, HAS_SWAPPED, Unknowns, uncounted

SMALL_SPAN_PAGES = 4096
"""Ranges up to this many pages are read together with others."""
ENTRIES = "/proc/PID/pagemap"
"""The source of a full read."""
_NOTHING: Mapping[str, Missing] = MappingProxyType({})


class PageSpan(NamedTuple):
    """A range to be read: page-aligned addresses within one VMA."""

    start: int
    """First address."""
    end: int
    """First address after it."""
    mapping: MappingKind = "anon"
    """What the VMA maps."""
    locked: bool = False
    """Whether its VmFlags have `lo`."""


def read(
    pagemap: Pagemap, unknowns: Unknowns, spans: Sequence[PageSpan], *, want_flags: bool
) -> list[PageSurvey | None]:
    """What can be read together, in the order asked; None for what must be read by itself.

    These are wide spans, and those where an older kernel leaves a figure open, for a batch says
    which figure and not whose.

    Raises:
        ProcessGone: the process has exited.
    """
    surveys: list[PageSurvey | None] = [None] * len(spans)
    for mapping, locked, indices, first_pages, lengths in _grouped(spans):
        source = FactReader(pagemap, mapping, unknowns.wanted_frame_flags)
        for some in _cut(first_pages, lengths):
            began = time.perf_counter_ns()
            patches = Patches(first_pages[some], lengths[some])
            facts = np.zeros(len(patches), np.uint8)
            if source.read_patches(patches, facts):
                source.settle(patches, facts)
            if source.untold:
                break
            states = states_of(facts, mapping=mapping, locked=locked)
            states.flags.writeable = False
            counted = _counted(facts, patches.starts, mapping, locked, unknowns)
            took = time.perf_counter_ns() - began
            firsts = patches.starts.tolist()
            for index, first, (counts, missing) in zip(indices[some], firsts, counted, strict=True):
                span = spans[index]
                surveys[index] = PageSurvey(
                    span.start, span.end, states[first : first + counts.pages], counts, took,
                    ENTRIES, missing, mapping, locked, want_flags, counts.pages,
                )  # fmt: skip
    return surveys


def _grouped(
    spans: Sequence[PageSpan],
) -> Iterator[tuple[MappingKind, bool, Indices, Indices, Indices]]:
    """The small spans by kind: their indices by rising addresses, first page numbers, pages."""
    groups: dict[tuple[MappingKind, bool], list[int]] = {}
    for index, (_, _, mapping, locked) in enumerate(spans):
        groups.setdefault((mapping, locked), []).append(index)
    for (mapping, locked), members in groups.items():
        indices = np.array(members)
        borders = np.array([spans[index][:2] for index in members], np.uint64) // PAGE_SIZE
        first_pages, ends = borders.astype(np.int64).T
        small = (ends > first_pages) & (ends - first_pages <= SMALL_SPAN_PAGES)
        order = np.flatnonzero(small)[np.argsort(first_pages[small], kind="stable")]
        if len(order):
            yield mapping, locked, indices[order], first_pages[order], (ends - first_pages)[order]


def _cut(first_pages: Indices, lengths: Indices) -> Iterator[slice]:
    """Stretches by rising addresses, in groups that take `CHUNK` entries to read at most."""
    at = offsets(first_pages, lengths)
    ends = at + lengths
    overlaps = np.flatnonzero(first_pages[1:] < first_pages[:-1] + lengths[:-1]) + 1
    first = 0
    for border in (*overlaps.tolist(), len(lengths)):
        while first < border:
            fits = int(np.searchsorted(ends, at[first] + CHUNK, side="right"))
            yield slice(first, min(border, fits))
            first = min(border, fits)


def _counted(
    facts: Bytes, starts: Indices, mapping: MappingKind, locked: bool, unknowns: Unknowns
) -> Iterator[tuple[PageCounts, Mapping[str, Missing]]]:
    """The counts of each span, which begin at `starts`, and what is missing from them."""
    raw, ends = facts.tobytes(), np.append(starts[1:], len(facts)) - 1

    def summed(table: bytes) -> Indices:
        if not (there := raw.translate(table)).strip(b"\0"):
            return np.zeros(len(starts), np.int64)
        so_far: Indices = np.cumsum(np.frombuffer(there, np.uint8), dtype=np.int64)[ends]
        so_far[1:] -= so_far[:-1].copy()
        return so_far

    rows = list(zip(*(summed(table).tolist() for table in _tables(mapping, locked)), strict=True))
    made = {row: PageCounts(*row) for row in set(rows)}  # most VMAs of a large process are alike
    counts = list(map(made.__getitem__, rows))
    missing = [_NOTHING] * len(starts)
    if not unknowns.everything_told:
        file, private, swapped = (
            summed(table.tobytes()) > 0 for table in (HAS_FILE, HAS_PRIVATE, HAS_SWAPPED)
        )
        for row in np.flatnonzero(file | private | swapped).tolist():
            missing[row] = lacking = unknowns.of(
                file=bool(file[row]), private=bool(private[row]), swapped=bool(swapped[row])
            )
            if lacking:
                counts[row] = replace(counts[row], **uncounted(lacking))
    return zip(counts, missing, strict=True)


@cache
def _tables(mapping: MappingKind, locked: bool) -> Sequence[bytes]:
    """Per figure of `PageCounts`, in their order, which facts bytes count in it."""
    ones = np.eye(256, dtype=np.int64)
    each = [counts_of(one, mapping=mapping, locked=locked) for one in ones]
    return [bytes(getattr(counts, name) for counts in each) for name in PageCounts.__slots__]
