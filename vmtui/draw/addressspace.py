"""The address space of a process: one vessel per VMA, filled by residency, low addresses left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from vmtui import units
from vmtui.draw import braille
from vmtui.draw.glyphs import EIGHTHS
from vmtui.draw.paint import DIM, FAINT, STRONG, Paint, Row, fit
from vmtui.draw.slots import STATE_SLOTS
from vmtui.draw.strip import Counts, level, share, stretched
from vmtui.draw.vessels import Block

_VESSEL = Paint("text", "vessel")
_GROUND = Paint()
_MARK = Paint("strong")
_CURSOR_NAME = 12
"""Columns the cursor's name may take even where its vessel is narrower."""
Cells = list[tuple[str, Paint]]
Span = tuple[str, int, int, int, int]
"""Name, first column, column after, first block, block after."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The drawing, and what a click on it means."""

    rows: list[Row]
    vma_at: tuple[int | None, ...]
    """By column: the index of the VMA drawn there (the first of a merged vessel), None in gaps."""


def address_space(
    blocks: Sequence[Block],
    counts: Callable[[Block], Counts | None],
    name: Callable[[Block], str],
    width: int,
    *,
    lines: int = 5,
    selected: int | None = None,
    mark_line: bool = True,
    addresses: bool = True,
) -> Picture:
    """The picture: the cursor's line, `lines` of vessels, names, addresses.

    Args:
        blocks: from `vessels.arrange` for this width.
        counts: slices of a vessel, low addresses first; None where its pages are not known.
        name: display text of a vessel.
        width: cells of every row.
        lines: terminal lines of the vessels: 5, or 3 where there is little room.
        selected: index of the VMA under the cursor.
        mark_line: whether a line above the vessels marks the cursor's.
        addresses: whether a line below the names gives addresses.
    """
    vessels: list[Cells] = [[(" ", _GROUND)] * width for _ in range(lines)]
    marks: Cells = [(" ", _GROUND)] * width
    vma_at: list[int | None] = [None] * width
    chosen = _chosen(blocks, selected)
    for at, block in enumerate(blocks):
        for column in range(block.x, block.x + block.width):
            vma_at[column] = _vma_in(block, column)
        _fill(vessels, block, counts(block), lines)
        if block.gap_width:
            _write(vessels[-1], block.gap_x, _gap_label(block), FAINT)
        if at == chosen:
            marks[block.x : block.x + block.width] = [("▁", _MARK)] * block.width
    rows = [braille.runs(marks)] if mark_line else []
    rows += [braille.runs(line) for line in vessels]
    rows.append(_names(blocks, name, width, chosen))
    if addresses:
        rows.append(_addresses(blocks, width, chosen))
    return Picture([fit(line, width) for line in rows], tuple(vma_at))


def _chosen(blocks: Sequence[Block], selected: int | None) -> int | None:
    if selected is None:
        return None
    found = (at for at, block in enumerate(blocks) if block.first <= selected < block.last)
    return next(found, None)


def _vma_in(block: Block, column: int) -> int:
    """The VMA at a column: members of a merged vessel share its columns evenly."""
    return block.first + (column - block.x) * block.count // block.width


def _fill(vessels: list[Cells], block: Block, counts: Counts | None, lines: int) -> None:
    """Draws one vessel: each column's height is its slice's fill in eighths of a line."""
    known = counts is not None and len(counts) > 0
    slices = stretched(counts, block.width) if counts is not None and known else None
    for column in range(block.width):
        hue, full = share(slices[column]) if slices else (0, 0.0)
        height = level(full, 8 * lines)
        slot = STATE_SLOTS[hue]
        for line in range(lines):
            eighths = min(8, max(0, height - 8 * (lines - 1 - line)))
            cell = (" ", _VESSEL)
            if eighths == 8:
                cell = ("█", Paint(slot, slot))  # both: mono has no grounds, fonts have seams
            elif eighths:
                cell = (EIGHTHS[eighths], Paint(slot, "vessel"))
            vessels[line][block.x + column] = cell


def _gap_label(block: Block) -> str:
    """`╌ 42.4T ╌` in the middle of the fold, `·42.4T·` where it is narrow."""
    size = units.size(block.gap_before)
    text = f"╌ {size} ╌" if block.gap_width >= len(size) + 4 else f"·{size}·"
    return text[: block.gap_width].center(block.gap_width)


def _write(line: Cells, x: int, text: str, paint: Paint) -> None:
    """Puts narrow text into cells; a wide character takes its cell and an empty one."""
    for char in text:
        if x >= len(line):
            return
        line[x] = char, paint
        for more in range(1, cell_len(char)):
            if x + more < len(line):
                line[x + more] = "", paint
        x += cell_len(char)


def _names(
    blocks: Sequence[Block],
    name: Callable[[Block], str],
    width: int,
    chosen: int | None,
) -> Row:
    """A name under its vessel where it fits and nothing else stands; the cursor's first."""
    line: Cells = [(" ", _GROUND)] * width
    taken = [False] * (width + 2)
    spans = _same_name_spans(blocks, name)
    spans.sort(key=lambda span: (not _holds(span, chosen), -(span[2] - span[1])))
    late = []
    for span in spans:
        text, x, stop, *_ = span
        if _holds(span, chosen):
            text = _cut(text, max(stop - x, min(_CURSOR_NAME, width - x)))
        elif cell_len(text) > stop - x:
            late.append(span)
            continue
        _place(line, taken, text, span, blocks, here=_holds(span, chosen))
    for span in late:  # may reach under its neighbours, once those have their names
        text, x, stop, *_ = span
        if (stop - x) * 5 >= cell_len(text) * 2 and x + cell_len(text) <= width:
            _place(line, taken, text, span, blocks, here=False)
    return braille.runs(line)


def _place(
    line: Cells,
    taken: list[bool],
    text: str,
    span: Span,
    blocks: Sequence[Block],
    *,
    here: bool,
) -> None:
    """Writes a name if nothing stands there, and the size of a lone VMA where 7 more fit."""
    _, x, stop, first, last = span
    width = len(line)
    x = max(0, min(x, width - cell_len(text)))
    end = x + cell_len(text)
    if any(taken[max(0, x - 1) : end + 1]):
        return
    _write(line, x, text, STRONG if here else DIM)
    block = blocks[first]
    if last - first == 1 and block.count == 1:
        size = units.size(block.end - block.start)
        if stop - end >= 7 and end + 1 + len(size) <= width:
            _write(line, end + 1, size, FAINT)
            end += 1 + len(size)
    taken[x:end] = [True] * (end - x)


def _same_name_spans(blocks: Sequence[Block], name: Callable[[Block], str]) -> list[Span]:
    spans: list[Span] = []
    for at, block in enumerate(blocks):
        text = f"+{block.count}" if block.merged else name(block)
        stop = block.x + block.width
        if spans and spans[-1][0] == text and not block.gap_width and not block.merged:
            spans[-1] = (text, spans[-1][1], stop, spans[-1][3], at + 1)
        else:
            spans.append((text, block.x, stop, at, at + 1))
    return [span for span in spans if span[0]]


def _holds(span: Span, chosen: int | None) -> bool:
    return chosen is not None and span[3] <= chosen < span[4]


def _cut(text: str, room: int) -> str:
    return text if cell_len(text) <= room else set_cell_size(text, max(0, room - 1)) + "…"


def _addresses(blocks: Sequence[Block], width: int, chosen: int | None) -> Row:
    """The first vessel's address, the cursor's, and the one after each fold, where they fit."""
    line: Cells = [(" ", _GROUND)] * width
    taken = [False] * (width + 2)
    wanted = [at for at, block in enumerate(blocks) if at == 0 or block.gap_width]
    if chosen is not None:
        wanted = [chosen, *(at for at in wanted if at != chosen)]
    for at in wanted:
        text = units.address(blocks[at].start)
        x = blocks[at].x
        if x + len(text) > width or any(taken[max(0, x - 1) : x + len(text) + 1]):
            continue
        _write(line, x, text, FAINT)
        taken[x : x + len(text)] = [True] * len(text)
    return braille.runs(line)
