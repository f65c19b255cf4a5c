"""The whole machine at one tick: what was read, rates from two readings, swap and free memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from vmtui.kernel.buddyinfo import FreeBlocks
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.meminfo import MemInfo
from vmtui.kernel.pressure import Line, Pressure
from vmtui.kernel.swaps import SwapDevice
from vmtui.kernel.vmstat import VmStat
from vmtui.kernel.zoneinfo import Zone
from vmtui.missing import NOT_READ, Missing
from vmtui.model.accounting import Share, accounting
from vmtui.model.free_memory import HUGE_ORDER, ZoneBlocks, by_zone, pages_of, together

_RISING = frozenset(
    {"nr_dirtied", "nr_written", "nr_throttled_written", "nr_vmscan_write",
     "nr_vmscan_immediate_reclaim", "nr_foll_pin_acquired", "nr_foll_pin_released"}
)  # fmt: skip
"""Counters of events although their names begin like those of amounts."""
_AMOUNTS = frozenset({"workingset_nodes"})
"""An amount although its name begins otherwise."""
_BY_WHOM = ("kswapd", "direct", "khugepaged", "proactive")
_BY_KIND = ("anon", "file")
"""Pages given up are counted twice in /proc/vmstat: by whom, unless a memory cgroup met its own
limit, and (since Linux 5.8) by kind, always."""
FIRST_READING = Missing("needs two readings; this is the first")


@dataclass(frozen=True, slots=True)
class MachineReading:
    """What the machine's files said. Parts not read anew are the objects of an earlier tick."""

    at: float
    """When, in seconds of the monotonic clock."""
    meminfo: MemInfo | Missing
    vmstat: VmStat | Missing
    pressure: Pressure | Missing
    """For memory."""
    swaps: tuple[SwapDevice, ...] | Missing
    zones: tuple[Zone, ...] | Missing = NOT_READ
    """/proc/zoneinfo: watermarks and per-CPU lists."""
    free_blocks: tuple[FreeBlocks, ...] | Missing = NOT_READ
    """/proc/buddyinfo: free blocks by order."""

    def shares(self) -> tuple[Share, ...]:
        """MemTotal in parts that add up; empty when meminfo could not be read."""
        if isinstance(self.meminfo, Missing):
            return ()
        return accounting(
            self.meminfo,
            None if isinstance(self.vmstat, Missing) else self.vmstat,
            None if isinstance(self.zones, Missing) else self.zones,
        )


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast the counters of /proc/vmstat rose between two readings."""

    seconds: float
    """Time between the two."""
    per_second: Mapping[str, float]
    """Events (pgpgin, pgpgout: KiB) a second by the kernel's names."""

    def __getitem__(self, name: str) -> float | Missing:
        found = self.per_second.get(name)
        return Missing(f"this kernel does not count {name}") if found is None else found


def rates(before: MachineReading, now: MachineReading) -> Rates | Missing:
    """The rates between two readings; amounts (`nr_free_pages`, …) have none and are left out.

    A counter that went back, as one does when its CPU is taken away, is left out as well.
    """
    if isinstance(before.vmstat, Missing):
        return before.vmstat
    if isinstance(now.vmstat, Missing):
        return now.vmstat
    seconds = now.at - before.at
    if seconds <= 0:
        return FIRST_READING
    old, new = before.vmstat.figures, now.vmstat.figures
    return Rates(
        seconds,
        {
            name: (value - old[name]) / seconds
            for name, value in new.items()
            if counts_events(name) and old.get(name, value + 1) <= value
        },
    )


def rate(before: MachineReading, now: MachineReading, name: str) -> float | Missing:
    """What `rates` says of one counter."""
    if isinstance(before.vmstat, Missing):
        return before.vmstat
    if isinstance(now.vmstat, Missing):
        return now.vmstat
    if now.at <= before.at:
        return FIRST_READING
    old, new = before.vmstat.figures.get(name), now.vmstat.figures.get(name)
    if old is None or new is None or new < old or not counts_events(name):
        return Missing(f"this kernel does not count {name}")
    return (new - old) / (now.at - before.at)


def counts_events(name: str) -> bool:
    """Whether a line of /proc/vmstat is a counter that only rises, not an amount."""
    return name in _RISING or not (name.startswith("nr_") or name in _AMOUNTS)


class MachineRow:
    """A reading beside the one before it, as the fields of the registry ask for it."""

    __dict__: dict[str, object]

    def __init__(self, now: MachineReading, before: MachineReading | None = None) -> None:
        """Put two readings side by side; without the earlier one there are no rates."""
        self.now = now
        self.before = before

    @cached_property
    def rates(self) -> Rates | Missing:
        """Rates since the reading before."""
        return FIRST_READING if self.before is None else rates(self.before, self.now)

    @cached_property
    def shares(self) -> tuple[Share, ...]:
        """MemTotal in parts that add up."""
        return self.now.shares()

    def rate(self, counter: str) -> float | Missing:
        """Events a second of a counter of /proc/vmstat; that one alone, for charts ask often."""
        return FIRST_READING if self.before is None else rate(self.before, self.now, counter)

    def page_rate(self, counter: str) -> float | Missing:
        """The same for a counter of pages, in bytes a second."""
        pages = self.rate(counter)
        return pages if isinstance(pages, Missing) else pages * PAGE_SIZE

    def kib_rate(self, counter: str) -> float | Missing:
        """The same for a counter of KiB (pgpgin, pgpgout), in bytes a second."""
        kib = self.rate(counter)
        return kib if isinstance(kib, Missing) else kib * 1024

    def reclaim_rate(self, event: str) -> float | Missing:
        """Pages a second that were looked at (`pgscan`) or given up (`pgsteal`), by anybody."""
        for parts in (_BY_KIND, _BY_WHOM):
            rates = [self.rate(f"{event}_{part}") for part in parts]
            if not isinstance(rates[0], Missing):
                return sum(rate for rate in rates if not isinstance(rate, Missing))
        return rates[0]

    def difference(self, whole: str, part: str) -> int | Missing:
        """A figure of /proc/meminfo less another one, in bytes."""
        first, second = self.meminfo(whole), self.meminfo(part)
        if isinstance(first, Missing):
            return first
        return second if isinstance(second, Missing) else first - second

    def meminfo(self, name: str) -> int | Missing:
        """A figure of /proc/meminfo, in bytes."""
        found = self.now.meminfo
        return found if isinstance(found, Missing) else found[name]

    @property
    def swap_used(self) -> int | Missing:
        """Bytes of swap in use: SwapTotal − SwapFree."""
        return self.difference("SwapTotal", "SwapFree")

    @cached_property
    def free_blocks(self) -> ZoneBlocks | Missing:
        """What is free in all zones together, by size of block."""
        blocks = self.now.free_blocks
        if isinstance(blocks, Missing):
            return blocks
        return together(by_zone(blocks, self.now.zones))

    @property
    def free_for_huge(self) -> int | Missing:
        """Bytes free in blocks that a huge page can be made of."""
        free = self.free_blocks
        if isinstance(free, Missing):
            return free
        small = pages_of(free.orders[:HUGE_ORDER])
        return (pages_of(free.orders) - small) * PAGE_SIZE

    @property
    def unusable_for_huge(self) -> float | Missing:
        """Percent of free memory in blocks too small for a huge page."""
        free = self.free_blocks
        if isinstance(free, Missing):
            return free
        return 100 * free.unusable[min(HUGE_ORDER, len(free.orders) - 1)]

    def share(self, name: str) -> int | Missing:
        """One part of the accounting, in bytes."""
        for share in self.shares:
            if share.name == name:
                return share.bytes
        return Missing("this kernel does not print it, so it is within «unexplained»")

    def pressure(self, kind: str) -> Line | Missing:
        """The line `some` or `full` of the memory pressure."""
        found = self.now.pressure
        if isinstance(found, Missing):
            return found
        return found.some if kind == "some" else found.full

    def stalled(self, kind: str) -> float | Missing:
        """Percent of the last ten seconds in which `some` or all (`full`) tasks waited."""
        line = self.pressure(kind)
        return line if isinstance(line, Missing) else line.avg10
