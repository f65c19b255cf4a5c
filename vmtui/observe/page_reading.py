"""One page at one tick, with who maps its frame and its bytes: what level 4 is a function of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vmtui.missing import Missing
from vmtui.model.mappers import Mappers
from vmtui.model.page_walk import Walk
from vmtui.observe.page_view import PageView

_VIEW_BYTES = 2 << 10


@dataclass(frozen=True, slots=True, eq=False)
class PageReading:
    """One page. Where nothing changed it is the object of the tick before."""

    address: int
    """As asked for."""
    view: PageView | Missing
    mappers: Mappers | Missing | None
    """How far the search has got; None where none was asked for."""
    contents: bytes | Missing | None
    """None where they were not asked for."""

    @property
    def nbytes(self) -> int:
        """Memory it takes, about."""
        total = _VIEW_BYTES + (len(self.contents) if isinstance(self.contents, bytes) else 0)
        if not isinstance(self.view, Missing) and not isinstance(self.view.walk, Missing):
            total += sum(table.shares.nbytes for table in self.view.walk.tables)
            total += len(self.view.walk.neighbours)
        return total


def same_view(one: PageView, other: PageView) -> bool:
    """Whether two looks at a page say the same."""
    return (
        (one.address, one.page, one.cgroup, one.tables, one.swap_path, one.file_offset)
        == (other.address, other.page, other.cgroup, other.tables, other.swap_path,
            other.file_offset)
        and (one.vma.start, one.vma.end, one.vma.perms, one.vma.name_bytes)
        == (other.vma.start, other.vma.end, other.vma.perms, other.vma.name_bytes)
        and _same_walk(one.walk, other.walk)
    )  # fmt: skip


def _same_walk(one: Walk | Missing, other: Walk | Missing) -> bool:
    if isinstance(one, Missing) or isinstance(other, Missing):
        return one == other
    return (
        (one.ending, one.mapped_bytes, one.neighbours, len(one.tables))
        == (other.ending, other.mapped_bytes, other.neighbours, len(other.tables))
        and all(
            np.array_equal(a.shares, b.shares)
            for a, b in zip(one.tables, other.tables, strict=True)
        )
    )  # fmt: skip
