"""Rows in the order of one of their fields, whatever they are rows of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from vmtui.missing import Missing
from vmtui.model.fields.field import Field

RowT = TypeVar("RowT")


def ordered(rows: Iterable[RowT], field: Field[Any], *, descending: bool) -> list[RowT]:
    """Sorted by a field; rows that are equal stay in their order, what is not known comes last."""
    known: list[tuple[Any, RowT]] = []
    unknown: list[RowT] = []
    for row in rows:
        value = field.get(row)
        if isinstance(value, Missing):
            unknown.append(row)
        else:
            known.append((value.lower() if isinstance(value, str) else value, row))
    known.sort(key=_value, reverse=descending)
    return [row for _, row in known] + unknown


def _value(pair: tuple[Any, Any]) -> Any:
    return pair[0]
