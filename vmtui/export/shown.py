"""A table that is on screen, as CSV or as a document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from vmtui.export import document, json_text
from vmtui.export.document import Absences
from vmtui.export.figures import MACHINE, Rows, rows_of_vmas
from vmtui.export.tables import csv_lines, csv_rows
from vmtui.kernel.files import PAGE_SIZE
from vmtui.model.fields.field import Field, Unit
from vmtui.model.fields.vma import VMA_FIELDS
from vmtui.model.machine import MachineReading, MachineRow
from vmtui.model.page_survey import PageSurvey
from vmtui.model.pages import runs_of
from vmtui.model.states import PageState
from vmtui.model.vma_row import VmaRow
from vmtui.model.vma_table import VmaLines
from vmtui.text import DisplayText


class _Run(NamedTuple):
    """Pages side by side in the same state."""

    start: int
    pages: int
    state: PageState


_RUN_FIELDS: tuple[Field[_Run], ...] = (
    Field(
        id="start", title="ADDRESS", unit=Unit.ADDRESS, help="Of the first page.",
        source="/proc/PID/pagemap", shell="vmtui pages {pid} --runs", get=lambda run: run.start,
    ),
    Field(
        id="pages", title="PAGES", unit=Unit.COUNT, help="How many follow in the same state.",
        source="/proc/PID/pagemap", shell="vmtui pages {pid} --runs", get=lambda run: run.pages,
    ),
    Field(
        id="state", title="STATE", unit=Unit.TEXT, help="Their state, as in the legend.",
        source="/proc/PID/pagemap", shell="vmtui pages {pid} --runs",
        get=lambda run: run.state.slot,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """What a screen shows, made of frozen samples: `rows` may be called in any thread."""

    name: str
    """What the rows are: the key in the document, and in the name of the file."""
    fields: Sequence[Field[Any]]
    rows: Callable[[], Rows]
    count: int

    def as_csv(self) -> bytes:
        """Titles and rows."""
        titles = [field.id for field in self.fields]
        return csv_lines([titles, *csv_rows(self.rows(), self.fields)])

    def as_json(self, host: DisplayText, taken_at: float) -> bytes:
        """The document, a line a row.

        Args:
            host: the name of the machine.
            taken_at: wall clock of the sample.
        """
        absences, rows = Absences(), self.rows()
        columns = {
            field.id: list(document.column(field, rows.columns[field.id], absences))
            for field in self.fields
        }
        body = {"host": host, self.name: document.Rows(columns, rows.more)}
        made = document.document("export", body, absences, datetime.fromtimestamp(taken_at, UTC))
        return (json_text.lines(made) + "\n").encode("utf-8", "surrogateescape")


def of_rows(name: str, fields: Iterable[Field[Any]], rows: Sequence[Any]) -> Shown:
    """Rows of a table, all of them, in the order in which they stand.

    What earlier readings have a part in is asked for at once: their history goes on.
    """
    plain = [field for field in fields if field.unit is not Unit.SERIES]
    changing = [field for field in plain if field.of_past]
    kept = list(rows) if changing else rows
    of_past = {field.id: [field.value(row) for row in kept] for field in changing}

    def made() -> Rows:
        every = list(kept)
        columns = {
            field.id: of_past.get(field.id) or [field.value(row) for row in every]
            for field in plain
        }
        return Rows(len(every), columns, {})

    return Shown(name, plain, made, len(kept))


def of_vmas(name: str, pid: int, lines: VmaLines) -> Shown:
    """The VMAs among the lines of a table."""
    fields = [field for field in VMA_FIELDS if field.unit is not Unit.SERIES]

    def made() -> Rows:
        every = rows_of_vmas(pid, lines.vmas, fields)
        shown = [line.index for line in lines if isinstance(line, VmaRow)]
        columns = {key: [values[index] for index in shown] for key, values in every.columns.items()}
        more = {
            place: every.more[index] for place, index in enumerate(shown) if index in every.more
        }
        return Rows(len(shown), columns, more)

    return Shown(name, fields, made, lines.shown)


def of_pages(name: str, survey: PageSurvey) -> Shown:
    """The pages of a range, as stretches of one state."""
    firsts, lengths, states = runs_of(survey.states)

    def made() -> Rows:
        found = zip(firsts.tolist(), lengths.tolist(), states.tolist(), strict=True)
        runs = [
            _Run(survey.start + first * PAGE_SIZE, pages, PageState(state))
            for first, pages, state in found
        ]
        columns = {field.id: [field.value(run) for run in runs] for field in _RUN_FIELDS}
        return Rows(len(runs), columns, {})

    return Shown(name, _RUN_FIELDS, made, len(firsts))


def of_machine(now: MachineReading, before: MachineReading | None) -> Shown:
    """Every figure of the machine, in one row."""
    return of_rows("machine", MACHINE.fields, [MachineRow(now, before)])
