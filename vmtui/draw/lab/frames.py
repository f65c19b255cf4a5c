"""Frames here and there behind contiguous addresses, and a piece of physical memory.

Addresses stand in a row, and below each the frame it has: where that is not the neighbour of the
frame before, there is a notch. Physical memory is drawn frame by frame, two rows in a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from vmtui.draw.lab.blocks_shown import Blocks, BlocksWords
from vmtui.draw.paint import DIM, FAINT, TEXT, Paint, Row, Run, width

GIVEN = 255
"""In `around`: a frame that a region had and gave back."""
_SLOTS = ("anon", "ksm")
"""Of the first region, the second, and so on in turn."""
_TITLE = Paint("text", bold=True)
_MOST_ROWS = 8


def _slot(number: int) -> str:
    return _SLOTS[(number - 1) % len(_SLOTS)]


def strips(view: Blocks, words: BlocksWords, cells: int, *, letters: bool) -> list[Row]:
    """Addresses without a gap, and the frames behind them."""
    number = view.names.index(view.region) + 1 if view.region in view.names else 1
    slot = _slot(number)
    names = (words.addresses, words.frames)
    gutter = max(width((Run(name),)) for name in names) + 1
    shown = view.pages[: cells - gutter]
    said = words.runs.format(f"{view.runs or 0:,}", f"{view.longest or 0:,}")
    where = words.from_page.format(view.first_page) if view.first_page else ""
    head: Row = (Run(view.region, _TITLE), Run(where, DIM), Run(f"  {said}", DIM))
    full = Paint("text", slot)
    if letters:
        looks = {0: (" ", TEXT), 1: ("|", Paint(f"{slot}-ink")), 2: ("a", Paint(f"{slot}-ink"))}
        plain = {0: (" ", TEXT), 1: ("a", Paint(f"{slot}-ink")), 2: ("a", Paint(f"{slot}-ink"))}
    else:
        looks = {0: (" ", Paint("text", "vessel")), 1: ("▐", Paint(slot)), 2: (" ", full)}
        plain = {0: (" ", Paint("text", "vessel")), 1: (" ", full), 2: (" ", full)}
    rows = [head]
    for name, look in zip(names, (plain, looks), strict=True):
        label = Run(name + " " * (gutter - width((Run(name),))), DIM)
        rows.append((label, *_merged([look[code] for code in shown])))
    return rows


def around(view: Blocks, words: BlocksWords, cells: int, lines: int, *, letters: bool) -> list[Row]:
    """Physical memory, two rows of frames in a line, as in every grid."""
    if lines < 2:
        return []
    columns = next(size for size in (128, 64, 32, 16) if size <= max(16, cells))
    head: Row = (Run(words.physical.format(view.first_frame), _TITLE),)
    present = sorted(set(view.around) - {0, GIVEN})
    entries: list[Row] = [
        (Run("  "), _swatch(number, letters=letters), Run(f" {view.names[number - 1]}", DIM))
        for number in present
        if number <= len(view.names)
    ]
    if GIVEN in view.around:
        entries.append((Run("  "), _swatch(GIVEN, letters=letters), Run(f" {words.given}", DIM)))
    if 0 in view.around:
        entries.append((Run("  "), _swatch(0, letters=letters), Run(f" {words.others}", DIM)))
    for entry in entries:
        if width((*head, *entry)) <= cells:
            head += entry
    rows: list[Row] = [head]
    per_line = columns if letters else 2 * columns
    for start in range(0, min(len(view.around), (lines - 1) * per_line, _MOST_ROWS * per_line),
                       per_line):  # fmt: skip
        part = view.around[start : start + per_line]
        if letters:
            rows.append(_merged([_letter(code) for code in part]))
        else:
            pairs = zip(part[:columns], part[columns:], strict=True)
            rows.append(_merged([("▀", Paint(_fill(up), _fill(down))) for up, down in pairs]))
    return rows


def _fill(code: int) -> str:
    if code == 0:
        return "unexplained"
    return "vessel" if code == GIVEN else _slot(code)


def _letter(code: int) -> tuple[str, Paint]:
    if code == 0:
        return "-", FAINT
    return ("·", DIM) if code == GIVEN else (str(code % 10), Paint(f"{_slot(code)}-ink", bold=True))


def _swatch(code: int, *, letters: bool) -> Run:
    if letters:
        return Run(*_letter(code))
    return Run("■", Paint(_fill(code)))


def _merged(cells: Sequence[tuple[str, Paint]]) -> Row:
    return tuple(
        Run("".join(char for char, _ in part), paint)
        for paint, part in ((key, list(some)) for key, some in groupby(cells, lambda one: one[1]))
    )
