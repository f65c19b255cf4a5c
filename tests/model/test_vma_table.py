"""The lines of the VMA table: every order and filter is what going through the rows would give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.kernel.maps_text import PlainVma
from tests.model.test_vmas import PAGE, smaps_of, vma
from vmtui.missing import Missing
from vmtui.model.fields.field import Field
from vmtui.model.fields.vma import VMA_FIELDS, VMA_FIELDS_BY_ID
from vmtui.model.filter import parse
from vmtui.model.vma_row import VmaRow
from vmtui.model.vma_table import VmaLines
from vmtui.model.vmas import Gap, Vmas

GIB = 1 << 18
"""Pages."""
TOP = PlainVma(0xFFFF_FFFF_FF60_0000, 0xFFFF_FFFF_FF60_1000, b"--xp", name=b"[vsyscall]")


def table() -> Vmas:
    figures = smaps_of(
        (PlainVma(PAGE, 3 * PAGE, b"r-xp", name=b"/b", inode=3), {"Rss": 8}, b"rd ex"),
        (PlainVma(4 * PAGE, 5 * PAGE, b"rw-p", name=b"[heap]"), {"Rss": 4, "Pss": 4}, b"rd wr"),
        (vma(2 * GIB, 3, b"/a", inode=2), {"Rss": 12, "Private_Dirty": 4}, b"rd"),
        (vma(2 * GIB + 5, 5), {}, b"rd"),
        (TOP, {}, b"ex"),
    )
    resident = np.array([2, 1, 3, 0, 0])
    return Vmas.of(figures.maps, figures, resident_pages=resident, swapped_pages=resident * 0)


SORTABLE = [field for field in VMA_FIELDS if field.id != "residency"]


@pytest.mark.parametrize("field", SORTABLE, ids=lambda field: field.id)
@pytest.mark.parametrize("descending", [True, False])
def test_every_order_in_both_directions(field: Field[VmaRow], descending: bool) -> None:
    vmas = table()
    lines = VmaLines(vmas, None, field, descending=descending)
    rows = [line for line in lines if isinstance(line, VmaRow)]
    assert sorted(row.index for row in rows) == list(range(len(vmas)))
    values: list[Any] = [field.value(row) for row in rows]
    known = [value for value in values if not isinstance(value, Missing)]
    assert values[: len(known)] == known, "what is not known comes last"
    assert known == sorted(known, reverse=descending)
    assert [lines.index_of(row.start) for row in rows] == list(range(len(rows)))


def test_addresses_have_their_holes() -> None:
    vmas = table()
    lines = VmaLines(vmas)
    shown = list(lines)
    assert [at for at, line in enumerate(shown) if isinstance(line, Gap)] == [2]
    assert [lines.index_of(vma.start) for vma in vmas] == [0, 1, 3, 4, 5]
    assert lines.index_of(VmaLines.key(shown[2])) is None
    assert lines.index_of(3 * PAGE) is None
    assert lines[-1].start == TOP.start


@pytest.mark.parametrize(
    "typed",
    ["heap", "kind:anon", "perms:x", "perms:rw", "rss>4k", "size>=8k", "pss<1M", "a kind:file"],
)
def test_a_filter_of_columns_is_the_filter_of_rows(typed: str) -> None:
    vmas = table()
    passes = parse(typed, VMA_FIELDS_BY_ID, ("name", "kind", "perms"))
    shown = [line.index for line in VmaLines(vmas, passes) if isinstance(line, VmaRow)]
    assert shown == [row.index for row in vmas if passes(row)]
