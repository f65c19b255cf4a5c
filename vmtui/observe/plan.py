"""What the next ticks shall read: decided by what is on screen, so that nothing else costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vmtui.model.fields.field import Cost


@dataclass(frozen=True, slots=True)
class PageWindow:
    """A range of addresses whose pages are looked at, each one."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PageWish:
    """One page with all that can be told of it."""

    address: int
    """Any within the page."""
    search: int = 1
    """Which search for those who map its frame: another number is another search, 0 is none."""
    contents: Literal["no", "present", "fault"] = "no"
    """Whether its bytes are read: never, while it is in memory, or even if that brings it in."""


@dataclass(frozen=True, slots=True)
class SymbolWish:
    """What of a process's symbols is on screen."""

    address: int | None = None
    """The one whose section and function are told."""
    objects: bool = False
    """Whether all objects are, with what of them is in memory."""
    parts_of: int | None = None
    """The lowest address of the object whose sections and functions are."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The screen's wishes. A new plan takes effect at the next tick."""

    interval: float = 1.0
    """Seconds between two ticks of the machine and the process list."""
    processes: bool = True
    """Whether the process list is on screen; else it is read at a slower pace, for the history."""
    visible: tuple[int, ...] = ()
    """PIDs on screen: they get every figure that is shown."""
    shown: frozenset[Cost] = frozenset()
    """What the shown columns need, for the visible processes."""
    for_all: frozenset[Cost] = frozenset()
    """What sorting and filtering need, for every process."""
    target: int | None = None
    """PID of the process that is looked into."""
    smaps: bool = True
    """Whether the target's smaps are wanted; they walk its page tables under its lock."""
    window: PageWindow | None = None
    """The VMA whose pages are on screen."""
    page_interval: float = 0.25
    """Seconds between two looks at those pages."""
    page: PageWish | None = None
    """The one page that is on screen, read as often as those of a window."""
    symbols: SymbolWish | None = None
    """What a thread of its own finds out from the files that the target maps."""
    eager: bool = True
    """Whether what is known for the first time before long is looked for several times a second."""
    depth: frozenset[str] = frozenset()
    """The dear parts of the machine that are on screen: names among `machine_depth.PARTS`."""
    frames: tuple[int, int] = (0, 0)
    """First frame and number of those of which each is on screen; for the part «closer»."""


IDLE = Plan()
