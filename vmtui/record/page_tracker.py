"""Every page of one process, tick by tick: a scan says where something changed, entries say what.

PAGEMAP_SCAN over the whole space (which the target's sampler makes anyway) tells what is populated;
only where that differs from what is known are entries read. What a scan cannot tell (which pages
are exclusive, dirty or merged) is read again slowly, all around, on a duty. Reads hold the target's
mm lock for some milliseconds at a time; those that there is no time for stay pending, and so long
the scan's word stands.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.maps import Maps
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.distinct import distinct
from vmtui.model.pages import (
    EXCLUSIVE,
    FILE,
    HUGE,
    PRESENT,
    RESIDENCY,
    MappingKind,
    residency_facts,
)
from vmtui.model.slices import SHARED, ScannedSpace
from vmtui.model.vma_kinds import KINDS
from vmtui.model.vmas import Vmas
from vmtui.observe.budget import DUTY, Budget, tried
from vmtui.observe.page_facts import CHUNK, FactReader
from vmtui.observe.page_places import Patches, offsets
from vmtui.observe.page_unknowns import Unknowns
from vmtui.record import runs as page_runs
from vmtui.record.pages import SpacePages
from vmtui.record.regions import SpaceRuns
from vmtui.record.runs import Runs

SLICE_SECONDS = 0.04
"""How long the entries of one process are read in a tick."""
AROUND_DUTY = 0.1
"""The share of the duty that reading again what seems not to have changed may take."""
_AROUND_PAGES = 1 << 15
MOST_RUNS = 1 << 21
"""Runs of one process that are kept: some 34 MiB."""
_MAPPINGS = np.array([*(kind.mapping for kind in KINDS), "anon"])
"""By kind code; the last one for pages of no VMA."""
_TOO_MANY = Missing("the pages of this process differ too often from one to the next to record")


@dataclass(slots=True)
class _Reading:
    """What was asked of entries in one tick."""

    pages: int = 0
    untold: dict[str, Missing] = field(default_factory=dict)
    lacking: tuple[Mapping[str, Missing], ...] = ()


class PageTracker:
    """Holds a pagemap and the latest facts of one target; belongs to the recorder's thread."""

    def __init__(self, target: Target, duty: float = DUTY) -> None:
        """Nothing is read yet.

        Args:
            target: the process; its owner closes it.
            duty: the largest share of time that reading its entries may take.
        """
        self._target = target
        self._pagemap: Pagemap | None = None
        self._budget = Budget(duty)
        self._around = Budget(duty * AROUND_DUTY)
        self._space: ScannedSpace | None = None
        self._maps: Maps | None = None
        self._facts = page_runs.empty(np.uint8)
        self._pending = page_runs.empty(np.uint8)
        self._at_page = 0  # where reading all around goes on
        self._last: SpacePages | Missing | None = None

    def look(self, vmas: Vmas | Missing, space: ScannedSpace | Missing) -> SpacePages | Missing:
        """The pages now; the same object as before where nothing seems to have changed.

        Args:
            vmas: what the process maps.
            space: what of it is populated: the same object as before where that did not change.
        """
        began = time.monotonic()
        looked = tried(lambda: self._look(vmas, space, began))
        self._last = looked
        return looked

    @property
    def spent_seconds(self) -> float:
        """What reading entries took since this was last set to 0."""
        return self._budget.spent_seconds

    def rest(self) -> None:
        """Set `spent_seconds` to 0."""
        self._budget.spent_seconds = 0.0

    def close(self) -> None:
        """Let go of the pagemap."""
        if self._pagemap is not None:
            self._pagemap.close()

    def _look(
        self, vmas: Vmas | Missing, space: ScannedSpace | Missing, began: float
    ) -> SpacePages | Missing:
        if isinstance(vmas, Missing):
            return vmas
        if self._pagemap is None:
            self._pagemap = Pagemap(self._target)
        before = self._facts
        if isinstance(space, Missing):
            if self._pagemap.can_scan:
                return space
            self._without_scan(vmas.maps)
        elif space is not self._space:
            self._compare(vmas, space)
            self._space = space
        self._find_exchanged(vmas.maps)
        if not len(self._pending) and self._around.due("around", began):
            self._ask_around()
            around = bool(len(self._pending))
        else:
            around = False
        reading = None
        if len(self._pending) and (around or self._budget.due("pages", began)):
            reading = self._read(vmas, began + SLICE_SECONDS)
            ended = time.monotonic()
            self._budget.spent("pages", began, ended)
            if around:
                self._around.spent("around", began, ended)
        if len(self._facts) > MOST_RUNS:
            return _TOO_MANY
        return self._told(before, reading, began)

    def _told(self, before: Runs, reading: _Reading | None, began: float) -> SpacePages | Missing:
        last = self._last
        pending = self._pending.pages
        if self._facts is not before and self._facts.same_as(before):
            self._facts = before
        if (
            isinstance(last, SpacePages)
            and self._facts is last.facts
            and pending == last.pending_pages
            and (reading is None or (reading.untold, *reading.lacking)
                 == (last.untold, last.of_file, last.of_private, last.of_swapped))
        ):  # fmt: skip
            return last
        assert self._pagemap is not None
        known = last if isinstance(last, SpacePages) else None
        lacking = reading.lacking if reading else ()
        if not lacking:
            lacking = (known.of_file, known.of_private, known.of_swapped) if known else ({}, {}, {})
        ended = time.monotonic()
        return SpacePages(
            facts=self._facts,
            at=ended,
            took_ns=round((ended - began) * 1e9),
            read_pages=reading.pages if reading else 0,
            pending_pages=pending,
            want_flags=self._pagemap.pfns_visible,
            untold=reading.untold if reading else known.untold if known else {},
            of_file=lacking[0],
            of_private=lacking[1],
            of_swapped=lacking[2],
        )

    def _compare(self, vmas: Vmas, space: ScannedSpace) -> None:
        """Take in what the scan says is other than known; its entries are to be read."""
        regions = page_runs.cut(SpaceRuns.of(space).regions, _edges(vmas))
        kinds = _mappings(regions, vmas)
        facts = residency_facts(regions.values)
        facts[kinds == "hugetlb"] &= np.uint8(~HUGE & 0xFF)  # as in the facts of their entries
        guess = _guessed(facts, regions.values)
        if not space.knows_files:
            guess |= ((kinds != "anon") & (kinds != "hugetlb") & ((facts & PRESENT) != 0)) * (
                np.uint8(FILE)
            )
        seen = page_runs.joined(Runs(regions.firsts, regions.lengths, facts))
        changed = page_runs.difference(page_runs.masked(self._facts, RESIDENCY), seen)
        if not len(changed):
            return
        likely = page_runs.joined(Runs(regions.firsts, regions.lengths, guess))
        self._facts = page_runs.overlaid(self._facts, page_runs.seen_through(changed, likely))
        gone = changed.values == 0
        self._pending = page_runs.overlaid(self._pending, changed.taken(gone))
        self._await(changed.taken(~gone))

    def _await(self, wanted: Runs) -> None:
        self._pending = page_runs.overlaid(self._pending, page_runs.marked(wanted, 1))

    def _find_exchanged(self, maps: Maps) -> None:
        """VMAs that took the place of others: their pages may look as populated as before."""
        old, self._maps = self._maps, maps
        if old is None or old is maps or not len(old):
            return
        row = np.maximum(np.searchsorted(old.start, maps.start, side="right") - 1, 0)
        last = np.minimum(np.searchsorted(old.end, maps.end, side="left"), len(old) - 1)
        known = np.zeros(len(maps), bool)
        for at, inside in (
            (row, (old.start[row] <= maps.start) & (maps.start < old.end[row])),
            (last, (old.start[last] < maps.end) & (maps.end <= old.end[last])),
        ):
            alike = (old.inode[at] == maps.inode) & (old.device[at] == maps.device)
            known |= inside & alike
        for index in np.flatnonzero(~known).tolist():
            first, end = int(maps.start[index]) // PAGE_SIZE, int(maps.end[index]) // PAGE_SIZE
            self._await(self._facts.between(first, end))

    def _ask_around(self) -> None:
        """The next populated pages after those that were read again last."""
        facts = self._facts
        if not len(facts):
            return
        if self._at_page >= int(facts.ends[-1]):
            self._at_page = 0
        after = facts.between(self._at_page, page_runs.LAST_PAGE)
        below = np.cumsum(after.lengths)
        some = after.taken(slice(0, int(np.searchsorted(below, _AROUND_PAGES)) + 1))
        self._at_page = min(int(some.ends[-1]), int(some.firsts[0]) + max(_AROUND_PAGES, 1) * 64)
        self._await(some.between(0, self._at_page))

    def _without_scan(self, maps: Maps) -> None:
        """An older kernel: all VMAs are to be read when the last time is long enough ago."""
        if len(self._pending) or not self._budget.due("pages", time.monotonic()):
            return
        firsts = (maps.start // np.uint64(PAGE_SIZE)).astype(np.int64)
        lengths = (maps.end // np.uint64(PAGE_SIZE)).astype(np.int64) - firsts
        narrow = (lengths <= MOST_RUNS) & (firsts < page_runs.LAST_PAGE >> 1)
        self._await(Runs(firsts[narrow], lengths[narrow], firsts[narrow]))

    def _read(self, vmas: Vmas, until: float) -> _Reading:
        """Read the entries of what is pending, from low addresses to high, until the time is up."""
        pagemap = self._pagemap
        assert pagemap is not None
        unknowns = Unknowns(self._target, pagemap, pagemap.pfns_visible)
        done = _Reading()
        sources: dict[MappingKind, FactReader] = {}
        for mapping, some in _batches(self._pending, vmas):
            source = sources.get(mapping)
            if source is None:
                source = FactReader(pagemap, mapping, unknowns.wanted_frame_flags)
                sources[mapping] = source
            patches = Patches(some.firsts, some.lengths)
            facts = np.zeros(len(patches), np.uint8)
            if source.read_patches(patches, facts):
                source.settle(patches, facts)
            pages = patches.pages_at(np.arange(len(patches)))
            self._facts = page_runs.overlaid(self._facts, page_runs.of_pages(pages, facts))
            self._pending = page_runs.overlaid(self._pending, page_runs.marked(some, 0))
            done.pages += len(patches)
            done.untold |= source.untold
            if time.monotonic() >= until:
                break
        done.lacking = (
            unknowns.of(file=True, private=False, swapped=False),
            unknowns.of(file=False, private=True, swapped=False),
            unknowns.of(file=False, private=False, swapped=True),
        )
        return done


def _guessed(facts: NDArray[np.uint8], categories: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """What a scan lets one think of pages: as `slices.region_states` does."""
    present = (facts & PRESENT) != 0
    alone = present & ((categories & np.uint64(SHARED)) == 0)
    file = present & ((categories & np.uint64(flags.PAGE_IS_FILE)) != 0)
    guessed: NDArray[np.uint8] = facts | alone * np.uint8(EXCLUSIVE) | file * np.uint8(FILE)
    return guessed


def _edges(vmas: Vmas) -> NDArray[np.int64]:
    """The page numbers at which a VMA begins or ends."""
    both = np.concatenate((vmas.maps.start, vmas.maps.end))
    return distinct(both // np.uint64(PAGE_SIZE)).astype(np.int64)


def _mappings(runs: Runs, vmas: Vmas) -> NDArray[np.str_]:
    """What the VMA that each run begins in maps; «anon» where there is none."""
    addresses = runs.firsts.astype(np.uint64) * np.uint64(PAGE_SIZE)
    rows = np.searchsorted(vmas.maps.start, addresses, side="right") - 1
    codes = np.where(rows < 0, len(KINDS), np.append(vmas.kind_codes, 0)[rows])
    return _MAPPINGS[codes]


def _batches(pending: Runs, vmas: Vmas) -> Iterator[tuple[MappingKind, Runs]]:
    """Pending pages cut at VMAs, each batch of one mapping and `CHUNK` entries at most."""
    pieces = page_runs.cut(pending, _edges(vmas), CHUNK)
    kinds = _mappings(pieces, vmas)
    for mapping in np.unique(kinds).tolist():
        some = pieces.taken(kinds == mapping)
        at = offsets(some.firsts, some.lengths)
        beyond, first = at + some.lengths, 0
        while first < len(some):
            fits = int(np.searchsorted(beyond, at[first] + CHUNK, side="right"))
            yield mapping, some.taken(slice(first, fits))
            first = fits
