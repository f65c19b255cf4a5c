"""`vmtui ps`: every process with every figure of the registry."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from vmtui.cli.arguments import WrongUsage, add_output, seconds
from vmtui.cli.output import Answer, deliver
from vmtui.cli.table import Table
from vmtui.export.document import Absences, Json, document, record, with_raw_name
from vmtui.kernel import host
from vmtui.missing import NOT_READ, Missing
from vmtui.model import filter as filters
from vmtui.model.fields.field import Cost, Field
from vmtui.model.fields.process import PROCESS_FIELDS, PROCESS_FIELDS_BY_ID
from vmtui.model.processes import ProcessReading, ProcessRow
from vmtui.observe.listing import Order, first_direction
from vmtui.observe.plan import Plan
from vmtui.observe.process_sampler import ProcessSampler
from vmtui.told import Told

_OF_HISTORY = {"growth", "trend"}
"""What only the app can know, which has watched for a while."""
FIELDS = tuple(field for field in PROCESS_FIELDS if field.id not in _OF_HISTORY)


class TwoReadings:
    """The past of a row, when all there is of it is one earlier reading."""

    def __init__(self, before: Sequence[ProcessReading], boot_time: float) -> None:
        self.boot_time = boot_time
        self._before: Mapping[int, ProcessReading] = {r.stat.pid: r for r in before}

    def before(self, pid: int) -> ProcessReading | None:
        """The earlier reading of that PID."""
        return self._before.get(pid)

    def resident_series(self, key: tuple[int, int]) -> Sequence[int]:
        """None: that needs a history."""
        return ()

    def resident_minute_ago(self, key: tuple[int, int]) -> int | Missing:
        """Not known: that needs a history."""
        return NOT_READ


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "--over", type=seconds, default=0.5, metavar="S", help="measure rates over S (default 0.5)"
    )
    parser.add_argument("--sort", default="rss", metavar="FIELD", help="order (default rss)")
    parser.add_argument(
        "--filter", default="", metavar="TEXT", help="as after / in the app: words, rss>100M, …"
    )
    parser.add_argument(
        "--columns", metavar="FIELD,…", help="columns of the table and of --csv, in this order"
    )
    add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the processes."""
    order = _order(arguments.sort)
    columns = _columns(arguments.columns)
    try:
        passes = filters.parse(arguments.filter, PROCESS_FIELDS_BY_ID)
    except filters.FilterError as error:
        raise WrongUsage(str(error)) from error
    boot_time = host.boot_time()
    sampler = ProcessSampler()
    before: tuple[ProcessReading, ...] = ()

    def look(_told: Told) -> Answer:
        nonlocal before
        if not before:
            before = sampler.read(Plan(for_all=frozenset({Cost.STAT})))
            time.sleep(arguments.over)
        now = sampler.complete()
        past = TwoReadings(before, boot_time)
        before = now
        rows = [row for row in (ProcessRow(reading, past) for reading in now) if passes(row)]
        return _answer(sorted(rows, key=order.key), columns, sampler.hidden)

    try:
        deliver(arguments, look, "reading processes")
    finally:
        sampler.close()
    return 0


def _field(name: str) -> Field[ProcessRow]:
    field = PROCESS_FIELDS_BY_ID.get(name)
    if field is None or field not in FIELDS:
        raise WrongUsage(f"there is no field {name!r}; `vmtui fields` lists them")
    return field


def _order(name: str) -> Order:
    field = _field(name.lstrip("+-"))
    descending = first_direction(field)
    return Order(field, {"+": False, "-": True}.get(name[:1], descending))


def _columns(chosen: str | None) -> tuple[Field[ProcessRow], ...] | None:
    return tuple(map(_field, chosen.split(","))) if chosen else None


def _answer(
    rows: Sequence[ProcessRow], columns: tuple[Field[ProcessRow], ...] | None, hidden: int
) -> Answer:
    taken_at = datetime.now(UTC)
    note = f"{hidden} more may not be looked at by this user (hidepid)" if hidden else ""
    shown = columns or tuple(sorted(FIELDS, key=lambda field: field.width == 0))
    table = Table(shown, rows, note=note, choose=columns is None)

    def made() -> Json:
        absences = Absences()
        processes = [
            with_raw_name(record(FIELDS, row, absences), row.comm_bytes, row.comm) for row in rows
        ]
        body = {"processes": processes, "hidden": hidden}
        return document("ps", body, absences, taken_at)

    return Answer(made, (table,), csv=Table(columns or FIELDS, rows))
