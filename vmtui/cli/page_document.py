"""The document of `vmtui page`, and what goes into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vmtui.export.document import Absences, Json, document, with_raw_name
from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.frame_words import in_words
from vmtui.model.mappers import Mapper, Mappers
from vmtui.model.page_walk import Derived, Walk
from vmtui.observe.page_view import PageView
from vmtui.observe.page_walk import machine_geometry
from vmtui.observe.symbols import Place
from vmtui.text import display

Known = Callable[[str, Any], Any]
"""A value, or None with its reason noted."""
_LEVELS = ("pgd", "p4d", "pud", "pmd", "pte")
_BITS = {
    "present": flags.PM_PRESENT,
    "swapped": flags.PM_SWAPPED,
    "file": flags.PM_FILE,
    "exclusive": flags.PM_EXCLUSIVE,
    "soft_dirty": flags.PM_SOFT_DIRTY,
    "uffd_wp": flags.PM_UFFD_WP,
    "guard": flags.PM_GUARD,
}


@dataclass(frozen=True, slots=True, eq=False)
class PageSeen:
    """Everything about the page, gathered."""

    view: PageView
    place: Place
    search: Mappers | Missing
    contents: bytes | Missing
    """Read last: looking at them faults the page in."""


def page_document(seen: PageSeen) -> Json:
    """Every key of `page`, and more."""
    view, absences = seen.view, Absences()

    def known(name: str, value: Any) -> Any:
        if isinstance(value, Missing):
            absences.note(name, value)
            return None
        return value

    page, vma = view.page, view.vma
    cgroup = known("cgroup", view.cgroup)
    frame_flags = known("frame_flags", page.frame_flags)
    search = known("sharers", seen.search)
    contents = known("bytes", seen.contents)
    body: Json = {
        "pid": view.pid,
        "address": f"{view.address:#x}",
        "page_size": PAGE_SIZE,
        "vma": with_raw_name(
            {
                "start": f"{vma.start:#x}", "end": f"{vma.end:#x}", "perms": vma.perms,
                "offset": vma.offset, "device": vma.device, "inode": vma.inode,
                "name": str(vma.name), "kind": str(vma.kind),
            },
            vma.name_bytes, vma.name,
        ),
        "indices": _indices(view),
        "entry": {"raw": f"{page.entry:#018x}"}
        | {name: bool(page.entry & bit) for name, bit in _BITS.items()},
        "state": view.state.slot,
        "pfn": known("pfn", page.pfn),
        "frame_flags": None if frame_flags is None else [w.name for w in in_words(frame_flags)],
        "frame_flags_raw": None if frame_flags is None else f"{frame_flags:#x}",
        "map_count": known("map_count", page.map_count),
        "cgroup": None if cgroup is None else str(display(cgroup, limit=None)),
        "sharers": None if search is None else [_sharer(mapper) for mapper in search.found],
        "search": None if search is None else {
            "complete": search.complete, "why": search.why, "processes": search.processes,
            "refused": search.refused, "pages": search.pages,
        },
        "swap": _swap(view, known),
        "file": _file(seen, known),
        "walk": _walk(walk) if (walk := known("walk", view.walk)) else None,
        "page_tables": (
            _page_tables(tables) if (tables := known("page_tables", view.tables)) else None
        ),
        "bytes": None if contents is None else contents.hex(),
    }  # fmt: skip
    return document("page", body, absences)


def _indices(view: PageView) -> Json:
    """The address's parts; null for levels this machine does not have."""
    geometry = machine_geometry()
    named = dict(
        zip((name.lower() for name in geometry.levels), geometry.indices(view.address), strict=True)
    )
    return {name: named.get(name) for name in _LEVELS} | {"offset": view.address % PAGE_SIZE}


def _sharer(mapper: Mapper) -> Json:
    shown = display(mapper.comm)
    made = {"pid": mapper.pid, "comm": str(shown), "address": f"{mapper.address:#x}"}
    return with_raw_name(made, mapper.comm, shown, key="comm_bytes")


def _swap(view: PageView, known: Known) -> Json | None:
    page = view.page
    if not page.in_swap:
        return None
    path = known("swap.path", view.swap_path)
    return {
        "type": known("swap.type", page.swap_type),
        "offset": known("swap.offset", page.swap_offset),
        "path": None if path is None else str(display(path, limit=None)),
    }


def _file(seen: PageSeen, known: Known) -> Json | None:
    """The place in the file; null for memory that is of none."""
    place = seen.place
    path = known("file", place.path)
    if path is None:
        return None
    texts = {name: known(f"file.{name}", getattr(place, name)) for name in ("section", "symbol")}
    return {
        "path": str(display(path, limit=None)),
        "offset": known("file.offset", place.offset),
        **{name: None if text is None else str(text) for name, text in texts.items()},
        "symbol_offset": place.symbol_offset if texts["symbol"] is not None else None,
    }


def _walk(walk: Walk) -> Json:
    return {
        "derived": True,
        "ending": walk.ending.value,
        "mapped": walk.mapped_bytes,
        "tables": [
            {
                "level": table.name.lower(), "index": table.index, "used": table.used,
                "entries": len(table.shares), "entry_span": table.entry_span,
                "needed": table.needed,
            }
            for table in walk.tables
        ],
    }  # fmt: skip


def _page_tables(tables: Derived) -> Json:
    levels = (name.lower() for name in machine_geometry().levels)
    unread = isinstance(tables.read_bytes, Missing)
    return {
        "counts": dict(zip(levels, tables.counts, strict=True)),
        "derived": tables.derived_bytes,
        "read": None if unread else tables.read_bytes,
        "difference": None if unread else tables.difference,
        "why": tables.why or None,
    }
