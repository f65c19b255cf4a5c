"""The residency strip: a VMA's pages, low addresses left, in one line of block heights.

A column is one slice of the VMA. Its height is how much of the slice has pages, its hue the
largest share among them, and no slice is sampled: `slices` counts every page exactly once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vmtui.draw import braille
from vmtui.draw.glyphs import EIGHTHS
from vmtui.draw.paint import Paint, Row, fit
from vmtui.draw.slots import STATE_SLOTS
from vmtui.model.states import PageState

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Counts = Sequence[Sequence[int]]
"""Pages per slice and state: k slices × 12, as lists or as an integer matrix."""

STATES = len(PageState)
_FULL = 7
_EMPTY = Paint("text", "vessel")
_PAINTS = tuple(Paint(slot, "vessel") for slot in STATE_SLOTS)


def slices(states: NDArray[np.uint8], columns: int) -> NDArray[np.int64]:
    """Exact counts per slice: (min(columns, pages) × 12), its sum the number of pages."""
    import numpy as np

    pages = len(states)
    count = min(columns, pages)
    found = np.zeros((count, STATES), np.int64)
    for column in range(count):
        piece = states[column * pages // count : (column + 1) * pages // count]
        found[column] = np.bincount(piece, minlength=STATES)[:STATES]
    return found


def stretched(counts: Counts, width: int) -> list[Sequence[int]]:
    """The slices on exactly `width` columns: repeated when fewer, added up when more."""
    rows = counts if isinstance(counts, list) else [list(map(int, line)) for line in counts]
    have = len(rows)
    if not have or width <= 0:
        return [[0] * STATES] * max(0, width)
    if have <= width:
        return [rows[column * have // width] for column in range(width)]
    return [
        [
            sum(column)
            for column in zip(*rows[at * have // width : (at + 1) * have // width], strict=True)
        ]
        for at in range(width)
    ]


def share(slice_counts: Sequence[int]) -> tuple[int, float]:
    """The state of the largest share among the pages present, and how much is present (0–1).

    States later in the legend, the ones worth a look, win a tie.
    """
    total = sum(slice_counts)
    present = total - slice_counts[0]
    if not present:
        return 0, 0.0
    largest = max(slice_counts[1:])
    hue = next(s for s in range(STATES - 1, 0, -1) if slice_counts[s] == largest)
    return hue, present / total


def level(fill: float, highest: int) -> int:
    """The height of a fill: 0 and `highest` only for exactly empty and full."""
    if fill <= 0:
        return 0
    if fill >= 1:
        return highest
    return min(highest - 1, max(1, round(fill * highest)))


def strip(counts: Counts | None, width: int) -> Row:
    """The slices in exactly `width` cells; full is `▇`, the dark eighth keeps rows apart.

    None, where the pages are not known, is an empty vessel.
    """
    if counts is None or not len(counts):
        return fit((), width, "vessel")
    cells = []
    for column in stretched(counts, width):
        hue, fill = share(column)
        height = level(fill, _FULL)
        cells.append((EIGHTHS[height], _PAINTS[hue] if height else _EMPTY))
    return braille.runs(cells)
