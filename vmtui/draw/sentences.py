"""What the thing under the cursor means, in plain words, figures strong in a dim sentence."""

from __future__ import annotations

from vmtui import units
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Row, Run, row
from vmtui.missing import Missing
from vmtui.model.fields.field import Field
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
        return row(head, words("a zombie: it has exited, its memory is free, its parent "),
                   figure(str(process.ppid)), words(" has not asked for its exit code"))  # fmt: skip
    if isinstance(process.rss, Missing):
        return row(head, words(process.rss.reason))
    parts: list[Run] = [head]
    if wide:
        parts += _shares(process)
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


def _shares(process: ProcessRow) -> list[Run]:
    rss, pss, uss = process.rss, process.pss, process.uss
    parts = [figure(units.size(rss or 0)), words(" resident")]
    if isinstance(pss, Missing) or isinstance(uss, Missing):
        reason = pss if isinstance(pss, Missing) else uss
        assert isinstance(reason, Missing)
        unlock = f": {reason.unlock}" if reason.unlock else ""
        return [*parts, words(f"; its share is not known, {reason.reason}{unlock}")]
    parts += [
        words(", of which "), figure(units.size(uss)), words(" only it has, "),
        figure(units.size(pss)), words(" is its fair share"),
    ]  # fmt: skip
    if process.swap:
        parts += [words("; "), Run(units.size(process.swap), TEXT._replace(ink="swapped-ink")),
                  words(" more are in swap")]  # fmt: skip
    return parts


def _movement(process: ProcessRow) -> list[Run]:
    growth = process.growth
    if isinstance(growth, Missing):
        return []
    if growth == 0:
        return [words("; unchanged over the last minute")]
    verb = "grew" if growth > 0 else "shrank"
    return [words(f"; {verb} "), figure(units.size(abs(growth))), words(" in the last minute")]


def provenance(field: Field[ProcessRow], pid: int, age: float | None) -> Row:
    """Where a figure comes from, and the shell line that prints the same."""
    runs = [
        Run("from ", FAINT), words(field.source.replace("PID", str(pid))),
        Run("   same number ", FAINT), words(field.shell.format(pid=pid)),
    ]  # fmt: skip
    if age is not None:
        runs += [Run("   age ", FAINT), words(units.duration(age))]
    return row(*runs)
