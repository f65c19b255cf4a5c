"""What a metric is: declared once, shown everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from vmtui.missing import Missing

RowT = TypeVar("RowT")


class Unit(Enum):
    """How a value is written: on screen by `units`, in documents as the plain number."""

    BYTES = "bytes"
    CHANGE = "bytes, signed"
    PAGES = "pages"
    COUNT = "count"
    RATE = "per second"
    PERCENT = "percent"
    ADDRESS = "address"
    TIME = "seconds since 1970"
    DURATION = "seconds"
    TEXT = "text"
    ID = "number"
    SERIES = "series"
    FLAG = "yes or no"


class Cost(Enum):
    """What a field makes the kernel read; what is not shown is not read."""

    FREE = "comes with the list"
    STAT = "one /proc/PID/stat per process"
    STATUS = "one /proc/PID/status per process"
    ROLLUP = "smaps_rollup: walks the page tables of the process"
    MISC = "another small file per process"


@dataclass(frozen=True, slots=True)
class Field(Generic[RowT]):
    """A metric of a process, a VMA, a range of pages or the machine."""

    id: str
    """The key in documents, configuration and recordings; never changes."""
    title: str
    """The column header: short, upper case for tables."""
    unit: Unit
    help: str
    """One plain sentence: what it means, and what it does not."""
    source: str
    """The kernel file and line it comes from: `/proc/PID/smaps_rollup, Pss:`."""
    shell: str
    """A shell line that prints the same number; `{pid}` stands for the PID."""
    get: Callable[[RowT], Any]
    """The value from a row, or `Missing`. Bytes for sizes."""
    cost: Cost = Cost.FREE
    width: int = 6
    """Columns on screen; 0 takes what is left."""
    leaves_below: int = 0
    """Terminal width under which a default table drops this column first."""
    slot: str = ""
    """A state's ink when the figure is not zero (`swapped` for SWAP)."""
    default: bool = True
    """Whether the column is shown before the user chooses."""
    of_past: bool = False
    """Whether earlier readings have a part in it: rates, growth, trends."""

    def value(self, row: RowT) -> Any | Missing:
        """What the row says."""
        return self.get(row)


def by_id(fields: tuple[Field[RowT], ...]) -> Mapping[str, Field[RowT]]:
    """The fields by their ids, which must be unique."""
    table = {field.id: field for field in fields}
    if len(table) != len(fields):
        raise ValueError("two fields share an id")
    return table
