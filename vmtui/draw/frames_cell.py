"""The cell under the cursor of the picture of physical memory, and the one frame, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmtui import units
from vmtui.draw.celldetail import BAR
from vmtui.draw.frames_legend import by_size, swatch
from vmtui.draw.frames_map import DIGITS
from vmtui.draw.paint import DIM, FAINT, STRONG, Paint, Row, Run, fit, row, width
from vmtui.draw.sentences import figure, words
from vmtui.draw.shares import divide
from vmtui.model.frame_words import in_words
from vmtui.model.frames import FrameKind, kind_of


@dataclass(frozen=True, slots=True)
class FrameCell:
    """What is known of a cell."""

    address: int
    """Its first physical address."""
    counts: Sequence[int]
    """Its frames by kind, as far as they were read."""
    memory: int
    """How many of its frames are memory."""


def detail(cell: FrameCell, page_size: int, cells: int, lines: int) -> list[Row]:
    """Its shares as little bars, largest first, in at most `lines` rows of `cells`."""
    counts, memory = cell.counts, cell.memory
    amount = f"{memory:,} frame{'s' * (memory != 1)}, {units.size(memory * page_size)}"
    rows: list[Row] = [row(Run(f"{cell.address:0{DIGITS}x}", STRONG), Run(f"  {amount}", DIM))]
    seen = sum(counts)
    shown = sorted(by_size(counts), key=lambda kind: -counts[kind])[: max(0, lines - 2)]
    for kind in shown:
        full, empty = divide([counts[kind], seen - counts[kind]], BAR)
        rows.append(
            row(
                swatch(kind), Run(f" {kind.title:<12}"),
                Run(f"{units.percent(100 * counts[kind] / seen):>5}  ", STRONG),
                Run("▇" * full, Paint("faint" if kind is FrameKind.FREE else kind.slot, "vessel")),
                Run(" " * empty, Paint(ground="vessel")),
            )
        )  # fmt: skip
    if memory and not seen:
        rows.append(row(words("not read yet")))
    elif 0 < seen < memory:
        rows.append(row(words(f"{seen:,} of them read so far")))
    return [fit(line, cells) for line in rows[:lines]]


def about_frame(pfn: int, frame_flags: int, count: int | None, cells: int) -> Row:
    """One frame: what it is used for, its flags by name, and by how many entries it is mapped.

    Args:
        pfn: its number.
        frame_flags: KPF_* bits.
        count: page-table entries that map it; None where that is not told.
        cells: width; flags that do not fit are left out.
    """
    kind = kind_of(frame_flags)
    line = row(Run(f"frame {pfn:x}  ", STRONG), swatch(kind), figure(f" {kind.title}"))
    mapped = "" if not count else f"; mapped {count:,} time{'s' * (count != 1)}"
    names = [one.name for one in in_words(frame_flags)]
    said = f", {kind.meaning}{mapped}"
    if names and width((*line, Run(said))) + len(" · ".join(names)) + 4 <= cells:
        return row(*line, words(said), Run(f"   {' · '.join(names)}", FAINT))
    return row(*line, words(said))
