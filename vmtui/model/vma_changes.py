"""How much a VMA grew since another moment: the column beside a mark.

What became of all of them, and why, is told by `vma_difference`.
"""

from __future__ import annotations

from vmtui.missing import Missing
from vmtui.model.vma_row import VmaRow
from vmtui.model.vmas import Vmas


def grown(vma: VmaRow, before: Vmas) -> int | Missing:
    """Change of a VMA's Rss since another moment, in bytes; a new VMA counts in full."""
    now = vma.rss
    index = before.index_of(vma.start)
    if isinstance(now, Missing) or index is None:
        return now
    then = before[index].rss
    return then if isinstance(then, Missing) else now - then
