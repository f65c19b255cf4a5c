"""The pages of a whole process or of given addresses, VMA by VMA, and whether it held still."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from vmtui.cli.arguments import WrongUsage
from vmtui.cli.target import nothing_there
from vmtui.errors import VmtuiError
from vmtui.kernel import maps, memory_devices
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.maps import Maps
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.page_counts import Figure, PageCounts
from vmtui.model.pages import runs_of
from vmtui.model.states import PageState
from vmtui.model.vma_kinds import KINDS
from vmtui.model.vmas import Vmas
from vmtui.observe.page_reader import PageReader, PageSpan, locked_ranges
from vmtui.told import Told, nobody

_PIECE_PAGES = 1 << 22
"""Pages whose states are held at a time: 4 MiB of them, 16 GiB of address space."""
_NO_COUNTS = PageCounts()


@dataclass(slots=True)
class PageRange:
    """The pages between two addresses."""

    start: int
    end: int
    row: int | None = None
    """The VMA it is; None for a range of addresses that was asked for."""
    counts: PageCounts = _NO_COUNTS
    """Exact; they add up to the pages of the range."""
    unmapped: int = 0
    """Pages that lie in no VMA; they are counted as absent too."""
    runs: list[tuple[int, int, PageState]] = field(default_factory=list)
    """Stretches of one state: first address, pages, state. None goes across a VMA's border."""
    missing: Mapping[str, Missing] | None = None
    """By the counts' names, what could not be told, and why; None for nothing."""


@dataclass(frozen=True, slots=True)
class PagesRead:
    """One look at a process's pages."""

    vmas: Vmas
    ranges: tuple[PageRange, ...]
    """Those asked for, or one for each VMA."""
    figures: Mapping[str, Sequence[Figure]]
    """The counts of the ranges once more, by their names."""
    totals: PageCounts
    """The sum over the ranges."""
    changed: bool
    """Whether its VMAs were other ones by the time the last page was read."""

    @property
    def runs(self) -> list[tuple[int, int, PageState]]:
        """The stretches of all ranges, in their order."""
        return [run for part in self.ranges for run in part.runs]


def summed(parts: Sequence[PageCounts]) -> PageCounts:
    """The sum of many counts, figure by figure: for 60,000 VMAs `+` would make as many records."""
    return parts[0] if len(parts) == 1 else _totals(_by_figure(parts))


def _by_figure(parts: Sequence[PageCounts]) -> dict[str, list[Figure]]:
    return {name: list(map(attrgetter(name), parts)) for name in PageCounts.__slots__}


def _totals(figures: Mapping[str, Sequence[Any]]) -> PageCounts:
    sums: dict[str, Any] = {}
    for name, column in figures.items():
        try:
            sums[name] = sum(column)
        except TypeError:  # what is missing in one is missing in the sum
            sums[name] = next(figure for figure in column if isinstance(figure, Missing))
    return PageCounts(**sums)


def read(
    target: Target,
    addresses: Sequence[tuple[int, int]] = (),
    *,
    with_runs: bool = False,
    told: Told = nobody,
) -> PagesRead:
    """Every page of a process, or of some addresses.

    Args:
        target: the process.
        addresses: page-aligned ranges, a `PageRange` each; none means one for every VMA.
        with_runs: whether to note the stretches of equal state.
        told: hears how many of the pages have been read.

    Raises:
        ProcessGone, NotPermitted: of the process.
        WrongUsage: a range ends beyond the process's addresses.
        VmtuiError: no VMA lies in one of the ranges.
    """
    before = maps.read(target)
    if not len(before):
        raise nothing_there(target)
    vmas = Vmas.of(before, devices=memory_devices.read(target))
    with PageReader(target) as reader:
        for start, end in addresses:
            _check(start, end, vmas, reader.space_end)
        wanted = [PageRange(start, end) for start, end in addresses] or [
            PageRange(start, end, row)
            for row, (start, end) in enumerate(
                zip(before.start.tolist(), before.end.tolist(), strict=True)
            )
        ]
        sweep = _Sweep(reader, vmas, locked_ranges(target), with_runs, told)
        sweep.fill(wanted)
    after = maps.read(target)
    figures = _by_figure([part.counts for part in wanted])
    changed = _differ(before, after)
    return PagesRead(vmas, tuple(wanted), figures, _totals(figures), changed)


def _check(start: int, end: int, vmas: Vmas, space_end: int) -> None:
    """Past the user addresses there is nothing but the one page of [vsyscall], which maps lists."""
    starts, ends = vmas.maps.start, vmas.maps.end
    if end > space_end and not ((starts <= max(start, space_end)) & (ends >= end)).any():
        raise WrongUsage(
            f"{start:#x}-{end:#x} ends beyond the process's addresses, which end at {space_end:#x}"
        )
    if not ((starts < end) & (ends > start)).any():
        raise VmtuiError(f"no VMA lies in {start:#x}-{end:#x}; `vmtui maps PID` lists them")


def _differ(before: Maps, after: Maps) -> bool:
    return bool(before.torn or after.torn) or not (
        np.array_equal(before.start, after.start)
        and np.array_equal(before.end, after.end)
        and np.array_equal(before.perms, after.perms)
    )


class _Piece(NamedTuple):
    """Part of a VMA that is still to be read, and where it belongs."""

    part: PageRange
    row: int
    """The VMA."""
    span: PageSpan


class _Sweep:
    """Fills ranges from the VMAs that lie in them, as many at a time as memory allows."""

    def __init__(
        self,
        reader: PageReader,
        vmas: Vmas,
        locked: Sequence[tuple[int, int]],
        with_runs: bool,
        told: Told,
    ) -> None:
        self._reader = reader
        self._starts, self._ends = vmas.maps.start, vmas.maps.end
        self._mappings = [KINDS[code].mapping for code in vmas.kind_codes.tolist()]
        self._locked = locked
        self._locked_starts = [start for start, _ in locked]
        self._with_runs = with_runs
        self._told, self._done, self._total = told, 0, 0
        self._counted: dict[int, list[PageCounts]] = {}  # of ranges in several pieces, by id
        self._last_run: tuple[int, int] | None = None
        self._waiting: list[_Piece] = []
        self._waiting_pages = 0

    def fill(self, parts: Sequence[PageRange]) -> None:
        """Read all pages of all ranges."""
        self._total = sum(part.end - part.start for part in parts) // PAGE_SIZE
        for part in parts:
            if part.row is not None:
                self._add_vma(part, part.row, part.start, part.end)
                continue
            covered = 0
            first = int(np.searchsorted(self._ends, np.uint64(part.start), side="right"))
            last = int(np.searchsorted(self._starts, np.uint64(part.end), side="left"))
            for row in range(first, last):
                start = max(int(self._starts[row]), part.start)
                end = min(int(self._ends[row]), part.end)
                covered += (end - start) // PAGE_SIZE
                self._add_vma(part, row, start, end)
            part.unmapped = (part.end - part.start) // PAGE_SIZE - covered
            if part.unmapped:
                self._note_counts(part, PageCounts(pages=part.unmapped, absent=part.unmapped))
        self._read_waiting()
        for part in parts:
            if (counted := self._counted.get(id(part))) is not None:
                part.counts = summed(counted)

    def _add_vma(self, part: PageRange, row: int, start: int, end: int) -> None:
        """A VMA, or the part of it that was asked for, in pieces of bounded memory."""
        mapping = self._mappings[row]
        locked = bool(self._locked) and self._is_locked(start)
        if end - start <= _PIECE_PAGES * PAGE_SIZE:
            self._wait(_Piece(part, row, PageSpan(start, end, mapping, locked)))
            return
        for at in range(start, end, _PIECE_PAGES * PAGE_SIZE):
            stop = min(end, at + _PIECE_PAGES * PAGE_SIZE)
            pages = (stop - at) // PAGE_SIZE
            if self._is_empty(at, stop):
                self._read_waiting()  # runs are noted in the order of their addresses
                self._note_counts(part, PageCounts(pages=pages, absent=pages))
                self._note_run(part, row, at, pages, PageState.ABSENT)
                continue
            self._wait(_Piece(part, row, PageSpan(at, stop, mapping, locked)))

    def _wait(self, piece: _Piece) -> None:
        """Have it read with others, as many as memory allows."""
        pages = (piece.span.end - piece.span.start) // PAGE_SIZE
        if self._waiting_pages + pages > _PIECE_PAGES:
            self._read_waiting()
        self._waiting.append(piece)
        self._waiting_pages += pages

    def _read_waiting(self) -> None:
        self._told(self._done, self._total)
        waiting, self._waiting, self._waiting_pages = self._waiting, [], 0
        surveys = self._reader.read_many(
            [span for _, _, span in waiting], want_flags=self._reader.pfns_visible
        )
        for (part, row, span), survey in zip(waiting, surveys, strict=True):
            self._note_counts(part, survey.counts)
            if survey.missing:
                part.missing = {**(part.missing or {}), **survey.missing}
            if self._with_runs and len(survey.states) == 1:
                self._note_run(part, row, span.start, 1, PageState(survey.states[0]))
            elif self._with_runs:
                firsts, lengths, states = runs_of(survey.states)
                for first, pages, state in zip(
                    firsts.tolist(), lengths.tolist(), states.tolist(), strict=True
                ):
                    at = span.start + first * PAGE_SIZE
                    self._note_run(part, row, at, pages, PageState(state))

    def _note_counts(self, part: PageRange, counts: PageCounts) -> None:
        """The counts of a range, or of another piece of it."""
        self._done += counts.pages
        if part.counts is _NO_COUNTS:
            part.counts = counts
        else:
            self._counted.setdefault(id(part), [part.counts]).append(counts)

    def _note_run(
        self, part: PageRange, row: int, start: int, pages: int, state: PageState
    ) -> None:
        """Note a stretch, or lengthen the last one of the same VMA."""
        if not self._with_runs:
            return
        if self._last_run == (id(part), row) and part.runs[-1][2] is state:
            first, so_far, _ = part.runs[-1]
            part.runs[-1] = (first, so_far + pages, state)
        else:
            part.runs.append((start, pages, state))
        self._last_run = id(part), row

    def _is_locked(self, address: int) -> bool:
        row = bisect_right(self._locked_starts, address) - 1
        return row >= 0 and address < self._locked[row][1]

    def _is_empty(self, start: int, end: int) -> bool:
        found = self._reader.residency(start, end)
        return not (found.present or found.swapped or found.guard)
