"""The address space: a sorted list of VMAs, each a range of pages that are treated alike.

A call that treats a part of a VMA differently splits it; neighbours that have become alike merge
again. Where the borders lie is more than bookkeeping: a read fault on a file maps pages around it
only inside the VMA, and fork copies page tables per VMA.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from itertools import count

from vmtui.theory.frames import Object

_anon_vmas = count(1)


@dataclass(slots=True)
class Vma:
    """Pages from `start` up to, not including, `end`."""

    start: int
    end: int
    prot: str = "rw-"
    shared: bool = False
    object: Object | None = None
    """What is mapped; None for private anonymous memory."""
    offset: int = 0
    """The page of the object that lies at `start`."""
    anon_vma: int = 0
    """Set once an anonymous page was made in it (0: never): then fork copies its page tables."""
    forked: bool = False
    """Whether that was inherited: it is not shared with neighbours then."""
    locked: bool = False
    accounted: bool = False
    """VM_ACCOUNT: counted as promised memory."""
    noreserve: bool = False
    hugetlb: bool = False
    huge: str = ""
    """hugepage or nohugepage, as MADV_… said."""
    random: bool = False
    dontfork: bool = False
    wipeonfork: bool = False
    gap: bool = False
    """Mapped by the laboratory to keep regions apart."""

    @property
    def writable(self) -> bool:
        """Whether a write is allowed."""
        return "w" in self.prot

    @property
    def accessible(self) -> bool:
        """Whether anything is: the processor cannot write or execute what it cannot read."""
        return self.prot != "---"

    @property
    def anonymous(self) -> bool:
        """Whether it is private anonymous memory."""
        return self.object is None and not self.hugetlb

    def index(self, page: int) -> int:
        """The page of the object that a page shows."""
        return page - self.start + self.offset

    def past_the_end(self, page: int) -> bool:
        """Whether a page lies beyond the end of the object."""
        return self.object is not None and self.index(page) >= self.object.pages

    def flags(self) -> tuple[Hashable, ...]:
        """Everything two neighbours must have in common to become one, but for anon_vma."""
        return (
            self.prot, self.shared, self.object, self.locked, self.accounted, self.noreserve,
            self.hugetlb, self.huge, self.random, self.dontfork, self.wipeonfork, self.gap,
        )  # fmt: skip


def find(vmas: list[Vma], page: int) -> Vma | None:
    """The VMA a page lies in."""
    place = bisect_right(vmas, page, key=_start) - 1
    return vmas[place] if place >= 0 and page < vmas[place].end else None


def overlapping(vmas: list[Vma], first: int, end: int) -> list[Vma]:
    """Those that have pages between, in order."""
    place = max(0, bisect_right(vmas, first, key=_start) - 1)
    found = []
    while place < len(vmas) and vmas[place].start < end:
        if vmas[place].end > first:
            found.append(vmas[place])
        place += 1
    return found


def has_hole(pieces: list[Vma], first: int, end: int) -> bool:
    """Whether some page of the range lies in none of them."""
    for piece in pieces:
        if piece.start > first:
            return True
        first = piece.end
    return first < end


def split(vmas: list[Vma], vma: Vma, at: int) -> Vma:
    """Cut a VMA in two; both parts keep its anon_vma.

    Returns:
        The upper part.
    """
    upper = replace(vma, start=at, offset=vma.offset + (at - vma.start if vma.object else 0))
    vma.end = at
    vmas.insert(vmas.index(vma) + 1, upper)
    return upper


def merge(vmas: list[Vma], vma: Vma) -> Vma:
    """Join a VMA with its neighbours where they are alike.

    Returns:
        The VMA that has its pages now.
    """
    place = vmas.index(vma)
    if place and _mergeable(vmas[place - 1], vma):
        lower = vmas[place - 1]
        lower.end = vma.end
        _inherit(lower, vma)
        del vmas[place]
        vma, place = lower, place - 1
    if place + 1 < len(vmas) and _mergeable(vma, vmas[place + 1]):
        upper = vmas.pop(place + 1)
        vma.end = upper.end
        _inherit(vma, upper)
    return vma


def change(vmas: list[Vma], vma: Vma, apply: Callable[[Vma], None]) -> Vma:
    """Treat a VMA, already cut to size, differently, then merge it."""
    apply(vma)
    return merge(vmas, vma)


def prepare_anon_vma(vmas: list[Vma], vma: Vma) -> None:
    """Note that a VMA has anonymous pages now; a neighbour's anon_vma is taken where it fits."""
    if vma.anon_vma:
        return
    place = vmas.index(vma)
    for lower, upper, neighbour in (
        (place - 1, place, place - 1),
        (place, place + 1, place + 1),
    ):
        if lower >= 0 and upper < len(vmas):
            other = vmas[neighbour]
            fits = _adjacent(vmas[lower], vmas[upper]) and _alike_but_for_access(other, vma)
            if fits and other.anon_vma and not other.forked:
                vma.anon_vma = other.anon_vma
                return
    vma.anon_vma = next(_anon_vmas)


def new_anon_vma() -> int:
    """A number for what a child gets of its own."""
    return next(_anon_vmas)


def _start(vma: Vma) -> int:
    return vma.start


def _adjacent(lower: Vma, upper: Vma) -> bool:
    if lower.end != upper.start or lower.object is not upper.object:
        return False
    return lower.object is None or lower.index(upper.start) == upper.offset


def _alike_but_for_access(one: Vma, other: Vma) -> bool:
    return one.flags()[1:] == other.flags()[1:]


def _mergeable(lower: Vma, upper: Vma) -> bool:
    if not _adjacent(lower, upper) or lower.flags() != upper.flags():
        return False
    if lower.anon_vma and upper.anon_vma:
        return lower.anon_vma == upper.anon_vma
    return not (lower.forked or upper.forked)


def _inherit(kept: Vma, gone: Vma) -> None:
    kept.anon_vma = kept.anon_vma or gone.anon_vma
