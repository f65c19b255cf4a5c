"""The script: what was done, what is being done and its sentence, what comes; or all in C."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len

from vmtui.draw.lab.prose import paragraph
from vmtui.draw.lab.scene import Operation
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Row, Run, fit, on, row, spread, width

_NUMBER = 4
"""Cells before an operation: mark and number."""
_NARROW = 40
_ROOM_TO_TELL = 9
"""Lines from which a sentence may take four of a narrow script; with fewer it takes two."""


def listing(
    steps: Sequence[Operation],
    current: int,
    part: float,
    cells: int,
    lines: int,
    *,
    hidden: bool = False,
) -> list[Row]:
    """At most `lines` rows around the current operation.

    Args:
        steps: the script.
        current: index of the operation being done or just done; −1 before the first.
        part: how much of it is done, 0 to 1.
        cells: width.
        lines: height.
        hidden: leaves out the sentences: they tell what is to be predicted.
    """
    if hidden:
        steps = [replace(step, told="") for step in steps]
    most = 3 if cells >= _NARROW else 4 if lines >= _ROOM_TO_TELL else 2
    blocks = [_lines_of(steps, at, current, part, cells, most=most) for at in range(len(steps))]
    return _window(blocks, current, lines)


def c_listing(
    steps: Sequence[Operation], current: int, part: float, cells: int, lines: int
) -> list[Row]:
    """The same as C lines."""
    blocks = []
    for at, step in enumerate(steps):
        paint = DIM if at < current else STRONG if at == current else TEXT
        block: list[Row] = []
        for number, line in enumerate(step.c):
            head = Run(" ▸" if at == current and not number else "  ", STRONG)
            text = row(head, Run(f"{line}", paint))
            if at == current:
                progress = _percent(part) if not number else ""
                text = on(spread(text, row(Run(progress, STRONG), " "), cells, "cursor"), "cursor")
            block.append(fit(text, cells))
        blocks.append(block)
    return _window(blocks, current, lines)


def excerpt(steps: Sequence[Operation], current: int, cells: int, lines: int) -> list[Row]:
    """The C lines of the current operation lit, as many before and after as there is room for."""
    blocks: list[list[Row]] = []
    for at, step in enumerate(steps):
        lit = at == current
        paint = TEXT if lit else FAINT
        block = [fit(row("   ", Run(line, paint)), cells, "bar" if lit else "") for line in step.c]
        blocks.append([on(line, "bar") for line in block] if lit else block)
    return _window(blocks, current, lines)


def _lines_of(
    steps: Sequence[Operation], at: int, current: int, part: float, cells: int, *, most: int
) -> list[Row]:
    step, number = steps[at], f"{at + 1:>3} "
    if cells < _NARROW:
        number = f" {at + 1:>2} " if len(steps) > 9 else f" {at + 1} "
    if at == current:
        return _current(step, number, part, cells, most)
    paint = DIM if at < current else TEXT
    left = row(Run(number, FAINT if at < current else DIM), Run(step.source, paint))
    if at > current or not step.did or width(left) + cell_len(step.did) + 3 > cells:
        return [fit(left, cells)]
    return [spread(left, row(Run(step.did, FAINT), " "), cells)]


def _current(step: Operation, number: str, part: float, cells: int, most: int) -> list[Row]:
    """A filled band: the operation, its percentage, and under it what is expected."""
    indent = len(number)
    mark = f"▸{number[1:]}"
    percent = _percent(part)
    room = cells - indent - len(percent) - 2
    first, rest = step.source, ""
    if cell_len(first) > room:
        where, colon, what = first.partition(": ")
        first, *others = [where + ":"] if colon else paragraph(first, room)
        rest = what or " ".join(others)
    rows = [spread(row(Run(mark + first, STRONG)), row(Run(percent, STRONG), " "), cells, "cursor")]
    for line in paragraph(rest, cells - indent - 1):
        rows.append(fit(row(Run(" " * indent + line, STRONG)), cells, "cursor"))
    for line in paragraph(step.told, cells - indent - 1, most):
        rows.append(fit(row(Run(" " * indent + line, TEXT)), cells, "cursor"))
    return [on(line, "cursor") for line in rows]


def _percent(part: float) -> str:
    return "" if part <= 0 else "✓" if part >= 1 else f"{part:.0%}"


def _window(blocks: Sequence[Sequence[Row]], current: int, lines: int) -> list[Row]:
    """The rows of the blocks, or those around the current one with arrows to the others."""
    flat = [line for block in blocks for line in block]
    if len(flat) <= lines or lines < 1:
        return flat[: max(0, lines)]
    before = sum(len(block) for block in blocks[: max(0, current)])
    here = len(blocks[current]) if 0 <= current < len(blocks) else 0
    top = before + here + max(0, (lines - here) // 2) - lines
    top = max(0, min(top, len(flat) - lines, before))
    shown = flat[top : top + lines]
    if top and before > top:
        shown[0] = (Run(f"   ↑ {top + 1}", FAINT),)
    left = len(flat) - top - lines
    if left and before + here <= top + lines - 1:
        shown[-1] = (Run(f"   ↓ {left + 1}", FAINT),)
    return shown
