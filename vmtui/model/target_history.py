"""The last minutes of one process as series for charts: one value a tick, None where unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

from vmtui.missing import Missing

Line = list[float | None]


@dataclass(frozen=True, slots=True)
class Moment:
    """What the charts take from one reading. Sizes in bytes."""

    at: float
    """Seconds of the monotonic clock."""
    minflt: int | Missing
    majflt: int | Missing
    anon: int | Missing
    file: int | Missing
    shmem: int | Missing
    rss: int | Missing
    pss: int | Missing
    uss: int | Missing
    swap: int | Missing
    page_tables: int | Missing
    cgroup: int | Missing
    """What its memory cgroup is charged."""
    cgroup_limit: int | Missing


@dataclass(frozen=True, slots=True)
class TargetHistory:
    """One value a tick, oldest first, all of the same length."""

    anon: Line
    file: Line
    shmem: Line
    rss: Line
    pss: Line
    uss: Line
    swap: Line
    page_tables: Line
    cgroup: Line
    minor_rate: Line
    major_rate: Line
    limit: float | None
    """The cgroup's limit now, if there is one."""


def history(moments: Iterable[Moment], points: int) -> TargetHistory:
    """The last `points` moments as series; what is not there yet is None at the left.

    Args:
        moments: oldest first; two of the same time count once.
        points: the length of every series.
    """
    kept: list[Moment] = []
    for moment in moments:
        if not kept or moment.at > kept[-1].at:
            kept.append(moment)
    kept = kept[-points - 1 :]
    shown = kept[-points:]
    early: Line = [None] * (points - len(shown))

    def amounts(name: str) -> Line:
        return early + [_known(getattr(moment, name)) for moment in shown]

    amount_names = {f.name for f in fields(TargetHistory)} - {"limit", "minor_rate", "major_rate"}
    limit = kept[-1].cgroup_limit if kept else None
    return TargetHistory(
        **{name: amounts(name) for name in amount_names},
        minor_rate=_rates(kept, "minflt", points),
        major_rate=_rates(kept, "majflt", points),
        limit=None if limit is None or isinstance(limit, Missing) else float(limit),
    )


def _known(value: float | Missing) -> float | None:
    return None if isinstance(value, Missing) else float(value)


def _rates(moments: Sequence[Moment], name: str, points: int) -> Line:
    found: Line = []
    for before, now in pairwise(moments):
        earlier, later = getattr(before, name), getattr(now, name)
        unknown = isinstance(earlier, Missing) or isinstance(later, Missing)
        found.append(None if unknown else (later - earlier) / (now.at - before.at))
    return [None] * (points - len(found)) + found
