"""The cells of tables: titles, and values aligned, cut to their column, toned by magnitude.

Gigabytes are strong, megabytes plain, kilobytes dim, zero and `–` faint: large figures are found
without reading, and what is left over is the news.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.cells import cell_len, chop_cells, set_cell_size

from vmtui import units
from vmtui.draw import slots
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit
from vmtui.draw.sparkline import trend
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit

_BIG = Paint("strong")
_LEFT = frozenset({Unit.TEXT, Unit.SERIES})
_LOUD_CHANGE = 10 << 20
"""Bytes from which a change is bold."""
_DAY = 86_400


def aligned_left(unit: Unit) -> bool:
    """Whether a column of this unit and its header stand at the left edge."""
    return unit in _LEFT


def title(field: Field[Any], width: int, mark: str = "") -> Row:
    """The header of a column in exactly `width` cells, over the edge its values stand at.

    Args:
        field: what the column shows.
        width: cells of the column.
        mark: `▼` or `▲` on the column the table is sorted by, which is strong.
    """
    left = aligned_left(field.unit)
    text = f"{field.title}{mark}" if left else f"{mark}{field.title}"
    return _placed(text, STRONG if mark else DIM, width, left=left) if width > 0 else ()


def divider(text: str, width: int, x: int = 2) -> Row:
    """`╌╌╌ 42.4T unmapped` from column `x`: a line of the table that is not one of its rows."""
    return fit((Run(" " * x, FAINT), Run("╌" * 12, FAINT), Run(f" {text}", FAINT)), width)


def cell(value: Any, field: Field[Any], width: int) -> Row:
    """The value in exactly `width` cells.

    Args:
        value: what the field's `get` gave: a number, text that is safe to paint, a sequence of
            numbers for a series, or `Missing`.
        field: its unit, and its slot for figures that are not zero.
        width: cells of the column.
    """
    if width <= 0:
        return ()
    if isinstance(value, Missing) or value is None:
        return _placed("–", FAINT, width, left=field.unit is Unit.TEXT)
    if field.unit is Unit.TEXT:
        return fit(_WORDS.get(field.id, _words)(str(value), width), width)
    if field.unit is Unit.SERIES:
        return trend(value, width, slot=field.slot or ("strong" if _moved(value) else "faint"))
    text, paint = _FIGURES[field.unit](value, width)
    if field.slot and value:
        paint = Paint(slots.ink(field.slot), bold=field.unit in (Unit.RATE, Unit.COUNT))
    return _placed(text, paint, width)


def _moved(values: Sequence[float | None]) -> bool:
    """Whether an amount of memory, in pages, changed so much that it is news."""
    known = [value for value in values if value is not None]
    return bool(known) and (max(known) - min(known)) * PAGE_SIZE >= _LOUD_CHANGE


def _placed(text: str, paint: Paint, width: int, *, left: bool = False) -> Row:
    """The text at its edge of the cell; a figure that is too long keeps its head and says so."""
    if cell_len(text) > width:
        text = set_cell_size(text, width - 1) + "…"
    blank = Run(" " * (width - cell_len(text)), Paint(ground=paint.ground))
    runs = (Run(text, paint), blank) if left else (blank, Run(text, paint))
    return tuple(run for run in runs if run.text)


def magnitude(nbytes: float) -> Paint:
    """The tone of a size."""
    size = abs(nbytes)
    if size >= 1 << 30:
        return _BIG
    if size >= 1 << 20:
        return TEXT
    return DIM if size else FAINT


def _size(value: float, _: int) -> tuple[str, Paint]:
    return units.size(value), magnitude(value)


def _change(value: float, _: int) -> tuple[str, Paint]:
    if not value:
        return "0", FAINT
    return units.change(value), STRONG if abs(value) >= _LOUD_CHANGE else DIM


def _pages(value: float, width: int) -> tuple[str, Paint]:
    text = units.pages(int(value))
    return (text if len(text) <= width else units.count(value)), TEXT if value else FAINT


def _count(value: float, _: int) -> tuple[str, Paint]:
    return units.count(value), TEXT if value else FAINT


def _rate(value: float, _: int) -> tuple[str, Paint]:
    return units.rate(value), TEXT if value else FAINT


def _percent(value: float, _: int) -> tuple[str, Paint]:
    return units.percent(value), TEXT if value else FAINT


def _address(value: int, _: int) -> tuple[str, Paint]:
    return units.address(value), DIM


def _id(value: int, _: int) -> tuple[str, Paint]:
    return str(value), DIM


def _flag(value: bool, _: int) -> tuple[str, Paint]:
    return ("yes", TEXT) if value else ("no", FAINT)


def _duration(value: float, width: int) -> tuple[str, Paint]:
    """In two units where they fit, else in the larger one alone."""
    text = units.duration(value)
    if len(text) > width:
        figure, unit, *_ = text.split(" ")
        text = f"{figure} {unit}" if len(figure) + len(unit) < width else figure + unit[0]
    return text, TEXT if value else FAINT


def _moment(value: float, width: int) -> tuple[str, Paint]:
    """The clock for the last day, the date before; with both where they fit."""
    local = time.localtime(value)
    if width >= 16:
        return time.strftime("%Y-%m-%d %H:%M", local), DIM
    lately = abs(time.time() - value) < _DAY
    pattern = ("%H:%M:%S" if width >= 8 else "%H:%M") if lately else "%Y-%m-%d"
    if not lately and width < 10:
        pattern = "%d %b" if width >= 6 else "%Y"
    return time.strftime(pattern, local), DIM


_FIGURES: Mapping[Unit, Callable[[Any, int], tuple[str, Paint]]] = {
    Unit.BYTES: _size,
    Unit.CHANGE: _change,
    Unit.PAGES: _pages,
    Unit.COUNT: _count,
    Unit.RATE: _rate,
    Unit.PERCENT: _percent,
    Unit.ADDRESS: _address,
    Unit.TIME: _moment,
    Unit.DURATION: _duration,
    Unit.ID: _id,
    Unit.FLAG: _flag,
}


def _words(text: str, width: int) -> Row:
    """Plain words, which lose their tail."""
    return fit((Run(text, DIM),), width)


def path(text: str, width: int) -> Row:
    """A name of a mapping: paths lose their head, other words their tail."""
    if cell_len(text) > width and "/" in text:
        return (Run("…" + _tail(text, width - 1), TEXT),)
    return fit((Run(text, TEXT),), width)


def _tail(text: str, width: int) -> str:
    """The last characters that take at most `width` cells."""
    if width <= 0:
        return ""
    return chop_cells(text[::-1], width)[0][::-1]


def command(text: str, width: int) -> Row:
    """A command line: the program's directory dim, its name in text, its arguments dim."""
    program, blank, arguments = text.partition(" ")
    directory, slash, name = program.rpartition("/")
    if not name or not directory.startswith("/"):
        directory, slash, name = "", "", program
    return fit(
        tuple(
            run
            for run in (
                Run(directory + slash, DIM),
                Run(name, TEXT),
                Run(blank + arguments, DIM),
            )
            if run.text
        ),
        width,
    )


def permissions(text: str, width: int) -> Row:
    """`rw-p`: what is ordinary is faint, what can be written, run or seen by others is strong."""
    tones = {"r": TEXT, "w": _BIG, "x": _BIG, "s": _BIG}
    return fit(tuple(Run(bit, tones.get(bit, FAINT)) for bit in text), width)


_WORDS: Mapping[str, Callable[[str, int], Row]] = {
    "command": command,
    "name": path,
    "path": path,
    "file": path,
    "perm": permissions,
    "perms": permissions,
    "permissions": permissions,
}
"""Text fields with a look of their own, by the field's id."""
