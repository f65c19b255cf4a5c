"""The legend of page states, which doubles as the table of totals."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from vmtui import units
from vmtui.draw.paint import DIM, FAINT, TEXT, Paint, Row, Run, fit
from vmtui.draw.slots import STATE_SLOTS
from vmtui.model.states import PageState

NOT_RESIDENT = frozenset({PageState.ABSENT, PageState.ZERO, PageState.SWAPPED, PageState.GUARD})
"""States that Rss does not count: the zero page belongs to nobody."""

_FIGURE = Paint("strong", bold=True)


def swatch(state: int) -> Run:
    """A state's letter on its fill."""
    page_state = PageState(state)
    return Run(page_state.letter, Paint(f"{page_state.slot}-swatch", page_state.slot))


def by_size(counts: Sequence[int]) -> list[PageState]:
    """The states that occur, most pages first, absent last."""
    found = [state for state in PageState if counts[state]]
    return sorted(found, key=lambda state: (state == PageState.ABSENT, -counts[state], state))


def legend(
    counts: Sequence[int],
    page_size: int,
    width: int,
    *,
    notes: bool = True,
    resident_is: str = "= Rss in smaps",
    every: bool = False,
) -> list[Row]:
    """A row per state that occurs, then the totals: swatch, name, pages, size, meaning.

    Args:
        counts: pages per PageState.
        page_size: bytes of a page.
        width: cells of every row.
        notes: whether the meaning stands at the right.
        resident_is: what the resident total equals elsewhere; empty where nothing shows it.
        every: also the states that do not occur, for the full legend.
    """
    numbers = [units.pages(int(count)) for count in (*counts, sum(counts))]
    wide = max(7, *map(len, numbers))
    shown = by_size(counts)
    if every:
        shown += [state for state in PageState if not counts[state]]
    rows = [
        _line(
            swatch(state),
            state.slot,
            int(counts[state]),
            page_size,
            wide=wide,
            figure=TEXT,
            note=state.meaning if notes else "",
        )
        for state in shown
    ]
    resident = sum(int(counts[state]) for state in PageState if state not in NOT_RESIDENT)
    for name, pages, note in (
        ("all", int(sum(counts)), "= the VMA"),
        ("resident", resident, resident_is),
    ):
        line = _line(
            Run(" "), name, pages, page_size, wide=wide, figure=_FIGURE, note=note if notes else ""
        )
        rows.append(line)
    return [fit(line, width) for line in rows]


def _line(
    mark: Run, name: str, pages: int, page_size: int, *, wide: int, figure: Paint, note: str
) -> Row:
    paint = figure if pages else FAINT
    return (
        mark,
        Run(f" {name:<8} ", TEXT if figure is TEXT else DIM),
        Run(units.pages(pages).rjust(wide), paint),
        Run(units.size(pages * page_size).rjust(7), paint if paint is not TEXT else DIM),
        Run(f"  {note}" if note else "", FAINT),
    )


def legend_line(counts: Sequence[int], page_size: int, width: int) -> Row:
    """The same in one line: largest first, cut at a whole entry."""
    line: Row = ()
    used = 0
    for state in sorted(by_size(counts), key=lambda state: -counts[state]):
        entry = (
            swatch(state),
            Run(f" {STATE_SLOTS[state]} ", DIM),
            Run(units.size(int(counts[state]) * page_size), TEXT),
        )
        gap = 2 if line else 0
        needs = gap + sum(cell_len(run.text) for run in entry)
        if used + needs > width:
            break
        line = (*line, *((Run("  "),) if gap else ()), *entry)
        used += needs
    return fit(line, width)
