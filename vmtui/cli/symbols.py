"""`vmtui symbols PID`: what of each program and library is in memory, by section and function."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from vmtui.cli.arguments import add_output, positive
from vmtui.cli.output import Answer, deliver
from vmtui.cli.table import Table
from vmtui.cli.target import add_target, nothing_there, opened
from vmtui.errors import ProcessGone, VmtuiError
from vmtui.export.document import Absences, Json, cell, document, record
from vmtui.kernel import maps
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit
from vmtui.model.fields.symbols import (
    FUNCTION_FIELDS,
    OBJECT_FIELDS,
    SECTION_FIELDS,
    ObjectRow,
    PartRow,
)
from vmtui.observe import symbol_pages
from vmtui.observe.symbol_rows import function_rows, object_row, section_rows
from vmtui.observe.symbols import MappedObject, Symbols
from vmtui.text import display
from vmtui.told import Told

_NOT_ASKED = Missing("not asked for", "leave out --sections")
_SORTABLE = tuple(one.id for one in FUNCTION_FIELDS)
_TEXTS = (Unit.TEXT, Unit.ADDRESS)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One object, with all that was asked for."""

    of: MappedObject
    row: ObjectRow
    sections: list[PartRow] | Missing
    functions: list[PartRow] | Missing


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_target(parser)
    parser.add_argument(
        "--object", metavar="PATH", help="this program or library alone: a path or its last part"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--sections", action="store_true", help="a row for every section")
    which.add_argument("--functions", action="store_true", help="a row for every function")
    parser.add_argument(
        "--sort",
        type=_sorting,
        metavar="FIELD",
        help=f"{', '.join(_SORTABLE)} (default resident; sections by address)",
    )
    parser.add_argument("--top", type=positive, metavar="N", help="the first N rows alone")
    parser.add_argument(
        "--all", action="store_true", help="functions too of which nothing is in memory"
    )
    add_output(parser)


def _sorting(word: str) -> str:
    if word not in _SORTABLE:
        raise argparse.ArgumentTypeError(
            f"{word!r} is no field to sort by; there are {', '.join(_SORTABLE)}"
        )
    return word


def run(arguments: argparse.Namespace) -> int:
    """Print the objects, the sections or the functions."""
    with opened(arguments.pid) as target, Pagemap(target) as pagemap:
        symbols = Symbols(target)
        look = partial(_answer, target, pagemap, symbols, arguments)
        deliver(arguments, look, "reading symbols")
    return 0


def _answer(
    target: Target,
    pagemap: Pagemap,
    symbols: Symbols,
    arguments: argparse.Namespace,
    told: Told,
) -> Answer:
    taken_at = datetime.now(UTC)
    found = maps.read(target)
    if not len(found):
        raise nothing_there(target)
    symbols.refresh(found)
    chosen = _chosen(symbols, arguments.object)
    in_table = not (arguments.json or arguments.jsonl)
    functions = arguments.functions or not (in_table or arguments.sections)
    seen = []
    for number, one in enumerate(chosen):
        told(number, len(chosen))
        seen.append(
            _seen(target, pagemap, symbols, one, functions=functions, everything=arguments.all)
        )
    if not target.alive():
        raise ProcessGone(f"process {target.pid} has exited")
    made = partial(_document, target.pid, symbols, seen, arguments, taken_at)
    return Answer(made, (_table(seen, symbols, arguments),))


def _chosen(symbols: Symbols, wanted: str | None) -> Sequence[MappedObject]:
    """The objects asked for.

    Raises:
        VmtuiError: there is none of that name.
    """
    if wanted is None:
        return symbols.objects
    raw = os.fsencode(wanted)
    found = [
        one
        for one in symbols.objects
        if raw in (one.path, os.path.basename(one.path)) or wanted == one.name
    ]
    if found:
        return found
    for path, why in symbols.missing:
        if raw in (path, os.path.basename(path)):
            raise VmtuiError(f"{display(path)}: {why.reason}")
    names = ", ".join(one.name for one in symbols.objects[:8])
    raise VmtuiError(f"no object {display(wanted)} in this process; there are {names or 'none'}")


def _seen(
    target: Target,
    pagemap: Pagemap,
    symbols: Symbols,
    one: MappedObject,
    *,
    functions: bool,
    everything: bool,
) -> _Seen:
    loaded = symbols.symbols(one)
    try:
        pages = symbol_pages.read(target, pagemap, one)
    except ProcessGone:
        raise
    except VmtuiError as error:
        why = Missing.because(error)
        return _Seen(one, object_row(one, why, loaded), why, why)
    return _Seen(
        one,
        object_row(one, pages, loaded),
        section_rows(pages),
        function_rows(pages, loaded, everything=everything) if functions else _NOT_ASKED,
    )


def _sorted(rows: list[PartRow], by: str, top: int | None) -> list[PartRow]:
    """Texts and addresses upwards, figures downwards; what is missing comes last."""
    (wanted,) = (one for one in FUNCTION_FIELDS if one.id == by)
    downwards = wanted.unit not in _TEXTS
    keyed = [(wanted.value(row), row) for row in rows]
    known: list[tuple[Any, PartRow]] = [pair for pair in keyed if not isinstance(pair[0], Missing)]
    known.sort(key=lambda pair: pair[0], reverse=downwards)
    unknown = [row for value, row in keyed if isinstance(value, Missing)]
    return [*(row for _, row in known), *unknown][:top]


def _table(seen: Sequence[_Seen], symbols: Symbols, arguments: argparse.Namespace) -> Table:
    note = _note(symbols, arguments.object)
    if not (arguments.sections or arguments.functions):
        rows = _sorted_objects([one.row for one in seen], arguments.sort, arguments.top)
        return Table(OBJECT_FIELDS, rows, note=note)
    kind = "sections" if arguments.sections else "functions"
    parts: list[PartRow] = []
    for one in seen:
        found = getattr(one, kind)
        if isinstance(found, Missing):
            note += f"\n{one.of.name}: {found.reason}"
        else:
            parts += found
    by = arguments.sort or ("address" if arguments.sections else "resident")
    fields = SECTION_FIELDS if arguments.sections else FUNCTION_FIELDS
    return Table(fields, _sorted(parts, by, arguments.top), note=note.strip("\n"))


def _sorted_objects(rows: list[ObjectRow], by: str | None, top: int | None) -> list[ObjectRow]:
    name = {"address": "start", "name": "path", "object": "path", None: "resident"}.get(by, by)
    (wanted,) = (one for one in OBJECT_FIELDS if one.id == name)

    def key(row: ObjectRow) -> tuple[bool, Any]:
        value = wanted.value(row)
        if isinstance(value, Missing):
            return True, 0
        return False, value if wanted.unit in _TEXTS else -value

    return sorted(rows, key=key)[:top]


def _note(symbols: Symbols, only: str | None) -> str:
    """What is not in the table, in a line each."""
    if only is not None:
        return ""
    lines = [f"{display(path)}: {why.reason}" for path, why in symbols.missing[:8]]
    if len(symbols.missing) > len(lines):
        lines.append(f"and {len(symbols.missing) - len(lines)} files more")
    return "\n".join(lines)


def _document(
    pid: int,
    symbols: Symbols,
    seen: Sequence[_Seen],
    arguments: argparse.Namespace,
    taken_at: datetime,
) -> Json:
    absences = Absences()
    for path, why in symbols.missing:
        absences.note(f"objects: {display(path)}", why)
    objects = [_object(one, arguments, absences) for one in seen]
    return document("symbols", {"pid": pid, "objects": objects}, absences, taken_at)


def _object(one: _Seen, arguments: argparse.Namespace, absences: Absences) -> Json:
    made = record(OBJECT_FIELDS, one.row, absences)
    if one.row.path.encode("utf-8", "surrogateescape") != one.row.raw_path:
        made["path_bytes"] = one.row.raw_path.hex()
    by, top = arguments.sort, arguments.top
    for kind, found, fields, usual in (
        ("sections", one.sections, SECTION_FIELDS, "address"),
        ("functions", one.functions, FUNCTION_FIELDS, "resident"),
    ):
        if isinstance(found, Missing):
            absences.note(kind, found)
            made[kind] = None
        else:
            made[kind] = _parts(_sorted(found, by or usual, top), fields, absences)
    return made


def _parts(rows: list[PartRow], fields: Sequence[Field[PartRow]], absences: Absences) -> list[Json]:
    kept = [one for one in fields if one.id != "object"]
    return [{one.id: cell(one, row, absences) for one in kept} for row in rows]
