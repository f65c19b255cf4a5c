"""A trend in one line: braille, zero-based, a quarter of the line left free above its maximum."""

from __future__ import annotations

from collections.abc import Sequence

from vmtui.draw import braille, slots
from vmtui.draw.paint import Paint, Row

_HIGHEST_DOT = 3
_SHARE = 3 / 4
"""How much of the line the maximum takes: the rest keeps rows apart."""
_NOTHING = 1e-9


def trend(
    values: Sequence[float | None],
    width: int,
    *,
    slot: str = "faint",
    steps: bool = True,
    ground: str = "",
) -> Row:
    """History as one line of exactly `width` cells.

    Args:
        values: evenly spaced, oldest first; None leaves a gap.
        width: cells; each shows two columns of dots.
        slot: `faint` unless the change matters; a state's slot gives its ink. Zeros stay faint.
        steps: whether values hold until the next one (amounts) or are joined (rates).
        ground: the slot under the row.
    """
    spans = braille.extents(values, 2 * width, steps=steps)
    top = max((span[1] for span in spans if span), default=0.0)
    canvas = braille.Canvas(width, 1)
    canvas.trace(spans, _HIGHEST_DOT * _SHARE / top if top > _NOTHING else 0.0)
    loud, quiet = Paint(slots.ink(slot), ground), Paint("faint", ground)
    return braille.runs(
        [
            (braille.glyph(dots), loud if _is_live(spans[2 * x : 2 * x + 2]) else quiet)
            for x, dots in enumerate(canvas.dots[0])
        ]
    )


def _is_live(cell: Sequence[braille.Extent]) -> bool:
    """Whether anything in a cell is not zero."""
    return any(span and span[1] > 0 for span in cell)
