"""What a drawing is made of: runs of text with a paint, in rows.

A paint names palette *slots*, never colours; `ui/palette.py` turns slots into what the terminal
can show. Slots:

* chrome inks: `text strong dim faint rule alarm-ink`; grounds: `""` (the screen), `bar vessel
  cursor alarm`
* a page state as a fill: `anon`; as the ink of a line or a figure: `anon-ink`; as the letter on
  its own fill: `anon-letter`; also `kernel`, `unexplained` and their inks
* a mixture over the vessel: `anon/30`, `anon/50`, `anon/75` (percent of fill); a flash towards
  white (black on light): `anon!100`, `anon!60`, `anon!25`, also after a mixture: `anon/50!25`
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size


class Paint(NamedTuple):
    """How a run looks: slots for ink and ground, and three attributes."""

    ink: str = "text"
    ground: str = ""
    bold: bool = False
    underline: bool = False
    reverse: bool = False


TEXT = Paint()
STRONG = Paint("strong", bold=True)
DIM = Paint("dim")
FAINT = Paint("faint")


class Run(NamedTuple):
    """Text in one paint."""

    text: str
    paint: Paint = TEXT


Row = tuple[Run, ...]
"""One line of a drawing. Its width is the sum of its runs' cells."""


def row(*runs: Run | str) -> Row:
    """A row from runs and bare strings (painted as text), empty ones left out."""
    made = (run if isinstance(run, Run) else Run(run) for run in runs)
    return tuple(run for run in made if run.text)


def width(line: Iterable[Run]) -> int:
    """Cells a row takes; a Japanese character takes two."""
    return sum(cell_len(run.text) for run in line)


def fit(line: Row, cells: int, ground: str = "") -> Row:
    """The row cut with `…` or filled with blanks to exactly `cells`."""
    used, out = 0, []
    for run in line:
        room = cells - used
        needs = cell_len(run.text)
        if needs > room:
            if room > 0:
                out.append(Run(set_cell_size(run.text, room - 1) + "…", run.paint))
            return tuple(out)
        out.append(run)
        used += needs
    if used < cells:
        out.append(Run(" " * (cells - used), Paint(ground=ground)))
    return tuple(out)


def ended(line: Row, cells: int) -> Row:
    """The row with `…` at its end, cut for it where it fills the cells: it goes on elsewhere."""
    last = line[-1].paint if line else TEXT
    return (*line, Run("…", last)) if width(line) < cells else fit((*line, Run("…", last)), cells)


def spread(left: Row, right: Row, cells: int, ground: str = "") -> Row:
    """`left` and `right` at the two ends of a line; the left gives way when both do not fit."""
    gap = cells - width(left) - width(right)
    if gap >= 0:
        return (*left, Run(" " * gap, Paint(ground=ground)), *right)
    room = cells - width(right) - 1
    if room < 8:
        return fit(left, cells, ground)
    return (*fit(left, room, ground), Run(" ", Paint(ground=ground)), *right)


def on(line: Row, ground: str) -> Row:
    """The row on another ground, where it has none of its own."""
    return tuple(
        Run(run.text, run.paint if run.paint.ground else run.paint._replace(ground=ground))
        for run in line
    )


def text_of(rows: Iterable[Row]) -> str:
    """The drawing as plain text, for tests and for `TERM=dumb`."""
    return "\n".join("".join(run.text for run in line) for line in rows)
