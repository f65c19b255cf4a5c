"""A recording as one line: how far it has been played, where the cursor is, what happened when."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from vmtui import units
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, row
from vmtui.text import DisplayText

_RULE = Paint("rule")
_WORDS_FROM = 100
"""Width from which there is room for what happened here."""
_WORDS_CELLS = 34
_NEAR_CELLS = 0.6


@dataclass(frozen=True, slots=True)
class Happened:
    """A point on the line."""

    at: float
    """Wall clock."""
    words: DisplayText
    """Empty for a point that says nothing."""
    is_mark: bool = False
    """Set by a person, rather than found by the recorder."""


@dataclass(frozen=True, slots=True)
class Scrub:
    """What the line shows. Times are wall clock, seconds since 1970."""

    first: float
    last: float
    now: float
    playing: bool
    speed: float
    happened: Sequence[Happened] = ()
    """In the order of time."""
    mark: float | None = None
    """The moment that the user marked, to compare with."""
    reading: bool = False
    """Whether the past of this moment is still being read."""
    speed_words: str = ""
    """How fast it is played, where that is no multiple of time."""
    place_words: str = ""
    """Where the cursor stands, where that is no time."""


def _ends(scrub: Scrub, cells: int) -> tuple[Row, Row]:
    """What stands left and right of the line."""
    state = "▶" if scrub.playing else "‖"
    speed = scrub.speed_words or f"{scrub.speed:g}×"
    passed = scrub.place_words or (
        f"{_clock(scrub.now - scrub.first)} of {_clock(scrub.last - scrub.first)}"
    )
    left = row(
        Run("─", _RULE),
        Run(f" {state} ", STRONG),
        Run(f"{speed} ", DIM if scrub.speed == 1 else TEXT),
    )
    right = row(Run(f" {passed} ", DIM), Run("…" if scrub.reading else "─", _RULE))
    words = _words_here(scrub, cells)
    if words and cells >= _WORDS_FROM:
        right = row(Run(f" {words}", TEXT), Run(" ·", FAINT), *right)
    return left, right


def _words_here(scrub: Scrub, cells: int) -> str:
    """What happened last, if it is where the cursor stands."""
    near = _NEAR_CELLS * max(scrub.last - scrub.first, 1e-9) / max(1, cells - 30)
    near = max(near, 1.0)
    here = [one for one in scrub.happened if one.words and abs(one.at - scrub.now) <= near]
    if not here:
        return ""
    chosen = min(here, key=lambda one: (not one.is_mark, abs(one.at - scrub.now)))
    words = str(chosen.words)
    while cell_len(words) > _WORDS_CELLS:
        words = words[: -2 if words.endswith("…") else -1] + "…"
    more = f" +{len(here) - 1}" if len(here) > 1 else ""
    return words + more


def line(scrub: Scrub, cells: int) -> Row:
    """The line in exactly `cells`: `─ ‖ 1× ━━━━━━●──◆───•──── 3:12 of 10:00 ─`."""
    left, right = _ends(scrub, cells)
    place = track(scrub, cells)
    if len(place) < 4:
        return (Run("─" * cells, _RULE),)
    here = at_cell(scrub, scrub.now, len(place))
    marks = {at_cell(scrub, one.at, len(place)): one.is_mark for one in _marks_last(scrub.happened)}
    if scrub.mark is not None:
        marks[at_cell(scrub, scrub.mark, len(place))] = True
    runs: list[Run] = []
    for cell in range(len(place)):
        if cell == here:
            made = Run("●", STRONG)
        elif cell in marks:
            made = Run("◆", STRONG) if marks[cell] else Run("•", TEXT)
        else:
            made = Run("━", DIM) if cell < here else Run("─", _RULE)
        if runs and runs[-1].paint == made.paint:
            runs[-1] = Run(runs[-1].text + made.text, made.paint)
        else:
            runs.append(made)
    return (*left, *runs, *right)


def _marks_last(happened: Sequence[Happened]) -> list[Happened]:
    return sorted(happened, key=lambda one: one.is_mark)


def track(scrub: Scrub, cells: int) -> range:
    """The columns of the line in which time runs."""
    left, right = (sum(cell_len(run.text) for run in end) for end in _ends(scrub, cells))
    return range(left, max(left, cells - right))


def at_cell(scrub: Scrub, at: float, cells: int) -> int:
    """The cell of the track where a moment is."""
    span = scrub.last - scrub.first
    share = (at - scrub.first) / span if span > 0 else 1.0
    return min(max(0, round(share * (cells - 1))), cells - 1)


def time_at(scrub: Scrub, x: int, cells: int) -> float:
    """The moment under a column of the line."""
    place = track(scrub, cells)
    share = (x - place.start) / max(1, len(place) - 1)
    return scrub.first + (scrub.last - scrub.first) * min(max(0.0, share), 1.0)


def _clock(seconds: float) -> str:
    """`3:12`, `1:02:03`."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def about(happened: Happened) -> Row:
    """A line of the list of what happened."""
    glyph = Run("◆ ", STRONG) if happened.is_mark else Run("• ", DIM)
    when = time.strftime("%H:%M:%S  ", time.localtime(happened.at))
    return row(glyph, Run(when, DIM), Run(happened.words))


def span(seconds: float) -> str:
    """How long a recording is."""
    return units.duration(seconds)
