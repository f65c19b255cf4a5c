"""The page grid as rows: two rows of cells in a line as half blocks, or one with letters."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from vmtui import units
from vmtui.draw.grid import GROUP, Grid
from vmtui.draw.pagelooks import FULL, LOOKS, fill_slot, letter_of, look_of, looks, parts_of
from vmtui.draw.paint import FAINT, Paint, Row, Run
from vmtui.model.states import PageState

_GAP = -1
_CURSOR = LOOKS * LOOKS
_BLANK = Paint()
_CURSOR_PAINT = Paint("strong", bold=True, reverse=True)
_HERE = Paint("strong", bold=True)
_HUGE_LABEL = Paint("huge-label", "huge")


def rows(
    states: NDArray[np.uint8],
    grid: Grid,
    *,
    age: NDArray[np.uint8] | None = None,
    cursor: int | None = None,
    inaccessible: bool = False,
    huge_bytes: int = 0,
) -> list[Row]:
    """The ruler and then a row per line, all `grid.width` cells wide.

    Args:
        states: one PageState per page of the VMA.
        grid: the geometry; with `halves` two rows of cells in a line, otherwise letters.
        age: see `looks`.
        cursor: an address whose cell is marked.
        inaccessible: the VMA is PROT_NONE.
        huge_bytes: the size of a huge page here, written once on each run of them; 0 for never.
    """
    cells = looks(states, grid, age, inaccessible=inaccessible)
    at = grid.cell_of(cursor) if cursor is not None else None
    codes = _codes(cells, grid)
    cursor_line = cursor_column = None
    letter = ""
    if at is not None:
        cell_row, cursor_column = divmod(at, grid.columns)
        cursor_line = cell_row // grid.rows_per_line
        letter = letter_of(int(cells[at]))
        codes[cursor_line, cursor_column + cursor_column // GROUP] = _CURSOR
    labels = _huge_labels(states, cells, grid, huge_bytes) if grid.halves and huge_bytes else {}
    bold = grid.pages_per_cell > 1
    drawn = [ruler(grid, cursor_column)]
    for line, cell_runs in enumerate(_lines(codes, grid, letter, bold)):
        gutter = _gutter(grid, line, line == cursor_line)
        row = (*gutter, *cell_runs)
        drawn.append(_overwrite(row, *labels[line]) if line in labels else row)
    return drawn


def _codes(cells: NDArray[np.int32], grid: Grid) -> NDArray[np.int32]:
    """One number per place of the drawing: the looks of a line's cells, and gaps between groups."""
    looks_of = cells.reshape(grid.lines, grid.rows_per_line, grid.columns)
    joined = looks_of[:, 0, :] * (LOOKS if grid.halves else 1)
    if grid.halves:
        joined = joined + looks_of[:, 1, :]
    gaps = (grid.columns - 1) // GROUP
    codes = np.full((grid.lines, grid.columns + gaps), _GAP, np.int32)
    column = np.arange(grid.columns)
    codes[:, column + column // GROUP] = joined
    return codes


def _lines(codes: NDArray[np.int32], grid: Grid, letter: str, bold: bool) -> list[Row]:
    """Equal neighbours of each line as one run."""
    paint_of = _half_paint if grid.halves else _bold_letter_paint if bold else _letter_paint
    return [_runs(line.tobytes(), letter, paint_of) for line in codes]


@lru_cache(maxsize=512)
def _runs(line: bytes, letter: str, paint_of: Callable[[int], tuple[str, Paint]]) -> Row:
    """The same of one line: most lines are in one frame what they were in the last."""
    codes = np.frombuffer(line, np.int32)
    starts = np.flatnonzero(np.append(True, codes[1:] != codes[:-1]))
    lengths = np.diff(starts, append=len(codes)).tolist()
    found: list[Run] = []
    for length, code in zip(lengths, codes[starts].tolist(), strict=True):
        if code == _CURSOR:
            found.append(Run(letter, _CURSOR_PAINT))
        else:
            glyph, paint = paint_of(code)
            found.append(Run(glyph * length, paint))
    return tuple(found)


@cache
def _half_paint(code: int) -> tuple[str, Paint]:
    """Glyph and paint of two looks above each other."""
    upper, lower = divmod(code, LOOKS) if code >= 0 else (0, 0)
    if upper == lower:
        return " ", Paint("text", fill_slot(upper)) if upper else _BLANK
    if not upper:
        return "▄", Paint(fill_slot(lower))
    return "▀", Paint(fill_slot(upper), fill_slot(lower))


@cache
def _letter_paint(code: int) -> tuple[str, Paint]:
    """Glyph and paint of one look as its letter."""
    if code <= 0:
        return " ", _BLANK
    fill = fill_slot(code)
    return letter_of(code), Paint(f"{fill}-letter", fill)


@cache
def _bold_letter_paint(code: int) -> tuple[str, Paint]:
    """The same for cells of many pages: bold when full, which is all mono has."""
    glyph, paint = _letter_paint(code)
    state, strength, _ = parts_of(code) if code > 0 else (0, 0, 0)
    full = strength == FULL and state != PageState.ABSENT
    return glyph, paint._replace(bold=full)


def ruler(grid: Grid, cursor_column: int | None = None) -> Row:
    """Offsets over the first column of each group, and `▼` over the cursor's column."""
    line = [" "] * (grid.width - grid.gutter)
    step = GROUP * grid.cell_bytes
    for group in range((grid.columns + GROUP - 1) // GROUP):
        mark = f"+{_short_size(group * step)}"
        at = group * (GROUP + 1)
        line[at : at + len(mark)] = mark[: len(line) - at]
    prefix = grid.shared_prefix or "" if grid.short and grid.digits == 8 else ""
    left = Run(f" {prefix}".ljust(grid.gutter), FAINT)
    if cursor_column is None:
        return left, Run("".join(line), FAINT)
    at = cursor_column + cursor_column // GROUP
    start = cursor_column // GROUP * (GROUP + 1)
    if at - start <= 6:  # the mark takes the place of a figure it would cut in two
        stop = min(start + GROUP, len(line))
        line[start:stop] = " " * (stop - start)
    text = "".join(line)
    return tuple(
        run
        for run in (left, Run(text[:at], FAINT), Run("▼", _HERE), Run(text[at + 1 :], FAINT))
        if run.text
    )


def _gutter(grid: Grid, line: int, here: bool) -> Row:
    """The address of every second line, and of the cursor's in bold with its mark."""
    address = grid.top + line * grid.line_bytes
    if (not here and line % 2) or address >= grid.end:
        return (Run(" " * grid.gutter, FAINT),)
    text = f"{address:0{grid.digits}x}"[-grid.digits :]
    if here:
        return (Run(f" {text}", _HERE), Run("▸", _HERE))
    return (Run(f" {text} ", FAINT),)


def _short_size(nbytes: int) -> str:
    """An offset on the ruler: 64K, 1.5M."""
    text = units.size(nbytes)
    if "." not in text:
        return text
    return text[:-1].rstrip("0").rstrip(".") + text[-1]


def _huge_labels(
    states: NDArray[np.uint8], cells: NDArray[np.int32], grid: Grid, huge_bytes: int
) -> dict[int, tuple[int, str]]:
    """Where `huge 2M` is written: line → (place, text), once on each run of huge pages."""
    text = f"huge {_short_size(huge_bytes)}"
    if huge_bytes < grid.cell_bytes * GROUP:
        return {}
    found: dict[int, tuple[int, str]] = {}
    full = (
        (cells == look_of(PageState.HUGE))
        .reshape(grid.lines, grid.rows_per_line, grid.columns)
        .all(axis=1)
    )
    first = -(-max(grid.top, grid.start) // huge_bytes) * huge_bytes
    after_huge = False
    for address in range(first, min(grid.bottom, grid.end), huge_bytes):
        is_huge = states[(address - grid.start) // grid.page_size] == PageState.HUGE
        if is_huge and not after_huge:
            line = -(-(address - grid.top) // grid.line_bytes)
            inside = address + huge_bytes - grid.top > line * grid.line_bytes
            room = slice(1, 3 + len(text))
            if inside and line < grid.lines and full[line, room].all():
                found.setdefault(line, (grid.gutter + 2, text))
        after_huge = bool(is_huge)
    return found


def _overwrite(row: Row, at: int, text: str) -> Row:
    """The row with black words on its huge cells."""
    out: list[Run] = []
    x = 0
    for run in row:
        stop = x + len(run.text)
        if x <= at and at + len(text) <= stop and run.paint.ground == "huge":
            cut = at - x
            parts = (
                run.text[:cut],
                Run(text, _HUGE_LABEL),
                run.text[cut + len(text) :],
            )
            out += [p if isinstance(p, Run) else Run(p, run.paint) for p in parts if p]
        else:
            out.append(run)
        x = stop
    return tuple(out)
