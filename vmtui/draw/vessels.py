"""Which VMAs share a vessel of the address-space picture, and how wide each vessel is.

60,000 VMAs cannot be drawn: first neighbours of one file become one vessel, then the smallest
ones between two that are kept become `+37`. Gaps above 1 GiB are folded to a label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from typing import TYPE_CHECKING, Any

from vmtui.draw.shares import divide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Addresses = Sequence[int] | NDArray[np.uint64]
    Names = Sequence[object] | NDArray[Any]

WIDE_GAP = 1 << 30
"""Bytes from which a gap is folded and labelled; a smaller one is a blank column."""


@dataclass(frozen=True, slots=True)
class Block:
    """One vessel of the picture: a VMA, or neighbours drawn together."""

    first: int
    """Index of its first VMA."""
    last: int
    """Index after its last."""
    start: int
    """The first address."""
    end: int
    """The first address after it."""
    x: int
    """Its first column."""
    width: int
    gap_before: int
    """Bytes unmapped before it when that is folded and labelled, otherwise 0."""
    gap_x: int
    gap_width: int
    """Columns of the fold; 0 without one."""
    merged: bool = False
    """Whether unrelated small VMAs stand in it, shown as `+37`."""

    @property
    def count(self) -> int:
        """How many VMAs it stands for."""
        return self.last - self.first


def arrange(
    starts: Addresses,
    ends: Addresses,
    names: Names,
    width: int,
    page_size: int,
    *,
    fold: int = 10,
) -> tuple[Block, ...]:
    """Vessels from low to high addresses, together exactly `width` columns wide.

    Args:
        starts, ends: of the VMAs, ascending, as lists or arrays.
        names: what groups neighbours: equal names, or ids of names.
        width: columns of the picture.
        page_size: bytes of a page.
        fold: columns of a folded gap; where there are many only the widest get them.
    """
    if not len(starts) or width < 1:
        return ()
    most = max(1, min(width // 3, (width + 1) // 2))
    if len(starts) <= most:
        groups = [(at, at + 1, False) for at in range(len(starts))]
    else:
        groups = _merged(starts, ends, names, most)
    return _placed(groups, starts, ends, width=width, page_size=page_size, fold=fold)


Group = tuple[int, int, bool]
"""First VMA, after the last, whether unrelated ones were joined."""


def _merged(starts: Addresses, ends: Addresses, names: Names, most: int) -> list[Group]:
    """At most `most` groups: neighbours of one name, then the small ones between the largest."""
    import numpy as np  # few VMAs need no arrays

    begin, end = np.asarray(starts, np.uint64), np.asarray(ends, np.uint64)
    named = np.asarray(names)
    far = np.ones(len(begin), bool)
    far[1:] = begin[1:] - end[:-1] > WIDE_GAP
    fresh = far.copy()
    fresh[1:] |= named[1:] != named[:-1]
    firsts = np.flatnonzero(fresh)
    lasts = np.append(firsts[1:], len(begin))
    largest = np.argsort(begin[firsts] - end[lasts - 1], kind="stable")
    opens = np.ones(len(firsts), bool)
    keep = most
    while opens.sum() > most:
        kept = np.zeros(len(firsts), bool)
        kept[largest[:keep]] = True
        opens = kept.copy()
        opens[1:] |= kept[:-1]
        if keep > most // 4:  # otherwise there are more wide gaps than columns for them
            opens |= far[firsts]
        opens[0] = True
        keep = keep * 7 // 8
    heads = np.flatnonzero(opens)
    tails = np.append(heads[1:], len(firsts))
    return [
        (int(firsts[head]), int(lasts[tail - 1]), bool(tail - head > 1))
        for head, tail in zip(heads, tails, strict=True)
    ]


def _placed(
    groups: list[Group],
    starts: Addresses,
    ends: Addresses,
    *,
    width: int,
    page_size: int,
    fold: int,
) -> tuple[Block, ...]:
    gaps = [0] + [
        int(starts[later[0]]) - int(ends[earlier[1] - 1]) for earlier, later in pairwise(groups)
    ]
    wide = sorted((at for at, gap in enumerate(gaps) if gap > WIDE_GAP), key=lambda at: -gaps[at])
    room = width - len(groups) * 2 + 1
    folded = frozenset(wide[: max(0, min(width // 3, room) // fold)])
    between = [0] + [fold if at in folded else 1 for at in range(1, len(groups))]
    pages = [_mapped(starts, ends, first, last) // page_size for first, last, _ in groups]
    weights = [max(1, int(log2(max(1, count)) ** 1.75)) for count in pages]
    columns = divide(weights, width - sum(between) - len(groups))
    blocks: list[Block] = []
    x = 0
    for at, (first, last, merged) in enumerate(groups):
        gap_x, x = x, x + between[at]
        gap = gaps[at] if at in folded else 0
        blocks.append(
            Block(
                first=first,
                last=last,
                start=int(starts[first]),
                end=int(ends[last - 1]),
                x=x,
                width=columns[at] + 1,
                gap_before=gap,
                gap_x=gap_x,
                gap_width=fold if gap else 0,
                merged=merged,
            )
        )
        x += columns[at] + 1
    return tuple(blocks)


def _mapped(starts: Addresses, ends: Addresses, first: int, last: int) -> int:
    """Bytes mapped by a range of VMAs."""
    if last - first == 1:
        return int(ends[first]) - int(starts[first])
    import numpy as np  # only merged vessels get here

    lengths = np.asarray(ends[first:last], np.uint64) - np.asarray(starts[first:last], np.uint64)
    return int(lengths.sum())
