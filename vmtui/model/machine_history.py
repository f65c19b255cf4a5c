"""The machine's figures over the last minutes: one series for each field that a chart shows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from vmtui.missing import Missing
from vmtui.model.fields.machine import MACHINE_FIELDS_BY_ID
from vmtui.model.machine import MachineReading, MachineRow

Values = tuple[float | None, ...]


class MachineHistory:
    """Remembers what it has computed of each reading, as long as that reading is asked for."""

    def __init__(self, fields: Sequence[str]) -> None:
        """Nothing is known yet.

        Args:
            fields: ids of machine fields.
        """
        self._fields = [MACHINE_FIELDS_BY_ID[name] for name in fields]
        self._kept: dict[int, tuple[MachineReading, MachineReading, Values]] = {}  # by id()

    def series(
        self, readings: Sequence[MachineReading], points: int
    ) -> dict[str, list[float | None]]:
        """By field, `points` values that end now; None where there is no reading.

        Args:
            readings: oldest first; one that stands there several times counts once.
            points: how many.
        """
        distinct = list({id(reading): reading for reading in readings}.values())
        kept: dict[int, tuple[MachineReading, MachineReading, Values]] = {}
        rows = []
        for before, now in pairwise(distinct[-points - 1 :]):
            known = self._kept.get(id(now))
            if known is None or known[0] is not now or known[1] is not before:
                known = now, before, self._values(now, before)
            kept[id(now)] = known
            rows.append(known[2])
        self._kept = kept
        early: list[float | None] = [None] * (points - len(rows))
        return {
            field.id: early + [values[at] for values in rows]
            for at, field in enumerate(self._fields)
        }

    def _values(self, now: MachineReading, before: MachineReading) -> Values:
        row = MachineRow(now, before)
        found = (field.get(row) for field in self._fields)
        return tuple(None if isinstance(value, Missing) else value for value in found)
