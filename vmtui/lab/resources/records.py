"""The lines of a journal: what is about to be changed, that it was done, that it was undone.

A line is one JSON object, written in one piece and synced to the disk before anything else
happens. A line that cannot be read was cut off by a power cut or a full disk: what it announced
was never begun, so it is passed over. Only the standard library: the janitor reads journals too.
"""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

BOOT_ID = "/proc/sys/kernel/random/boot_id"


class Change(NamedTuple):
    """One change that was announced and is not undone, as far as the journal knows."""

    number: int
    kind: str
    facts: dict[str, Any]
    """What was written down before it was begun."""
    learned: dict[str, Any] | None
    """What was written down once it was done; None when it may or may not have been done."""


class Account(NamedTuple):
    """A whole journal."""

    boot: str
    """The boot it is about; "" when it breaks off before that."""
    pid: int
    """Its owner."""
    changes: tuple[Change, ...]
    """In the order they were announced."""


def boot_id() -> str:
    """Which boot of the machine this is."""
    with open(BOOT_ID, encoding="ascii") as file:
        return file.read().strip()


def append(journal: int, record: dict[str, Any]) -> None:
    """Add a line and wait until it is on the disk. Raises OSError."""
    # The newline before it ends a line that was cut off.
    line = b"\n" + json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"
    while line:
        line = line[os.write(journal, line) :]
    os.fsync(journal)


def read(journal: int) -> Account:
    """All of a journal. Raises OSError."""
    text, part = b"", b"-"
    while part:
        part = os.pread(journal, 1 << 16, len(text))
        text += part
    boot, pid = "", 0
    changes: dict[int, Change] = {}
    for line in text.split(b"\n"):
        record = _record(line)
        match record:
            case {"boot": str(boot), "pid": int(pid)}:
                pass
            case {"change": int(number), "kind": str(kind), "facts": dict(facts)}:
                changes[number] = Change(number, kind, facts, None)
            case {"done": int(number), "learned": dict(learned)} if number in changes:
                changes[number] = changes[number]._replace(learned=learned)
            case {"undone": int(number)}:
                changes.pop(number, None)
    return Account(boot, pid, tuple(changes.values()))


def _record(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
