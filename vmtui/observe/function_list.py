"""The functions of an object as rows that are made when they are looked at: some 40 of 200,000."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np

from vmtui.model.fields.field import Field, Unit
from vmtui.model.fields.symbols import PartRow
from vmtui.model.filter import Filter
from vmtui.model.symbol_residency import Column
from vmtui.observe.symbol_pages import Functions
from vmtui.observe.symbol_rows import NO_FIRST_BYTE
from vmtui.text import DisplayText, display

QUICK = 2_000
"""So many rows are filtered and sorted within a frame; more belong into a thread."""


class FunctionList(Sequence[PartRow]):
    """Frozen, as the reading it was made from."""

    def __init__(
        self, functions: Functions, name: DisplayText, order: Column | None = None
    ) -> None:
        """All functions of which something is in memory or in swap, by address.

        Args:
            functions: of the object.
            name: the object's.
            order: which of them, and how sorted.
        """
        parts = functions.parts
        self._of, self._name = functions, name
        if order is None:
            order = np.flatnonzero(parts.resident + parts.swapped)
        self._order: Column = order

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> PartRow: ...

    @overload
    def __getitem__(self, index: slice) -> list[PartRow]: ...

    def __getitem__(self, index: int | slice) -> PartRow | list[PartRow]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        return self._row(int(self._order[index]))

    @property
    def nbytes(self) -> int:
        """Memory of its columns; the symbols themselves are the cache's."""
        return 48 * len(self._of.rows) + self._order.nbytes

    @property
    def total(self) -> int:
        """Functions that the object has, in memory or not."""
        return len(self._of.rows)

    def index_of(self, address: object) -> int | None:
        """Where in the list the function at that address is."""
        if not isinstance(address, int):
            return None
        found = np.flatnonzero(self._of.address[self._order] == np.uint64(address))
        return int(found[0]) if len(found) else None

    def arranged(
        self, passes: Filter[PartRow], by: Field[PartRow], *, descending: bool
    ) -> FunctionList:
        """Filtered and sorted: some ms, or half a second for 200,000 by name or with a filter."""
        order = self._order
        if passes:
            kept = [at for at in order.tolist() if passes(self._row(at))]
            order = np.array(kept, np.int64)
        keys = self._keys(by, order)
        if descending:  # equal ones stay in the order of their addresses
            order = order[::-1][np.argsort(keys[::-1], kind="stable")][::-1]
        else:
            order = order[np.argsort(keys, kind="stable")]
        return FunctionList(self._of, self._name, order)

    def _keys(self, by: Field[PartRow], order: Column) -> Any:
        parts = self._of.parts
        if by.id == "address":
            return self._of.address[order]
        if by.id == "resident_percent":
            return parts.resident[order] / np.maximum(1, parts.size[order])
        if by.unit is Unit.TEXT:
            words = [str(by.get(self._row(at))).lower() for at in order.tolist()]
            ranks = {word: rank for rank, word in enumerate(sorted(set(words)))}
            return np.array([ranks[word] for word in words], np.int64)
        return getattr(parts, by.id)[order]

    def _row(self, at: int) -> PartRow:
        functions, parts = self._of, self._of.parts
        return PartRow(
            object=self._name,
            name=display(functions.table.name(int(functions.rows[at]))),
            address=int(functions.address[at]) or NO_FIRST_BYTE,
            size=int(parts.size[at]),
            resident=int(parts.resident[at]),
            private_dirty=int(parts.private_dirty[at]),
            swapped=int(parts.swapped[at]),
        )
