"""What the next ticks shall read: decided by what is on screen, so that nothing else costs."""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.model.fields.field import Cost


@dataclass(frozen=True, slots=True)
class PageWindow:
    """A range of addresses whose pages are looked at, each one."""

    start: int
    end: int


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


IDLE = Plan()
