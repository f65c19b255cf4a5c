"""Figures as cells of CSV, which spreadsheets open: text in them must never be a formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vmtui.export.document import plain_value
from vmtui.missing import Missing
from vmtui.model.fields.field import Field

Cell = str | int | float
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_cell(field: Field[Any], value: Any) -> Cell:
    """A value by its field's unit; what is missing is empty."""
    if isinstance(value, Missing):
        return ""
    plain = plain_value(field.unit, value)
    match plain:
        case bool():
            return int(plain)
        case int() | float():
            return plain
        case list():
            plain = " ".join(map(str, plain))
    return inert(str(plain))


def csv_column(field: Field[Any], values: Sequence[Any]) -> list[Cell]:
    """The cells of a column; equal values, and most are, are made once."""
    try:
        made = {value: csv_cell(field, value) for value in set(values)}
    except TypeError:  # lists, which have no hash
        return [csv_cell(field, value) for value in values]
    return list(map(made.__getitem__, values))


def inert(text: str) -> str:
    """Text with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
