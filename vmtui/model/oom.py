"""Whom the OOM killer would take now, with the arithmetic: a process's points and what they are."""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.text import DisplayText, display


@dataclass(frozen=True, slots=True)
class OomCandidate:
    """A process with its points. Pages."""

    pid: int
    comm: bytes
    rss: int
    swap: int
    tables: int
    score_adj: int
    points: int
    score: int
    """/proc/PID/oom_score, by the kernel's own count: 0 to 2000, 667 for no pages at all."""
    spared: str
    """Why it is never taken; "" for one that may be."""

    @property
    def name(self) -> DisplayText:
        """Its short name."""
        return display(self.comm)

    @property
    def memory(self) -> int:
        """Points that it has for memory."""
        return self.rss + self.swap + self.tables

    @property
    def adjustment(self) -> int:
        """Points that oom_score_adj adds or takes away."""
        return self.points - self.memory


@dataclass(frozen=True, slots=True)
class OomRanking:
    """All processes with memory, the one that would be taken first."""

    total: int
    """Pages of memory and swap together; a thousandth of it is one of oom_score_adj."""
    candidates: tuple[OomCandidate, ...]
    hidden: int
    """Processes whose figures are not shown to this user."""

    @property
    def first(self) -> OomCandidate | None:
        """Who would be taken; None where nobody may be."""
        found = self.candidates[0] if self.candidates else None
        return found if found is not None and not found.spared else None
