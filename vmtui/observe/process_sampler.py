"""All processes at one tick: cheap figures for every one, dear ones for those on screen.

statm is read of every process on a kept descriptor (some 5 µs). stat follows for what is on screen,
for what changed, for what sorting needs, and for a tenth of the rest each tick. status and
smaps_rollup are read of the visible ones, the latter on a budget: 165 µs for a small process,
200 ms for one of 8 GiB. A process of which nothing new was said keeps its reading, the object.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from vmtui.errors import NotPermitted, ProcessGone, VmtuiError
from vmtui.kernel import cgroup, oom, smaps_rollup, stat, statm, status
from vmtui.kernel.cgroup import container_of
from vmtui.kernel.identity import user_name
from vmtui.kernel.processes import ProcessFiles
from vmtui.missing import Missing
from vmtui.model.fields.field import Cost
from vmtui.model.processes import Misc, ProcessReading
from vmtui.observe.budget import Budget
from vmtui.observe.plan import Plan
from vmtui.text import DisplayText, display

_ROUND = 10
"""Ticks in which each process's stat is read at least once."""
_FRESH_SECONDS = 10.0
"""How long a dear figure may stand when nothing of the process seems to move."""
_SETTLED_SECONDS = 3.0
"""How long the status of a process on screen may stand when neither stat nor statm moved."""
ROLLUP_SHARE = 0.02
"""Share of the time that reading smaps_rollup again may take, of all processes together."""
_ROLLUP_SECONDS = 0.08
"""What smaps_rollup may take in one tick: so long it may take where none was read yet."""
_FIRST_GUESS = 40
"""How many processes are taken to be on screen before the screen has said."""


class _Tracked:
    """What is remembered of one process between ticks."""

    __slots__ = (
        "command_of", "cost", "misc_at", "moved", "reading", "rollup_size", "stat_raw",
        "stat_seen_at", "statm_raw", "status_at", "user_memory",
    )  # fmt: skip

    def __init__(self, reading: ProcessReading, stat_raw: bytes) -> None:
        self.reading = reading
        self.user_memory = not reading.stat.kernel_thread
        self.stat_raw = stat_raw
        self.stat_seen_at = reading.stat_at  # when stat_raw was last read, be it unchanged
        self.moved = True  # since its status was read
        self.statm_raw: bytes | None = b""
        self.command_of: bytes | None = None  # the comm the command line was read for
        self.status_at = self.misc_at = float("-inf")
        self.rollup_size = -1  # resident pages when the rollup was read
        self.cost = 0.0  # seconds the last rollup took


class ProcessSampler:
    """Reads the process list; belongs to the sampler thread."""

    def __init__(
        self, files: ProcessFiles | None = None, rollup_share: float = ROLLUP_SHARE
    ) -> None:
        """Nothing is read yet.

        Args:
            files: where to read; those of this machine's /proc by default.
            rollup_share: of the time, what reading smaps_rollup again may take of all processes.
        """
        self.files = files or ProcessFiles()
        self._rollup_share = rollup_share
        self._known: dict[int, _Tracked] = {}
        self._pids: list[int] = []
        self._unnamed: set[int] = set()  # processes whose command line is still to be read
        self._tick = 0
        self._budget = Budget(rollup_share)

    def read(self, plan: Plan) -> tuple[ProcessReading, ...]:
        """One reading per process, in PID order."""
        self._tick += 1
        pids = self.files.pids()
        known = self._known
        if pids is not self._pids:
            self._pids = pids
            for pid in known.keys() - set(pids):
                self._forget(pid)
        visible = set(plan.visible)
        stat_all = Cost.STAT in plan.for_all
        status_all = bool({Cost.STATUS, Cost.ROLLUP} & plan.for_all)
        turn, read_statm = self._tick % _ROUND, self.files.statm
        for pid in pids:
            tracked = known.get(pid)
            if tracked is None:
                self._meet(pid)
                continue
            seen = pid in visible
            sizes = read_statm(pid) if tracked.user_memory else tracked.statm_raw
            if sizes != tracked.statm_raw or seen or stat_all or pid % _ROUND == turn:
                self._light(pid, tracked, sizes, seen=seen or stat_all)
        on_screen = plan.visible or self._largest()
        visible = set(on_screen)
        wanted = [pid for pid in on_screen if pid in known]

        def of(*, everyone: bool) -> list[int]:
            if not everyone:
                return wanted
            return [*wanted, *(pid for pid in pids if pid in known and pid not in visible)]

        # the first tick is somebody waiting for the first frame: only what that shows
        self._name(self._unnamed if self._tick > 1 or plan.for_all else visible)
        now = time.monotonic()
        for pid in of(everyone=status_all):
            self._status(pid, known[pid], now, visible=pid in visible)
        misc_all, rollup_all = Cost.MISC in plan.for_all, Cost.ROLLUP in plan.for_all
        if misc_all or Cost.MISC in plan.shown:
            for pid in of(everyone=misc_all):
                self._misc(pid, known[pid], now)
        if rollup_all or Cost.ROLLUP in plan.shown:
            self._rollups(of(everyone=rollup_all))
        return tuple(known[pid].reading for pid in pids if pid in known)

    def complete(self) -> tuple[ProcessReading, ...]:
        """Every figure of every process, read now, at whatever cost: for `vmtui ps`."""
        self._known.clear()  # nothing of an earlier tick may stand
        everything = frozenset(Cost)
        self.read(Plan(shown=everything, for_all=everything))
        for tracked in self._known.values():
            if tracked.rollup_size < 0:
                self._rollup(tracked)
        return tuple(self._known[pid].reading for pid in sorted(self._known))

    @property
    def hidden(self) -> int:
        """Processes that /proc lists and does not let us enter (hidepid=1)."""
        return self.files.hidden

    def close(self) -> None:
        """Let go of every descriptor."""
        self.files.close()

    def _largest(self) -> tuple[int, ...]:
        """Before the screen has said what it shows: what it will most likely show."""
        by_size = sorted(self._known, key=lambda pid: -self._known[pid].reading.resident_pages)
        return tuple(by_size[:_FIRST_GUESS])

    def _forget(self, pid: int) -> None:
        self.files.drop(pid)
        self._unnamed.discard(pid)
        del self._known[pid]

    def _meet(self, pid: int) -> None:
        """A process seen for the first time: read what its row cannot do without."""
        raw = self.files.stat(pid)
        if raw is None:
            return
        parsed, at, sizes = stat.parse(raw), time.monotonic(), None
        if not parsed.kernel_thread:
            sizes = self.files.statm(pid)
            if sizes is None:
                self.files.drop(pid)
                return
        pages = statm.parse(sizes) if sizes else None
        reading = ProcessReading(parsed, at, pages, display(parsed.comm))
        tracked = self._known[pid] = _Tracked(reading, raw)
        tracked.statm_raw = sizes or b""
        self._unnamed.add(pid)

    def _name(self, pids: Iterable[int]) -> None:
        """Read the command lines of those that have none yet."""
        for pid in self._unnamed.intersection(pids):
            tracked = self._known.get(pid)
            if tracked is not None:
                self._command(pid, tracked)
            self._unnamed.discard(pid)

    def _light(self, pid: int, tracked: _Tracked, sizes: bytes | None, *, seen: bool) -> None:
        """Take in statm and read stat; a new reading if they moved or if it is `seen`."""
        raw = self.files.stat(pid) if sizes is not None else None
        if sizes is None or raw is None:
            self._forget(pid)
            return
        stat_at, before_at = time.monotonic(), tracked.stat_seen_at
        tracked.stat_seen_at = stat_at
        reading = tracked.reading
        new_statm, new_stat = reading.statm, reading.stat
        if sizes != tracked.statm_raw:
            tracked.statm_raw = sizes
            new_statm = statm.parse(sizes)
            tracked.moved = True
        if raw != tracked.stat_raw:
            tracked.stat_raw = raw
            new_stat = stat.parse(raw)
            tracked.moved = True
        elif not seen and new_statm is reading.statm:
            return
        tracked.reading = ProcessReading(
            new_stat, stat_at, new_statm, reading.command, reading.user, reading.status,
            reading.rollup, reading.rollup_at, reading.misc, before_at,
        )  # fmt: skip
        if new_stat.comm != reading.stat.comm:
            self._command(pid, tracked)

    def _replace(self, tracked: _Tracked, **changes: Any) -> None:
        tracked.reading = replace(tracked.reading, **changes)

    def _command(self, pid: int, tracked: _Tracked) -> None:
        comm = tracked.reading.stat.comm
        if tracked.command_of == comm:
            return
        tracked.command_of = comm
        self._replace(tracked, command=self._command_text(pid, tracked.reading))

    def _command_text(self, pid: int, reading: ProcessReading) -> DisplayText:
        comm = reading.stat.comm
        if reading.stat.kernel_thread:
            return display(b"[" + comm + b"]")
        try:
            line = self.files.cmdline(pid).rstrip(b"\0")
        except VmtuiError:
            line = b""
        return display(line.replace(b"\0", b" ")) if line else display(b"(" + comm + b")")

    def _status(self, pid: int, tracked: _Tracked, now: float, *, visible: bool) -> None:
        """status of a process: each tick on screen, else when it moved or every few seconds."""
        reading = tracked.reading
        if reading.stat.kernel_thread and not isinstance(reading.status, Missing):
            return
        age = now - tracked.status_at
        if age < _SETTLED_SECONDS and not (visible and tracked.moved):
            return
        if not visible and age < _FRESH_SECONDS:
            return
        try:
            value: status.Status | Missing = status.parse(self.files.status(pid))
        except VmtuiError as error:
            value = Missing.because(error)
        tracked.status_at, tracked.moved = now, False
        user = value if isinstance(value, Missing) else display(user_name(value.uid))
        if value != reading.status or user != reading.user:
            self._replace(tracked, status=value, user=user)

    def _misc(self, pid: int, tracked: _Tracked, now: float) -> None:
        if now - tracked.misc_at < _FRESH_SECONDS:
            return
        tracked.misc_at = now
        score, adjustment = (
            _number(self.files.oom_score, pid),
            _number(self.files.oom_score_adj, pid),
        )
        try:
            member = cgroup.parse(self.files.cgroup(pid))
        except VmtuiError as error:
            member = Missing.because(error)
        path = member if isinstance(member, Missing) else member.path
        container = "" if isinstance(path, Missing) else container_of(path)
        misc = Misc(score, adjustment, path, container)
        if misc != tracked.reading.misc:
            self._replace(tracked, misc=misc)

    def _rollups(self, pids: Iterable[int]) -> None:
        """smaps_rollup of those that never had it, then of those whose is old and has moved."""
        every = [self._known[pid] for pid in pids]
        began = now = time.monotonic()
        for tracked in every:
            if tracked.rollup_size < 0:
                self._rollup(tracked)
                now = time.monotonic()
                if now - began > _ROLLUP_SECONDS:
                    return
        if not self._budget.due("rollups", now):
            return
        began = now
        for tracked in sorted(every, key=lambda tracked: tracked.reading.rollup_at):
            if now > began and now - began + tracked.cost > _ROLLUP_SECONDS:
                break
            age = now - tracked.reading.rollup_at
            still = tracked.rollup_size == tracked.reading.resident_pages
            if age < (_FRESH_SECONDS if still else tracked.cost / self._rollup_share):
                continue
            self._rollup(tracked)
            now = time.monotonic()
        self._budget.spent("rollups", began, now)

    def _rollup(self, tracked: _Tracked) -> None:
        reading = tracked.reading
        pid = reading.stat.pid
        if reading.stat.kernel_thread or reading.stat.state == "Z":
            tracked.rollup_size = 0
            return
        began = time.monotonic()
        try:
            value: smaps_rollup.Rollup | Missing = smaps_rollup.parse(self.files.rollup(pid))
        except NotPermitted:
            value = Missing(
                "smaps_rollup may be read by the process's own user and by root",
                "run vmtui as root, or as that user",
            )
        except ProcessGone:
            value = Missing("the process has exited")
        except VmtuiError as error:
            value = Missing.because(error)
        ended = time.monotonic()
        tracked.cost = ended - began
        tracked.rollup_size = reading.resident_pages
        self._replace(tracked, rollup=value, rollup_at=ended)


def _number(read: Callable[[int], bytes], pid: int) -> int | Missing:
    try:
        return oom.parse(read(pid))
    except VmtuiError as error:
        return Missing.because(error)
