"""What `vmtui diff` prints: the document, and the tables that people read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from vmtui import units
from vmtui.cli.output import Answer
from vmtui.cli.table import Table, column
from vmtui.draw.difference_lines import MACHINE_COLUMNS, VMA_COLUMNS, leak_words
from vmtui.export.document import Absences, Json, document, records, with_raw_name
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.fields.difference import (
    LEAK_FIELDS,
    MACHINE_DIFFERENCE_FIELDS,
    PROCESS_DIFFERENCE_FIELDS,
    VMA_DIFFERENCE_FIELDS,
)
from vmtui.model.fields.field import Unit
from vmtui.model.leak_report import leak_report
from vmtui.model.vma_difference import Difference
from vmtui.record.comparison import Comparison, Side
from vmtui.text import display

_MOST_PROCESSES = 12
_MOST_ROWS = 40
"""Of one process, unless all are asked for."""
Found = Sequence[tuple[int, int, Difference]]
"""PID in A, PID in B, and what differs."""


def answer(
    comparison: Comparison, found: Found, *, everything: bool, leaks: bool,
    peak_of: int | None = None,
) -> Answer:  # fmt: skip
    """Document and tables.

    Args:
        comparison: of the two moments.
        found: the processes that were compared VMA by VMA.
        everything: whether rows that are the same are printed too.
        leaks: whether people asked for leaks rather than for the difference.
        peak_of: the PID whose peak B is; None when that was not asked for.
    """
    made = _document(comparison, found, peak_of)
    tables = [_heading(comparison, peak_of)]
    if leaks:
        tables += [_leak_table(*each) for each in found]
    else:
        tables += [_vma_table(comparison, *each, everything=everything) for each in found]
    if not found:
        tables.append(Table((), (), note=_why_none(comparison, peak_of)))
    if not leaks:
        tables += _around(comparison, everything=everything)
    rows = [row for _, _, difference in found for row in difference]
    return Answer(partial(_same, made), tuple(tables), csv=Table(VMA_DIFFERENCE_FIELDS, rows))


def _same(made: Json) -> Json:
    return made


def _heading(comparison: Comparison, peak_of: int | None) -> Table:
    lines = [f"A  {_place(comparison.a)}", f"B  {_place(comparison.b)}"]
    if peak_of is not None:
        sizes = [_resident(side, peak_of) for side in (comparison.a, comparison.b)]
        lines.append(
            f"process {peak_of} was largest at B: {sizes[1]} resident; at A it began to climb, "
            f"from {sizes[0]}"
        )
        if (ever := _largest_ever(comparison.b, peak_of)) is not None:
            lines.append(f"its largest ever, between samples too (VmHWM): {units.size(ever)}")
    return Table((column("", Unit.TEXT, str, width=0),), lines, choose=False)


def _place(side: Side) -> str:
    when = datetime.fromtimestamp(side.at)
    return f"{side.name} @ {side.seconds:,.1f} s   {side.host}   {when:%Y-%m-%d %H:%M:%S}"


def _resident(side: Side, pid: int) -> str:
    listed = side.sample().process(pid)
    return "–" if listed is None else units.size(listed.resident_pages * PAGE_SIZE)


def _largest_ever(side: Side, pid: int) -> int | None:
    """The kernel's own mark, which no sample can miss; None where it was not recorded."""
    found = side.recording.target(side.index, pid)
    if isinstance(found, Missing) or isinstance(found.reading.status, Missing):
        return None
    mark = found.reading.status.vm_hwm_bytes
    return None if isinstance(mark, Missing) else mark


def _why_none(comparison: Comparison, peak_of: int | None) -> str:
    if peak_of is not None and comparison.a.index == comparison.b.index:
        return "it was largest in its first sample: nothing grew to it"
    return "no process is in both moments with its VMAs: vmtui record PID keeps them"


def _vma_table(
    comparison: Comparison, pid_a: int, pid_b: int, difference: Difference, *, everything: bool
) -> Table:
    changed = difference.changed()
    same = len(difference) - len(changed)
    rows = list(difference) if everything else changed[:_MOST_ROWS]
    notes = []
    if not everything and len(changed) > _MOST_ROWS:
        notes.append(f"and {len(changed) - _MOST_ROWS:,} smaller changes: --all shows them")
    if not everything and same:
        notes.append(f"{same:,} as they were")
    fields = tuple(replace(one, width=0 if one.id == "name" else one.width) for one in VMA_COLUMNS)
    name = display(difference.after.comm)
    pids = str(pid_b) if pid_a == pid_b else f"{pid_a} → {pid_b}"
    return Table(fields, rows, title=f"process {pids} {name}", note="; ".join(notes))


def _leak_table(pid_a: int, pid_b: int, difference: Difference) -> Table:
    title = f"process {pid_b} {display(difference.after.comm)}"
    report = leak_report(difference)
    if isinstance(report, Missing):
        return Table((), (), title=title, note=f"leaks are not known: {report.reason}")
    return Table(LEAK_FIELDS, report.rows, title=title, note=leak_words(report))


def _around(comparison: Comparison, *, everything: bool) -> list[Table]:
    """The other processes, and the machine."""
    processes = comparison.processes
    if not everything:
        processes = [one for one in processes if one.change != "same" or one.cause]
    note = ""
    if not everything and len(processes) > _MOST_PROCESSES:
        note = f"and {len(processes) - _MOST_PROCESSES:,} more: --all shows them"
        processes = processes[:_MOST_PROCESSES]
    machine = [one for one in comparison.machine if everything or one.delta]
    return [
        Table(PROCESS_DIFFERENCE_FIELDS, processes, title="processes", note=note),
        Table(MACHINE_COLUMNS, machine, title="machine"),
    ]


def _document(comparison: Comparison, found: Found, peak_of: int | None) -> Json:
    absences = Absences()
    body: Json = {
        "a": _side(comparison.a),
        "b": _side(comparison.b),
        "seconds": round(comparison.b.at - comparison.a.at, 3),
        "same_machine": comparison.same_machine,
    }
    if peak_of is not None:
        body["peak"] = _peak(comparison, peak_of)
    body["vmas"] = [made for _, _, difference in found for made in _vma_rows(difference, absences)]
    body["leaks"] = [
        made for _, pid_b, difference in found for made in _leaks(pid_b, difference, absences)
    ]
    body["processes"] = [
        with_raw_name(made, row.shown.stat.comm, made["comm"], "comm_bytes")
        for made, row in zip(
            records(PROCESS_DIFFERENCE_FIELDS, comparison.processes, absences),
            comparison.processes, strict=True,
        )
    ]  # fmt: skip
    body["machine"] = records(MACHINE_DIFFERENCE_FIELDS, comparison.machine, absences)
    return document("diff", body, absences, datetime.fromtimestamp(comparison.b.at, UTC))


def _vma_rows(difference: Difference, absences: Absences) -> list[Json]:
    rows = list(difference)
    made = records(VMA_DIFFERENCE_FIELDS, rows, absences)
    return [
        with_raw_name(each, row.name_bytes, each["name"]) if row.name_bytes else each
        for each, row in zip(made, rows, strict=True)
    ]


def _side(side: Side) -> Json:
    taken = datetime.fromtimestamp(side.at, UTC).isoformat(timespec="milliseconds")
    return {
        "recording": side.name, "host": side.host, "kernel": display(side.about.kernel),
        "taken_at": taken.replace("+00:00", "Z"), "seconds": round(side.seconds, 3),
        "sample": side.index,
    }  # fmt: skip


def _peak(comparison: Comparison, pid: int) -> Json:
    def rss(side: Side) -> int | None:
        listed = side.sample().process(pid)
        return None if listed is None else listed.resident_pages * PAGE_SIZE

    return {
        "pid": pid, "rss": rss(comparison.b), "climbed_from": rss(comparison.a),
        "seconds": round(comparison.b.seconds, 3), "vm_hwm": _largest_ever(comparison.b, pid),
    }  # fmt: skip


def _leaks(pid: int, difference: Difference, absences: Absences) -> list[Json]:
    report = leak_report(difference)
    if isinstance(report, Missing):
        absences.note("leaks", report)
        return []
    left, room = report.seconds_left, report.room
    if isinstance(left, Missing) and report.rows:
        absences.note("seconds_to_limit", left)
    more = {
        "seconds_to_limit": None if isinstance(left, Missing) else round(left, 1),
        "limit_of": None if isinstance(room, Missing) else room.of,
    }
    fields = [field for field in LEAK_FIELDS if field.id != "bytes_a_minute"]
    made = records(fields, report.rows, absences)
    return [
        {"pid": pid, **each, "cause": one.row.cause, **more}
        for each, one in zip(made, report.rows, strict=True)
    ]
