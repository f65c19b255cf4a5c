"""Stretches of pages with equal values over a whole address space: laid over, compared, cut.

Pure. What no run covers has the value 0. A change between two moments is runs too, in which 0
stands for itself: «absent from here to there».
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vmtui.model.distinct import distinct

PageNumbers = NDArray[np.int64]
Values = NDArray[Any]
"""Unsigned integers of one width."""
LAST_PAGE = 1 << 52
"""The first page number that no address has."""


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """By rising page number, none overlapping the next."""

    firsts: PageNumbers
    """Page number (address / page size) of the first page of each."""
    lengths: PageNumbers
    """Pages of each, at least one."""
    values: Values

    def __len__(self) -> int:
        return len(self.firsts)

    @property
    def ends(self) -> PageNumbers:
        """The page number after each."""
        return self.firsts + self.lengths

    @property
    def pages(self) -> int:
        """Pages of all runs."""
        return int(self.lengths.sum())

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return self.firsts.nbytes + self.lengths.nbytes + self.values.nbytes

    def same_as(self, other: Runs) -> bool:
        """Whether both are the same runs."""
        return (
            np.array_equal(self.firsts, other.firsts)
            and np.array_equal(self.lengths, other.lengths)
            and np.array_equal(self.values, other.values)
        )

    def taken(self, which: Any) -> Runs:
        """Some of the runs: a slice, a mask or indices."""
        return Runs(self.firsts[which], self.lengths[which], self.values[which])

    def between(self, first: int, end: int) -> Runs:
        """The part from page `first` up to page `end` (not included), runs at the edges cut."""
        part = slice(
            int(np.searchsorted(self.ends, first, side="right")),
            int(np.searchsorted(self.firsts, end, side="left")),
        )
        firsts = np.maximum(self.firsts[part], first)
        return Runs(firsts, np.minimum(self.ends[part], end) - firsts, self.values[part])

    def expanded(self, first: int, pages: int) -> Values:
        """One value a page of a stretch; its memory is only touched where runs are."""
        filled = np.zeros(pages, self.values.dtype)
        part = self.between(first, first + pages)
        if len(part) > pages >> 3:  # many short runs: one repeat is faster than a fill of each
            _, _, values, lengths = _with_gaps(part, first, first + pages)
            return np.repeat(values, lengths)
        for at, length, value in zip(
            (part.firsts - first).tolist(), part.lengths.tolist(), part.values, strict=True
        ):
            filled[at : at + length] = value
        return filled


def empty(dtype: Any) -> Runs:
    """No run at all."""
    none = np.zeros(0, np.int64)
    return Runs(none, none, np.zeros(0, dtype))


def of_array(first: int, values: Values) -> Runs:
    """The runs of one value a page, zeros left out."""
    if not len(values):
        return empty(values.dtype)
    starts = np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1)).astype(np.int64)
    found = Runs(starts + first, np.diff(starts, append=len(values)), values[starts])
    return found.taken(found.values != 0)


def of_pages(pages: PageNumbers, values: Values) -> Runs:
    """The runs of single pages by rising number, zeros among them."""
    if not len(pages):
        return empty(values.dtype)
    breaks = (pages[1:] != pages[:-1] + 1) | (values[1:] != values[:-1])
    starts = np.concatenate(([0], np.flatnonzero(breaks) + 1)).astype(np.int64)
    return Runs(pages[starts], np.diff(starts, append=len(pages)), values[starts])


def joined(runs: Runs) -> Runs:
    """Neighbours that touch and are equal made one."""
    if len(runs) < 2:
        return runs
    breaks = np.ones(len(runs), bool)
    breaks[1:] = (runs.firsts[1:] != runs.ends[:-1]) | (runs.values[1:] != runs.values[:-1])
    if breaks.all():
        return runs
    firsts = np.flatnonzero(breaks)
    lasts = np.append(firsts[1:], len(runs)) - 1
    return Runs(runs.firsts[firsts], runs.ends[lasts] - runs.firsts[firsts], runs.values[firsts])


def overlaid(base: Runs, over: Runs) -> Runs:
    """`base` with what `over` covers taken from it, zeros there included."""
    if not len(over):
        return base
    low, high = int(over.firsts[0]), int(over.ends[-1])
    lefts, ends = _cut(base.between(low, high), over, low, high)
    covered, above = _looked_up(over, lefts)
    _, below = _looked_up(base, lefts)
    values = np.where(covered, above, below).astype(base.values.dtype)
    middle = Runs(lefts, ends - lefts, values).taken(values != 0)
    before, after = base.between(0, low), base.between(high, LAST_PAGE)
    return joined(
        Runs(
            np.concatenate((before.firsts, middle.firsts, after.firsts)),
            np.concatenate((before.lengths, middle.lengths, after.lengths)),
            np.concatenate((before.values, middle.values, after.values)),
        )
    )


def difference(before: Runs, after: Runs) -> Runs:
    """What must be laid over `before` to make it `after`: a page's new value, be it 0."""
    first = _first_unlike(before, after)
    last = min(_first_unlike(before, after, backwards=True), min(len(before), len(after)) - first)
    before = before.taken(slice(first, len(before) - last))
    after = after.taken(slice(first, len(after) - last))
    if not len(before) and not len(after):
        return empty(after.values.dtype)
    low = min(int(runs.firsts[0]) for runs in (before, after) if len(runs))
    high = max(int(runs.ends[-1]) for runs in (before, after) if len(runs))
    lefts, ends = _cut(before, after, low, high)
    _, old = _looked_up(before, lefts)
    _, new = _looked_up(after, lefts)
    return joined(Runs(lefts, ends - lefts, new).taken(old != new))


def seen_through(mask: Runs, runs: Runs) -> Runs:
    """The values of `runs` wherever `mask` covers, whatever its own; 0 is a value there too."""
    if not len(mask):
        return empty(runs.values.dtype)
    low, high = int(mask.firsts[0]), int(mask.ends[-1])
    lefts, ends = _cut(mask, runs.between(low, high), low, high)
    covered, _ = _looked_up(mask, lefts)
    _, values = _looked_up(runs, lefts)
    return joined(Runs(lefts, ends - lefts, values).taken(covered))


def cut(runs: Runs, edges: PageNumbers, longest: int = LAST_PAGE) -> Runs:
    """The same runs, ended at every edge and none longer than `longest`."""
    if not len(runs):
        return runs
    for first, length in zip(
        runs.firsts[runs.lengths > longest].tolist(),
        runs.lengths[runs.lengths > longest].tolist(),
        strict=True,
    ):
        edges = np.concatenate((edges, np.arange(first, first + length, longest)))
    lefts = distinct(np.concatenate((runs.firsts, runs.ends, edges)))
    covered, values = _looked_up(runs, lefts[:-1])
    return Runs(lefts[:-1], np.diff(lefts), values).taken(covered)


def marked(runs: Runs, value: int) -> Runs:
    """The same stretches with another value each, a byte; those that touch are one."""
    return joined(Runs(runs.firsts, runs.lengths, np.full(len(runs), value, np.uint8)))


def masked(runs: Runs, bits: int) -> Runs:
    """The same with only some bits of the values."""
    values = runs.values & runs.values.dtype.type(bits)
    return joined(Runs(runs.firsts, runs.lengths, values).taken(values != 0))


def _first_unlike(one: Runs, other: Runs, *, backwards: bool = False) -> int:
    """How many runs at the beginning (or at the end) are the same in both."""
    shared = min(len(one), len(other))
    side = slice(None, None, -1) if backwards else slice(None)
    unlike = np.zeros(shared, bool)
    for name in ("firsts", "lengths", "values"):
        unlike |= getattr(one, name)[side][:shared] != getattr(other, name)[side][:shared]
    return int(unlike.argmax()) if unlike.any() else shared


def _cut(one: Runs, other: Runs, low: int, high: int) -> tuple[PageNumbers, PageNumbers]:
    """Both borders of the stretches within which neither changes."""
    edges = distinct(
        np.concatenate(([low, high], one.firsts, one.ends, other.firsts, other.ends))
    ).astype(np.int64)
    edges = edges[(edges >= low) & (edges <= high)]
    return edges[:-1], edges[1:]


def _looked_up(runs: Runs, pages: PageNumbers) -> tuple[NDArray[np.bool_], Values]:
    """Of single pages: whether a run covers them, and its value or else 0."""
    if not len(runs):
        return np.zeros(len(pages), bool), np.zeros(len(pages), runs.values.dtype)
    index = np.maximum(np.searchsorted(runs.firsts, pages, side="right") - 1, 0)
    covered = (runs.firsts[index] <= pages) & (pages < runs.ends[index])
    return covered, np.where(covered, runs.values[index], runs.values.dtype.type(0))


def _with_gaps(
    runs: Runs, first: int, end: int
) -> tuple[PageNumbers, PageNumbers, Values, PageNumbers]:
    """Runs and the gaps between them, alternating: borders, values and lengths."""
    borders = np.empty(2 * len(runs) + 2, np.int64)
    borders[0], borders[-1] = first, end
    borders[1:-1:2], borders[2:-1:2] = runs.firsts, runs.ends
    values = np.zeros(2 * len(runs) + 1, runs.values.dtype)
    values[1::2] = runs.values
    return borders[:-1], borders[1:], values, np.diff(borders)
