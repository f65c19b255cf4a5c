"""Everything the stage draws, in plain values: made anew for every moment that is painted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.draw import bar
from vmtui.draw.lab.words import EN, Words
from vmtui.model.fields.field import Unit

if TYPE_CHECKING:
    from vmtui.draw.lab.blocks_shown import Blocks, BlocksWords
    from vmtui.draw.lab.cliff import Cliff, CliffWords
    from vmtui.draw.lab.kill import Kill, KillWords

Points: TypeAlias = Sequence[tuple[float, float]]
"""(place on the axis of steps from 0 to 1, value), ascending."""
GONE = math.nan
"""The value from where on there is none any more."""

SAME, ORIGINAL, COPY = 1, 2, 3
"""The marks of a page beside those of a relative."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A line of the script."""

    source: str
    told: str = ""
    """One sentence."""
    c: tuple[str, ...] = ()
    """The C lines that do the same."""
    did: str = ""
    """What it did, in a few words, once it is done."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the table; all of it display text."""

    label: str
    predicted: str
    measured: str
    difference: str
    """With its sign: `0 =`."""
    differs: bool = False
    why: str = ""
    rank: int = 1
    """0 is shown wherever there is room for a line; higher numbers leave first."""
    strong: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One region of one process."""

    process: str
    """As it is shown."""
    pid: int
    name: str
    start: int
    """Page number of its first page."""
    states: NDArray[np.uint8]
    """Empty when it is too large to be looked at."""
    marks: NDArray[np.uint8]
    age: NDArray[np.uint8] | None = None
    """See `draw.pagelooks.looks`."""
    pages: int = 0
    """Its pages, also when `states` is empty."""
    facts: str = ""
    """«Rss 100M  Pss 52.6M»."""


@dataclass(frozen=True, slots=True)
class Line:
    """One curve with what was expected of it."""

    name: str
    slot: str
    measured: Points
    expected: Points = ()
    before: Points = ()
    """The same of the run before."""


@dataclass(frozen=True, slots=True)
class Curves:
    """One chart."""

    title: str
    unit: Unit
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Swap:
    """A swap device; sizes in bytes."""

    name: str
    size: int
    used: int
    own: bool
    """Whether the experiment made it."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What is drawn; text is display text."""

    parts: tuple[bar.Segment, ...]
    """All memory in parts that add up, the experiment's own first."""
    curves: tuple[Curves, ...]
    """The most telling one first."""
    swaps: tuple[Swap, ...]
    group: str = ""
    """«memory group (v1): 63.9M of 64.0M, 1,204 times at its limit»."""
    sar: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """(«sar -r», ((name, figure) …)), as sar prints them."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The page tables of one process."""

    process: str
    title: str
    """What is particular about it: «512G apart»."""
    pages: tuple[int, ...]
    """Page numbers, ascending; empty when there are too many to draw."""
    tables: tuple[int, int, int]
    """PTE, PMD and PUD tables."""
    fresh: frozenset[int] = frozenset()
    """Pages that appeared just now."""


@dataclass(frozen=True, slots=True)
class MapCost:
    """Bytes of page tables for so much mapped memory, dense, and of a flat table."""

    mapped: tuple[int, ...]
    tree: tuple[int, ...]
    flat: int
    crossing: int
    """Mapped bytes from which the tree costs more."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A mapped stretch near an address: first and last byte, name."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Fault:
    """An access that was tried."""

    kind: str
    address: int
    process: str
    pid: int
    measured: str
    """`SIGSEGV SEGV_MAPERR`; empty when nothing happened."""
    predicted: str
    si_addr: str
    lies_in: str
    as_predicted: bool
    neighbours: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class Promises:
    """What was mapped beside what there is, bytes."""

    parts: tuple[tuple[str, int], ...]
    memory: int
    touched: int
    refused: str = ""
    """The request that was refused just now, in words."""
    unpromised: tuple[tuple[str, int], ...] = ()
    """Mapped with MAP_NORESERVE."""


@dataclass(frozen=True, slots=True)
class Saved:
    """Frames that several processes share."""

    frames: int
    instead: int
    """Without sharing."""
    shared: int


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment of an experiment."""

    question: str
    answer: str
    why: str
    steps: tuple[Operation, ...]
    words: Words = EN
    step: int = -1
    part: float = 0.0
    hidden: bool = False
    """Whether predictions are kept secret."""
    as_c: bool = False
    letters: bool = False
    """Whether grids have a letter in each cell wherever they can."""
    bars_by_letters: bool = False
    whole: bool = False
    """Whether pairs of grids show whole regions instead of a window, page by page."""
    figures: tuple[Figure, ...] = ()
    tiles: tuple[Tile, ...] = ()
    curves: tuple[Curves, ...] = ()
    trees: tuple[Tree, ...] = ()
    """The one that is looked at last."""
    cost: MapCost | None = None
    fault: Fault | None = None
    is_about_faults: bool = False
    promises: Promises | None = None
    saved: Saved | None = None
    kill: tuple[Kill, KillWords] | None = None
    cliff: tuple[Cliff, CliffWords] | None = None
    blocks: tuple[Blocks, BlocksWords] | None = None
    machine: Machine | None = None
    """The whole machine, when it is shown in place of the picture and the charts."""
    starts: tuple[float, ...] = ()
    """Where each step begins on the charts' axis."""
    now: float = 0.0
    message: str = ""
    """An alarm in words: why the run ended early."""
    done: str = ""
    done_short: str = ""
    """What came of it, once the run is over."""
    page_bytes: int = 4096
    focus: dict[str, int] = field(default_factory=dict)
    """The page of each region that a window on it has to show."""
