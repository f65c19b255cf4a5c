"""The pages of one process: every state of a range, exact, at the speed the kernel walks tables.

A full read costs one entry a page (45–70 ns in the kernel, under 10 here). A refresh asks
PAGEMAP_SCAN, a third of that, what is resident now and reads again only the 2 MiB blocks where
that differs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import TracebackType

import numpy as np

from vmtui.errors import NotSupported
from vmtui.kernel import residency
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.page_counts import PageCounts, Residency
from vmtui.model.page_survey import PageSurvey
from vmtui.model.pages import (
    HUGE,
    RESIDENCY,
    Bytes,
    MappingKind,
    counts_of,
    histogram_of,
    residency_facts,
    residency_of,
    states_of,
)
from vmtui.observe import page_batch
from vmtui.observe.locked_ranges import locked_ranges
from vmtui.observe.page_batch import ENTRIES, PageSpan
from vmtui.observe.page_changes import changed_spans
from vmtui.observe.page_facts import BLOCK, CHUNK, NO_SCAN, FactReader
from vmtui.observe.page_places import Stretch
from vmtui.observe.page_unknowns import Unknowns, uncounted

__all__ = [
    "SMALL_PAGES", "WIDEST_PAGES", "PageReader", "PageSpan", "PageSurvey", "locked_ranges",
]  # fmt: skip

SMALL_PAGES = 1 << 15
"""Up to this many pages (2 ms) a refresh is a full read: it sees everything."""
WIDEST_PAGES = 1 << 30
"""More pages than this are not read one by one: the states alone would take a gigabyte."""


@dataclass(frozen=True, slots=True)
class _Latest:
    """The newest survey and the facts behind it, from which it can be refreshed."""

    survey: PageSurvey
    facts: Bytes


class PageReader:
    """Reads the pages of one process. Holds a pagemap, a buffer and the latest facts."""

    def __init__(self, target: Target) -> None:
        """Open the target's pagemap.

        Raises:
            ProcessGone: it has exited, or has no user memory.
            NotPermitted: it may not be read.
        """
        self._target = target
        self._pagemap = Pagemap(target)
        self._latest: _Latest | None = None

    @property
    def pfns_visible(self) -> bool:
        """Whether frames, and with them dirty and KSM pages, can be told."""
        return self._pagemap.pfns_visible

    @property
    def space_end(self) -> int:
        """The first address after the process's user addresses.

        Raises:
            ProcessGone: the process has exited.
        """
        return self._pagemap.space_end

    def read(
        self,
        start: int,
        end: int,
        *,
        mapping: MappingKind = "anon",
        locked: bool = False,
        want_flags: bool = False,
    ) -> PageSurvey:
        """Every page from `start` to `end` (page-aligned addresses), from its entry.

        Args:
            start: first address.
            end: first address after the range; it need not end with its VMA.
            mapping: what the VMA maps; decides what bit 61 means.
            locked: whether the VMA's VmFlags have `lo` (see `locked_ranges`).
            want_flags: whether dirty and KSM pages shall be looked up in kpageflags: root only,
                about 250 ns for each page they can apply to. The kernel keeps «dirty» per folio,
                so a write to one page of a large folio marks them all; and a page of tmpfs or
                shared memory that was first read and then written through a mapping is dirty in
                its page-table entry alone, which kpageflags does not show.

        Raises:
            ProcessGone: the process has exited.
            NotSupported: the range is wider than `WIDEST_PAGES`.
        """
        began = time.perf_counter_ns()
        pages = (end - start) // PAGE_SIZE
        if pages > WIDEST_PAGES:
            raise NotSupported(f"a range of {pages:,} pages is too wide to read page by page")
        facts, states = self._zeroed_facts(pages), np.zeros(pages, np.uint8)
        unknowns = Unknowns(self._target, self._pagemap, want_flags)
        source = FactReader(self._pagemap, mapping, unknowns.wanted_frame_flags)
        at, first_page = 0, start // PAGE_SIZE
        while at < pages:
            stop = min(pages, at + CHUNK - (first_page + at) % BLOCK)
            if source.read(first_page + at, facts[at:stop]):
                states_of(facts[at:stop], mapping=mapping, locked=locked, out=states[at:stop])
                at = stop
            else:
                at = self._next_populated(first_page, stop, pages)
        for lo, hi in source.settle(Stretch(first_page, pages), facts):
            states_of(facts[lo:hi], mapping=mapping, locked=locked, out=states[lo:hi])
        survey = PageSurvey(
            start=start,
            end=end,
            states=states,
            counts=PageCounts(),
            took_ns=0,
            source=ENTRIES,
            mapping=mapping,
            locked=locked,
            want_flags=want_flags,
            reread_pages=pages,
        )
        return self._finished(survey, facts, source, unknowns, began)

    def read_many(self, spans: Sequence[PageSpan], *, want_flags: bool = False) -> list[PageSurvey]:
        """The same as `read` of each, in their order; small ones are read together.

        60,000 VMAs of a page take 0.3 s rather than 12. All states are held at once: the caller
        bounds how many pages the spans have together. `took_ns` of a survey is that of its batch.

        Args:
            spans: what to read, in any order.
            want_flags: as for `read`.

        Raises:
            ProcessGone: the process has exited.
            NotSupported: a span is wider than `WIDEST_PAGES`.
        """
        unknowns = Unknowns(self._target, self._pagemap, want_flags)
        together = page_batch.read(self._pagemap, unknowns, spans, want_flags=want_flags)
        return [
            survey
            or self.read(
                span.start,
                span.end,
                mapping=span.mapping,
                locked=span.locked,
                want_flags=want_flags,
            )
            for span, survey in zip(spans, together, strict=True)
        ]

    def refresh(self, previous: PageSurvey) -> PageSurvey:
        """The same range now, reading only the blocks whose residency changed.

        What PAGEMAP_SCAN does not tell without touching every frame is then as old as the block's
        last read: which pages are exclusive (a fork makes them shared), file or private, dirty or
        merged. A range of at most `SMALL_PAGES`, or another than the last one read, is read in
        full, as is every range where the kernel has no PAGEMAP_SCAN.

        Raises:
            ProcessGone: the process has exited.
        """
        latest = self._latest
        pages = len(previous.states)
        if (
            latest is None
            or latest.survey is not previous
            or pages <= SMALL_PAGES
            or not self._pagemap.can_scan
        ):
            return self.read(
                previous.start,
                previous.end,
                mapping=previous.mapping,
                locked=previous.locked,
                want_flags=previous.want_flags,
            )
        began = time.perf_counter_ns()
        first_page = previous.start // PAGE_SIZE
        regions = residency.read(self._target, self._pagemap, previous.start, previous.end)
        told = RESIDENCY & ~HUGE if previous.mapping == "hugetlb" else RESIDENCY
        spans = list(changed_spans(first_page, latest.facts, regions, told))
        if not spans:
            took = time.perf_counter_ns() - began
            same = replace(previous, took_ns=took, source="PAGEMAP_SCAN", reread_pages=0)
            self._latest = _Latest(same, latest.facts)
            return same
        facts, states = latest.facts.copy(), previous.states.copy()
        unknowns = Unknowns(self._target, self._pagemap, previous.want_flags)
        source = FactReader(self._pagemap, previous.mapping, unknowns.wanted_frame_flags)
        for lo, hi in spans:
            source.read(first_page + lo, facts[lo:hi])
        source.settle(Stretch(first_page, pages), facts)
        for lo, hi in spans:
            states_of(
                facts[lo:hi],
                mapping=previous.mapping,
                locked=previous.locked,
                out=states[lo:hi],
            )
        reread = sum(hi - lo for lo, hi in spans)
        survey = replace(
            previous,
            states=states,
            source="PAGEMAP_SCAN, and /proc/PID/pagemap where it changed",
            reread_pages=reread,
        )
        return self._finished(survey, facts, source, unknowns, began)

    def residency(self, start: int, end: int) -> Residency:
        """How much of a range is resident, without reading its entries: a third of the cost.

        Where the kernel has no PAGEMAP_SCAN the entries are read and zero and huge are Missing.

        Raises:
            ProcessGone: the process has exited.
        """
        pages = (end - start) // PAGE_SIZE
        if self._pagemap.can_scan:
            regions = residency.read(self._target, self._pagemap, start, end)
            lengths = ((regions.end - regions.start) // np.uint64(PAGE_SIZE)).astype(np.int64)
            return residency_of(pages, residency_facts(regions.categories), lengths)
        counts = self.read(start, end).counts
        why = Missing(NO_SCAN, "Linux 6.7 or newer")
        return Residency(pages, counts.present, counts.swapped, why, why, counts.guard)

    def close(self) -> None:
        """Let go of the descriptor and the facts; harmless twice."""
        self._pagemap.close()
        self._latest = None

    def __enter__(self) -> PageReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _next_populated(self, first_page: int, at: int, pages: int) -> int:
        """The index from `at` on where reading goes on after a chunk that was empty.

        A terabyte of reserved address space would take minutes entry by entry.
        """
        if at >= pages or not self._pagemap.can_scan:
            return at
        end = (first_page + pages) * PAGE_SIZE
        found = self._pagemap.next_populated((first_page + at) * PAGE_SIZE, end)
        if found >= end:
            return pages
        return max(at, found // PAGE_SIZE // BLOCK * BLOCK - first_page)

    def _zeroed_facts(self, pages: int) -> Bytes:
        """Room for facts: that of the latest survey where it fits, since fresh memory faults."""
        latest, self._latest = self._latest, None
        if latest is None or len(latest.facts) != pages:
            return np.zeros(pages, np.uint8)
        latest.facts.fill(0)
        return latest.facts

    def _finished(
        self, survey: PageSurvey, facts: Bytes, source: FactReader, unknowns: Unknowns, began: int
    ) -> PageSurvey:
        """The survey with its counts, what is missing from them, and the time it took."""
        histogram = histogram_of(facts)
        missing = unknowns.of_histogram(histogram)
        counts = counts_of(
            histogram,
            mapping=survey.mapping,
            locked=survey.locked,
            missing=source.untold | uncounted(missing),
        )
        survey.states.flags.writeable = False
        took = time.perf_counter_ns() - began
        done = replace(survey, counts=counts, missing=source.untold | missing, took_ns=took)
        self._latest = _Latest(done, facts)
        return done
