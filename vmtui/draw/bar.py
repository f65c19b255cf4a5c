"""A bar of segments that adds up: every cell belongs to one of them, the rest stays a vessel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from vmtui import units
from vmtui.draw.paint import DIM, TEXT, Paint, Row, Run, fit
from vmtui.draw.shares import divide
from vmtui.draw.slots import STATE_SLOTS
from vmtui.model.states import LETTERS

VESSEL = "vessel"


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of the whole."""

    label: str
    slot: str
    """A state, `kernel`, `unexplained`, or `vessel` for what is free."""
    value: float


def short_size(nbytes: float) -> str:
    """A size with two figures, as it is written inside a segment."""
    return units.size(nbytes, 2)


def bar(
    segments: Sequence[Segment],
    total: float,
    width: int,
    *,
    figure: Callable[[float], str] = short_size,
    labels: bool = True,
    letters: bool = False,
) -> Row:
    """The parts of `total` in exactly `width` cells.

    Args:
        segments: from left to right; what they leave of `total` is drawn as an empty vessel.
        total: the whole; a smaller one than the segments' sum is raised to it.
        width: cells.
        figure: the text of a value inside its segment.
        labels: whether names and figures are written where they fit.
        letters: fills with each segment's letter, where there are no colours.
    """
    parts = [part for part in segments if part.value > 0]
    rest = total - sum(part.value for part in parts)
    if rest > 0:
        parts.append(Segment("", VESSEL, rest))
    cells = divide([part.value for part in parts], width)
    out: list[Run] = []
    for part, room in zip(parts, cells, strict=True):
        if room:
            out.extend(_segment(part, room, figure if labels else None, letters))
    return tuple(out) or fit((), width, VESSEL)


def _segment(
    part: Segment, room: int, figure: Callable[[float], str] | None, letters: bool
) -> list[Run]:
    free = part.slot == VESSEL
    fill = Paint(TEXT.ink, part.slot)
    filler = letter_of(part.slot) if letters and not free else " "
    text = _fitting(part, room - 2, figure) if figure else ""
    if not text:
        return [Run(filler * room, fill)]
    label = Run(f" {text} ", Paint(f"{part.slot}-label" if not free else "dim", part.slot))
    blank = Run(filler * (room - cell_len(label.text)), fill)
    runs = [blank, label] if free else [label, blank]
    return [run for run in runs if run.text]


def letter_of(slot: str) -> str:
    """What a segment is filled with where there are no colours."""
    return LETTERS[STATE_SLOTS.index(slot)] if slot in STATE_SLOTS else slot[:1]


def _fitting(part: Segment, room: int, figure: Callable[[float], str]) -> str:
    """Name and figure, the name alone, or nothing."""
    if not part.label:
        return ""
    for text in (f"{part.label} {figure(part.value)}", part.label):
        if cell_len(text) <= room:
            return text
    return ""


def _swatch(part: Segment, letters: bool) -> str:
    return f"{letter_of(part.slot)} " if letters and part.slot != VESSEL else "■ "


def legend(
    segments: Sequence[Segment],
    width: int,
    *,
    figure: Callable[[float], str] = units.size,
    letters: bool = False,
) -> list[Row]:
    """`■ anon 6.62G   ■ file 5.34G …`, broken only between entries; zero parts are left out.

    With `letters` the swatch is the letter the bar was filled with.
    """
    rows: list[Row] = []
    line: Row = ()
    used = 0
    for part in segments:
        if part.value <= 0:
            continue
        entry = (
            Run(_swatch(part, letters), Paint(part.slot)),
            Run(f"{part.label} ", DIM),
            Run(figure(part.value), TEXT),
        )
        needs = sum(cell_len(run.text) for run in entry)
        if line and used + 3 + needs > width:
            rows.append(fit(line, width))
            line, used = (), 0
        gap = (Run("   "),) if line else ()
        line, used = (*line, *gap, *entry), used + needs + (3 if gap else 0)
    if line:
        rows.append(fit(line, width))
    return rows
