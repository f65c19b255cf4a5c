"""What can be exported as a table over time: processes, VMAs, the machine; from the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vmtui.export import vma_columns
from vmtui.export.document import Json
from vmtui.export.ticks import Tick
from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit
from vmtui.model.fields.machine import MACHINE_FIELDS
from vmtui.model.fields.process import PROCESS_FIELDS
from vmtui.model.fields.vma import VMA_FIELDS
from vmtui.model.vmas import Vmas

PID: Field[Any] = Field(
    id="pid", title="PID", unit=Unit.ID, width=7, help="The process whose VMA it is.",
    source="/proc, directory names", shell="pidof NAME", get=lambda vma: vma.pid,
)  # fmt: skip
_PICTURES = {"trend", "residency", "pages"}
"""Fields that are drawings: their figures are exported in other ways."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of one tick, column by column."""

    count: int
    columns: Mapping[str, Sequence[Any]]
    """By the fields' ids, the value of every row; Missing where there is none."""
    more: Mapping[int, Json]
    """The bytes of names as hex, by row, where the shown name differs from them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the rows are about."""

    name: str
    """As `--of` takes it, and the key in documents."""
    fields: tuple[Field[Any], ...]
    rows: Callable[[Tick, Sequence[Field[Any]], frozenset[int]], Iterator[Rows | Missing]]
    """The rows of a tick with these fields, of these processes alone when there are any; Missing
    where something that was asked for is not in the recording."""


def _processes(
    tick: Tick, fields: Sequence[Field[Any]], pids: frozenset[int]
) -> Iterator[Rows | Missing]:
    rows = tick.processes(pids)
    columns = {field.id: [field.value(row) for row in rows] for field in fields}
    more = {
        index: {"comm_bytes": row.comm_bytes.hex()}
        for index, row in enumerate(rows)
        if row.comm.encode("utf-8", "surrogateescape") != row.comm_bytes
    }
    yield Rows(len(rows), columns, more)


def _machine(
    tick: Tick, fields: Sequence[Field[Any]], _pids: frozenset[int]
) -> Iterator[Rows | Missing]:
    row = tick.machine()
    yield Rows(1, {field.id: [field.value(row)] for field in fields}, {})


def _vmas(
    tick: Tick, fields: Sequence[Field[Any]], pids: frozenset[int]
) -> Iterator[Rows | Missing]:
    for pid, target in tick.targets().items():
        vmas = target.reading.vmas
        if pids and pid not in pids:
            continue
        if isinstance(vmas, Missing):
            yield vmas
        else:
            yield rows_of_vmas(pid, vmas, fields)


def rows_of_vmas(pid: int, vmas: Vmas, fields: Sequence[Field[Any]]) -> Rows:
    """All VMAs of a process."""
    of_vmas = [field for field in fields if field is not PID]
    columns: dict[str, Sequence[Any]] = dict(vma_columns.columns(vmas, of_vmas))
    if PID in fields:
        columns = {PID.id: [pid] * len(vmas), **columns}
    return Rows(len(vmas), columns, vma_columns.raw_names(vmas, vma_columns.names(vmas)))


def _tables(fields: Sequence[Field[Any]]) -> tuple[Field[Any], ...]:
    return tuple(field for field in fields if field.id not in _PICTURES)


PROCESSES = Subject("processes", _tables(PROCESS_FIELDS), _processes)
VMAS = Subject("vmas", (PID, *_tables(VMA_FIELDS)), _vmas)
MACHINE = Subject("machine", MACHINE_FIELDS, _machine)
SUBJECTS = {subject.name: subject for subject in (PROCESSES, VMAS, MACHINE)}
