"""Columns of all VMAs say what their rows say one by one, of real processes and of odd text."""

from __future__ import annotations

import os

import numpy as np
import pytest

from vmtui.cli.maps import FIELDS
from vmtui.export import vma_columns
from vmtui.kernel import maps, smaps
from vmtui.kernel.target import Target
from vmtui.model.fields.vma import VMA_FIELDS
from vmtui.model.vmas import Vmas

HOSTILE = (
    b"00001000-00002000 rw-p 00000000 00:00 0 \n"
    b"00002000-00003000 r-xs 00001000 fe:1b 77    /a\x1b]0;owned\x07\n"
    b"00003000-00004000 ---p 00000000 00:01 9 /dev/zero (deleted)\n"
    b"00004000-00005000 r-xs 00001000 fe:1b 77    /a\x1b]0;owned\x07\n"
)


def own() -> Vmas:
    with Target(os.getpid()) as target:
        figures = smaps.read(target)
    return Vmas.of(figures.maps, figures)


def newer_than_smaps() -> Vmas:
    """Half of the VMAs have no figures yet."""
    known, newer = own(), maps.parse(HOSTILE)
    return Vmas.of(_together(newer, known.maps), known.smaps)


def _together(one: maps.Maps, other: maps.Maps) -> maps.Maps:
    columns = {
        name: np.concatenate((getattr(one, name), getattr(other, name)))
        for name in ("start", "end", "perms", "offset", "device", "inode")
    }
    return maps.Maps(**columns, names=[*one.names, *other.names], torn=0)


@pytest.mark.parametrize("vmas", [own(), Vmas.of(maps.parse(HOSTILE)), newer_than_smaps()])
def test_every_field(vmas: Vmas) -> None:
    columns = vma_columns.columns(vmas, VMA_FIELDS)
    for field in VMA_FIELDS:
        assert list(columns[field.id]) == [field.value(row) for row in vmas], field.id
    assert {field.id for field in FIELDS} <= columns.keys()


def test_raw_names_only_where_they_differ() -> None:
    vmas = Vmas.of(maps.parse(HOSTILE))
    names = vma_columns.names(vmas)
    assert vma_columns.raw_names(vmas, names) == {
        row: {"name_bytes": b"/a\x1b]0;owned\x07".hex()} for row in (1, 3)
    }
