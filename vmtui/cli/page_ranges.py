"""The pages of a whole process or of given addresses, VMA by VMA, and whether it held still."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from vmtui.cli.target import nothing_there
from vmtui.errors import VmtuiError
from vmtui.kernel import maps, memory_devices
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.maps import Maps
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.page_counts import Figure, PageCounts, added
from vmtui.model.pages import runs_of
from vmtui.model.states import PageState
from vmtui.model.vmas import VmaRow, Vmas
from vmtui.observe.page_reader import PageReader, locked_ranges

_PIECE_PAGES = 1 << 22
"""Pages whose states are held at a time: 4 MiB of them, 16 GiB of address space."""


@dataclass(slots=True)
class PageRange:
    """The pages between two addresses."""

    start: int
    end: int
    vma: VmaRow | None = None
    """The VMA it is; None for a range of addresses that was asked for."""
    counts: PageCounts = field(default_factory=PageCounts)
    """Exact; they add up to the pages of the range."""
    unmapped: int = 0
    """Pages that lie in no VMA; they are counted as absent too."""
    runs: list[tuple[int, int, PageState]] = field(default_factory=list)
    """Stretches of one state: first address, pages, state. None goes across a VMA's border."""
    missing: dict[str, Missing] = field(default_factory=dict)
    """By the counts' names, what could not be told, and why."""


@dataclass(frozen=True, slots=True)
class PagesRead:
    """One look at a process's pages."""

    ranges: tuple[PageRange, ...]
    changed: bool
    """Whether its VMAs were other ones by the time the last page was read."""

    @property
    def runs(self) -> list[tuple[int, int, PageState]]:
        """The stretches of all ranges, in their order."""
        return [run for part in self.ranges for run in part.runs]

    @property
    def totals(self) -> PageCounts:
        """The sum over the ranges."""
        return _summed(part.counts for part in self.ranges)


def _summed(parts: Iterable[PageCounts]) -> PageCounts:
    """The sum of many counts, figure by figure: for 60,000 VMAs `+` would make as many records."""
    listed, nothing = list(parts), PageCounts()
    sums: dict[str, Figure] = {
        name: reduce(added, (getattr(part, name) for part in listed), getattr(nothing, name))
        for name in PageCounts.__slots__
    }
    return PageCounts(**sums)  # type: ignore[arg-type]  # figures that are ints stay ints


def read(
    target: Target, addresses: Sequence[tuple[int, int]] = (), *, with_runs: bool = False
) -> PagesRead:
    """Every page of a process, or of some addresses.

    Args:
        target: the process.
        addresses: page-aligned ranges, a `PageRange` each; none means one for every VMA.
        with_runs: whether to note the stretches of equal state.

    Raises:
        ProcessGone, NotPermitted: of the process.
        VmtuiError: no VMA lies in one of the ranges.
    """
    before = maps.read(target)
    if not len(before):
        raise nothing_there(target)
    vmas = Vmas.of(before, devices=memory_devices.read(target))
    wanted = [PageRange(start, end) for start, end in addresses] or [
        PageRange(row.start, row.end, row) for row in vmas
    ]
    with PageReader(target) as reader:
        sweep = _Sweep(reader, vmas, _locked(target), with_runs)
        for part in wanted:
            sweep.fill(part)
    after = maps.read(target)
    return PagesRead(tuple(wanted), changed=_differ(before, after))


def _locked(target: Target) -> Callable[[int], bool]:
    ranges = locked_ranges(target)
    return lambda address: any(start <= address < end for start, end in ranges)


def _differ(before: Maps, after: Maps) -> bool:
    return bool(before.torn or after.torn) or not (
        np.array_equal(before.start, after.start)
        and np.array_equal(before.end, after.end)
        and np.array_equal(before.perms, after.perms)
    )


class _Sweep:
    """Fills ranges from the VMAs that lie in them."""

    def __init__(
        self, reader: PageReader, vmas: Vmas, locked: Callable[[int], bool], with_runs: bool
    ) -> None:
        self._reader = reader
        self._vmas = vmas
        self._locked = locked
        self._with_runs = with_runs

    def fill(self, part: PageRange) -> None:
        covered, counted = 0, []
        for row in self._rows(part):
            start, end = max(row.start, part.start), min(row.end, part.end)
            covered += (end - start) // PAGE_SIZE
            counted += self._vma(part, row, start, end)
        if not covered:
            raise VmtuiError(
                f"no VMA lies in {part.start:#x}-{part.end:#x}; `vmtui maps PID` lists them"
            )
        part.unmapped = (part.end - part.start) // PAGE_SIZE - covered
        if part.unmapped:
            counted.append(PageCounts(pages=part.unmapped, absent=part.unmapped))
        part.counts = counted[0] if len(counted) == 1 else _summed(counted)

    def _rows(self, part: PageRange) -> Iterator[VmaRow]:
        if part.vma is not None:
            yield part.vma
            return
        starts, ends = self._vmas.maps.start, self._vmas.maps.end
        first = int(np.searchsorted(ends, np.uint64(part.start), side="right"))
        last = int(np.searchsorted(starts, np.uint64(part.end), side="left"))
        for index in range(first, last):
            yield self._vmas[index]

    def _vma(self, part: PageRange, row: VmaRow, start: int, end: int) -> list[PageCounts]:
        """Counts of a VMA, or the part of it that was asked for, in pieces of bounded memory."""
        begun, counted = len(part.runs), []
        for at in range(start, end, _PIECE_PAGES * PAGE_SIZE):
            stop = min(end, at + _PIECE_PAGES * PAGE_SIZE)
            pages = (stop - at) // PAGE_SIZE
            if end - start > stop - at and self._is_empty(at, stop):
                counted.append(PageCounts(pages=pages, absent=pages))
                self._note_run(part, begun, at, pages, PageState.ABSENT)
                continue
            survey = self._reader.read(
                at,
                stop,
                mapping=row.kind.mapping,
                locked=self._locked(at),
                want_flags=self._reader.pfns_visible,
            )
            counted.append(survey.counts)
            part.missing.update(survey.missing)
            if self._with_runs:
                firsts, lengths, states = runs_of(survey.states)
                for first, length, state in zip(
                    firsts.tolist(), lengths.tolist(), states.tolist(), strict=True
                ):
                    where = at + first * PAGE_SIZE
                    self._note_run(part, begun, where, length, PageState(state))
        return counted

    def _is_empty(self, start: int, end: int) -> bool:
        found = self._reader.residency(start, end)
        return not (found.present or found.swapped or found.guard)

    def _note_run(
        self, part: PageRange, begun: int, start: int, pages: int, state: PageState
    ) -> None:
        if not self._with_runs:
            return
        if len(part.runs) > begun and part.runs[-1][2] is state:
            first, so_far, _ = part.runs[-1]
            part.runs[-1] = (first, so_far + pages, state)
        else:
            part.runs.append((start, pages, state))
