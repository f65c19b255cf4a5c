"""`vmtui pages PID [RANGE…]`: how many pages are in which state, per VMA or per range."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias

from vmtui.cli import page_ranges
from vmtui.cli.arguments import add_output
from vmtui.cli.output import Answer, deliver
from vmtui.cli.page_ranges import PageRange, PagesRead
from vmtui.cli.table import BLANK, Table
from vmtui.cli.table import column as column_alone
from vmtui.cli.target import add_target, opened
from vmtui.export import vma_columns
from vmtui.export.document import Absences, Json, Rows, column, document, record
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.target import Target
from vmtui.model.fields.field import Field, Unit
from vmtui.model.fields.pages import PAGE_FIELDS
from vmtui.model.states import PageState
from vmtui.text import plain
from vmtui.told import Told

_Columns: TypeAlias = Mapping[str, Sequence[Any]]
"""By field, what every row says."""
_RANGE = re.compile(r"(?:0x)?([0-9a-f]{1,16})-(?:0x)?([0-9a-f]{1,16})", re.IGNORECASE)


_FIELDS: tuple[Field[Any], ...] = (
    column_alone("START", Unit.ADDRESS, lambda totals: BLANK, name="start"),
    column_alone("END", Unit.ADDRESS, lambda totals: BLANK, name="end"),
    *PAGE_FIELDS,
    column_alone("NAME", Unit.TEXT, lambda totals: BLANK, name="name", width=0),
)
"""Of the table: the rows' values come as columns, so that `get` is for the totals alone."""
_RUN_FIELDS = (
    column_alone("START", Unit.ADDRESS, lambda run: run[0], name="start"),
    column_alone("PAGES", Unit.PAGES, lambda run: run[1], name="pages"),
    column_alone("STATE", Unit.TEXT, lambda run: run[2].slot, name="state"),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_target(parser)
    parser.add_argument(
        "ranges",
        nargs="*",
        type=addresses,
        metavar="RANGE",
        help="addresses in hex, 0xA-0xB; whole pages are counted",
    )
    parser.add_argument("--runs", action="store_true", help="stretches of pages of one state")
    add_output(parser)


def addresses(word: str) -> tuple[int, int]:
    """A range of addresses, widened to whole pages."""
    match = _RANGE.fullmatch(word)
    start, end = (int(match[1], 16), int(match[2], 16)) if match else (0, 0)
    if start >= end:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a range; one is written 0x7f0000000000-0x7f0000200000"
        )
    return start // PAGE_SIZE * PAGE_SIZE, -(-end // PAGE_SIZE) * PAGE_SIZE


def run(arguments: argparse.Namespace) -> int:
    """Print the pages."""
    with opened(arguments.pid) as target:
        look = partial(_answer, target, arguments.ranges, arguments.runs)
        deliver(arguments, look, "reading pages")
    return 0


def _answer(target: Target, ranges: list[tuple[int, int]], with_runs: bool, told: Told) -> Answer:
    read = page_ranges.read(target, ranges, with_runs=with_runs, told=told)
    columns, taken_at = _columns(read), datetime.now(UTC)
    runs = _run_columns(read) if with_runs else None
    made = partial(_document, target.pid, read, columns, runs, taken_at)
    return Answer(made, (_table(read, columns, runs),))


def _document(
    pid: int, read: PagesRead, columns: _Columns, runs: _Columns | None, taken_at: datetime
) -> Json:
    absences = Absences()
    body: Json = {
        "pid": pid,
        "page_size": PAGE_SIZE,
        "ranges": _ranges(read, columns, absences),
        "totals": record(PAGE_FIELDS, read.totals, Absences()),
        "changed_while_read": read.changed,
    }
    if runs is not None:
        body["runs"] = Rows({**runs, "start": [f"{start:#x}" for start in runs["start"]]}, {})
    return document("pages", body, absences, taken_at)


def _ranges(read: PagesRead, columns: _Columns, absences: Absences) -> Rows:
    """An object for each range, made column by column: there can be 65,530."""
    made: dict[str, Sequence[Any]] = {
        "start": [f"{start:#x}" for start in columns["start"]],
        "end": [f"{end:#x}" for end in columns["end"]],
        **{field.id: column(field, columns[field.id], absences) for field in PAGE_FIELDS},
    }
    for row, part in enumerate(read.ranges):
        for name, why in (part.missing or {}).items():
            if made[name][row] is not None:  # a figure that is known in part
                absences.note(name, why)
    if read.ranges[0].row is None:
        return Rows(made | {"unmapped": [part.unmapped for part in read.ranges]}, {})
    made["perms"], made["kind"] = vma_columns.perms(read.vmas), vma_columns.kinds(read.vmas)
    made["name"] = columns["name"]
    return Rows(made, vma_columns.raw_names(read.vmas, columns["name"]))


def _run_columns(read: PagesRead) -> _Columns:
    """The stretches of equal state: first addresses, pages, states."""
    starts, pages, states = zip(*read.runs, strict=True)
    slots = {state: state.slot for state in PageState}
    return {"start": starts, "pages": pages, "state": list(map(slots.__getitem__, states))}


def _columns(read: PagesRead) -> _Columns:
    """By field, what every range says: figures, addresses and the name."""
    columns: dict[str, Sequence[Any]] = {
        "start": [part.start for part in read.ranges],
        "end": [part.end for part in read.ranges],
        **read.figures,
    }
    if read.ranges[0].row is None:
        columns["name"] = list(map(_unmapped, read.ranges))
    else:
        columns["name"] = vma_columns.names(read.vmas)
    return columns


def _unmapped(part: PageRange) -> Any:
    return plain(f"{part.unmapped:,} of them in no VMA") if part.unmapped else BLANK


def _table(read: PagesRead, columns: _Columns, runs: _Columns | None) -> Table:
    note = "changed while read: the VMAs are other ones by now" if read.changed else ""
    if runs is not None:
        return Table(_RUN_FIELDS, (), note=note, columns=runs)
    return Table(_FIELDS, read.ranges, note=note, totals=read.totals, columns=columns)
