"""Which columns of a table fit, where they stand, and its lines."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from vmtui.draw import table
from vmtui.draw.paint import DIM, Paint, Row, Run, on
from vmtui.model.fields.field import Field

RowT = TypeVar("RowT")
MARGIN = 2
"""Cells for the cursor's `▸` before the first column."""
_LEAST = 14
"""Cells the flexible column needs at least."""
_REMEMBERED_LINES = 512
CellOf = Callable[[Any, int], Row]
"""Draws a cell of its own making: (row, cells) → exactly that many cells."""


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT]):
    """A field at its place."""

    field: Field[RowT]
    x: int
    width: int


def fitted(
    fields: Sequence[Field[RowT]], cells: int, *, chosen: frozenset[str] = frozenset()
) -> tuple[Column[RowT], ...]:
    """The columns for a table of `cells`; those of width 0 share what is left.

    Args:
        fields: what to show, in order.
        cells: width of the table.
        chosen: ids that the user picked: they leave only where there is no room at all.
    """
    screen = cells + 1  # the table's last column is its position mark
    wanted = [field for field in fields if field.id in chosen or screen >= field.leaves_below]
    gap = 2 if cells >= 99 else 1

    def need() -> int:
        return MARGIN + sum((field.width or _LEAST) + gap for field in wanted) - gap

    def dispensable(field: Field[RowT]) -> tuple[bool, int, int]:
        return field.id not in chosen, field.leaves_below, wanted.index(field)

    while len(wanted) > 1 and need() > cells:
        wanted.remove(max((f for f in wanted[1:] if f.width), key=dispensable, default=wanted[-1]))
    flexible = [field for field in wanted if not field.width]
    spare = max(0, cells - need())
    placed, x = [], MARGIN
    for field in wanted:
        width = field.width or _LEAST + spare // len(flexible)
        placed.append(Column(field, x, min(width, max(1, cells - x))))
        x += width + gap
    return tuple(placed)


def header(
    columns: Sequence[Column[Any]], cells: int, *, sorted_by: str = "", descending: bool = True
) -> Row:
    """The line of titles; the sorted column carries `▼` or `▲`."""
    made: list[Run] = []
    at = 0
    for column in columns:
        made.append(Run(" " * (column.x - at)))
        mark = ("▼" if descending else "▲") if column.field.id == sorted_by else ""
        made.extend(table.title(column.field, column.width, mark))
        at = column.x + column.width
    made.append(Run(" " * max(0, cells - at)))
    return tuple(run for run in made if run.text)


def line(
    columns: Sequence[Column[RowT]],
    row: RowT,
    *,
    selected: bool = False,
    own: Mapping[str, CellOf] | None = None,
) -> Row:
    """One row of the table.

    Args:
        columns: from `fitted`.
        row: what the fields take their values from.
        selected: whether the cursor is on it: `▸` in the margin and its own ground.
        own: by field id, cells that are drawn in another way.
    """
    return _joined(columns, [_cell(column, row, own) for column in columns], selected=selected)


def _cell(column: Column[RowT], row: RowT, own: Mapping[str, CellOf] | None) -> Row:
    field, width = column.field, column.width
    if own and field.id in own:
        return own[field.id](row, width)
    return table.cell(field.get(row), field, width)


def _joined(columns: Sequence[Column[Any]], cells: Sequence[Row], *, selected: bool) -> Row:
    """The cells at their places, with the margin and the cursor's ground."""
    made: list[Run] = [Run("▸ " if selected else "  ", Paint("strong"))]
    at = MARGIN
    for column, drawn in zip(columns, cells, strict=True):
        if column.x > at:
            made.append(Run(" " * (column.x - at)))
        made += drawn
        at = column.x + column.width
    line = tuple(run for run in made if run.text)
    return on(tuple(map(_lighter, line)), "cursor") if selected else line


class _Drawn(NamedTuple):
    shape: object
    values: list[Any]
    cells: list[Row]
    lines: dict[bool, Row]


class Lines:
    """Lines as they were drawn last: only cells that say something else are drawn again."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, _Drawn] = {}

    def line(
        self, columns: Sequence[Column[RowT]], row: RowT, key: Hashable, *, selected: bool = False
    ) -> Row:
        """As the function `line`; the same object as before when nothing in it has changed.

        Args:
            columns: from `fitted`.
            row: what the fields take their values from.
            key: what the line is remembered under.
            selected: whether the cursor is on it.
        """
        values = [_essence(column.field.get(row)) for column in columns]
        hour = time.time() // 3600  # a clock in a cell becomes a date some day
        shape = (hour, [(column.field.id, column.x, column.width) for column in columns])
        known = self._kept.get(key)
        if known is None or known.shape != shape:
            cells = [
                table.cell(value, column.field, column.width)
                for value, column in zip(values, columns, strict=True)
            ]
        elif known.values != values:
            cells = [
                drawn if value == before else table.cell(value, column.field, column.width)
                for value, before, drawn, column in zip(
                    values, known.values, known.cells, columns, strict=True
                )
            ]
        else:
            if selected not in known.lines:
                known.lines[selected] = _joined(columns, known.cells, selected=selected)
            return known.lines[selected]
        if len(self._kept) >= _REMEMBERED_LINES:
            self._kept.clear()
        drawn_line = _joined(columns, cells, selected=selected)
        self._kept[key] = _Drawn(shape, values, cells, {selected: drawn_line})
        return drawn_line


def _essence(value: Any) -> Any:
    """A series that stands still is drawn as one value is, however long it gets."""
    if isinstance(value, array) and len(value) > 1 and value.count(value[0]) == len(value):
        return value[:1]
    return value


def _lighter(run: Run) -> Run:
    """Dim is a step lighter on the cursor's ground, so that it stays readable."""
    return Run(run.text, run.paint._replace(ink="text")) if run.paint == DIM else run


def column_at(columns: Sequence[Column[RowT]], x: int) -> Field[RowT] | None:
    """The field whose column a click hit; the gap before a column belongs to it."""
    for column in columns:
        if x < column.x + column.width:
            return column.field
    return None
