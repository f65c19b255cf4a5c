"""`vmtui pages PID [RANGE…]`: how many pages are in which state, per VMA or per range."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime
from functools import partial
from typing import Any

from vmtui.cli import page_ranges
from vmtui.cli.arguments import add_output
from vmtui.cli.document import Absences, Json, document, record, with_raw_name
from vmtui.cli.output import Answer, deliver
from vmtui.cli.page_ranges import PageRange, PagesRead
from vmtui.cli.table import BLANK, Table, column
from vmtui.cli.target import add_target, opened
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.target import Target
from vmtui.model.fields.field import Field, Unit
from vmtui.model.fields.pages import PAGE_FIELDS
from vmtui.model.page_counts import PageCounts
from vmtui.text import plain

_RANGE = re.compile(r"(?:0x)?([0-9a-f]{1,16})-(?:0x)?([0-9a-f]{1,16})", re.IGNORECASE)


def _of_a_range(field: Field[PageCounts]) -> Field[Any]:
    def get(part: PageRange) -> Any:
        return field.get(part.counts)

    return Field(**{name: getattr(field, name) for name in Field.__slots__} | {"get": get})


_FIGURES = tuple(map(_of_a_range, PAGE_FIELDS))
_RUN_FIELDS = (
    column("START", Unit.ADDRESS, lambda run: run[0], name="start"),
    column("PAGES", Unit.PAGES, lambda run: run[1], name="pages"),
    column("STATE", Unit.TEXT, lambda run: run[2].slot, name="state"),
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
        deliver(arguments, lambda: _answer(target, arguments.ranges, arguments.runs))
    return 0


def _answer(target: Target, ranges: list[tuple[int, int]], with_runs: bool) -> Answer:
    read = page_ranges.read(target, ranges, with_runs=with_runs)
    made = partial(_document, target.pid, read, with_runs, datetime.now(UTC))
    return Answer(made, _tables(read, with_runs))


def _document(pid: int, read: PagesRead, with_runs: bool, taken_at: datetime) -> Json:
    absences = Absences()
    body: Json = {
        "pid": pid,
        "page_size": PAGE_SIZE,
        "ranges": [_range(part, absences) for part in read.ranges],
        "totals": record(PAGE_FIELDS, read.totals, Absences()),
        "changed_while_read": read.changed,
    }
    if with_runs:
        body["runs"] = [
            {"start": f"{start:#x}", "pages": pages, "state": state.slot}
            for start, pages, state in read.runs
        ]
    return document("pages", body, absences, taken_at)


def _range(part: PageRange, absences: Absences) -> Json:
    made: Json = {"start": f"{part.start:#x}", "end": f"{part.end:#x}"}
    made |= record(_FIGURES, part, absences)
    for name, why in part.missing.items():
        if made.get(name) is not None:  # a figure that is known in part
            absences.note(name, why)
    if part.vma is None:
        return made | {"unmapped": part.unmapped}
    made |= {"perms": part.vma.perms, "kind": str(part.vma.kind), "name": str(part.vma.name)}
    return with_raw_name(made, part.vma.name_bytes, part.vma.name)


def _name(part: PageRange) -> Any:
    if part.vma is not None:
        return part.vma.name
    return plain(f"{part.unmapped:,} of them in no VMA") if part.unmapped else BLANK


def _tables(read: PagesRead, with_runs: bool) -> tuple[Table, ...]:
    note = "changed while read: the VMAs are other ones by now" if read.changed else ""
    if with_runs:
        return (Table(_RUN_FIELDS, read.runs, note=note),)
    whole = PageRange(0, 0, counts=read.totals)
    ends = (
        column("START", Unit.ADDRESS, lambda p: BLANK if p is whole else p.start, name="start"),
        column("END", Unit.ADDRESS, lambda p: BLANK if p is whole else p.end, name="end"),
    )
    name = column("NAME", Unit.TEXT, _name, name="name", width=0)
    return (Table((*ends, *_FIGURES, name), read.ranges, note=note, totals=whole),)
