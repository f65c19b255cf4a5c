"""Which columns of a table fit, where they stand, and its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from vmtui.draw import table
from vmtui.draw.paint import DIM, Paint, Row, Run, on
from vmtui.model.fields.field import Field

RowT = TypeVar("RowT")
MARGIN = 2
"""Cells for the cursor's `▸` before the first column."""
_LEAST = 14
"""Cells the flexible column needs at least."""
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
    made: list[Run] = [Run("▸ " if selected else "  ", Paint("strong"))]
    at = MARGIN
    for column in columns:
        made.append(Run(" " * (column.x - at)))
        field, width = column.field, column.width
        if own and field.id in own:
            made.extend(own[field.id](row, width))
        else:
            made.extend(table.cell(field.get(row), field, width))
        at = column.x + width
    drawn = tuple(run for run in made if run.text)
    return on(tuple(map(_lighter, drawn)), "cursor") if selected else drawn


def _lighter(run: Run) -> Run:
    """Dim is a step lighter on the cursor's ground, so that it stays readable."""
    return Run(run.text, run.paint._replace(ink="text")) if run.paint == DIM else run


def column_at(columns: Sequence[Column[RowT]], x: int) -> Field[RowT] | None:
    """The field whose column a click hit; the gap before a column belongs to it."""
    for column in columns:
        if x < column.x + column.width:
            return column.field
    return None
