"""The figures of all VMAs, field by field: what the rows say one by one, 60,000 at a time.

Equal names, flags and permissions, and most are equal, are made once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vmtui.export.document import Json
from vmtui.missing import Missing
from vmtui.model.fields.field import Field
from vmtui.model.fields.vma import VMA_FIELDS_BY_ID
from vmtui.model.vma_kinds import KINDS, VmaKind
from vmtui.model.vmas import SMAPS_NAMES, VmaRow, Vmas
from vmtui.text import DisplayText, display


def columns(vmas: Vmas, fields: Sequence[Field[VmaRow]]) -> dict[str, Sequence[Any]]:
    """By the fields' ids, what `field.value` says of every VMA."""
    return {field.id: _column(vmas, field) for field in fields}


def _column(vmas: Vmas, field: Field[VmaRow]) -> Sequence[Any]:
    if field.id in _TEXTS:
        return _TEXTS[field.id](vmas)
    figures = vmas.column(field.id) if field.id in _NUMBERS else None
    if figures is None or figures.min(initial=0) < 0:  # a reason or more to tell
        return [field.value(row) for row in vmas]
    return list(map(bool, figures.tolist())) if field.id in _TRUTHS else figures.tolist()


def names(vmas: Vmas) -> list[DisplayText]:
    """The names, safe to show."""
    made = {raw: display(raw) for raw in set(vmas.maps.names)}
    return list(map(made.__getitem__, vmas.maps.names))


def raw_names(vmas: Vmas, shown: Sequence[DisplayText]) -> Mapping[int, Json]:
    """By row the name's bytes as hex, where the shown name differs from them."""
    differ = {
        raw
        for raw, name in set(zip(vmas.maps.names, shown, strict=True))
        if name.encode("utf-8", "surrogateescape") != raw
    }
    if not differ:
        return {}
    return {
        row: {"name_bytes": raw.hex()} for row, raw in enumerate(vmas.maps.names) if raw in differ
    }


def perms(vmas: Vmas) -> list[str]:
    """`rw-p` and the like."""
    raw = vmas.maps.perms.tolist()
    made = {each: each.decode("ascii", "replace") for each in set(raw)}
    return list(map(made.__getitem__, raw))


def kinds(vmas: Vmas) -> list[VmaKind]:
    """What each is for."""
    return list(map(KINDS.__getitem__, vmas.kind_codes.tolist()))


def _devices(vmas: Vmas) -> list[str]:
    numbers = vmas.maps.device.tolist()
    places = dict(zip(numbers, range(len(numbers)), strict=True))
    made = {number: vmas.maps.device_text(row) for number, row in places.items()}
    return list(map(made.__getitem__, numbers))


def _flags(vmas: Vmas) -> Sequence[Any]:
    smaps, rows = vmas.smaps, vmas.smaps_rows
    if isinstance(smaps, Missing) or isinstance(smaps.flag_rows, Missing) or rows.min() < 0:
        return [VMA_FIELDS_BY_ID["vm_flags"].value(row) for row in vmas]
    made = [" ".join(codes.decode("ascii", "replace").split()) for codes in smaps.flag_sets]
    return list(map(made.__getitem__, smaps.flag_rows[rows].tolist()))


_TEXTS: Mapping[str, Callable[[Vmas], Sequence[Any]]] = {
    "name": names,
    "perms": perms,
    "kind": kinds,
    "device": _devices,
    "vm_flags": _flags,
}
_TRUTHS = {"thp_eligible"}
_NUMBERS = {"start", "end", "size", "offset", "inode", "dirty", *_TRUTHS, *SMAPS_NAMES}
