"""Rows for tables and documents: objects, sections and functions with their figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vmtui.missing import Missing
from vmtui.model.fields.symbols import ObjectRow, PartRow
from vmtui.model.symbol_residency import FIGURES
from vmtui.observe.mapped_objects import MappedObject
from vmtui.observe.symbol_cache import LoadedSymbols
from vmtui.observe.symbol_pages import ObjectPages
from vmtui.text import DisplayText, display

_NO_ADDRESS = Missing("it lies in no section, and so at no one address")
NO_FIRST_BYTE = Missing("its first byte has no address in the process")
_NO_DEBUG_FILE = Missing("none was needed, or none was found")


def object_row(
    one: MappedObject, pages: ObjectPages | Missing, loaded: LoadedSymbols | Missing
) -> ObjectRow:
    """An object as a row."""
    figures: Mapping[str, Any] = (
        dict.fromkeys(FIGURES, pages) if isinstance(pages, Missing) else pages.figures
    )
    return ObjectRow(
        path=display(one.path, limit=None),
        start=one.pieces[0].start,
        size=figures["size"],
        resident=figures["resident"],
        private_dirty=figures["private_dirty"],
        swapped=figures["swapped"],
        build_id=one.build_id,
        symbols=loaded if isinstance(loaded, Missing) else len(loaded.table),
        symbols_from=loaded if isinstance(loaded, Missing) else loaded.source,
        debug_file=_debug_file(loaded),
        raw_path=one.path,
    )


def section_rows(pages: ObjectPages) -> list[PartRow] | Missing:
    """The sections of an object by address; the last row holds what is in none."""
    sections = pages.sections()
    if isinstance(sections, Missing):
        return sections
    return [
        PartRow(
            object=pages.of.name,
            name=row.name,
            address=_NO_ADDRESS if row.address is None else row.address,
            size=row.size,
            resident=row.resident,
            private_dirty=row.private_dirty,
            swapped=row.swapped,
        )
        for row in sections
    ]


def function_rows(
    pages: ObjectPages, loaded: LoadedSymbols | Missing, *, everything: bool = False
) -> list[PartRow] | Missing:
    """The functions of an object by address: 200,000 rows take half a second.

    Args:
        pages: the object's.
        loaded: its symbols.
        everything: whether those too of which no byte is in memory.
    """
    if isinstance(loaded, Missing):
        return loaded
    found = pages.functions(loaded.table)
    parts = found.parts
    rows = np.arange(len(found.rows)) if everything else np.flatnonzero(parts.resident)
    figures = zip(*(getattr(parts, name)[rows].tolist() for name in FIGURES), strict=True)
    places = zip(found.rows[rows].tolist(), found.address[rows].tolist(), strict=True)
    name = loaded.table.name
    return [
        PartRow(pages.of.name, display(name(row)), address or NO_FIRST_BYTE, *four)
        for (row, address), four in zip(places, figures, strict=True)
    ]


def _debug_file(loaded: LoadedSymbols | Missing) -> DisplayText | Missing:
    if isinstance(loaded, Missing):
        return loaded
    if loaded.debug_file is None:
        return _NO_DEBUG_FILE
    return display(loaded.debug_file, limit=None)
