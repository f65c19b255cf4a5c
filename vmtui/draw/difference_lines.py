"""What differs between two moments, in words: a VMA, a process, the leaks."""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import replace

from vmtui import units
from vmtui.draw.paint import DIM, FAINT, STRONG, Row, Run, fit, row
from vmtui.draw.sentences import figure, words
from vmtui.missing import Missing
from vmtui.model.fields.difference import MACHINE_DIFFERENCE_FIELDS, VMA_DIFFERENCE_FIELDS
from vmtui.model.fields.field import Field, Unit
from vmtui.model.leak_report import Leaking, LeakReport
from vmtui.model.machine_difference import MachineDifference
from vmtui.model.process_difference import ProcessDifference
from vmtui.model.vma_difference import ABSENT, VmaDifference

_FIGURES = (
    ("rss", "resident"), ("private_dirty", "private dirty"), ("swap", "in swap"),
    ("anon_huge_pages", "huge"), ("size", "reserved"),
)  # fmt: skip
_DAY = 86_400


def _worded(field: Field[VmaDifference]) -> Field[VmaDifference]:
    """Beside name and amount the cause need not repeat them."""
    return replace(field, get=lambda row: row.words) if field.id == "cause" else field


VMA_COLUMNS = tuple(map(_worded, VMA_DIFFERENCE_FIELDS))


def _amount(one: MachineDifference, field: Field[MachineDifference]) -> str:
    value = field.get(one)
    if isinstance(value, Missing):
        return "–"
    if one.unit == "bytes":
        return units.change(value) if field.id == "delta" else units.size(value)
    return ("+" if value > 0 else "") + units.count(value) if field.id == "delta" else ""


def _either(field: Field[MachineDifference]) -> Field[MachineDifference]:
    """Bytes or events, as the row says."""
    if field.unit not in (Unit.BYTES, Unit.CHANGE):
        return field

    def text(one: MachineDifference) -> str:
        return _amount(one, field).rjust(field.width)

    return replace(field, unit=Unit.TEXT, get=text)


MACHINE_COLUMNS = tuple(map(_either, MACHINE_DIFFERENCE_FIELDS))
"""With amounts and events in one column, each in its own way."""


def moments(at_a: float, at_b: float) -> Row:
    """From when to when, and how long that is; with dates where it is not one day."""
    pattern = "%F %T" if abs(at_b - at_a) >= _DAY else "%H:%M:%S"
    return row(
        words("A "), figure(time.strftime(pattern, time.localtime(at_a))),
        words("  B "), figure(time.strftime(pattern, time.localtime(at_b))),
        words(f"  {_apart(at_b - at_a)}"),
    )  # fmt: skip


def _apart(seconds: float) -> str:
    return f"{units.duration(abs(seconds))} {'later' if seconds >= 0 else 'earlier'}"


def cause_cell(one: VmaDifference, cells: int) -> Row:
    """The causes: the first one is the news, the others explain it."""
    first, *others = (cause.text for cause in one.causes) if one.causes else ("",)
    return fit(row(Run(first), words("".join(f", {other}" for other in others))), cells)


def about_vma(one: VmaDifference) -> list[Row]:
    """Its figures before and after, then the whole sentence of what made the difference."""
    head = f"{one.name} {one.perms}  " if one.name else f"{one.perms}  "
    line = [Run(head, STRONG), Run(f"{one.start:012x}  ", FAINT)]
    for name, title in _FIGURES:
        then, now = one.before(name), one.after(name)
        if then is ABSENT or now is ABSENT:
            known = now if then is ABSENT else then
            if known:
                line += [words(f"{title} "), figure(_size(known)), Run("  ")]
        elif not isinstance(then, Missing) and not isinstance(now, Missing) and then != now:
            line += [
                words(f"{title} "), Run(_size(then), DIM), words(" → "), figure(_size(now)),
                Run("  "),
            ]  # fmt: skip
    while line[-1].text.isspace():  # a blank that does not fit would be a line of its own
        line.pop()
    return [row(*line), row(Run(one.cause))]


_MOVES = tuple(field for field in VMA_DIFFERENCE_FIELDS if field.id.startswith("pages_"))


def everything_about(one: VmaDifference) -> list[Row]:
    """Every cause on a line of its own, then every figure before and after, then the pages."""
    rows = [row(Run(cause.text)) for cause in one.causes] or [row(Run("as it was"))]
    then, now = one.count
    rows += [
        (),
        row(words(f"{'VMAs':<14}"), Run(f"{then:>6,}", DIM), words(" → "), figure(f"{now:,}")),
    ]
    for name, title in (*_FIGURES, ("pss", "fair share")):
        before, after, delta = one.before(name), one.after(name), one.delta(name)
        change = "" if isinstance(delta, Missing) or not delta else units.change(delta)
        rows.append(
            row(words(f"{title:<14}"), Run(f"{_size(before):>6}", DIM), words(" → "),
                figure(f"{_size(after):<6}"), Run(f"  {change}"))
        )  # fmt: skip
    moved = [(field, pages) for field in _MOVES if (pages := field.get(one))]
    if moved:
        rows.append(())
    for field, pages in moved:
        rows.append(row(figure(f"{pages:>9,}  "), words(field.help)))
    return rows


def _size(value: int | Missing) -> str:
    return "–" if isinstance(value, Missing) else units.size(value)


def about_process(one: ProcessDifference) -> list[Row]:
    """Who it is, and what is different."""
    line = [
        Run(f"{one.pid} {one.comm}  ", STRONG), words("resident "), Run(_size(one.before), DIM),
        words(" → "), figure(_size(one.after)),
    ]  # fmt: skip
    return [row(*line), row(Run(one.cause or "as it was"))]


def about_part(one: MachineDifference) -> list[Row]:
    """A part of the machine's memory, or a counter."""
    return [row(Run(f"{one.title}  ", STRONG), words(one.about))]


def leak_words(report: LeakReport) -> str:
    """All of them together, and how long that can go on."""
    if not report.rows:
        return f"nothing only ever grew in {units.duration(report.seconds)}"
    rate = f"together {units.size(report.bytes_per_second * 60)} a minute"
    left, room = report.seconds_left, report.room
    if isinstance(left, Missing) or isinstance(room, Missing):
        return f"{rate}; how long there is room is not known"
    if room.of == "cgroup":
        return (
            f"{rate}: the {units.size(max(0, room.left))} left to its cgroup's limit will last "
            f"{units.duration(left)}, and what page cache there is in it goes first"
        )
    return (
        f"{rate}; no limit is set: the {units.size(max(0, room.left))} that the machine has "
        f"left will last {units.duration(left)}"
    )


def about_leaks(report: LeakReport | Missing | None, one: Leaking | None) -> list[Row]:
    """All leaks together, then the one under the cursor."""
    if report is None or isinstance(report, Missing):
        return [row(Run("" if report is None else report.reason, DIM))]
    rows = [row(Run(leak_words(report)))]
    return [*rows, *(about_vma(one.row)[1:] if one else [])]


def key_of(one: VmaDifference | ProcessDifference | MachineDifference | Leaking) -> Hashable:
    """What a row is known by from look to look."""
    match one:
        case VmaDifference():
            return one.group
        case ProcessDifference():
            return one.shown.key
        case MachineDifference():
            return one.name
        case Leaking():
            return one.row.group
