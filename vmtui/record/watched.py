"""One process being recorded: all that level 2 shows of it, and the pages of all its VMAs."""

from __future__ import annotations

import time
from dataclasses import replace

from vmtui.errors import VmtuiError
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.observe.budget import DUTY, Budget
from vmtui.observe.plan import Plan
from vmtui.observe.target_reading import TargetReading
from vmtui.observe.target_sampler import TargetSampler
from vmtui.record.page_tracker import PageTracker
from vmtui.record.records import RecordedTarget

SUMS_SECONDS = 10.0
"""How old smaps and their sums may get of a process in which nothing seems to move."""
STILL_SECONDS = 5.0
"""How long a process that neither runs nor changes in size is taken to be as it was.

What others can do to its pages meanwhile (a huge page made by khugepaged, a fork that ends) is seen
so much later.
"""
_SUMS = ("rollup", "smaps")
"""Sources that walk all page tables for sums: what the pages tell too, page by page."""
_PAGES_SHARE = 8
"""Reading entries may take so many times what each of the sums may."""


class _Thrifty(Budget):
    """Scans and maps at every tick if the lock budget allows it, sums more rarely."""

    def __init__(self, duty: float) -> None:
        super().__init__(max(DUTY, duty))
        self._sums = Budget(duty)
        self.sums_wanted = True
        """Whether they can have changed."""

    def due(self, source: str, now: float) -> bool:
        """See `Budget`."""
        if source in _SUMS:
            return self.sums_wanted and self._sums.due(source, now)
        return super().due(source, now)

    def spent(self, source: str, began: float, ended: float) -> None:
        """See `Budget`."""
        super().spent(source, began, ended)
        self._sums.spent(source, began, ended)


class Watched:
    """Holds the target; belongs to the recorder's thread."""

    def __init__(self, pid: int, duty: float, turn: float = 0.0) -> None:
        """Attach.

        Args:
            pid: the process.
            duty: the largest share of time that each of its heavy sources may take.
            turn: 0 to 1, when within `STILL_SECONDS` it is read again in full while it rests: many
                of them in one tick would make that one long.

        Raises:
            ProcessGone, NotPermitted, NotSupported: as `Target`.
        """
        self.pid = pid
        self._target = Target(pid)
        self._budget = _Thrifty(duty)
        try:
            self._sampler = TargetSampler(self._target, self._budget)
        except BaseException:
            self._target.close()
            raise
        self._pages = PageTracker(self._target, duty=max(duty, min(DUTY, _PAGES_SHARE * duty)))
        self._last: RecordedTarget | None = None
        self._moved = True
        self._closed = False
        self._sums_at = self._full_at = float("-inf")
        self._turn_seconds = turn * STILL_SECONDS
        self._signs: tuple[bytes, bytes] | None = None

    @property
    def ended(self) -> bool:
        """Whether it was found to have exited."""
        return self._last is not None and self._last.reading.ended_at is not None

    def read(self, interval: float) -> RecordedTarget:
        """The process now; once it has exited, what was last known of it."""
        last = self._last
        if last is not None and self.ended:
            return last
        now = time.monotonic()
        if self._still(now) and last is not None:
            reading = replace(last.reading, stat_at=now, lock_seconds=0.0)
            self._last = replace(last, reading=reading)
            return self._last
        sums = self._moved or now >= self._sums_at + SUMS_SECONDS
        self._budget.sums_wanted = sums
        reading = self._sampler.read(Plan(interval, target=self.pid), slow=True)
        if sums:
            self._sums_at = now
        before = last.reading if last else None
        self._moved = before is None or _moved(before, reading)
        self._pages.rest()
        pages = last.pages if last and reading.ended_at else None
        if pages is None:
            pages = self._pages.look(reading.vmas, reading.space)
            if last is not None and isinstance(pages, Missing) and not self._target.alive():
                pages = last.pages
        spent = reading.lock_seconds + self._pages.spent_seconds
        self._last = RecordedTarget(replace(reading, lock_seconds=spent), pages)
        return self._last

    def _still(self, now: float) -> bool:
        """Whether the process has not run, nor its sizes changed, since it was read in full."""
        try:
            signs = self._target.read("stat"), self._target.read("statm")
        except VmtuiError:
            return False
        if signs == self._signs and now < self._full_at + STILL_SECONDS and self._target.alive():
            return True
        resting = signs == self._signs
        self._signs, self._full_at = signs, now if resting else now - self._turn_seconds
        return False

    def close(self) -> None:
        """Let go of the process, of which the last reading stays; harmless twice."""
        if not self._closed:
            self._closed = True
            self._pages.close()
            self._sampler.close()


def _moved(before: TargetReading, now: TargetReading) -> bool:
    """Whether anything that is cheap to see says that smaps has changed."""
    if before.space is not now.space or isinstance(now.space, Missing):
        return True
    if isinstance(before.stat, Missing) or isinstance(now.stat, Missing):
        return True
    faults = (before.stat.minflt, before.stat.majflt) != (now.stat.minflt, now.stat.majflt)
    return faults or before.statm != now.statm


def why_not(pid: int) -> VmtuiError | None:
    """What stands in the way of recording a process, if anything does."""
    try:
        Target(pid).close()
    except VmtuiError as error:
        return error
    return None
