"""A document as rows of name and value, for `--csv`: `entry.present,1`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vmtui.cli.table import Table, column
from vmtui.export.document import Json
from vmtui.missing import Missing
from vmtui.model.fields.field import Unit

_COLUMNS = (
    column("NAME", Unit.TEXT, lambda row: row[0], name="name"),
    column("VALUE", Unit.ID, lambda row: row[1], name="value"),
)


def flat(made: Json) -> Table:
    """Every value of a document by its path, what is missing as an empty cell."""
    body = {name: part for name, part in made.items() if name not in ("schema", "missing")}
    return Table(_COLUMNS, list(_leaves(body)))


def _leaves(part: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    match part:
        case dict():
            for key, value in part.items():
                yield from _leaves(value, f"{name}.{key}" if name else key)
        case list():
            for index, value in enumerate(part):
                yield from _leaves(value, f"{name}.{index}")
        case None:
            yield name, Missing("see the document")
        case bool():
            yield name, int(part)
        case _:
            yield name, part
