"""One sample as metrics: OpenMetrics 1.0, or the older text format of Prometheus.

The older one (`classic`) is what the textfile collector of node_exporter and promtool read; a
server that scrapes asks for either. Names derive from the registry: `vmtui_process_rss_bytes`.
What the kernel did not say has no line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from vmtui import __version__
from vmtui.export.ticks import Tick
from vmtui.kernel.pressure import Line
from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit
from vmtui.model.fields.machine import MACHINE_FIELDS
from vmtui.model.fields.process import PROCESS_FIELDS
from vmtui.text import display

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
CLASSIC_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_COUNTERS = {"minflt", "majflt"}
"""Fields that only ever rise."""
_SUFFIXES = {Unit.BYTES: "bytes", Unit.TIME: "seconds", Unit.DURATION: "seconds",
             Unit.PERCENT: "ratio"}  # fmt: skip
_VMSTAT = {
    "pgfault": "Page faults of all processes.",
    "pgmajfault": "Page faults that waited for a disk.",
    "pswpin": "Pages read from swap.",
    "pswpout": "Pages written to swap.",
    "oom_kill": "Processes killed for want of memory.",
}

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Family:
    name: str
    """Without the suffix of counters."""
    kind: str
    help: str
    unit: str
    points: Sequence[tuple[Labels, float]]


def as_metrics(
    tick: Tick, host: bytes, pids: frozenset[int] = frozenset(), *, classic: bool = False
) -> str:
    """The text of one sample.

    Args:
        tick: the sample.
        host: the name of the machine.
        pids: these processes alone, when there are any.
        classic: the older format.
    """
    lines: list[str] = []
    for family in _families(tick, host, pids):
        if family.points:
            lines += _lines(family, classic=classic)
    if not classic:
        lines.append("# EOF")
    return "\n".join(lines) + "\n"


def _lines(family: _Family, *, classic: bool) -> Iterator[str]:
    total = "_total" if family.kind == "counter" else ""
    declared = family.name + total if classic else family.name
    yield f"# HELP {declared} {_escaped(family.help, quotes=not classic)}"
    yield f"# TYPE {declared} {family.kind}"
    if family.unit and not classic:
        yield f"# UNIT {declared} {family.unit}"
    for labels, value in family.points:
        inside = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels)
        braced = f"{{{inside}}}" if inside else ""
        yield f"{family.name}{total}{braced} {_number(value)}"


def _escaped(text: str, *, quotes: bool = True) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quotes else text


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _families(tick: Tick, host: bytes, pids: frozenset[int]) -> Iterator[_Family]:
    about = (("version", __version__), ("host", str(display(host))))
    yield _Family("vmtui_build_info", "gauge", "Who made these figures, and of which machine.", "",
                  [(about, 1)])  # fmt: skip
    yield _Family("vmtui_sample_timestamp_seconds", "gauge", "When the kernel was asked.",
                  "seconds", [((), tick.sample.taken_at)])  # fmt: skip
    machine = tick.machine()
    for field in MACHINE_FIELDS:
        if not field.id.endswith("_rate"):
            yield _family("machine", field, [((), field.value(machine))])
    yield from _vmstat(tick)
    yield from _pressure(tick)
    rows = tick.processes(pids)
    who = [_labels(row.pid, row.comm, row.user) for row in rows]
    for figure in PROCESS_FIELDS:
        if _is_figure(figure):
            values = (figure.value(row) for row in rows)
            yield _family("process", figure, list(zip(who, values, strict=True)))


def _labels(pid: int, comm: str, user: str | Missing) -> Labels:
    named = () if isinstance(user, Missing) else (("user", str(user)),)
    return ("pid", str(pid)), ("comm", comm), *named


def _is_figure(field: Field[Any]) -> bool:
    if field.of_past or field.unit in (Unit.TEXT, Unit.SERIES, Unit.FLAG):
        return False
    return field.unit is not Unit.ID or field.id.startswith("oom")


def _family(of: str, field: Field[Any], values: Sequence[tuple[Labels, Any]]) -> _Family:
    unit = _SUFFIXES.get(field.unit, "")
    scale = 0.01 if field.unit is Unit.PERCENT else 1
    known = [(who, value) for who, value in values if not isinstance(value, Missing)]
    return _Family(
        name=f"vmtui_{of}_{field.id}" + (f"_{unit}" if unit else ""),
        kind="counter" if field.id in _COUNTERS else "gauge",
        help=field.help,
        unit=unit,
        points=[(who, round(float(value) * scale, 6)) for who, value in known],
    )


def _vmstat(tick: Tick) -> Iterator[_Family]:
    found = tick.sample.machine.vmstat
    if isinstance(found, Missing):
        return
    for name, about in _VMSTAT.items():
        if name in found.figures:
            points: list[tuple[Labels, float]] = [((), found.figures[name])]
            yield _Family(f"vmtui_machine_{name}", "counter", about, "", points)


def _pressure(tick: Tick) -> Iterator[_Family]:
    machine = tick.machine()
    points: list[tuple[Labels, float]] = []
    for kind in ("some", "full"):
        line = machine.pressure(kind)
        if isinstance(line, Line):
            points.append(((("who", kind),), line.total_us / 1e6))
    yield _Family(
        "vmtui_machine_pressure_waiting_seconds", "counter",
        "Time in which some or all tasks waited for memory.", "seconds", points,
    )  # fmt: skip
