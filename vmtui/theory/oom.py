"""Who dies when a group of processes has used up its memory: the arithmetic of mm/oom_kill.c.

Every process of the group gets points: the pages it has in memory and in swap, its page tables,
and `oom_score_adj` thousandths of what the group may have. The one with the most is killed, and
what was its own is free again. Who touched the page too many does not matter.

When it happens is a range: the kernel charges pages 64 at a time and for each CPU, and charges
tables and its own memory as well. Who it hits is exact, as long as that range does not change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vmtui.theory.answers import Answer, Outcome
from vmtui.theory.process import Process
from vmtui.theory.tables import FRAME, SWAP

if TYPE_CHECKING:
    from vmtui.theory.machine import Machine

THOUSAND = 1000
SLACK_PAGES = 256
"""Charged in advance, 64 at a time on each CPU (MEMCG_CHARGE_BATCH), and the kernel's own."""

MARGIN_PAGES = 512
"""So far must the points of the first be above those of the second for the choice to be sure: how
much of its program a process has in memory is not predicted."""


def total_pages(limit: int, swap: int) -> int:
    """What `oom_score_adj` is a share of: memory of the group, and the swap that it may use."""
    return limit + swap


def badness(rss: int, swap: int, tables: int, score_adj: int, total: int) -> int:
    """The points of a process (oom_badness). All in pages but `score_adj`, −1000 to 1000.

    The division comes first, as in the kernel: a thousandth of the total is a whole number.
    """
    return rss + swap + tables + score_adj * (total // THOUSAND)


def chosen(points: Mapping[str, int]) -> str:
    """Who has the most points; of equals the last, as select_bad_process goes on when equal."""
    most = max(points.values(), default=0)
    return next((name for name in reversed(list(points)) if points[name] == most), "")


@dataclass(frozen=True, slots=True)
class Strain:
    """What a step did to a group that has too little."""

    killed: tuple[str, ...] = ()
    """In the order in which they die."""
    touched: tuple[int, int] | None = None
    """Pages that the one who touched got before it was killed, at least and at most; None when it
    got all of them."""
    doubt: str = ""
    """Why somebody else may be killed, or nobody; "" when who is killed is exact."""


def charged_pages(machine: Machine) -> int:
    """Pages of the group that the model knows: frames of all processes, and their tables."""
    frames = set[int]()
    tables = 0
    for process in machine.processes.values():
        tables += _tables(process)
        for pte in process.ptes.values():
            if pte.kind == FRAME and pte.frame is not None:
                frames.add(pte.frame.id)
    return len(frames) + tables


def points_of(machine: Machine, process: Process, total: int, less: int = 0) -> int:
    """The points of a process that has `less` pages fewer than the model says."""
    own = machine.kernel.own_pages
    kinds = [pte.kind for pte in process.ptes.values()]
    rss = kinds.count(FRAME) - less + own
    return badness(rss, kinds.count(SWAP), _tables(process), process.score_adj, total)


def strained(machine: Machine, toucher: Process, before: int) -> Strain:
    """Kill, until what is left fits; called after a touch that is done as if there were room.

    Args:
        machine: its state after all pages were touched; the killed are removed from it.
        toucher: who touched.
        before: frames it had before.
    """
    limit = machine.limit_pages
    if limit is None:
        return Strain()
    swap = machine.limit_swap_pages if machine.kernel.swap else 0
    if swap is None:
        return Strain()  # somewhere to put them: nobody has to die
    total = total_pages(limit, swap)
    got = frames_of(toucher) - before
    if machine.decided is not None:
        for name in machine.decided:
            end(machine, name)
        return Strain(machine.decided, None if toucher.name in machine.processes else (0, got))
    killed: list[str] = []
    doubt = ""
    while machine.processes:
        low, high = _own(machine)
        if _most(machine) + high <= total:
            break
        used = charged_pages(machine)
        # So many pages of the touch are too many, if its processes need `high` or only `low`.
        over = used + high - total, used + low - total
        if over[1] <= 0:
            doubt = doubt or (over[0] > 0) * "whether there is room for the last pages"
            break
        less = [max(0, min(got, each)) for each in over]
        dead, sure = _victim(machine, toucher, total, less)
        doubt = doubt or (not sure) * "two processes have nearly the same points"
        killed.append(dead)
        end(machine, dead)
        if dead == toucher.name:
            return Strain(tuple(killed), (got - less[0], got - less[1]), doubt)
    return Strain(tuple(killed), None, doubt)


def end(machine: Machine, name: str) -> None:
    """A process is no more, and what was its own is free."""
    from vmtui.theory.poke import leave

    leave(machine.processes.pop(name))
    least, most = machine.copies
    machine.copies = max(0, least - 1), min(most, len(machine.processes))


def under_strain(outcome: Outcome, strain: Strain) -> Outcome:
    """What a touch does where somebody was killed in the middle of it."""
    outcome = replace(outcome, killed=strain.killed, doubt=strain.doubt)
    if strain.touched is None:
        return outcome
    cause = "the kernel charges pages 64 at a time, and its own with them"
    faults = Answer.between(*strain.touched, cause)
    return replace(outcome, minor=faults, faults=faults)


def _victim(machine: Machine, toucher: Process, total: int, less: list[int]) -> tuple[str, bool]:
    """Who is killed, and whether that is sure, when the toucher has so many pages `less`."""
    found = []
    for some in less:
        points = {
            name: points_of(machine, one, total, some if one is toucher else 0)
            for name, one in machine.processes.items()
        }
        dead = chosen(points)
        others = max((each for name, each in points.items() if name != dead), default=0)
        found.append((dead, points[dead] - others >= MARGIN_PAGES))
    return found[0][0], all(sure and dead == found[0][0] for dead, sure in found)


def charged_range(machine: Machine) -> tuple[int, int]:
    """Pages of the group in all, at least and at most.

    A page of a file is charged to whoever read it first, which may be somebody outside, and it
    stays charged when nobody maps it any more.
    """
    used, (low, high) = charged_pages(machine), _own(machine)
    files = [owner for owner in machine.objects.values() if owner.kind == "file"]
    frames = [frame for owner in files for frame in owner.frames.values()]
    mapped = sum(frame.map_count > 0 for frame in frames)
    return used + low - mapped, used + high + len(frames) - mapped


def _own(machine: Machine) -> tuple[int, int]:
    """What the processes need for themselves, at least and at most.

    What they had before they joined is charged elsewhere. A fork copies it page by page, and which
    of the two has the copy, which is charged here, is not predicted.
    """
    low, high = machine.kernel.own_charged_pages
    return machine.copies[0] * low, machine.copies[1] * high + SLACK_PAGES


def _most(machine: Machine) -> int:
    """No less than `charged_pages`, and quickly."""
    return sum(len(one.ptes) + _tables(one) for one in machine.processes.values())


def frames_of(process: Process) -> int:
    """Its pages in memory."""
    return sum(pte.kind == FRAME for pte in process.ptes.values())


def _tables(process: Process) -> int:
    tables = process.tables
    return len(tables.pte) + len(tables.pmd) + len(tables.pud)
