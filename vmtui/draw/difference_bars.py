"""What came and what went as pictures: a bar per VMA, the balance of all, and how a leak grew.

A bar stands on an axis: what is more to its right, what is less to its left, in the hue of the
memory it is. What went to swap is therefore left in one hue and right in another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vmtui import units
from vmtui.draw import legend, table
from vmtui.draw.chart import Series, chart
from vmtui.draw.columns import CellOf
from vmtui.draw.difference_lines import VMA_COLUMNS, cause_cell
from vmtui.draw.paint import DIM, FAINT, STRONG, Paint, Row, Run, fit
from vmtui.draw.sentences import figure, words
from vmtui.draw.sparkline import trend
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.fields.difference import LEAK_FIELDS
from vmtui.model.fields.field import Field, Unit
from vmtui.model.leak_report import Leaking
from vmtui.model.states import PageState
from vmtui.model.vma_difference import Difference, VmaDifference

_BARS_FROM, _WIDE, _WIDEST = 120, 152, 190
"""Cells of the screen from which there are bars, long names, and addresses beside the causes."""
_STATES = {
    "anon": PageState.ANON, "file": PageState.FILE, "shmem": PageState.SHMEM,
    "hugetlb": PageState.HUGE,
}  # fmt: skip
"""By what a VMA maps, in whose hue its memory is drawn."""
_WORDS = {
    PageState.ANON: "private", PageState.FILE: "files", PageState.SHMEM: "shared memory",
    PageState.HUGE: "huge pages", PageState.SWAPPED: "in swap",
}  # fmt: skip
_LEAST_LINES = 5
"""Of a chart worth its place."""
_FEW = 200
"""Rows that decide which columns have anything to show."""
_AXIS = Run("│", Paint("rule"))
Parts = Sequence[tuple[str, int]]
"""Slots and bytes, from the axis outwards."""


def changes_of(one: VmaDifference) -> list[tuple[PageState, int]]:
    """What came (or, negative, went), by the state it is drawn as."""
    found = []
    state = _STATES.get(one.kind.mapping)
    for known, name in ((state, "rss"), (PageState.SWAPPED, "swap")):
        delta = one.delta(name)
        if known is not None and not isinstance(delta, Missing) and delta:
            found.append((known, delta))
    return found


@dataclass(frozen=True, slots=True)
class Changes:
    """The rows that changed, with what their bars need; there can be tens of thousands."""

    rows: Sequence[VmaDifference] = ()
    scale: int = 0
    """Bytes that the longest arm of all stands for."""
    sums: tuple[tuple[PageState, int], ...] = ()
    """What came and went in all of them, by the state it is drawn as; the largest change first."""

    @classmethod
    def of(cls, rows: Sequence[VmaDifference]) -> Changes:
        """Look through them once."""
        scale, sums = 0, dict[PageState, int]()
        for one in rows:
            scale = max(scale, *(sum(size for _, size in arm) for arm in _arms(one)))
            for state, size in changes_of(one):
                sums[state] = sums.get(state, 0) + size
        largest_first = sorted(sums.items(), key=lambda each: -abs(each[1]))
        return cls(rows, scale, tuple(largest_first))


def bar(one: VmaDifference, scale: int, cells: int) -> Row:
    """The bar of one VMA in exactly `cells`: less at the left of the axis, more at its right."""
    room = (cells - 1) // 2
    less, more = (_arm(parts, scale, room) for parts in _arms(one))
    left = [Run("▕", run.paint) if run.text == "▏" else run for run in reversed(less)]
    return fit((*left, _AXIS, *more), cells)


def _arms(one: VmaDifference) -> tuple[Parts, Parts]:
    changes = changes_of(one)
    return (
        [(state.slot, -size) for state, size in changes if size < 0],
        [(state.slot, size) for state, size in changes if size > 0],
    )


def _arm(parts: Parts, scale: int, cells: int) -> list[Run]:
    """One arm from the axis outwards, cell by cell; what is too little for one is a sliver.

    The eighth that is left dark above keeps the bars of neighbouring rows apart.
    """
    made: list[Run] = []
    total = 0
    for slot, size in parts:
        total += size
        made += [Run("▇", Paint(slot))] * (round(total / scale * cells) - len(made))
    if parts and not made:
        made = [Run("▏", Paint(parts[0][0]))]
    return made + [Run(" ")] * (cells - len(made))


def balance(difference: Difference, changes: Changes, cells: int) -> Row:
    """All VMAs together before and after, and of which memory the change is: the bars' legend."""
    then, now = (difference.total("rss", earlier=earlier) for earlier in (True, False))
    line = [Run(" "), words("Rss ")]
    if isinstance(then, Missing) or isinstance(now, Missing):
        line.append(Run("–", FAINT))
    else:
        by = units.change(now - then) if now != then else "0"
        line += [
            Run(units.size(then), DIM), words(" → "), figure(units.size(now)), Run("  "),
            Run(by, STRONG),
        ]  # fmt: skip
    for state, size in changes.sums:
        if size:
            line += [
                Run("   "), legend.swatch(state), words(f" {_WORDS[state]} "),
                figure(units.change(size)),
            ]  # fmt: skip
    return fit(tuple(line), cells)


def vma_columns(rows: Sequence[VmaDifference], cells: int) -> list[Field[VmaDifference]]:
    """Columns in which anything stands: where nothing was swapped, causes get the room."""
    silent = {"start"} if cells < _WIDEST else set()
    for name in ("swap", "anon_huge_pages", "private_dirty"):
        if not any(one.delta(name) for one in rows[:_FEW]):
            silent.add(f"{name}_delta")
    shown = [one for one in VMA_COLUMNS if one.default and one.id not in silent]
    if cells >= _WIDE:
        shown = [replace(one, width=24) if one.id == "name" else one for one in shown]
    if cells >= _BARS_FROM:
        shown.insert(2, BAR)
    return shown


BAR: Field[VmaDifference] = Field(
    "bar", "    LESS │ MORE", Unit.TEXT, "What came to its right, what went to its left.", "", "",
    lambda _row: "", width=19,
)  # fmt: skip
"""The column of bars; `bar` draws its cells."""


def vma_cells(changes: Changes) -> dict[str, CellOf]:
    """What draws the cells of those columns that are no plain figures; all bars on one scale."""

    def drawn(one: VmaDifference, cells: int) -> Row:
        return bar(one, changes.scale, cells)

    return {"cause": cause_cell, "size_delta": _reserved, "bar": drawn}


def _reserved(one: VmaDifference, cells: int) -> Row:
    """The change of addresses: they are no memory, and so never loud."""
    field = next(field for field in VMA_COLUMNS if field.id == "size_delta")
    return tuple(
        run._replace(paint=DIM) if run.paint == STRONG else run
        for run in table.cell(one.delta("size"), field, cells)
    )


def leak_columns(cells: int) -> list[Field[Leaking]]:
    """The leaks with what they did from moment to moment, which is why they are called so."""
    shown = [
        one for one in LEAK_FIELDS if one.default and (one.id != "start" or cells >= _BARS_FROM)
    ]
    shown = [replace(one, width=15 if cells < _WIDE else 24) if one.id == "name" else one
             for one in shown]  # fmt: skip
    return [*shown, _GROWTH]


def leak_chart(one: Leaking, cells: int, lines: int) -> list[Row]:
    """The same of one leak as a chart with its scale."""
    growth = one.row.difference.growth
    if isinstance(growth, Missing) or lines < _LEAST_LINES:
        return []
    values, seconds = _grew(one), float(growth.times[-1] - growth.times[0])
    series = Series("", "anon", values, steps=False)
    title = f"private pages of {one.row.name}, in memory and in swap"
    return chart(title, [series], cells, lines, unit=Unit.BYTES, span_seconds=seconds, now="B")


def leak_cells() -> dict[str, CellOf]:
    """What draws how a leak grew: joined, for between two moments it grew as well."""

    def drawn(one: Leaking, cells: int) -> Row:
        return trend(_grew(one), cells, slot="anon", steps=False)

    return {"growth": drawn}


def _grew(one: Leaking) -> list[float]:
    growth = one.row.difference.growth
    if isinstance(growth, Missing):
        return []
    return [float(pages) * PAGE_SIZE for pages in growth.series(one.row.group)]


_GROWTH: Field[Leaking] = Field(
    "growth", "FROM A TO B", Unit.SERIES, "Its private pages at every moment between the two.",
    "PAGEMAP_SCANs of /proc/PID/pagemap", "", _grew, width=0, slot="anon",
)  # fmt: skip
