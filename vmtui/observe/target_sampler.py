"""One process in depth, tick by tick: cheap files each time, dear ones on a budget.

maps, smaps, smaps_rollup and page scans hold the target's mm lock while they run, so each has a
duty of a tenth at most: after a read that took 50 ms the next waits half a second. What was not due
is the object of an earlier tick, with the time it was read.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from vmtui.errors import ProcessGone, VmtuiError
from vmtui.kernel import (
    cgroup,
    identity,
    limits,
    maps,
    memory_devices,
    mounts,
    oom,
    smaps,
    smaps_rollup,
    stat,
    statm,
    status,
)
from vmtui.kernel.parsed import Parsed
from vmtui.kernel.target import Target
from vmtui.missing import NOT_READ, Missing
from vmtui.model.residency import resident_and_swapped
from vmtui.model.slices import ScannedSpace
from vmtui.model.vmas import Vmas
from vmtui.observe.budget import Budget, tried
from vmtui.observe.page_follower import PageFollower
from vmtui.observe.page_watch import PageWatch
from vmtui.observe.plan import Plan, SymbolWish
from vmtui.observe.space_scan import SpaceScanner
from vmtui.observe.symbol_desk import Question, SymbolDesk
from vmtui.observe.symbols_told import SymbolsTold
from vmtui.observe.target_reading import TargetReading


def sampler_of(pid: int) -> TargetSampler | NoTarget:
    """A sampler of that process, or the one that says why there can be none."""
    try:
        return TargetSampler(Target(pid))
    except VmtuiError as error:
        return NoTarget(pid, Missing.because(error))


class NoTarget:
    """Stands for a process that could not be attached."""

    expecting = False

    def __init__(self, pid: int, why: Missing) -> None:
        self.pid = pid
        self._reading = TargetReading.never(pid, why, time.time())

    def read(self, _plan: Plan, _slow: bool) -> TargetReading:
        """Always the same: the reason."""
        return self._reading

    def close(self) -> None:
        """Holds nothing."""


class TargetSampler:
    """Holds the target; belongs to the sampler thread."""

    def __init__(self, target: Target, budget: Budget | None = None) -> None:
        self.pid = target.pid
        self._target = target
        self._budget = budget or Budget()
        self._pages = PageWatch(target, self._budget)
        self._page = PageFollower(target, self._budget)
        self._desk: SymbolDesk | None = None
        self._scanner = SpaceScanner(target)
        self._map_lines = Parsed(maps.parse_lines)
        self._limits = Parsed(limits.parse)
        self._last: TargetReading | None = None
        self._devices = _devices(target)
        self._mounts = tried(mounts.read)

    def close(self) -> None:
        """Let go of every descriptor."""
        self._pages.close()
        self._page.close()
        if self._desk is not None:
            self._desk.close()
        self._scanner.close()
        self._target.close()

    @property
    def expecting(self) -> bool:
        """Whether something on screen is about to be known for the first time."""
        return self._desk is not None and self._desk.expecting

    def read(self, plan: Plan, slow: bool) -> TargetReading:
        """The target at this tick.

        Args:
            plan: whether smaps and which pages are wanted.
            slow: whether this is a tick of the ordinary interval, not one between for the pages.
        """
        last = self._last
        if last is not None and last.ended_at is not None:
            return last
        self._budget.spent_seconds = 0.0
        reading = self._figures(plan) if slow or last is None else last
        reading = self._with_pages(reading, plan)
        reading = replace(
            reading, page=self._page.look(plan.page, reading.vmas),
            symbols=self._with_symbols(reading, plan),
        )  # fmt: skip
        reading = replace(reading, lock_seconds=self._budget.spent_seconds)
        if not self._target.alive():
            # what was read after the exit is empty without an error: keep what was there before
            reading = replace(last or reading, ended_at=time.time(), lock_seconds=0.0)
        self._last = reading
        return reading

    def _figures(self, plan: Plan) -> TargetReading:
        target, last = self._target, self._last
        rollup, rollup_at = self._budget.read(
            "rollup", lambda: smaps_rollup.read(target),
            (last.rollup, last.rollup_at) if last else (NOT_READ, 0.0),
        )  # fmt: skip
        known = last.vmas if last else NOT_READ
        space, space_at = self._budget.read(
            "scan", lambda: self._scanner.scan(known),
            (last.space, last.space_at) if last else (NOT_READ, 0.0),
        )  # fmt: skip
        if last and isinstance(space, ScannedSpace) and isinstance(last.space, ScannedSpace):
            space = last.space if space.same_as(last.space) else space
        vmas, vmas_at = self._vmas(plan, space, space_at)
        member = tried(lambda: cgroup.path_of(target))
        scores = tried(lambda: oom.read(target))
        return TargetReading(
            pid=self.pid,
            identity=last.identity if last else tried(lambda: identity.read(target)),
            ended_at=None,
            stat=tried(lambda: stat.read(target)),
            stat_at=time.monotonic(),
            statm=tried(lambda: statm.read(target)),
            status=tried(lambda: status.read(target)),
            rollup=rollup,
            rollup_at=rollup_at,
            vmas=vmas,
            vmas_at=vmas_at,
            space=space,
            space_at=space_at,
            limits=tried(lambda: self._limits(target.read("limits"))),
            cgroup=self._cgroup(member),
            cgroup_path=member if isinstance(member, Missing) else member.path,
            oom_score=scores if isinstance(scores, Missing) else scores.score,
            oom_score_adj=scores if isinstance(scores, Missing) else scores.score_adj,
            pages=last.pages if last else None,
            packed_pages=last.packed_pages if last else None,
            pages_at=last.pages_at if last else 0.0,
            lock_seconds=0.0,
        )

    def _vmas(
        self, plan: Plan, space: ScannedSpace | Missing, space_at: float
    ) -> tuple[Vmas | Missing, float]:
        """VMAs joined with the newest smaps and scan; the same table where nothing moved."""
        last = self._last
        old = last.vmas if last and isinstance(last.vmas, Vmas) else None
        found, at = self._budget.read(
            "maps", lambda: maps.whole(self._map_lines(self._target.read("maps"))),
            (old.maps, old.at) if old else (NOT_READ, 0.0),
        )  # fmt: skip
        if isinstance(found, Missing):
            return found, at
        figures, figures_at = (old.smaps, old.smaps_at) if old else (NOT_READ, 0.0)
        if plan.smaps:
            figures, figures_at = self._budget.read(
                "smaps", lambda: smaps.read(self._target, self._map_lines), (figures, figures_at)
            )
        if old and _same_maps(found, old.maps):
            found = old.maps
            if figures is old.smaps and last is not None and space is last.space:
                return old, at
        resident = swapped = None
        if isinstance(space, ScannedSpace):
            resident, swapped = resident_and_swapped(found, space)
        vmas = Vmas.of(
            found, figures, devices=self._devices, at=at, smaps_at=figures_at,
            scanned_at=space_at, resident_pages=resident, swapped_pages=swapped, like=old,
        )  # fmt: skip
        return vmas, at

    def _with_pages(self, reading: TargetReading, plan: Plan) -> TargetReading:
        """The pages of the window, if one is wanted."""
        if plan.window is None or plan.target != self.pid:
            self._pages.rest()
            if reading.pages is None:
                return reading
            return replace(reading, pages=None, packed_pages=None)
        seen = self._pages.look(plan.window, reading.vmas)
        if seen is None:
            return reading
        return replace(reading, pages=seen[0], packed_pages=seen[1], pages_at=time.monotonic())

    def _with_symbols(self, reading: TargetReading, plan: Plan) -> SymbolsTold | None:
        """What the desk knows by now; it is asked again for what is on screen."""
        if plan.symbols is None and plan.window is None:
            if self._desk is not None:
                self._desk.rest()
            return None
        if self._desk is None:
            self._desk = SymbolDesk(self.pid)
        if isinstance(reading.vmas, Vmas):
            self._desk.ask(Question(reading.vmas.maps, plan.symbols or SymbolWish(), plan.window))
        told, seconds = self._desk.told()
        self._budget.spent_seconds += seconds
        return told

    def _cgroup(self, member: cgroup.Membership | Missing) -> cgroup.MemoryCgroup | Missing:
        mounted = self._mounts
        if isinstance(member, Missing):
            return member
        if isinstance(mounted, Missing):
            return mounted
        return tried(lambda: cgroup.read(member, mounted))


def _devices(target: Target) -> memory_devices.MemoryDevices:
    """Which devices are memory in the target's mount namespace, or else in ours."""
    try:
        return memory_devices.read(target)
    except ProcessGone:
        raise
    except VmtuiError:
        return memory_devices.read()


def _same_maps(one: maps.Maps, other: maps.Maps) -> bool:
    return one is other or (
        len(one) == len(other)
        and one.torn == other.torn
        and np.array_equal(one.start, other.start)
        and np.array_equal(one.end, other.end)
        and np.array_equal(one.perms, other.perms)
        and np.array_equal(one.inode, other.inode)
        and np.array_equal(one.offset, other.offset)
        and one.names == other.names
    )
