"""How answers leave: tables on a terminal, JSON, JSON lines at every tick, CSV."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from vmtui.cli.arguments import WrongUsage
from vmtui.cli.document import Json, Rows
from vmtui.cli.table import Table, csv_rows, lines

Look = Callable[[], "Answer"]
"""Asks the kernel once. Slow sources and waiting for a second reading happen inside."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found at one tick, in both of its shapes."""

    document: Callable[[], Json]
    """Makes the document with its envelope; for 60,000 VMAs that takes seconds."""
    tables: tuple[Table, ...]
    """What people read."""
    csv: Table | None = None
    """What `--csv` writes; None for the first of the tables."""


def deliver(arguments: argparse.Namespace, look: Look) -> None:
    """Print what `look` finds in the form that was asked for.

    Args:
        arguments: parsed, with the ones of `add_output`.
        look: called once, or at every tick with --jsonl.

    Raises:
        WrongUsage: --interval or --count without --jsonl.
    """
    if not arguments.jsonl and (arguments.interval or arguments.count):
        raise WrongUsage("--interval and --count go with --jsonl")
    if arguments.jsonl:
        for _ in ticks(arguments.interval or 1.0, arguments.count):
            write(line_of(look().document()))
            sys.stdout.flush()
    elif arguments.json:
        write(lines_of(look().document()))
    elif arguments.csv:
        answer, text = look(), io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(csv_rows(answer.csv or answer.tables[0]))
        write(text.getvalue())
    else:
        width = line_width()
        write("\n".join(line for table in look().tables for line in (*lines(table, width), "")))


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
    """A document in one line."""
    encode = _encoder().encode
    made = (
        f"[{', '.join(_rows(part, encode))}]" if isinstance(part, Rows) else encode(part)
        for part in document.values()
    )
    keys = map(encode, document)
    return f"{{{', '.join(f'{key}: {part}' for key, part in zip(keys, made, strict=True))}}}"


def lines_of(document: Json) -> str:
    """A document for people too: a key a line, and a line for each element of a list.

    The standard library's own indentation is several times slower, which tells with 60,000 VMAs.
    """
    encode = _encoder().encode

    def lines(part: Any) -> str:
        match part:
            case Rows():
                return _block(_rows(part, encode))
            case [_, *_]:
                return _block(map(encode, part))
            case {**pairs} if pairs:
                inner = (f"    {encode(key)}: {encode(each)}" for key, each in pairs.items())
                return "{\n" + ",\n".join(inner) + "\n  }"
            case _:
                return encode(part)

    keys = ",\n".join(f"  {encode(key)}: {lines(part)}" for key, part in document.items())
    return f"{{\n{keys}\n}}"


def _block(elements: Iterable[str]) -> str:
    return "[\n    " + ",\n    ".join(elements) + "\n  ]"


def _rows(rows: Rows, encode: Callable[[Any], str]) -> list[str]:
    """Each row as a JSON object; equal values are encoded once."""
    keys = (encode(key).replace("%", "%%") for key in rows.columns)
    pattern = ", ".join(f"{key}: %s" for key in keys)
    columns = [_texts(column, encode) for column in rows.columns.values()]
    made = [f"{{{pattern}}}" % values for values in zip(*columns, strict=True)]
    for index, more in rows.more.items():
        made[index] = f"{made[index][:-1]}, {encode(more)[1:]}"
    return made


def _texts(column: Sequence[Any], encode: Callable[[Any], str]) -> list[str]:
    made = {value: str(value) if type(value) is int else encode(value) for value in set(column)}
    return list(map(made.__getitem__, column))


def _encoder() -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=not speaks_unicode(), allow_nan=False)
