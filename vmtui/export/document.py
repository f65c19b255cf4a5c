"""Documents: the JSON that scripts read, made from the registry's fields.

Every document has `schema`, `taken_at` and `missing`; addresses are hex strings, sizes integer
bytes, rates numbers per second, and what is missing is null with its reason in `missing`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit
from vmtui.text import display

Json = dict[str, Any]
_REASONS = 3
"""How many reasons are told for one field."""


class Absences:
    """Why fields are null, gathered while a document is made."""

    def __init__(self) -> None:
        self._rows: dict[str, Counter[Missing]] = {}

    def note(self, field: str, missing: Missing, rows: int = 1) -> None:
        """Field `field` is null in so many rows more."""
        self._rows.setdefault(field, Counter())[missing] += rows

    def as_json(self) -> dict[str, str]:
        """Reasons by field, the commonest first, each with the step that would unlock it."""
        return {field: _reasons(rows) for field, rows in self._rows.items()}


def _reasons(rows: Counter[Missing]) -> str:
    told = []
    for missing, count in rows.most_common(_REASONS):
        details = [missing.unlock] if missing.unlock else []
        details += [f"{count} rows"] if count > 1 else []
        told.append(missing.reason + (f" ({', '.join(details)})" if details else ""))
    if len(rows) > _REASONS:
        told.append(f"and {len(rows) - _REASONS} reasons more")
    return display("; ".join(told), limit=None)


def document(
    command: str, body: Mapping[str, Any], absences: Absences, taken_at: datetime | None = None
) -> Json:
    """The whole document of a command.

    Args:
        command: names the schema: `vmtui.<command>/1`.
        body: what the command found, JSON values only.
        absences: filled while `body` was made.
        taken_at: when the kernel was asked; None means now.
    """
    moment = (taken_at or datetime.now(UTC)).astimezone(UTC)
    return {
        "schema": f"vmtui.{command}/1",
        "taken_at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "missing": absences.as_json(),
        **body,
    }


def records(
    fields: Sequence[Field[Any]], rows: Iterable[Any], absences: Absences
) -> list[dict[str, Any]]:
    """Each row as an object with the fields' ids as its keys."""
    return [record(fields, row, absences) for row in rows]


def record(fields: Sequence[Field[Any]], row: Any, absences: Absences) -> dict[str, Any]:
    """One row as an object; null where the kernel did not say."""
    return {field.id: cell(field, row, absences) for field in fields}


@dataclass(frozen=True, slots=True)
class Rows:
    """Objects with the same keys, column by column: 60,000 are written several times faster so."""

    columns: Mapping[str, Sequence[Any]]
    """By key, the JSON value of every row."""
    more: Mapping[int, Json]
    """Keys that only some rows have, by the index of the row."""


def column(
    field: Field[Any], values: Sequence[Any], absences: Absences
) -> Sequence[str | int | float | bool | list[Any] | None]:
    """All values of a field as JSON has them; equal ones are made once."""
    made: dict[Any, Any] = {}
    for value, rows in Counter(values).items():
        if isinstance(value, Missing):
            absences.note(field.id, value, rows)
            made[value] = None
        else:
            made[value] = plain_value(field.unit, value)
    return list(map(made.__getitem__, values))


def cell(field: Field[Any], row: Any, absences: Absences) -> Any:
    """One value as JSON has it; null, with its reason noted, where the kernel did not say."""
    value = field.value(row)
    if isinstance(value, Missing):
        absences.note(field.id, value)
        return None
    return plain_value(field.unit, value)


def plain_value(unit: Unit, value: Any) -> Any:
    """A value as JSON has it, by its unit."""
    match unit:
        case Unit.ADDRESS:
            return f"{int(value):#x}"
        case Unit.BYTES | Unit.CHANGE | Unit.PAGES | Unit.COUNT:
            return int(value)
        case Unit.ID:
            return value if isinstance(value, str | float) else int(value)
        case Unit.RATE | Unit.PERCENT | Unit.TIME | Unit.DURATION:
            return round(float(value), 3)
        case Unit.SERIES:
            return [int(point) for point in value]
        case Unit.FLAG:
            return bool(value)
        case Unit.TEXT:
            if isinstance(value, tuple | list):
                return list(map(str, value))
            return display(value) if isinstance(value, bytes) else str(value)


def with_raw_name(
    made: dict[str, Any], raw: bytes, shown: str, key: str = "name_bytes"
) -> dict[str, Any]:
    """The object with the name's bytes as hex beside it, where the shown name differs from them."""
    if shown.encode("utf-8", "surrogateescape") != raw:
        made[key] = raw.hex()
    return made
