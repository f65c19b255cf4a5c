"""What the thing under the cursor means, in plain words, figures strong in a dim sentence."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from vmtui import units
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Row, Run, row
from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit
from vmtui.model.processes import ProcessRow

_FIGURE = TEXT._replace(ink="strong")
STATES = {
    "R": "running", "S": "sleeping", "D": "waiting for a device", "Z": "a zombie", "T": "stopped",
    "t": "stopped by a debugger", "I": "idle", "X": "gone", "P": "parked",
}  # fmt: skip


def figure(text: str) -> Run:
    """A number that the sentence is about."""
    return Run(text, _FIGURE)


def words(text: str) -> Run:
    """The sentence around it."""
    return Run(text, DIM)


def about_process(process: ProcessRow, *, wide: bool) -> Row:
    """One process in a sentence (wide) or in its three figures (80 columns)."""
    head = Run(f"{process.pid} {process.comm}  ", STRONG)
    if process.kernel_thread:
        return row(head, words("a kernel thread: it works inside the kernel, has no user memory"))
    if process.state == "Z":
        return row(
            head, words("a zombie: it has exited and its memory is free; its parent "),
            figure(str(process.ppid)), words(" has not asked for its exit code"),
        )  # fmt: skip
    rss = process.rss
    if isinstance(rss, Missing):
        return row(head, words(rss.reason))
    parts: list[Run] = [head]
    if wide:
        parts += _shares(process, rss)
        parts += _movement(process)
        return row(*parts)
    if not isinstance(process.uss, Missing):
        parts += [words("its own "), figure(units.size(process.uss)), words(" · ")]
    if not isinstance(process.pss, Missing):
        parts += [words("fair share "), figure(units.size(process.pss)), words(" · ")]
    else:
        parts += [words(process.pss.reason), words(" · ")]
    if not isinstance(process.growth, Missing):
        parts += [figure(units.change(process.growth)), words(" in 60 s")]
    return row(*parts)


def about_subtree(process: ProcessRow, *, wide: bool) -> Row:
    """One process of the tree with everything below it: an honest sum and the other one."""
    pss = process.subtree_pss
    if isinstance(pss, Missing):
        shares = words(f"fair shares not known yet: {pss.reason}")
    else:
        shares = figure(units.size(pss))
    below = f" and {process.descendants} below it" if process.descendants else ""
    line = [Run(f"{process.pid} {process.comm}", STRONG), words(f"{below}: PSS "), shares]
    line += [words(" · RSS "), figure(units.size(process.subtree_rss))]
    if wide:
        line.append(words(" counts shared pages more than once"))
    return row(*line)


def _shares(process: ProcessRow, rss: int) -> list[Run]:
    pss, uss = process.pss, process.uss
    parts = [figure(units.size(rss)), words(" resident")]
    if isinstance(pss, Missing) or isinstance(uss, Missing):
        reason = pss if isinstance(pss, Missing) else uss
        assert isinstance(reason, Missing)
        unlock = f": {reason.unlock}" if reason.unlock else ""
        return [*parts, words(f"; its share is not known, {reason.reason}{unlock}")]
    parts += [
        words(", of which "), figure(units.size(uss)), words(" only it has, "),
        figure(units.size(pss)), words(" is its fair share"),
    ]  # fmt: skip
    swap = process.swap
    if not isinstance(swap, Missing) and swap:
        amount = Run(units.size(swap), TEXT._replace(ink="swapped-ink"))
        parts += [words("; "), amount, words(" more are in swap")]
    return parts


def _movement(process: ProcessRow) -> list[Run]:
    growth = process.growth
    if isinstance(growth, Missing):
        return []
    if growth == 0:
        return [words("; unchanged over the last minute")]
    verb = "grew" if growth > 0 else "shrank"
    return [words(f"; {verb} "), figure(units.size(abs(growth))), words(" in the last minute")]


def provenance(field: Field[Any], pid: int, age: float | None) -> Row:
    """Where a figure comes from, and the shell line that prints the same."""
    runs = [
        Run("from ", FAINT), words(field.source.replace("PID", str(pid))),
        Run("   same number ", FAINT), words(field.shell.format(pid=pid)),
    ]  # fmt: skip
    if age is not None:
        runs += [Run("   age ", FAINT), words(units.duration(age))]
    return row(*runs)


def value_text(field: Field[Any], value: Any) -> str:
    """A figure as the cards write it: in full, with its unit."""
    if isinstance(value, Missing):
        return "–"
    match field.unit:
        case Unit.BYTES:
            return f"{units.size(value)}  ({value:,} bytes)" if value >= 1000 else f"{value} bytes"
        case Unit.CHANGE:
            return units.change(value)
        case Unit.RATE:
            return f"{units.rate(value)} a second"
        case Unit.COUNT | Unit.PAGES:
            return f"{value:,}"
        case Unit.PERCENT:
            return units.percent(value)
        case Unit.ADDRESS:
            return units.address(value)
        case Unit.TIME:
            return time.strftime("%F %T", time.localtime(value))
        case Unit.DURATION:
            return units.duration(value)
        case Unit.FLAG:
            return "yes" if value else "no"
        case _:
            return str(value)


def about_field(field: Field[Any], value: Any, pid: int) -> list[Row]:
    """A figure, what it means, the file it came from and the shell line that prints it too."""
    shown = Run(value_text(field, value), STRONG)
    rows = [row(Run(f"{field.title:<9}", STRONG), shown, words(f"   {field.help}"))]
    if isinstance(value, Missing):
        unlock = f"; {value.unlock}" if value.unlock else ""
        rows.append(row(Run(" " * 9), words(f"not known: {value.reason}{unlock}")))
    rows.append(
        row(
            Run(" " * 9 + "from ", FAINT), words(field.source.replace("PID", str(pid))),
            Run("   same number ", FAINT), words(field.shell.format(pid=pid)),
        )
    )  # fmt: skip
    return rows


_MOST_CHANGES = 40


def span(begin: float, end: float) -> Row:
    """Which two moments are compared, seconds since 1970."""
    return row(words("from "), _clock(begin), words(" to "), _clock(end))


def amount_changes(
    before: Mapping[Any, int], after: Mapping[Any, int], names: Mapping[Any, str]
) -> list[Row]:
    """Which things came, went, grew and shrank, the largest changes first.

    Args:
        before: bytes of each, by what makes it the same thing.
        after: the same later.
        names: of all of them; display text.
    """
    changes = []
    for key in before.keys() | after.keys():
        delta = after.get(key, 0) - before.get(key, 0)
        verb = "came" if key not in before else "gone" if key not in after else ""
        if delta or verb:
            changes.append((delta, verb, names[key]))
    changes.sort(key=lambda change: (-abs(change[0]), change[2]))
    rows = [
        row(Run(f"{units.change(delta):>7}  ", STRONG if delta else DIM), words(f"{verb:<5}"),
            Run(name))
        for delta, verb, name in changes[:_MOST_CHANGES]
    ]  # fmt: skip
    if len(changes) > _MOST_CHANGES:
        rows.append(row(words(f"and {len(changes) - _MOST_CHANGES:,} smaller ones")))
    return rows or [row(words("nothing came, went, grew or shrank"))]


def _clock(moment: float) -> Run:
    return figure(time.strftime("%H:%M:%S", time.localtime(moment)))
