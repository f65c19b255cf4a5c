"""Work as a run sees it: what each slice and each step of it did, and what is predicted of both.

Faults are those of the touches alone (getrusage around them); what went to swap and came back is
the machine's own count, for the kernel keeps no other that tells pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vmtui.errors import VmtuiError
from vmtui.kernel import vmstat
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.evidence import GroupView, WorkPoint, WorkView
from vmtui.lab.operations.operation import Worked
from vmtui.missing import Missing
from vmtui.theory import Answer, Outcome, World
from vmtui.theory.views import Smaps
from vmtui.theory.work import given_pages

NO_WORK = Missing("no work is done")
RECLAIM = "which pages are still there depends on reclaim"
MACHINE = "of the whole machine"
TOO_FEW = Missing("too few touches to tell a share")
_ENOUGH = 1000
_COUNTERS = ("pswpin", "pswpout", "workingset_refault_anon", "workingset_refault_file")
_NOTHING = (0, 0, 0, 0)


@dataclass(slots=True)
class WorkLog:
    """Counts since the step began, and the points of the steps that are done."""

    done: list[WorkPoint] = field(default_factory=list)
    _worked: list[Worked] = field(default_factory=list)
    _at_step: tuple[int, ...] = _NOTHING
    _before: tuple[int, ...] = _NOTHING
    _now: tuple[int, ...] = _NOTHING
    _point: WorkPoint | None = None

    def begin(self) -> None:
        """A step begins."""
        self._worked = []
        self._at_step = self._now = _counters()

    def look(self, worked: Worked | None, outcome: Outcome | None, group: GroupView | None) -> None:
        """After a slice of work, or after anything else: what the machine counted meanwhile."""
        self._before, self._now = self._now, _counters()
        self._point = None
        if worked is None or outcome is None:
            return
        self._worked.append(worked)
        self._point = _point([worked], _since(self._before, self._now), outcome, group)

    def finish(self, outcome: Outcome | None, group: GroupView | None) -> None:
        """The step is done."""
        if self._worked and outcome is not None:
            since = _since(self._at_step, self._now)
            self.done.append(_point(self._worked, since, outcome, group))

    @property
    def view(self) -> WorkView | None:
        """The slice since the last look, with all points that there are."""
        now = self._point or (self.done[-1] if self.done else None)
        return None if now is None else WorkView(now, tuple(self.done))

    # Of this step

    @property
    def swapped_in(self) -> int:
        """Pages that the machine read from swap."""
        return _since(self._at_step, self._now)[0]

    @property
    def swapped_out(self) -> int:
        """Pages that it wrote there."""
        return _since(self._at_step, self._now)[1]

    @property
    def refaults(self) -> int:
        """Pages that it brought back soon after it had thrown them out."""
        return sum(_since(self._at_step, self._now)[2:])

    @property
    def rate(self) -> int | Missing:
        """Touches a second."""
        seconds = sum(one.seconds for one in self._worked)
        return round(self._touches / seconds) if seconds else NO_WORK

    @property
    def misses(self) -> int | Missing:
        """Major faults of a thousand touches."""
        if self._touches < _ENOUGH:
            return TOO_FEW if self._worked else NO_WORK
        return round(1000 * sum(one.major for one in self._worked) / self._touches)

    @property
    def _touches(self) -> int:
        return sum(one.touches for one in self._worked)


def reclaimed_kb(world: World, name: str, predicted: Smaps) -> Answer:
    """A figure of smaps, kB, of regions of which reclaim keeps only a part in memory.

    `predicted` is what it would be if all of it were there.
    """
    given = given_pages(world, world.kept_pages)
    if given is None:
        return Answer.unknown(RECLAIM)
    page_kb = PAGE_SIZE // 1024
    most = given * page_kb + _LATE_PAGES * page_kb * bool(world.kept_pages)
    anonymous = predicted.anonymous + predicted.swap
    match name:
        case "rss":
            return Answer.between(0, min(predicted.rss, most), RECLAIM)
        case "swap" if not anonymous:
            return Answer.exactly(0)
        case "swap":
            low = max(0, anonymous - most) if world.kernel.swap else 0
            return Answer.between(low, anonymous, RECLAIM)
        case _:
            return Answer.unknown(RECLAIM)


_LATE_PAGES = 64
"""Paged out too late, or not the first time, where a program pages out by itself."""


def at_least(total: int) -> Answer:
    """A number of the whole machine, to which the experiment itself adds `total`."""
    return Answer(total, None, MACHINE) if total else Answer.unknown(MACHINE)


def _point(
    worked: Sequence[Worked], counted: Sequence[int], outcome: Outcome, group: GroupView | None
) -> WorkPoint:
    first = worked[0]
    limits = [group.limit if group else None, first.kept or None]
    return WorkPoint(
        limit=min((limit for limit in limits if limit is not None), default=None),
        work=first.nbytes,
        order=first.order,
        touches=sum(one.touches for one in worked),
        seconds=sum(one.seconds for one in worked),
        minor=sum(one.minor for one in worked),
        major=sum(one.major for one in worked),
        swapped_in=counted[0],
        swapped_out=counted[1],
        refaults=counted[2] + counted[3],
        predicted=outcome.misses,
        together=outcome.together,
    )


def _since(before: Sequence[int], now: Sequence[int]) -> tuple[int, ...]:
    return tuple(after - first for first, after in zip(before, now, strict=True))


def _counters() -> tuple[int, ...]:
    try:
        found = vmstat.read()
    except VmtuiError:
        return _NOTHING
    return tuple(found.figures.get(name, 0) for name in _COUNTERS)
