"""`vmtui maps PID`: the VMAs of a process with every figure of smaps, and what they come to."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from vmtui.cli.arguments import add_output
from vmtui.cli.output import Answer, deliver
from vmtui.cli.table import BLANK, Table
from vmtui.cli.target import add_target, nothing_there, opened
from vmtui.export import vma_columns
from vmtui.export.document import Absences, Json, Rows, column, document
from vmtui.kernel import memory_devices, smaps
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.fields.vma import VMA_FIELDS
from vmtui.model.vma_totals import VmaTotals
from vmtui.model.vmas import Vmas

FIELDS = tuple(field for field in VMA_FIELDS if field.id not in ("residency", "pages"))
"""Without the picture of the pages: `vmtui pages` prints those."""


class TotalsRow:
    """The last row of the table: sums where a sum makes sense, else nothing."""

    def __init__(self, sums: VmaTotals) -> None:
        self._sums = sums

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sums, name, BLANK)

    @property
    def name(self) -> str:
        """How many there are, where the names stand."""
        return f"{self._sums.count:,} VMAs"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_target(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the VMAs."""
    with opened(arguments.pid) as target:
        deliver(arguments, lambda _told: _answer(target), "reading VMAs")
    return 0


def _answer(target: Target) -> Answer:
    figures = smaps.read(target)
    if not len(figures):
        raise nothing_there(target)
    taken_at = datetime.now(UTC)
    vmas = Vmas.of(figures.maps, figures, devices=memory_devices.read(target))
    note = f"changed while read: {vmas.torn} overlapping VMAs left out" if vmas.torn else ""
    columns = vma_columns.columns(vmas, FIELDS)
    shown = tuple(sorted(FIELDS, key=lambda field: field.width == 0))
    table = Table(shown, (), note=note, totals=TotalsRow(vmas.totals()), columns=columns)
    made = partial(_document, target.pid, vmas, columns, taken_at)
    return Answer(made, (table,), csv=Table(FIELDS, (), columns=columns))


def _document(
    pid: int, vmas: Vmas, columns: Mapping[str, Sequence[Any]], taken_at: datetime
) -> Json:
    absences = Absences()
    body = {
        "pid": pid,
        "vmas": _rows(vmas, columns, absences),
        "totals": _totals(vmas.totals()),
        "totals_by_kind": {
            str(kind): _totals(part) for kind, part in vmas.totals_by_kind().items()
        },
        "changed_while_read": bool(vmas.torn),
    }
    return document("maps", body, absences, taken_at)


def _rows(vmas: Vmas, columns: Mapping[str, Sequence[Any]], absences: Absences) -> Rows:
    """An object for each VMA, made column by column: there can be 65,530."""
    made = {field.id: column(field, columns[field.id], absences) for field in FIELDS}
    return Rows(made, vma_columns.raw_names(vmas, columns["name"]))


def _totals(sums: VmaTotals) -> Json:
    """The sums as JSON; the reasons for what is null are those of the VMAs themselves."""
    values = {name: getattr(sums, name) for name in VmaTotals.__slots__ if name != "unread"}
    return {
        name: None if isinstance(value, Missing) else int(value) for name, value in values.items()
    }
