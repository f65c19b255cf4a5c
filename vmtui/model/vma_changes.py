"""What happened to the VMAs of a process between two moments."""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.missing import Missing
from vmtui.model.vma_row import VmaRow
from vmtui.model.vmas import Vmas


@dataclass(frozen=True, slots=True)
class VmaChange:
    """One VMA that is not as it was."""

    vma: VmaRow
    """As it is now, or as it was last where it is gone."""
    what: str
    """`new`, `unmapped`, `resized`, or empty where only its residency changed."""
    delta: int
    """Change of its Rss in bytes."""


def grown(vma: VmaRow, before: Vmas) -> int | Missing:
    """Change of a VMA's Rss since another moment, in bytes; a new VMA counts in full."""
    now = vma.rss
    index = before.index_of(vma.start)
    if isinstance(now, Missing) or index is None:
        return now
    then = before[index].rss
    return then if isinstance(then, Missing) else now - then


def changes(before: Vmas, after: Vmas) -> list[VmaChange]:
    """The VMAs that differ, largest change of Rss first."""
    found = []
    for vma in after:
        index = before.index_of(vma.start)
        delta = grown(vma, before)
        known = 0 if isinstance(delta, Missing) else delta
        what = "new" if index is None else "resized" if before[index].size != vma.size else ""
        if what or known:
            found.append(VmaChange(vma, what, known))
    for vma in before:
        if after.index_of(vma.start) is None:
            rss = vma.rss
            found.append(VmaChange(vma, "unmapped", 0 if isinstance(rss, Missing) else -rss))
    found.sort(key=lambda change: -abs(change.delta))
    return found
