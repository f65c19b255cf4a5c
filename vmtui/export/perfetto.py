"""A recording as a trace: counters of every process and of the machine, marks as instants.

The JSON trace event format, which ui.perfetto.dev and chrome://tracing open. A process that has
exited counts zero from then on; a figure the kernel did not give has no point.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from vmtui.export.ticks import Tick
from vmtui.missing import Missing
from vmtui.model.fields.field import Field
from vmtui.model.fields.machine import MACHINE_FIELDS_BY_ID
from vmtui.model.fields.process import PROCESS_FIELDS_BY_ID
from vmtui.model.processes import ProcessRow
from vmtui.record.records import About, Event
from vmtui.text import display

MACHINE_PID = (1 << 22) + 1
"""The machine's own tracks stand under a number that Linux gives no process."""
OF_PROCESS = ("rss", "pss", "swap", "minflt_rate", "majflt_rate")
OF_MACHINE = (
    "mem_available", "anon", "file", "shmem", "swap_used", "fault_rate", "major_fault_rate",
    "swap_in_rate", "swap_out_rate", "pressure_some",
)  # fmt: skip
_NAMES = {"minflt_rate": "minor faults/s", "majflt_rate": "major faults/s"}

Entry = dict[str, Any]
_Key = tuple[int, int]


def as_trace(
    ticks: Iterable[Tick], about: About, pids: frozenset[int] = frozenset()
) -> Iterator[bytes]:
    """The trace as JSON text; a part a tick."""
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    host = display(about.host)
    other = {
        "schema": "vmtui.export/1",
        "host": host,
        "kernel": display(about.kernel),
        "vmtui": display(about.vmtui),
    }
    yield f'{{"displayTimeUnit": "ms", "otherData": {encode(other)}, "traceEvents": [\n'.encode()
    yield encode(_named(MACHINE_PID, f"machine {host}")).encode("utf-8", "surrogateescape")
    trace = _Trace(pids)
    for tick in ticks:
        text = "".join(f",\n{encode(entry)}" for entry in trace.entries(tick))
        yield text.encode("utf-8", "surrogateescape")
    yield b"\n]}\n"


class _Trace:
    """What was said last of each counter: only changes are said again."""

    def __init__(self, pids: frozenset[int]) -> None:
        self._pids = pids
        self._said: dict[tuple[_Key, str], float] = {}
        self._there: dict[_Key, str] = {}

    def entries(self, tick: Tick) -> Iterator[Entry]:
        """The events of one tick, processes by PID."""
        at = round(tick.sample.taken_at * 1e6)
        machine = tick.machine()
        for name in OF_MACHINE:
            field = MACHINE_FIELDS_BY_ID[name]
            yield from self._counter((MACHINE_PID, 0), field, field.value(machine), at)
        rows = tick.processes(self._pids)
        here = {row.key for row in rows}
        for key in [key for key in self._there if key not in here]:
            yield from self._gone(key, at)
        for row in rows:
            yield from self._process(row, at)
        for event in tick.events:
            yield _instant(event)

    def _process(self, row: ProcessRow, at: int) -> Iterator[Entry]:
        name = f"{row.comm}"
        if self._there.get(row.key) != name:
            self._there[row.key] = name
            yield _named(row.pid, name)
        for name in OF_PROCESS:
            field = PROCESS_FIELDS_BY_ID[name]
            yield from self._counter(row.key, field, field.value(row), at)

    def _gone(self, key: _Key, at: int) -> Iterator[Entry]:
        del self._there[key]
        for name in OF_PROCESS:
            if self._said.pop((key, name), 0):
                yield _count(key[0], PROCESS_FIELDS_BY_ID[name], 0, at)

    def _counter(self, key: _Key, field: Field[Any], value: Any, at: int) -> Iterator[Entry]:
        if isinstance(value, Missing):
            return
        figure = round(float(value), 3)
        figure = int(figure) if figure == int(figure) else figure
        if self._said.get((key, field.id)) != figure:
            self._said[key, field.id] = figure
            yield _count(key[0], field, figure, at)


def _count(pid: int, field: Field[Any], figure: float, at: int) -> Entry:
    name = _NAMES.get(field.id, field.id)
    return {"ph": "C", "name": name, "pid": pid, "ts": at, "args": {"value": figure}}


def _named(pid: int, name: str) -> Entry:
    return {"ph": "M", "name": "process_name", "pid": pid, "args": {"name": name}}


def _instant(event: Event) -> Entry:
    words = display(event.text) or display(event.kind)
    made = {"ph": "i", "name": words, "cat": display(event.kind), "ts": round(event.at * 1e6)}
    return made | ({"pid": event.pid, "s": "p"} if event.pid else {"pid": MACHINE_PID, "s": "g"})
