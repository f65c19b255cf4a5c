"""One process at one moment, with all that telling two moments apart needs."""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.missing import NOT_READ, Missing
from vmtui.model.slices import ScannedSpace
from vmtui.model.vmas import Vmas


@dataclass(frozen=True, slots=True, eq=False)
class ProcessMoment:
    """What was known of it then. Parts that were not read anew are those of an earlier tick."""

    at: float
    """Wall clock, seconds since 1970."""
    pid: int
    comm: bytes
    """Its name, as it set it: untrusted."""
    vmas: Vmas
    space: ScannedSpace | Missing = NOT_READ
    """What is populated in its address space."""
    threads: int | Missing = NOT_READ
    work: tuple[int, int] | Missing = NOT_READ
    """CPU ticks it has used, and faults it had: equal at two moments, it did not run between."""
    children: frozenset[int] = frozenset()
    """PIDs of the processes it is the parent of."""
    usage: int | Missing = NOT_READ
    """Bytes its memory cgroup is charged, page cache among them."""
    limit: int | Missing = NOT_READ
    """Bytes of that cgroup's limit, or of the tightest above it."""
    left: int | Missing = NOT_READ
    """Bytes until that limit, or one above it, is met."""
    available: int | Missing = NOT_READ
    """Bytes the whole machine could still give: available memory and free swap."""
