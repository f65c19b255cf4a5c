"""What all frames are used for as a table: a kind a line, and what its frames have in common."""

from __future__ import annotations

from collections.abc import Sequence

from vmtui import units
from vmtui.draw.frames_legend import swatch
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Row, Run, fit, row
from vmtui.draw.table import magnitude
from vmtui.model.frames import FrameKind, UseCount

COLUMNS = ("MAPPED", "ACTIVE", "INACTIVE", "DIRTY", "LOCKED")
_NAME = 14
_SHARE_FROM = 76
_MEANING_FROM = 96


def rows(uses: Sequence[UseCount], page_size: int, cells: int, *, exact: bool = True) -> list[Row]:
    """Header, a row for each kind, largest first and free last, and the sum of all memory.

    Args:
        uses: as `FramesSurvey.uses` gives them.
        page_size: bytes of a frame.
        cells: width of every row; meanings and shares leave when there is little.
        exact: whether every frame was read; `≈` marks what was estimated from samples.
    """
    whole = sum(use.frames for use in uses)
    shares, meanings = cells >= _SHARE_FROM, cells >= _MEANING_FROM
    ordered = sorted(uses, key=lambda use: (use.kind is FrameKind.FREE, -use.frames, use.kind))
    wide = max(9, len(units.pages(whole)) + 1)
    drawn = [_header(wide, shares=shares)]
    for use in ordered:
        head = row(swatch(use.kind), Run(f" {use.kind.title:<{_NAME - 1}}"))
        line = _figures([use.frames, *_of(use)], page_size, wide, "" if exact else "≈")
        drawn.append(head + _with_share(line, use.frames, whole if shares else 0))
        if meanings:
            drawn[-1] += (Run(f"   {use.kind.brief}", FAINT),)
    sums = [sum(column) for column in zip(*map(_of, uses), strict=True)] or [0] * len(COLUMNS)
    total = _figures([whole, *sums], page_size, wide, "")
    line = (Run(f"  {'all':<{_NAME - 1}}", DIM), *_with_share(total, whole, whole * shares))
    drawn.append(tuple(Run(run.text, STRONG) if run.text.strip() != "0" else run for run in line))
    if meanings:
        drawn[-1] += (Run("   = all memory of the machine", FAINT),)
    return [fit(line, cells) for line in drawn]


def _of(use: UseCount) -> list[int]:
    """In the order of COLUMNS."""
    return [use.mapped, use.active, use.inactive, use.dirty, use.locked]


def _header(wide: int, *, shares: bool) -> Row:
    titles = "".join(title.rjust(9) for title in COLUMNS)
    share = "SHARE".rjust(7) if shares else ""
    frames, size = "FRAMES".rjust(wide), "SIZE".rjust(7)
    return row(Run(f"  {'KIND':<{_NAME - 1}}{frames}{size}{share}{titles}", DIM))


def _figures(frames: Sequence[int], page_size: int, wide: int, mark: str) -> Row:
    """How many, their size, and the sizes of those that are what the columns say."""
    every, *parts = frames
    line = [
        Run(f"{mark}{units.pages(every)}".rjust(wide), TEXT),
        Run(f"{units.size(every * page_size):>7}", magnitude(every * page_size)),
    ]  # fmt: skip
    for part in parts:
        text = units.size(part * page_size) if part else "0"
        line.append(Run(text.rjust(9), magnitude(part * page_size)))
    return row(*line)


def _with_share(line: Row, frames: int, whole: int) -> Row:
    """The share of the whole after the size; without one where `whole` is 0."""
    share = (Run(f"{units.percent(100 * frames / whole):>7}", DIM),) if whole else ()
    return (*line[:2], *share, *line[2:])
