"""The parts of one page's screen that are not the walk: its bits in words, where it belongs, past.

Each is a column of rows; the screen puts them beside each other as far as there is room.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from vmtui.draw import braille, page_lines
from vmtui.draw.legend import swatch
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, row
from vmtui.draw.sentences import figure, words
from vmtui.draw.slots import STATE_SLOTS
from vmtui.draw.table import path as path_cell
from vmtui.kernel import flags
from vmtui.missing import Missing
from vmtui.model.frame_words import in_words
from vmtui.model.page_past import Turn
from vmtui.model.page_walk import Walk
from vmtui.model.states import LETTERS, PageState
from vmtui.text import DisplayText

_LABEL = 10


def bits(
    entry: int, frames_visible: bool, frame_flags: int | Missing, map_count: int | Missing,
    lines: int,
) -> list[Row]:  # fmt: skip
    """Entry and frame in words: every bit where there is room, else what is set.

    Args:
        entry: as pagemap gives it.
        frames_visible: whether this user sees frame numbers.
        frame_flags: KPF_* bits.
        map_count: how many entries map the frame.
        lines: how many there are.
    """
    whole = page_lines.entry_rows(entry, frames_visible)
    whole += page_lines.frame_rows(frame_flags, map_count)
    return whole if len(whole) <= lines else _short(entry, frame_flags, map_count)[:lines]


def _short(entry: int, frame_flags: int | Missing, map_count: int | Missing) -> list[Row]:
    """What is set, and what follows from it."""
    said: list[tuple[str, str]] = []
    if entry & flags.PM_PRESENT:
        said.append(("present", "in memory now"))
        said.append(
            ("file/shared", "of a file or shared") if entry & flags.PM_FILE
            else ("anonymous", "of no file")
        )  # fmt: skip
    elif entry & flags.PM_GUARD:
        said.append(("guard", "touching it faults"))
    elif entry & flags.PM_SWAPPED:
        said.append(("swapped", "in swap"))
    else:
        said.append(("empty", "no page behind it"))
    if entry & flags.PM_EXCLUSIVE:
        said.append(("exclusive", "mapped exactly once"))
    if entry & flags.PM_SOFT_DIRTY:
        said.append(("soft-dirty", "written since a clearing"))
    if entry & flags.PM_UFFD_WP:
        said.append(("uffd-wp", "write-protected"))
    head = [row(Run("entry ", STRONG), Run(f"{entry:016x}", DIM))]
    drawn = head + [_pair(name, meaning) for name, meaning in said]
    if isinstance(frame_flags, Missing):
        if entry & flags.PM_PRESENT:
            drawn += [_pair("frame", "not told"), row(words(f"  {frame_flags.reason}"))]
        return drawn
    if not isinstance(map_count, Missing):
        drawn.append(_pair(f"mapped {map_count:,}×", "by it alone" if map_count == 1 else ""))
    return drawn + [_pair(name, meaning) for _, name, meaning in in_words(frame_flags)]


def _pair(name: str, meaning: str) -> Row:
    return row(Run(f"{name:<13} ", TEXT), words(meaning))


def belongs(
    facts: Sequence[tuple[str, DisplayText | str | Missing]], cells: int
) -> list[Row]:  # fmt: skip
    """Labels and what they are: cgroup, swap slot, file, section, function.

    Args:
        facts: display text, or why it is not known.
        cells: width of the column.
    """
    drawn: list[Row] = [(), row(Run("where it belongs", STRONG))]
    for label, value in facts:
        head = Run(f"  {label:<{_LABEL}}", DIM)
        room = max(8, cells - _LABEL - 2)
        if isinstance(value, Missing):
            drawn.append(fit(row(head, Run(value.reason, FAINT)), cells))
        else:
            drawn.append(row(head, *path_cell(value, room)))
    return drawn


def past(turns: Sequence[Turn], cells: int, lines: int) -> list[Row]:
    """The latest turns, oldest first, as many as there are lines for."""
    drawn: list[Row] = [row(Run("since it is on screen", STRONG))]
    for turn in turns[-max(1, lines - 1) :]:
        when = time.strftime("%H:%M:%S", time.localtime(turn.at))
        line = row(Run(f"{when} ", DIM), swatch(turn.state), Run(f" {turn.words}", TEXT))
        drawn.append(fit(line, cells))
    return drawn[:lines]


def neighbours(walk: Walk, cells: int) -> list[Row]:
    """The pages around, as letters, this one in reverse; nothing where there is no last table."""
    states = walk.neighbours
    if not states:
        return []
    own = walk.tables[-1].index
    count = min(len(states), cells)
    first = min(max(0, own - count // 2), len(states) - count)
    marks = []
    for at in range(first, first + count):
        slot = STATE_SLOTS[states[at]]
        paint = Paint(f"{slot}-letter", slot)
        if at == own:
            paint = Paint("strong", bold=True, reverse=True)
        marks.append((LETTERS[states[at]], paint))
    return [
        row(Run("neighbours", STRONG), Run("  the pages of the same table", FAINT)),
        braille.runs(marks),
    ]


def sentence(
    state: PageState, place: DisplayText | Missing, parts: Sequence[str], cells: int
) -> Row:  # fmt: skip
    """The page in one line: what it is, and where it lies.

    Args:
        state: what it is drawn as.
        place: `object!function+offset`; Missing is left out.
        parts: further words, in display text.
        cells: width of the line.
    """
    line = [swatch(state), figure(f" {state.slot}"), words(f", {state.meaning}")]
    if not isinstance(place, Missing):
        line += [words(" · "), figure(place)]
    for part in parts:
        line.append(words(f" · {part}"))
    return fit(row(*line), cells)
