"""The picture of `fragmentation`: free blocks by size, and the frames behind some addresses."""

from __future__ import annotations

from vmtui.draw.lab import frames, free_blocks
from vmtui.draw.lab.blocks_shown import Blocks, BlocksWords
from vmtui.draw.paint import FAINT, Row, Run, fit


def picture(
    view: Blocks, words: BlocksWords, cells: int, lines: int, *, letters: bool = False
) -> list[Row]:
    """As much of it as there is room for: the bars first, then the strips, then the frames."""
    if lines < 4 or cells < 32:
        return []
    known = view.runs is not None
    behind = any(view.pages)
    strips = 3 if behind else 0 if known else 1
    wanted = 1 + strips + (2 if view.around and lines >= 13 else 0)
    loose = lines >= len(view.orders) + wanted + 6
    room = lines - wanted - (2 if loose else 0)
    rows = [
        *free_blocks.bars(view, words, cells, max(3, room), letters=letters),
        free_blocks.unusable(view, words),
    ]
    rows += [()] if loose else []
    if not known:
        rows.append((Run(view.why_no_frames, FAINT),))
    if behind:
        rows += frames.strips(view, words, cells, letters=letters)
        rows += [()] if loose else []
    if view.around:
        rows += frames.around(view, words, cells, lines - len(rows), letters=letters)
    return [fit(line, cells) for line in rows[:lines]]
