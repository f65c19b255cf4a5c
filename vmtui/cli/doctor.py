"""`vmtui doctor`: each source of the kernel tried for real, and what the terminal can show."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import Any

from vmtui.cli.arguments import add_output
from vmtui.cli.output import Answer, deliver, speaks_unicode
from vmtui.cli.probes import Capability, sources
from vmtui.cli.table import Table, column
from vmtui.export.document import Absences, document
from vmtui.kernel import host
from vmtui.model.fields.field import Unit
from vmtui.text import display, plain
from vmtui.ui import terminal

_COLUMNS = (
    column("CAPABILITY", Unit.TEXT, lambda found: found.name, name="name"),
    column("STATE", Unit.TEXT, lambda found: found.state, name="state"),
    column("REASON", Unit.TEXT, lambda found: found.reason, name="reason", width=0),
    column("UNLOCK", Unit.TEXT, lambda found: found.unlock, name="unlock", width=0),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what can be seen here; exit 0 also when something cannot."""
    deliver(arguments, lambda _told: _answer(), "trying out what can be seen")
    return 0


def _answer() -> Answer:
    machine = host.read()
    found = [*sources(), *_surroundings()]
    body: dict[str, Any] = {
        "host": str(display(machine.name)),
        "kernel": machine.kernel_release,
        "machine": machine.machine,
        "page_size": machine.page_size,
        "cpus": machine.cpus,
        "uid": os.geteuid(),
        "capabilities": [
            {one.id: str(one.get(capability)) for one in _COLUMNS} for capability in found
        ],
    }
    lacking = sum(not capability.ok for capability in found)
    table = Table(
        _COLUMNS,
        found,
        title=f"Linux {machine.kernel_release} {machine.machine}, user id {os.geteuid()}",
        note=f"{len(found) - lacking} of {len(found)} are there",
    )
    return Answer(partial(document, "doctor", body, Absences()), (table,))


def _surroundings() -> list[Capability]:
    return [_terminal(), _colours(), _locale()]


def _terminal() -> Capability:
    try:
        terminal.examine()
    except terminal.NoTerminal as error:
        return Capability("terminal", False, plain(str(error)), "run vmtui in a terminal")
    size = os.get_terminal_size(2)
    name = display(os.environ.get("TERM", ""))
    if terminal.is_too_small(size.columns, size.lines):
        least = " × ".join(map(str, terminal.SMALLEST))
        words = plain(f"{name}, {size.columns} × {size.lines} is too small for the app")
        return Capability("terminal", False, words, f"make it at least {least}")
    return Capability("terminal", True, plain(f"{name}, {size.columns} × {size.lines}"))


def _colours() -> Capability:
    depth = terminal.depth_of(os.environ)
    if depth == "mono":
        why = plain("none: NO_COLOR or TERM says so; states are told apart by letters")
        return Capability("colours", False, why, "unset NO_COLOR, or a TERM with colours")
    return Capability("colours", True, plain(depth))


def _locale() -> Capability:
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    chosen = display(next((name for name in names if name), "none set"))
    if terminal.only_ascii(os.environ) or not speaks_unicode():
        why = plain(f"{chosen}: no UTF-8, so pictures are drawn in ASCII")
        return Capability("unicode", False, why, "LC_ALL=C.UTF-8 and a font with braille")
    return Capability("unicode", True, plain(f"{chosen}, {sys.getfilesystemencoding()}"))
