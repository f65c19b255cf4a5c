"""What all screens share: the clock, the feed and its plan, who may see what. No Textual."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from vmtui.observe.clock import Clock
from vmtui.observe.feed import Feed
from vmtui.observe.journal import Journal
from vmtui.observe.plan import Plan
from vmtui.observe.sample import Sample
from vmtui.text import DisplayText

if TYPE_CHECKING:
    from vmtui.record.feed import ReplayFeed

INTERVALS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds between two ticks that the keys for slower and faster go through."""


@dataclass(slots=True)
class Session:
    """One run of the app."""

    feed: Feed
    host: DisplayText
    kernel: DisplayText
    memory_bytes: int
    user: DisplayText
    """Who looks: `root`, or the user's name."""
    uid: int
    privileged: bool
    """Whether frame numbers are visible: CAP_SYS_ADMIN in the initial user namespace."""
    boot_time: float
    hides_processes: bool = False
    """Whether other users' processes may be missing from the list (hidepid)."""
    readonly: bool = False
    interval: float = 1.0
    history_minutes: float = 10.0
    process_columns: tuple[str, ...] = ()
    """Ids of the columns the user chose; empty for the default ones."""
    vma_columns: tuple[str, ...] = ()
    letters_by_default: bool = False
    """Whether page grids open with letters: projector themes, 16 colours, none."""
    bars_by_letters: bool = False
    """Whether bars need letters to be told apart: a terminal without colours."""
    tape: ReplayFeed | None = None
    """The recording that is shown, which is the feed as well; None for the live kernel."""
    clock: Clock = field(init=False)
    plan: Plan = field(init=False)

    def __post_init__(self) -> None:
        """Start with an empty journal."""
        self.clock = Clock(Journal(self.history_minutes, self.interval), self.tape)
        self.plan = Plan(interval=self.interval)

    def wish(self, **changes: Any) -> None:
        """Change the plan; nothing happens when it is what it was."""
        plan = replace(self.plan, **changes)
        if plan != self.plan:
            self.plan = plan
            self.feed.follow(plan)

    def between(self, mark: Sample, now: Sample) -> list[Sample]:
        """The samples at hand after the one and before the other, oldest first."""
        seconds = now.began - mark.began
        return [one for one in self.clock.window(seconds) if mark.number < one.number < now.number]

    def take(self, sample: Sample) -> None:
        """A new sample arrived."""
        self.clock.add(sample)

    def change_rate(self, step: int) -> float:
        """One interval slower (1) or faster (−1); what it is now."""
        nearest = min(range(len(INTERVALS)), key=lambda i: abs(INTERVALS[i] - self.plan.interval))
        index = min(max(0, nearest + step), len(INTERVALS) - 1)
        self.wish(interval=INTERVALS[index])
        return self.plan.interval
