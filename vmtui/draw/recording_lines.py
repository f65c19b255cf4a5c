"""What the list of recordings says of one: who recorded what where, and what happened meanwhile."""

from __future__ import annotations

import time

from vmtui import units
from vmtui.draw.paint import DIM, STRONG, Row, Run, row
from vmtui.text import DisplayText


def about(
    *, host: DisplayText, kernel: DisplayText, user: DisplayText, began: float, seconds: float,
    ticks: int, memory_bytes: int,
) -> Row:  # fmt: skip
    """`db-1 · Linux 6.18 · 23.5G · recorded by root on 2026-11-24 04:12:11 · 600 samples`."""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(began))
    return row(
        Run(host, STRONG), Run(f" · {kernel} · {units.size(memory_bytes)} · recorded by ", DIM),
        Run(user, STRONG), Run(f" on {when} for ", DIM), Run(units.duration(seconds), STRONG),
        Run(f" · {ticks:,} samples", DIM),
    )  # fmt: skip


def contents(
    pids: tuple[int, ...], experiments: tuple[str, ...], happened: list[DisplayText]
) -> Row:
    """What can be looked into, and the first of what happened."""
    said: list[Run] = []
    if pids:
        shown = ", ".join(map(str, pids[:6])) + (", …" if len(pids) > 6 else "")
        said += [Run("with all pages: ", DIM), Run(shown, STRONG)]
    else:
        said.append(Run("machine and process list only: no process in depth", DIM))
    if experiments:
        said += [Run(" · experiments: ", DIM), Run(", ".join(experiments[:4]), STRONG)]
    if happened:
        more = f" and {len(happened) - 3} more" if len(happened) > 3 else ""
        said += [Run(" · ", DIM), Run(", ".join(happened[:3]) + more)]
    return row(*said)
