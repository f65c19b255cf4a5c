"""All of physical memory as a picture: a cell is a block of frames, its hue what most are used for.

The grid is that of the pages (`draw/grid.py`) over physical addresses. Strength is how much of a
cell is used, in four steps over the vessel, so that free memory is dark and fragmentation a
texture; a cell of which less than a thirty-second is used is drawn as free. Where no memory is,
between two banks, nothing is drawn.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vmtui.draw.grid import GROUP, Grid, fitting
from vmtui.draw.pagegrid import ruler
from vmtui.draw.paint import FAINT, TEXT, Paint, Row, Run
from vmtui.kernel.memory_map import MemoryMap
from vmtui.model.frame_survey import FramesSurvey
from vmtui.model.frames import KINDS, FrameKind, Kinds

CellCounts = NDArray[np.int64]
"""Cells × `FrameKind`: frames read."""

_HOLE, _UNREAD, _FIRST = 0, 1, 2
_GAP = -1
DIGITS = 9
"""Of a physical address, up to 64 GiB; more where there is more memory."""
_THRESHOLDS = (0.3, 0.6, 0.94)
_STRENGTHS = ("/30", "/50", "/75", "")
_WEAK = ("/30", "/30", "/50", "/50")
"""Of a kind whose own fill is a mixture already."""
_TRACE = 1 / 32
"""What is used of a cell below this share is not seen from so far."""
_CURSOR = Paint("strong", bold=True, reverse=True)
_HERE = Paint("strong", bold=True)


def fitted(
    survey: FramesSurvey, page_size: int, columns: int, lines: int, *, halves: bool = True
) -> Grid:
    """The grid that shows all memory at once; a cell holds at least a block of the survey.

    Args:
        survey: of all frames.
        page_size: bytes of a frame.
        columns: 32, 64 or 128.
        lines: terminal lines.
        halves: see `Grid`.
    """
    end = max(1, survey.memory.end) * page_size
    grid = replace(fitting(0, end, page_size, columns, lines, halves=halves), least_digits=DIGITS)
    if grid.pages_per_cell >= survey.block_frames:
        return grid
    return replace(grid, pages_per_cell=survey.block_frames).clamped()


def of_survey(survey: FramesSurvey, grid: Grid) -> tuple[CellCounts, NDArray[np.int64]]:
    """What the survey says of each cell of the window, and how many of its frames are memory.

    Args:
        survey: of all frames.
        grid: over physical addresses; a cell holds at least a block.
    """
    each = max(1, grid.pages_per_cell // survey.block_frames)
    first = grid.top // grid.page_size // survey.block_frames
    wanted = grid.cells * each
    counts = np.zeros((wanted, KINDS), np.int64)
    memory = np.zeros(wanted, np.int64)
    there = survey.counts[first : first + wanted]
    counts[: len(there)] = there
    memory[: len(there)] = survey.memory_frames[first : first + wanted]
    summed: CellCounts = counts.reshape(grid.cells, each, KINDS).sum(axis=1)
    return summed, memory.reshape(grid.cells, each).sum(axis=1)


def memory_of(memory: MemoryMap, grid: Grid) -> NDArray[np.int64]:
    """How many frames of each cell of the window are memory, whether they were read or not."""
    first = grid.top // grid.page_size
    borders = first + np.arange(grid.cells + 1, dtype=np.int64) * grid.pages_per_cell
    total = np.zeros(grid.cells, np.int64)
    for low, high in memory.within(first, int(borders[-1])):
        total += np.maximum(np.minimum(borders[1:], high) - np.maximum(borders[:-1], low), 0)
    return total


def of_frames(
    first: int, kinds: Kinds, is_memory: NDArray[np.bool_], grid: Grid
) -> tuple[CellCounts, NDArray[np.int64]]:
    """Counts of frames that were read one by one, and how many of a cell's those are.

    Args:
        first: the first frame.
        kinds: FrameKind of each.
        is_memory: whether there is memory at all.
        grid: over physical addresses; what lies outside its window is left out.
    """
    frames = first + np.flatnonzero(is_memory)
    cells = (frames - grid.top // grid.page_size) // grid.pages_per_cell
    seen = (cells >= 0) & (cells < grid.cells)
    places = cells[seen] * KINDS + kinds[is_memory][seen]
    counts = np.bincount(places, minlength=grid.cells * KINDS).reshape(grid.cells, KINDS)
    return counts.astype(np.int64), counts.sum(axis=1).astype(np.int64)


def rows(
    counts: CellCounts, memory: NDArray[np.int64], grid: Grid, cursor: int | None = None
) -> list[Row]:
    """The ruler and then a row per line, all `grid.width` cells wide.

    Args:
        counts: of each cell of the window.
        memory: frames of each cell that are memory.
        grid: the geometry; with `halves` two rows of cells in a line, otherwise letters.
        cursor: a physical address whose cell is marked.
    """
    looks = _looks(counts, memory)
    at = grid.cell_of(cursor) if cursor is not None else None
    line_of = column_of = None
    if at is not None:
        cell_row, column_of = divmod(at, grid.columns)
        line_of = cell_row // grid.rows_per_line
    stacked = looks.reshape(grid.lines, grid.rows_per_line, grid.columns)
    drawn = [ruler(grid, column_of)]
    for line in range(grid.lines):
        here = line == line_of
        marked = column_of if here else None
        letter = _letter(int(looks[at])) if here and at is not None else ""
        drawn.append((*_gutter(grid, line, here), *_cells(stacked[line], marked, letter)))
    return drawn


def hues(counts: CellCounts) -> NDArray[np.int64]:
    """The kind that each cell is drawn as."""
    total = counts.sum(axis=1)
    used = total - counts[:, FrameKind.FREE]
    seen = used / np.maximum(total, 1) >= _TRACE
    return np.where(seen, 1 + np.argmax(counts[:, 1:], axis=1), int(FrameKind.FREE))


def _looks(counts: CellCounts, memory: NDArray[np.int64]) -> NDArray[np.int64]:
    """One small number a cell: a hole, not read yet, or kind and strength."""
    total = counts.sum(axis=1)
    used = total - counts[:, FrameKind.FREE]
    share = used / np.maximum(total, 1)
    strength = np.searchsorted(_THRESHOLDS, share, side="right")
    looks = _FIRST + hues(counts) * 4 + np.where(share >= _TRACE, strength, 3)
    looks = np.where(total > 0, looks, _UNREAD)
    return np.where(memory > 0, looks, _HOLE)


def _cells(line: NDArray[np.int64], cursor: int | None, letter: str) -> list[Run]:
    """The cells of a line: equal neighbours as one run, a blank between groups."""
    columns = line.shape[1]
    codes = np.full(columns + (columns - 1) // GROUP, _GAP, np.int64)
    joined = line[0] * 1000 + line[1] if len(line) == 2 else line[0]
    column = np.arange(columns)
    codes[column + column // GROUP] = joined
    starts = np.append(True, codes[1:] != codes[:-1])
    at = -1
    if cursor is not None:
        at = cursor + cursor // GROUP
        starts[at] = True
        starts[at + 1 : at + 2] = True
    firsts = np.flatnonzero(starts)
    found = []
    for first, length in zip(
        firsts.tolist(), np.diff(firsts, append=len(codes)).tolist(), strict=True
    ):
        if first == at:
            found.append(Run(letter, _CURSOR))
            continue
        glyph, paint = _painted(int(codes[first]), len(line))
        found.append(Run(glyph * length, paint))
    return found


@cache
def _painted(code: int, halves: int) -> tuple[str, Paint]:
    if code == _GAP:
        return " ", TEXT
    if halves == 1:
        fill = _slot(code)
        if code <= _UNREAD:
            return _letter(code), Paint("faint") if code else TEXT
        return _letter(code), Paint(f"{fill}-letter", fill, bold=_is_full(code))
    upper, lower = divmod(code, 1000)
    if upper == lower:
        return " ", Paint("text", _slot(upper))
    if not upper:
        return "▄", Paint(_slot(lower))
    return "▀", Paint(_slot(upper), _slot(lower))


def _slot(look: int) -> str:
    if look == _HOLE:
        return ""
    if look == _UNREAD:
        return "bar"
    kind, strength = divmod(look - _FIRST, 4)
    base, mixed, _ = FrameKind(kind).slot.partition("/")
    return base + (_WEAK if mixed else _STRENGTHS)[strength] if kind else base


def _letter(look: int) -> str:
    if look <= _UNREAD:
        return " " if look == _HOLE else "-"
    return FrameKind((look - _FIRST) // 4).letter


def _is_full(look: int) -> bool:
    return (look - _FIRST) % 4 == 3 and look - _FIRST >= 4


def _gutter(grid: Grid, line: int, here: bool) -> Row:
    """The physical address of every second line, and of the cursor's in bold with its mark."""
    address = grid.top + line * grid.line_bytes
    if (not here and line % 2) or address >= grid.end:
        return (Run(" " * grid.gutter, FAINT),)
    text = f"{address:0{grid.digits}x}"[-grid.digits :]
    if here:
        return (Run(f" {text}", _HERE), Run("▸", _HERE))
    return (Run(f" {text} ", FAINT),)
