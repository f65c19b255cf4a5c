"""How answers leave: tables on a terminal, JSON, JSON lines at every tick, CSV."""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vmtui.cli.arguments import WrongUsage
from vmtui.cli.progress import Progress
from vmtui.cli.table import Table, csv_rows, lines
from vmtui.export import json_text
from vmtui.export.document import Json
from vmtui.told import Told

Look = Callable[[Told], "Answer"]
"""Asks the kernel once. Slow sources and waiting for a second reading happen inside; those that
know how far they are say so."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found at one tick, in both of its shapes."""

    document: Callable[[], Json]
    """Makes the document with its envelope; for 60,000 VMAs that takes seconds."""
    tables: tuple[Table, ...]
    """What people read."""
    csv: Table | None = None
    """What `--csv` writes; None for the first of the tables."""


def deliver(arguments: argparse.Namespace, look: Look, what: str = "reading") -> None:
    """Print what `look` finds in the form that was asked for.

    Args:
        arguments: parsed, with the ones of `add_output`.
        look: called once, or at every tick with --jsonl.
        what: it does, for the line of progress.

    Raises:
        WrongUsage: --interval or --count without --jsonl.
    """
    if not arguments.jsonl and (arguments.interval or arguments.count):
        raise WrongUsage("--interval and --count go with --jsonl")
    if arguments.jsonl:
        for _ in ticks(arguments.interval or 1.0, arguments.count):
            write(_text(arguments, look, what))
            sys.stdout.flush()
    else:
        write(_text(arguments, look, what))


def _text(arguments: argparse.Namespace, look: Look, what: str) -> str:
    """One answer; nothing is printed before all of it is made."""
    with Progress(what) as progress:
        answer = look(progress.at)
        if arguments.jsonl:
            return line_of(answer.document())
        if arguments.json:
            return lines_of(answer.document())
        if arguments.csv:
            text, table = io.StringIO(), answer.csv or answer.tables[0]
            csv.writer(text, lineterminator="\n").writerows(csv_rows(table))
            return text.getvalue()
        width = line_width()
        return "\n".join(line for table in answer.tables for line in (*lines(table, width), ""))


def ticks(interval: float, count: int | None) -> Iterator[int]:
    """Numbers of ticks, each at its time on a clock that does not drift; late ones are dropped."""
    start, number = time.monotonic(), 0
    due = 0
    while count is None or number < count:
        yield number
        number += 1
        if number == count:
            return
        due = max(due + 1, int((time.monotonic() - start) / interval) + 1)
        time.sleep(max(0.0, start + due * interval - time.monotonic()))


def line_width() -> int | None:
    """Columns to fill: COLUMNS, else the terminal's; None where lines may be of any length."""
    if (columns := os.environ.get("COLUMNS", "")).isascii() and columns.isdigit() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (OSError, AttributeError, ValueError):
        return None


def write(text: str) -> None:
    """Text to the standard output, in the characters that its locale has."""
    if sys.stdout is None:
        return
    if not speaks_unicode():
        text = text.translate(_IN_ASCII).encode("ascii", "backslashreplace").decode("ascii")
    sys.stdout.write(text if text.endswith("\n") or not text else text + "\n")


def speaks_unicode() -> bool:
    """Whether the user's locale can show more than ASCII.

    Looked up in the environment: Python itself writes UTF-8 in the C locale too.
    """
    if (encoding := getattr(sys.stdout, "encoding", None)) and "utf" not in encoding.lower():
        return False
    chosen = (os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    return "utf" in next((value for value in chosen if value), "C").lower()


_IN_ASCII = str.maketrans({"–": "-", "−": "-", "…": "~", "×": "x", "Δ": "d", "▼": "v", "≈": "~"})


def line_of(document: Json) -> str:
    """A document in one line, in the characters of the standard output."""
    return json_text.line(document, ascii_only=not speaks_unicode())


def lines_of(document: Json) -> str:
    """A document for people too, in the characters of the standard output."""
    return json_text.lines(document, ascii_only=not speaks_unicode())
