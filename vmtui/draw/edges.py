"""The first and the last line of every screen as rows: where am I, how old is it, what to press."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from vmtui.draw.paint import DIM, FAINT, STRONG, Paint, Row, Run, row, spread, width

AREAS = (("1", "Observe"), ("2", "Machine"), ("3", "Lab"), ("4", "Recordings"))
"""(key, name) of the areas of the app, in the order of the first line."""
_MODES_FROM = 120
_PATH_FROM = 100
_STATES = {
    "live": Run("● live", STRONG),
    "paused": Run(" ‖ paused ", STRONG._replace(reverse=True)),
    "replay": Run(" ◂ replay ", STRONG._replace(reverse=True)),
    "idle": Run("", DIM),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """What the first line says."""

    crumbs: tuple[str, ...]
    """Display text from the machine down to here; the last one is bold."""
    facts: str = ""
    """«412 processes · Linux 6.18 · root»; the first thing dropped."""
    badge: str = ""
    """An alarm in words: what perturbs the target right now."""
    note: str = ""
    """What goes on beside, such as a recording."""
    state: str = "live"
    """live, paused, replay, or idle where nothing goes on."""
    state_words: str = ""
    """What the state is called, where that is something else."""
    clock: str = ""
    """The time under the clock's cursor."""
    modes: tuple[tuple[str, str], ...] = ()
    """(key, name) of the areas of the app; shown where there is room."""
    mode: int = 0
    """Which of them is active."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key in the last line."""

    key: str
    """As it is written: `enter`, `/`."""
    words: str
    """What it does."""
    press: str
    """The key's name for Textual, pressed when the entry is clicked."""


def heading_row(heading: Heading, cells: int) -> Row:
    """The first line in exactly `cells`: what does not fit goes, the last crumb never does.

    First go the names of the other areas, then the path from its beginning, then the facts.
    """
    above = heading.crumbs[0 if cells >= _PATH_FROM else 1 : -1]
    paths = [
        [run for part in above[at:] for run in (Run(part, DIM), Run(" ▸ ", FAINT))]
        for at in range(len(above) + 1)
    ]
    here = Run(heading.crumbs[-1] if heading.crumbs else "", STRONG)
    right, facts = _right(heading), Run(heading.facts, DIM)
    short = _areas(heading, cells, names=False)
    tries = [(_areas(heading, cells, names=True), paths[0], facts)]
    tries += [(short, path, facts) for path in paths]
    tries += [(short, [], Run("")), ([], [], Run(""))]
    for areas, path, known in tries:
        line_left = row(Run(" "), *areas, *path, here)
        line_right = row(known, *right)
        if width(line_left) + width(line_right) < cells:
            break
    return spread(line_left, line_right, cells)


def _areas(heading: Heading, cells: int, *, names: bool) -> list[Run]:
    """The areas of the app, the active one by its name, the others too or by their keys."""
    if not heading.modes or cells < _MODES_FROM:
        return []
    runs: list[Run] = []
    for at, (key, name) in enumerate(heading.modes):
        active = at == heading.mode
        look = STRONG._replace(underline=True) if active else DIM
        runs += [Run(key, DIM), *((Run(" "), Run(name, look)) if names or active else ())]
        runs.append(Run("  " if names else " "))
    return [*runs, Run(" " if names else "  ")]


def _right(heading: Heading) -> list[Run]:
    """Alarm, note, state and clock: they always stay."""
    state = _STATES[heading.state]
    if heading.state_words:
        said = state.text.replace(heading.state, heading.state_words)
        state = Run(said or heading.state_words, state.paint)
    alarm = Run(f" {heading.badge} ", Paint("alarm-ink", "alarm", bold=True))
    badge = (alarm, Run("  ")) if heading.badge else ()
    note = (Run(heading.note, STRONG), Run("  ")) if heading.note else ()
    return [Run("  "), *badge, *note, state, Run(f" {heading.clock} ")]


def footer_row(
    entries: Sequence[Entry], cost: str, cells: int
) -> tuple[Row, list[tuple[range, Entry]]]:
    """The last line, whole entries only, and the columns each entry stands in."""
    runs: list[Run] = [Run(" ")]
    places: list[tuple[range, Entry]] = []
    at = 1
    for entry in entries:
        needs = cell_len(entry.key) + 1 + cell_len(entry.words)
        if at + needs > cells - 1:
            break
        runs += [Run(entry.key, STRONG), Run(f" {entry.words}  ", DIM)]
        places.append((range(at, at + needs), entry))
        at += needs + 2
    room = cells - at
    price = row(Run(cost, FAINT), Run(" ")) if cost and cell_len(cost) + 2 <= room else ()
    if len(runs) > 1:  # without the blanks after the last entry
        runs[-1] = Run(runs[-1].text.rstrip(), runs[-1].paint)
    return spread(tuple(runs), price, cells), places
