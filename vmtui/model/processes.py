"""One process as level 1 and `vmtui ps` show it: readings, and the row derived from two of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.flags import PF_KTHREAD
from vmtui.kernel.smaps_rollup import Rollup
from vmtui.kernel.stat import Stat
from vmtui.kernel.statm import Statm
from vmtui.kernel.status import Status
from vmtui.missing import NOT_READ, Missing
from vmtui.text import DisplayText, display

TICKS_PER_SECOND: int = os.sysconf("SC_CLK_TCK")
NO_USER_MEMORY = Missing("a kernel thread has no user memory")
ZOMBIE = Missing("a zombie: its memory has been given back")
GROWTH_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Misc:
    """The small files that few columns need."""

    oom_score: int | Missing
    oom_score_adj: int | Missing
    cgroup: bytes | Missing
    container: str
    """Which container runtime the cgroup path speaks of, or empty."""


@dataclass(frozen=True, slots=True)
class ProcessReading:
    """What is known of a process at one tick. The same object as long as nothing was read anew."""

    stat: Stat
    stat_at: float
    """When, in seconds of the monotonic clock."""
    statm: Statm | None
    """None for kernel threads, which have no memory of their own."""
    command: DisplayText
    """The command line, or the name in brackets for a kernel thread."""
    user: DisplayText | Missing = NOT_READ
    status: Status | Missing = NOT_READ
    rollup: Rollup | Missing = NOT_READ
    rollup_at: float = 0.0
    misc: Misc | Missing = NOT_READ
    stat_before_at: float = 0.0
    """When the stat before this one was last seen to hold: no earlier than its `stat_at`."""

    @property
    def key(self) -> tuple[int, int]:
        """PID and start tick: strong evidence that two readings are of one process."""
        return self.stat.pid, self.stat.start_ticks

    @property
    def resident_pages(self) -> int:
        """Resident pages as statm says, 0 for a kernel thread."""
        return self.statm.resident_pages if self.statm else 0


class Past(Protocol):
    """What came before the reading under the cursor; asked only for the rows that are drawn."""

    boot_time: float
    """When the machine started, seconds since 1970."""

    def before(self, pid: int) -> ProcessReading | None:
        """The reading of that PID one tick earlier."""

    def resident_series(self, key: tuple[int, int]) -> Sequence[int]:
        """Resident pages at each tick up to the cursor, oldest first."""

    def resident_minute_ago(self, key: tuple[int, int]) -> int | Missing:
        """Resident pages `GROWTH_SECONDS` ago, or when it was first seen."""


class ProcessRow:
    """A reading beside the past. Every figure is computed when it is asked for."""

    def __init__(self, now: ProcessReading, past: Past) -> None:
        """Make the row of one process.

        Args:
            now: the reading under the clock's cursor.
            past: where earlier figures come from.
        """
        self.now = now
        self.past = past
        self.depth = 0
        """Depth in the tree; 0 in a flat list. Set by `model.tree`, as are the next three."""
        self.subtree_pss: int | Missing = NOT_READ
        """The PSS of this process and all below it: an honest sum."""
        self.subtree_rss = 0
        """The same with RSS, which counts shared pages again and again."""
        self.descendants = 0

    @property
    def key(self) -> tuple[int, int]:
        """PID and start tick."""
        return self.now.key

    @property
    def pid(self) -> int:
        """Process id in the namespace of this /proc."""
        return self.now.stat.pid

    @property
    def ppid(self) -> int:
        """The parent's process id."""
        return self.now.stat.ppid

    @property
    def user(self) -> DisplayText | Missing:
        """Name of the real user, or its number where there is no name."""
        return self.now.user

    @property
    def uid(self) -> int | Missing:
        """Real user id."""
        status = self.now.status
        return status if isinstance(status, Missing) else status.uid

    @property
    def state(self) -> str:
        """The kernel's letter: R S D Z T t I X."""
        return self.now.stat.state

    @property
    def comm(self) -> DisplayText:
        """The short name, at most 15 bytes, as the process set it."""
        return display(self.now.stat.comm)

    @property
    def comm_bytes(self) -> bytes:
        """The short name as the kernel has it."""
        return self.now.stat.comm

    @property
    def command(self) -> DisplayText:
        """The command line."""
        return self.now.command

    @property
    def kernel_thread(self) -> bool:
        """Whether it lives in the kernel alone."""
        return self.now.stat.kernel_thread

    @property
    def _no_memory(self) -> Missing | None:
        stat = self.now.stat
        if stat.flags & PF_KTHREAD:
            return NO_USER_MEMORY
        return ZOMBIE if stat.state == "Z" else None

    @cached_property
    def _before(self) -> ProcessReading | None:
        before = self.past.before(self.pid)
        return before if before is not None and before.key == self.key else None

    @cached_property
    def rss(self) -> int | Missing:
        """Resident set in bytes."""
        missing = self._no_memory
        return self.now.resident_pages * PAGE_SIZE if missing is None else missing

    @property
    def shared(self) -> int | Missing:
        """Resident file and shared-memory pages in bytes."""
        return self._statm("shared_pages")

    @property
    def vsize(self) -> int | Missing:
        """Address space in bytes."""
        return self._statm("size_pages")

    def _statm(self, name: str) -> int | Missing:
        if (missing := self._no_memory) is not None:
            return missing
        return NOT_READ if self.now.statm is None else getattr(self.now.statm, name) * PAGE_SIZE

    def _rollup(self, name: str) -> int | Missing:
        if (missing := self._no_memory) is not None:
            return missing
        rollup = self.now.rollup
        return rollup if isinstance(rollup, Missing) else getattr(rollup, name)

    @cached_property
    def pss(self) -> int | Missing:
        """Proportional set size in bytes: shared pages divided among those who map them."""
        return self._rollup("pss_bytes")

    @property
    def uss(self) -> int | Missing:
        """Unique set size in bytes: what would come free if it exited."""
        return self._rollup("uss_bytes")

    @property
    def swap(self) -> int | Missing:
        """Bytes in swap."""
        return self._status("vm_swap_bytes")

    @property
    def page_tables(self) -> int | Missing:
        """Bytes of page tables."""
        return self._status("vm_pte_bytes")

    def _status(self, name: str) -> int | Missing:
        if (missing := self._no_memory) is not None:
            return missing
        status = self.now.status
        return status if isinstance(status, Missing) else getattr(status, name)

    @property
    def minflt(self) -> int:
        """Minor faults since it started."""
        return self.now.stat.minflt

    @property
    def majflt(self) -> int:
        """Major faults since it started."""
        return self.now.stat.majflt

    def _rate(self, name: str) -> float | Missing:
        before = self._before
        if before is None:
            return Missing("needs two readings; this is the first")
        elapsed = self.now.stat_at - max(before.stat_at, self.now.stat_before_at)
        if elapsed <= 0:
            return Missing("not read again since the last tick")
        risen: int = getattr(self.now.stat, name) - getattr(before.stat, name)
        return risen / elapsed

    @cached_property
    def minflt_rate(self) -> float | Missing:
        """Minor faults a second since the reading before."""
        return self._rate("minflt")

    @cached_property
    def majflt_rate(self) -> float | Missing:
        """Major faults a second since the reading before."""
        return self._rate("majflt")

    @property
    def threads(self) -> int:
        """Threads."""
        return self.now.stat.threads

    @cached_property
    def growth(self) -> int | Missing:
        """Change of the resident set over the last minute, or since vmtui first saw it."""
        if (missing := self._no_memory) is not None:
            return missing
        earlier = self.past.resident_minute_ago(self.key)
        if isinstance(earlier, Missing):
            return earlier
        return (self.now.resident_pages - earlier) * PAGE_SIZE

    @property
    def trend(self) -> Sequence[int]:
        """Resident pages over the last minutes, oldest first."""
        return self.past.resident_series(self.key)

    @property
    def oom_score(self) -> int | Missing:
        """How likely the OOM killer would choose it, as the kernel says."""
        misc = self.now.misc
        return misc if isinstance(misc, Missing) else misc.oom_score

    @property
    def oom_score_adj(self) -> int | Missing:
        """What was added to that score by hand: −1000 to 1000."""
        misc = self.now.misc
        return misc if isinstance(misc, Missing) else misc.oom_score_adj

    @property
    def cgroup(self) -> DisplayText | Missing:
        """Path of its memory cgroup."""
        misc = self.now.misc
        if isinstance(misc, Missing):
            return misc
        return misc.cgroup if isinstance(misc.cgroup, Missing) else display(misc.cgroup)

    @property
    def container(self) -> str | Missing:
        """The container runtime its cgroup speaks of, or empty."""
        misc = self.now.misc
        return misc if isinstance(misc, Missing) else misc.container

    @property
    def start_time(self) -> float:
        """When it started, seconds since 1970."""
        return self.past.boot_time + self.now.stat.start_ticks / TICKS_PER_SECOND
