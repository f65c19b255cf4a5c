"""The words around the picture of physical memory: its legend, the cell under the cursor."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from vmtui import units
from vmtui.draw.frames_map import DIGITS
from vmtui.draw.grid import Grid
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, row
from vmtui.draw.sentences import figure, words
from vmtui.model.frame_survey import FramesSurvey
from vmtui.model.frames import FrameKind

_MEANING_FROM = 60


def swatch(kind: FrameKind) -> Run:
    """A kind's letter on its fill."""
    slot = kind.slot.partition("/")[0]
    return Run(kind.letter, Paint(f"{slot}-swatch", kind.slot))


def legend(
    totals: Sequence[int], page_size: int, cells: int, *, every: bool = False, exact: bool = True
) -> list[Row]:
    """A row per kind that occurs, largest first, free last; then the sum of all memory.

    Args:
        totals: frames by `FrameKind`.
        page_size: bytes of a frame.
        cells: width of every row.
        every: also the kinds that do not occur.
        exact: whether every frame was read; `≈` marks what was estimated from samples.
    """
    whole = max(1, sum(totals))
    shown = by_size(totals)
    if every:
        shown += [kind for kind in FrameKind if not totals[kind]]
    wide = max(9, len(units.pages(whole)))
    mark = " " if exact else "≈"
    drawn = []
    meanings = cells >= _MEANING_FROM
    for kind in shown:
        frames = totals[kind]
        paint = TEXT if frames else FAINT
        drawn.append(
            row(
                swatch(kind), Run(f" {kind.title:<12} "),
                Run(f"{mark if frames else ' '}{units.pages(frames):>{wide}}", paint),
                Run(f"{units.size(frames * page_size):>7}", DIM),
                Run(f"{units.percent(100 * frames / whole):>7}", DIM),
                Run(f"  {kind.meaning}" if meanings else "", FAINT),
            )
        )  # fmt: skip
    total = f"{units.pages(sum(totals)):>{wide + 1}}"
    drawn.append(
        row(Run(f"  {'all':<12} ", DIM), Run(total, STRONG),
            Run(f"{units.size(sum(totals) * page_size):>7}", STRONG),
            Run(f"{'':9}= memory of this machine, the kernel's own included" * meanings, FAINT))
    )  # fmt: skip
    return [fit(line, cells) for line in drawn]


def legend_line(totals: Sequence[int], page_size: int, cells: int) -> Row:
    """The same in one line: largest first, cut at a whole entry."""
    line: Row = ()
    used = 0
    for kind in sorted(by_size(totals), key=lambda kind: -totals[kind]):
        amount = units.size(totals[kind] * page_size)
        entry = (swatch(kind), Run(f" {kind.title} ", DIM), Run(amount, TEXT))
        needs = sum(cell_len(run.text) for run in entry) + (2 if line else 0)
        if used + needs > cells:
            break
        line = (*line, *((Run("  "),) if line else ()), *entry)
        used += needs
    return fit(line, cells)


def by_size(totals: Sequence[int]) -> list[FrameKind]:
    """The kinds that occur, largest first, free last."""
    found = [kind for kind in FrameKind if totals[kind]]
    return sorted(found, key=lambda kind: (kind is FrameKind.FREE, -totals[kind], kind))


def progress(survey: FramesSurvey, *, short: bool = False) -> Row:
    """How far the survey is, how fast, and what is estimated."""
    rate = f"{units.count(survey.rate)} frames/s"
    if short:
        share = "all" if survey.complete else units.percent(100 * survey.share_read)
        rest = "" if survey.complete else "; the rest estimated"
        return row(figure(share), words(" read, "), figure(rate), words(rest))
    took = f"{survey.took_ns / 1e9:.1f} s"
    if survey.complete:
        return row(words("all "), figure(units.pages(survey.frames)), words(" frames read in "),
                   figure(took), words(f", {rate}"))  # fmt: skip
    done = units.percent(100 * survey.share_read)
    return row(figure(done), words(" of "), figure(units.pages(survey.frames)),
               words(" frames read, "), figure(rate),
               words("; the rest is estimated from samples"))  # fmt: skip


def about_cell(counts: Sequence[int], memory: int, address: int, grid: Grid) -> Row:
    """The cell under the cursor in a sentence.

    Args:
        counts: its frames by kind, as far as they were read.
        memory: how many of its frames are memory.
        address: its first physical address.
        grid: the geometry.
    """
    head = Run(f"{address:0{DIGITS}x}  ", STRONG)
    if not memory:
        return row(head, words("no memory at these addresses: devices, or nothing"))
    if not sum(counts):
        return row(head, words("not read yet"))
    if grid.pages_per_cell == 1:
        kind = next(kind for kind in FrameKind if counts[kind])
        return row(head, swatch(kind), figure(f" frame {address // grid.page_size:x}"),
                   words(f", {kind.title}: {kind.meaning}"))  # fmt: skip
    seen, parts = sum(counts), []
    for kind in sorted(by_size(counts), key=lambda kind: -counts[kind]):
        share = units.percent(100 * counts[kind] / seen)
        parts += [swatch(kind), words(f" {kind.title} "), figure(share), Run("  ")]
    size = units.size(memory * grid.page_size)
    return row(head, words(f"{size}, {memory:,} frames: "), *parts)
