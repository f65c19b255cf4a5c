"""What is known of a process's symbols at one tick, as far as it is on screen."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from vmtui.missing import Missing
from vmtui.model.fields.symbols import ObjectRow, PartRow
from vmtui.observe.function_list import FunctionList
from vmtui.observe.plan import PageWindow
from vmtui.observe.symbols import PageLabel, Place, SectionRun
from vmtui.text import DisplayText

_ROW_BYTES = 400


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """What lies at one address."""

    address: int
    place: Place
    label: PageLabel | Missing
    """Everything on its page."""


@dataclass(frozen=True, slots=True, eq=False)
class ObjectParts:
    """One object taken apart."""

    start: int
    """Its lowest address."""
    name: DisplayText
    sections: tuple[PartRow, ...] | Missing
    functions: FunctionList | Missing
    """Missing too while its symbols are being read."""


@dataclass(frozen=True, slots=True, eq=False)
class SymbolsTold:
    """The latest answers. Where nothing changed, the objects of the tick before."""

    located: Located | None = None
    window: PageWindow | None = None
    runs: tuple[SectionRun, ...] = ()
    """Stretches of equal sections within the window."""
    objects: tuple[ObjectRow, ...] | Missing | None = None
    unread: tuple[tuple[DisplayText, Missing], ...] = ()
    """Files that could not be looked into, and why."""
    jit: str | Missing = ""
    parts: ObjectParts | Missing | None = None

    def run_at(self, address: int) -> SectionRun | None:
        """The stretch that holds an address of the window."""
        row = bisect_right(self.runs, address, key=_start) - 1
        return self.runs[row] if row >= 0 and address < self.runs[row].end else None

    def nbytes(self, before: SymbolsTold | None) -> int:
        """Memory of what `before` does not share, about."""
        total = 0
        if isinstance(self.objects, tuple) and (not before or before.objects is not self.objects):
            total += _ROW_BYTES * len(self.objects)
        if self.runs and (not before or before.runs is not self.runs):
            total += _ROW_BYTES * len(self.runs)
        parts = self.parts
        if isinstance(parts, ObjectParts) and (not before or before.parts is not parts):
            total += 0 if isinstance(parts.sections, Missing) else _ROW_BYTES * len(parts.sections)
            total += 0 if isinstance(parts.functions, Missing) else parts.functions.nbytes
        return total


def _start(run: SectionRun) -> int:
    return run.start
