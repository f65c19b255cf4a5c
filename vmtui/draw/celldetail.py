"""One cell of the page grid, exactly: its shares as little bars and its pages in order."""

from __future__ import annotations

from collections.abc import Sequence

from vmtui import units
from vmtui.draw.legend import by_size, swatch
from vmtui.draw.paint import DIM, FAINT, STRONG, Paint, Row, Run, fit
from vmtui.draw.shares import divide
from vmtui.draw.slots import STATE_SLOTS
from vmtui.model.states import LETTERS, PageState

BAR = 16
"""Cells of a share's bar."""


def cell_detail(
    states: bytes | Sequence[int], address: int, page_size: int, width: int, height: int
) -> list[Row]:
    """Up to `height` rows: address and size, a bar per state, the pages in order.

    Args:
        states: a PageState per page of the cell, its pages inside the VMA only.
        address: the first page's.
        page_size: bytes of a page.
        width: cells of every row.
        height: the most rows there is room for.
    """
    pages = len(states)
    word = "page" if pages == 1 else "pages"
    rows: list[Row] = [
        (
            Run(units.address(address), STRONG),
            Run(f"  {units.pages(pages)} {word}, {units.size(pages * page_size)}", DIM),
        )
    ]
    if not pages:
        return [fit((Run("outside the VMA", FAINT),), width)][:height]
    counts = [0] * len(PageState)
    for state in states:
        counts[state] += 1
    shown = by_size(counts)[: max(1, height - 3)]
    for state in shown:
        rows.append(_share(state, counts[state], pages))
    if height - len(rows) >= 2:
        rows.append(())
    if len(rows) < height:
        rows.append((Run("in order  ", DIM), *letters(states, width - 10)))
    return [fit(line, width) for line in rows[:height]]


def _share(state: PageState, count: int, pages: int) -> Row:
    """`a anon    11 ▇▇▇▇▇` with a bar against the whole cell."""
    full, empty = divide([count, pages - count], BAR)
    return (
        swatch(state),
        Run(f" {state.slot:<8}"),
        Run(f"{units.pages(count):>7}  ", STRONG),
        Run("▇" * full, Paint(state.slot if state is not PageState.ABSENT else "faint", "vessel")),
        Run(" " * empty, Paint(ground="vessel")),
    )


def letters(states: bytes | Sequence[int], width: int) -> Row:
    """Pages in order as their letters, the end cut with `…` when there are more than `width`."""
    cut = len(states) > width
    shown = states[: max(0, width - 1)] if cut else states
    out: list[Run] = []
    for state in shown:
        slot = STATE_SLOTS[state]
        if out and out[-1].paint.ground == slot:
            out[-1] = Run(out[-1].text + LETTERS[state], out[-1].paint)
        else:
            out.append(Run(LETTERS[state], Paint(f"{slot}-letter", slot)))
    if cut and width > 0:
        out.append(Run("…", FAINT))
    return tuple(out)
