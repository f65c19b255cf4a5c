"""`vmtui fields`: the registry, from which columns, documents and the README derive."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any, NamedTuple

from vmtui.cli.arguments import add_output
from vmtui.cli.output import Answer, deliver
from vmtui.cli.table import Table, column
from vmtui.export.document import Absences, document
from vmtui.model.fields.cached_file import CACHED_FILE_FIELDS
from vmtui.model.fields.difference import LEAK_FIELDS, VMA_DIFFERENCE_FIELDS
from vmtui.model.fields.field import Field, Unit
from vmtui.model.fields.group import GROUP_FIELDS
from vmtui.model.fields.machine import MACHINE_FIELDS, SHARE_FIELDS
from vmtui.model.fields.oom import OOM_FIELDS
from vmtui.model.fields.pages import PAGE_FIELDS
from vmtui.model.fields.process import PROCESS_FIELDS
from vmtui.model.fields.symbols import FUNCTION_FIELDS, OBJECT_FIELDS, SECTION_FIELDS
from vmtui.model.fields.vma import VMA_FIELDS

REGISTRY: dict[str, tuple[Field[Any], ...]] = {
    "process": PROCESS_FIELDS,
    "vma": VMA_FIELDS,
    "pages": PAGE_FIELDS,
    "machine": MACHINE_FIELDS,
    "accounting": SHARE_FIELDS,
    "object": OBJECT_FIELDS,
    "section": SECTION_FIELDS,
    "function": FUNCTION_FIELDS,
    "file": CACHED_FILE_FIELDS,
    "candidate": OOM_FIELDS,
    "group": GROUP_FIELDS,
    "difference": VMA_DIFFERENCE_FIELDS,
    "leak": LEAK_FIELDS,
}
"""Every field by what it is a figure of."""


class Entry(NamedTuple):
    """A field, and what it is a figure of."""

    of: str
    field: Field[Any]


_COLUMNS = (
    column("OF", Unit.TEXT, lambda entry: entry.of, name="of"),
    column("ID", Unit.TEXT, lambda entry: entry.field.id, name="id"),
    column("TITLE", Unit.TEXT, lambda entry: entry.field.title, name="title"),
    column("UNIT", Unit.TEXT, lambda entry: entry.field.unit.value, name="unit"),
    column("HELP", Unit.TEXT, lambda entry: entry.field.help, name="help", width=0),
)
_MORE = (
    column("SOURCE", Unit.TEXT, lambda entry: entry.field.source, name="source"),
    column("SHELL", Unit.TEXT, lambda entry: entry.field.shell, name="shell"),
    column("COST", Unit.TEXT, lambda entry: entry.field.cost.value, name="cost"),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the registry."""
    deliver(arguments, lambda _told: _answer())
    return 0


def _answer() -> Answer:
    entries = [Entry(of, field) for of, fields in REGISTRY.items() for field in fields]
    columns = (*_COLUMNS, *_MORE)
    body = {
        "fields": [
            {made.id: str(made.get(entry)) for made in columns} | {"default": entry.field.default}
            for entry in entries
        ]
    }
    table = Table(_COLUMNS, entries)
    made = partial(document, "fields", body, Absences())
    return Answer(made, (table,), csv=Table(columns, entries))
