"""Figures over time as CSV, and as a JSON document a tick."""

from __future__ import annotations

import csv
import io
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from vmtui.export import document, json_text
from vmtui.export.csv_text import Cell, csv_column
from vmtui.export.document import Absences, Json
from vmtui.export.figures import MACHINE, Rows, Subject
from vmtui.export.ticks import Tick
from vmtui.missing import Missing
from vmtui.model.fields.field import Field
from vmtui.record.records import Event
from vmtui.text import DisplayText, display

WHEN = ("taken_at", "seconds")
"""The first columns: wall clock in UTC, and seconds since the first sample of the recording."""


def moment(taken_at: float) -> str:
    """A wall clock as documents have it: ISO 8601, UTC."""
    made = datetime.fromtimestamp(taken_at, UTC).isoformat(timespec="milliseconds")
    return made.replace("+00:00", "Z")


def as_csv(
    ticks: Iterable[Tick],
    subject: Subject,
    fields: Sequence[Field[Any]],
    pids: frozenset[int] = frozenset(),
) -> Iterator[bytes]:
    """Titles, then the rows of each tick; a part a tick."""
    yield csv_lines([[*WHEN, *(field.id for field in fields)]])
    for tick in ticks:
        when = (moment(tick.sample.taken_at), round(tick.seconds, 3))
        for rows in subject.rows(tick, fields, pids):
            if isinstance(rows, Rows):
                yield csv_lines((*when, *cells) for cells in csv_rows(rows, fields))


def csv_rows(rows: Rows, fields: Sequence[Field[Any]]) -> Iterator[tuple[Cell, ...]]:
    """The rows as cells; what is missing is empty."""
    columns = [csv_column(field, rows.columns[field.id]) for field in fields]
    return zip(*columns, strict=True)


def csv_lines(rows: Iterable[Iterable[Cell]]) -> bytes:
    """Rows as lines, with a comma between cells."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogateescape")


def as_json_lines(
    ticks: Iterable[Tick],
    subject: Subject,
    fields: Sequence[Field[Any]],
    pids: frozenset[int] = frozenset(),
    *,
    host: DisplayText,
) -> Iterator[bytes]:
    """A document a tick, a line each."""
    for tick in ticks:
        made = json_document(tick, subject, fields, pids, host=host)
        yield (json_text.line(made) + "\n").encode("utf-8", "surrogateescape")


def json_document(
    tick: Tick,
    subject: Subject,
    fields: Sequence[Field[Any]],
    pids: frozenset[int] = frozenset(),
    *,
    host: DisplayText,
) -> Json:
    """What there is of a subject in one tick, in the envelope that every document has."""
    absences = Absences()
    found = list(subject.rows(tick, fields, pids))
    for missing in found:
        if isinstance(missing, Missing):
            absences.note(subject.name, missing)
    rows = [part for part in found if isinstance(part, Rows)]
    body = {
        "host": host,
        "tick": tick.number,
        "seconds": round(tick.seconds, 3),
        "events": [_event(event) for event in tick.events],
        subject.name: _joined(rows, fields, absences),
    }
    if subject is MACHINE:
        (one,) = rows
        body[subject.name] = {
            field.id: document.column(field, one.columns[field.id], absences)[0] for field in fields
        }
    at = datetime.fromtimestamp(tick.sample.taken_at, UTC)
    return document.document("export", body, absences, at)


def _joined(
    parts: Sequence[Rows], fields: Sequence[Field[Any]], absences: Absences
) -> document.Rows:
    columns: dict[str, list[Any]] = {}
    for field in fields:
        values = [value for part in parts for value in part.columns[field.id]]
        columns[field.id] = list(document.column(field, values, absences))
    more: list[Mapping[int, Json]] = []
    begin = 0
    for part in parts:
        more.append({begin + index: extra for index, extra in part.more.items()})
        begin += part.count
    return document.Rows(columns, ChainMap(*map(dict, more)))


def _event(event: Event) -> Json:
    return {
        "at": moment(event.at),
        "kind": display(event.kind),
        "pid": event.pid or None,
        "text": display(event.text, limit=None),
    }
