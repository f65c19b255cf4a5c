"""Figures over time as a Parquet file, through pyarrow where that is installed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, BinaryIO

from vmtui.errors import NotSupported
from vmtui.export.document import plain_value
from vmtui.export.figures import Rows, Subject
from vmtui.export.ticks import Tick
from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit

_ROWS_AT_ONCE = 50_000
"""In a row group, which is what a reader loads at once and what is in memory here."""


def pyarrow() -> Any:
    """The library.

    Raises:
        NotSupported: it is not installed.
    """
    try:
        import_module("pyarrow.parquet")
        return import_module("pyarrow")
    except ImportError as error:
        raise NotSupported(
            "Parquet needs pyarrow, which is in the extra «export»: pip install 'vmtui[export]'"
        ) from error


def write_parquet(
    ticks: Iterable[Tick],
    subject: Subject,
    fields: Sequence[Field[Any]],
    file: BinaryIO,
    pids: frozenset[int] = frozenset(),
) -> None:
    """A column a field, after `taken_at` and `seconds`; what is missing is null.

    Raises:
        NotSupported: pyarrow is not installed.
    """
    arrow = pyarrow()
    types = {field.id: _type(arrow, field.unit) for field in fields}
    schema = arrow.schema(
        [
            ("taken_at", arrow.timestamp("us", tz="UTC")),
            ("seconds", arrow.float64()),
            *types.items(),
        ]
    )
    batch: dict[str, list[Any]] = {name: [] for name in schema.names}
    with arrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for tick in ticks:
            when = datetime.fromtimestamp(tick.sample.taken_at, UTC)
            for rows in subject.rows(tick, fields, pids):
                if not isinstance(rows, Rows):
                    continue
                batch["taken_at"] += [when] * rows.count
                batch["seconds"] += [round(tick.seconds, 3)] * rows.count
                for field in fields:
                    batch[field.id] += [_plain(field, one) for one in rows.columns[field.id]]
            if len(batch["seconds"]) >= _ROWS_AT_ONCE:
                writer.write_table(arrow.table(batch, schema))
                batch = {name: [] for name in schema.names}
        writer.write_table(arrow.table(batch, schema))


def _plain(field: Field[Any], value: Any) -> Any:
    if isinstance(value, Missing):
        return None
    if field.unit is Unit.ADDRESS:
        return int(value)
    if field.unit is Unit.TIME:
        return datetime.fromtimestamp(float(value), UTC)
    plain = plain_value(field.unit, value)
    return " ".join(map(str, plain)) if isinstance(plain, list) else plain


def _type(arrow: Any, unit: Unit) -> Any:
    match unit:
        case Unit.ADDRESS:
            return arrow.uint64()
        case Unit.BYTES | Unit.CHANGE | Unit.PAGES | Unit.COUNT | Unit.ID:
            return arrow.int64()
        case Unit.RATE | Unit.PERCENT | Unit.DURATION:
            return arrow.float64()
        case Unit.TIME:
            return arrow.timestamp("us", tz="UTC")
        case Unit.FLAG:
            return arrow.bool_()
        case _:
            return arrow.string()
