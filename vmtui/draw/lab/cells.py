"""The cells of one tile: a letter a page where relatives are compared, or half blocks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vmtui.draw import braille
from vmtui.draw.glyphs import EIGHTHS
from vmtui.draw.grid import Grid
from vmtui.draw.lab.scene import COPY, ORIGINAL, SAME, Tile
from vmtui.draw.pagelooks import LOOKS, fill_slot, letter_of, looks
from vmtui.draw.paint import Paint, Row, Run
from vmtui.draw.slots import STATE_SLOTS
from vmtui.draw.strip import slices
from vmtui.model.states import PageState

GROUP = 10
"""Cells between two blank columns: every tenth page is then a line."""
_MARKS = {SAME: "=", ORIGINAL: "1", COPY: "2"}


def columns_in(cells: int) -> int:
    """How many columns of cells fit, in whole groups."""
    return max(1, (cells + 1) // (GROUP + 1)) * GROUP


def width_of(columns: int) -> int:
    """Cells that so many columns take with the blank ones between the groups."""
    return columns + (columns - 1) // GROUP


def fitting(pages: int, columns: int, lines: int, *, halves: bool) -> int:
    """The fewest pages per cell, a power of two, with which all pages fit."""
    step = 1
    while -(-pages // (step * columns)) > lines * (2 if halves else 1):
        step *= 2
    return step


def letters(tile: Tile, columns: int, lines: int, top: int) -> list[Row]:
    """A page a cell from page `top`, with its mark or its letter."""
    stop = min(len(tile.states), top + columns * lines)
    window = slice(top, stop)
    grid = Grid(0, max(1, stop - top), 1, columns, lines, 1, halves=False)
    found = looks(tile.states[window], grid, None if tile.age is None else tile.age[window])
    marks = np.zeros(columns * lines, np.int32)
    if len(tile.marks):
        marks[: stop - top] = tile.marks[window]
    codes = (found * 4 + marks).reshape(lines, columns)
    return [_row(line, _letter) for line in codes[: -(-(stop - top) // columns)]]


def blocks(tile: Tile, columns: int, lines: int, per_cell: int, *, halves: bool) -> list[Row]:
    """The whole region, `per_cell` pages a cell."""
    grid = Grid(0, max(1, len(tile.states)), 1, columns, lines, per_cell, halves)
    found = looks(tile.states, grid, tile.age)
    used = -(-len(tile.states) // grid.line_bytes)
    if halves:
        pairs = found.reshape(lines, 2, columns)
        codes = pairs[:, 0, :] * LOOKS + pairs[:, 1, :]
        return [_row(line, _half) for line in codes[:used]]
    return [_row(line, _letter) for line in (found * 4).reshape(lines, columns)[:used]]


def overview(tile: Tile, cells: int, window: range) -> list[Row]:
    """The whole region in one line, and a line under the part that is shown page by page.

    A column is the hue of its largest share; the second largest stands in it from below.
    """
    counts = slices(tile.states, cells)
    have = len(counts)
    line = []
    for x in range(cells):
        column = counts[x * have // cells]
        first, second = np.argsort(-column, kind="stable")[:2]
        share = column[second] / max(1, column.sum())
        height = 0 if not column[second] else min(4, max(1, round(8 * share)))
        ground = STATE_SLOTS[first] if first else "vessel"
        ink = STATE_SLOTS[second] if second else "vessel"
        line.append((EIGHTHS[height], Paint(ink, ground)))
    pages = max(1, len(tile.states))
    start = window.start * cells // pages
    stop = max(start + 1, -(-window.stop * cells // pages))
    under = Run(" " * start), Run("▔" * (min(cells, stop) - start), Paint("strong"))
    return [braille.runs(line), under]


def differs(one: Tile, other: Tile, columns: int, lines: int, top: int) -> list[str]:
    """Between two grids, a sign a line: `=` the same frames, `≠` not all of them.

    Where there are no marks, two pages that are each the process's own are different ones.
    """
    size = min(len(one.states), len(other.states), len(one.marks))
    marks = one.marks[:size]
    apart = marks > SAME
    apart |= (one.states[:size] == PageState.ANON) & (other.states[:size] == PageState.ANON)
    signs = []
    for line in range(lines):
        part = slice(top + line * columns, top + (line + 1) * columns)
        signs.append("≠" if apart[part].any() else "=" if marks[part].any() else " ")
    return signs


def _row(codes: NDArray[np.int32], paint_of: Callable[[int], tuple[str, Paint]]) -> Row:
    cells: list[tuple[str, Paint]] = []
    for x, code in enumerate(codes.tolist()):
        if x and x % GROUP == 0:
            cells.append((" ", Paint()))
        cells.append(paint_of(code))
    return braille.runs(cells)


@cache
def _letter(code: int) -> tuple[str, Paint]:
    look, mark = divmod(code, 4)
    if look <= 0:
        return " ", Paint()
    fill = fill_slot(look)
    if mark in (ORIGINAL, COPY):
        return _MARKS[mark], Paint(f"{fill}-swatch", fill)
    return _MARKS.get(mark, letter_of(look)), Paint(f"{fill}-letter", fill)


@cache
def _half(code: int) -> tuple[str, Paint]:
    upper, lower = divmod(code, LOOKS)
    if upper == lower:
        return " ", Paint("text", fill_slot(upper)) if upper else Paint()
    if not lower:
        return "▀", Paint(fill_slot(upper))
    return "▀", Paint(fill_slot(upper), fill_slot(lower))
