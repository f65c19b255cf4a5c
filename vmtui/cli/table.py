"""Tables as text: columns from the registry, cells by their unit, and the same rows as CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from rich.cells import cell_len, set_cell_size

from vmtui import units
from vmtui.export.csv_text import csv_column
from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit
from vmtui.text import display

T = TypeVar("T")

_LEFT = {Unit.TEXT, Unit.ADDRESS, Unit.FLAG}
_GAP = "  "
_LEAST_FLEXIBLE = 8


BLANK = Missing("")
"""For a cell that has nothing to say, in a row of totals: neither a figure nor a dash."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under the fields that make their columns."""

    fields: tuple[Field[Any], ...]
    """What `--csv` writes; the terminal shows those marked default, as far as they fit."""
    rows: Sequence[Any]
    title: str = ""
    """A line above the table."""
    note: str = ""
    """A line below it."""
    totals: Any = None
    """A last row for the terminal alone; fields that make no sense for it say Missing."""
    choose: bool = True
    """Whether the terminal leaves out the fields that are not default."""
    columns: Mapping[str, Sequence[Any]] | None = None
    """The values of some fields by their ids, where that is faster than asking every row."""

    def values(self, field: Field[Any]) -> Sequence[Any]:
        """What every row says of a field."""
        if self.columns is not None and field.id in self.columns:
            return self.columns[field.id]
        return [field.value(row) for row in self.rows]


def column(
    title: str, unit: Unit, get: Callable[[Any], Any], *, name: str = "", width: int = 6
) -> Field[Any]:
    """A column of one command alone, outside the registry; `name` is its title in CSV."""
    return Field(name or title.lower(), title, unit, "", "", "", get, width=width)


def lines(table: Table, width: int | None) -> list[str]:
    """The table as lines, cut to `width` columns; None leaves them whole."""
    fields = [field for field in table.fields if field.default or not table.choose]
    if width is not None:
        fields = [field for field in fields if field.leaves_below <= width]
    columns = [_texts(field, table) for field in fields]
    if table.totals is not None:
        for field, cells in zip(fields, columns, strict=True):
            cells.append(text(field, table.totals))
    widths = [
        max(map(_width, {field.title, *cells}))
        for field, cells in zip(fields, columns, strict=True)
    ]
    _squeeze(fields, widths, width)
    out = [table.title] if table.title else []
    titled = any(field.title for field in fields)
    placed = [
        _placed(field, room, [field.title, *cells] if titled else cells)
        for field, room, cells in zip(fields, widths, columns, strict=True)
    ]
    if fields:
        out += [_GAP.join(line).rstrip() for line in zip(*placed, strict=True)]
    elif table.rows:
        out.append("")
    if table.note:
        out.append(table.note)
    return out if width is None else [_cut(line, width) for line in out]


def _squeeze(fields: list[Field[Any]], widths: list[int], width: int | None) -> None:
    """Narrow the flexible columns (of width 0) until the line fits, the widest first."""
    if width is None:
        return
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    flexible = [index for index, field in enumerate(fields) if field.width == 0]
    while over > 0 and flexible:
        widest = max(flexible, key=lambda index: widths[index])
        given = min(over, widths[widest] - _LEAST_FLEXIBLE)
        if given <= 0:
            return
        others = [widths[index] for index in flexible if index != widest]
        step = max(1, min(given, widths[widest] - max(others, default=0)))
        widths[widest] -= step
        over -= step


def _placed(field: Field[Any], room: int, cells: Sequence[str]) -> list[str]:
    """The cells of a column, each as wide as the column; equal ones are made once."""
    place = str.ljust if field.unit in _LEFT else str.rjust
    made = {
        cell: place(cell, room)
        if cell.isascii() and len(cell) <= room
        else place(shown := _cut(cell, room), room + len(shown) - _width(shown))
        for cell in set(cells)
    }
    return list(map(made.__getitem__, cells))


def _width(cell: str) -> int:
    """Columns it takes on a terminal; only what is not ASCII has to be looked up."""
    return len(cell) if cell.isascii() else cell_len(cell)


def _cut(cell: str, room: int) -> str:
    return cell if _width(cell) <= room else set_cell_size(cell, max(0, room - 1)) + "…"


def text(field: Field[Any], row: Any) -> str:
    """A cell as people read it: units glued, `–` for what is missing."""
    return _text(_SHOWN.get(field.unit, str), field.value(row))


def _texts(field: Field[Any], table: Table) -> list[str]:
    """The cells of a column, top to bottom."""
    return _each(partial(_text, _SHOWN.get(field.unit, str)), table.values(field))


def _text(show: Callable[[Any], str], value: Any) -> str:
    if isinstance(value, Missing):
        return str(value) if value.reason else ""
    return show(value)


def _each(make: Callable[[Any], T], values: Sequence[Any]) -> list[T]:
    """Something of every value; of equal ones, and most are, once."""
    try:
        made = {value: make(value) for value in set(values)}
    except TypeError:  # lists, which have no hash
        return list(map(make, values))
    return list(map(made.__getitem__, values))


def _shown_text(value: Any) -> str:
    match value:
        case bytes():
            return display(value, limit=None)
        case tuple() | list():
            return " ".join(map(str, value))
        case _:
            return str(value)


_SHOWN: dict[Unit, Callable[[Any], str]] = {
    Unit.BYTES: units.size,
    Unit.CHANGE: units.change,
    Unit.PAGES: units.pages,
    Unit.COUNT: units.count,
    Unit.RATE: units.rate,
    Unit.PERCENT: units.percent,
    Unit.ADDRESS: units.address,
    Unit.DURATION: units.duration,
    Unit.TIME: lambda value: f"{datetime.fromtimestamp(value):%Y-%m-%d %H:%M}",
    Unit.FLAG: lambda value: "yes" if value else "no",
    Unit.SERIES: lambda value: " ".join(map(str, value)),
    Unit.TEXT: _shown_text,
}


def csv_rows(table: Table) -> list[list[str | int | float]]:
    """Titles (the fields' ids) and rows; what is missing is empty.

    Text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    columns = (csv_column(field, table.values(field)) for field in table.fields)
    return [[field.id for field in table.fields], *map(list, zip(*columns, strict=True))]
