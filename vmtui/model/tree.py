"""Processes in the order of their tree, with what each subtree holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from vmtui.missing import Missing
from vmtui.model.processes import NO_USER_MEMORY, ZOMBIE, ProcessRow


def arranged(
    rows: Iterable[ProcessRow], order: Callable[[ProcessRow], Any], shown: Callable[[Any], bool]
) -> list[ProcessRow]:
    """The rows as a tree: parents before children, siblings by `order`, depth and sums set.

    A row that is not `shown` stays when something below it is, so that no child hangs in the air.

    Args:
        rows: all processes, in any order; their depth and subtree sums are set here.
        order: the sort key among siblings.
        shown: the filter.
    """
    by_pid = {row.pid: row for row in rows}
    children: dict[int, list[ProcessRow]] = defaultdict(list)
    roots = []
    for row in by_pid.values():
        if row.ppid in by_pid and row.ppid != row.pid:
            children[row.ppid].append(row)
        else:
            roots.append(row)

    bottom_up: list[ProcessRow] = []
    pending = list(roots)
    while pending:  # not recursive: a chain of processes can be deeper than Python's stack
        row = pending.pop()
        bottom_up.append(row)
        pending.extend(children[row.pid])
    keep: set[int] = set()
    for row in reversed(bottom_up):
        below = children[row.pid]
        row.descendants = len(below) + sum(child.descendants for child in below)
        own = 0 if isinstance(row.rss, Missing) else row.rss
        row.subtree_rss = own + sum(child.subtree_rss for child in below)
        row.subtree_pss = _summed(row.pss, (child.subtree_pss for child in below))
        if shown(row) or any(child.pid in keep for child in below):
            keep.add(row.pid)

    laid: list[ProcessRow] = []
    stack = [(root, 0) for root in sorted(roots, key=order, reverse=True)]
    while stack:
        row, depth = stack.pop()
        if row.pid not in keep:
            continue
        row.depth = depth
        laid.append(row)
        below = sorted(children[row.pid], key=order, reverse=True)
        stack.extend((child, depth + 1) for child in below)
    return laid


def _summed(own: int | Missing, below: Iterable[int | Missing]) -> int | Missing:
    """A sum in which those without memory count nothing; Missing when any part is not known."""
    total = 0
    for part in (own, *below):
        if not isinstance(part, Missing):
            total += part
        elif part not in (NO_USER_MEMORY, ZOMBIE):
            return part
    return total
