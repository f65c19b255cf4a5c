"""What is different about the whole machine: the parts of MemTotal, swap, and what was counted."""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.missing import Missing
from vmtui.model.accounting import PARTS
from vmtui.model.machine import MachineReading

_COUNTERS: tuple[tuple[str, str], ...] = (
    ("pgfault", "faults"),
    ("pgmajfault", "major faults, which waited for a disk"),
    ("pswpout", "pages written to swap"),
    ("pswpin", "pages read from swap"),
    ("pgsteal_kswapd", "pages reclaimed in the background"),
    ("pgsteal_direct", "pages reclaimed while somebody waited"),
    ("thp_fault_alloc", "huge pages given at a fault"),
    ("thp_collapse_alloc", "huge pages collapsed by khugepaged"),
    ("compact_stall", "allocations that waited for compaction"),
    ("oom_kill", "processes killed for lack of memory"),
)
"""Counters of /proc/vmstat worth telling, and what they count."""
_SWAP_FREE = "SwapFree"


@dataclass(frozen=True, slots=True)
class MachineDifference:
    """One part, or one counter."""

    name: str
    """As documents call it."""
    title: str
    about: str
    unit: str
    """`bytes`, or `events`: then only the difference means anything."""
    before: int | Missing
    after: int | Missing

    @property
    def delta(self) -> int | Missing:
        """The change."""
        if isinstance(self.before, Missing):
            return self.before
        return self.after if isinstance(self.after, Missing) else self.after - self.before


def machine_differences(
    before: MachineReading, after: MachineReading, *, same_machine: bool = True
) -> list[MachineDifference]:
    """The parts that add up to MemTotal, then swap, then events since, if it is one machine.

    Args:
        before: the earlier reading, or that of the first machine.
        after: the later one.
        same_machine: whether both are of one machine since one boot.
    """
    rows = []
    then = {share.name: share.bytes for share in before.shares()}
    now = {share.name: share.bytes for share in after.shares()}
    for name, (_slot, title, about) in PARTS.items():
        if name in then or name in now:
            rows.append(
                MachineDifference(name, title, about, "bytes", then.get(name, 0), now.get(name, 0))
            )
    rows.append(
        MachineDifference(
            "swap_used", "swap used", "Pages in swap.", "bytes",
            _swap_used(before), _swap_used(after),
        )
    )  # fmt: skip
    if same_machine:
        rows += _events(before, after)
    return rows


def _swap_used(reading: MachineReading) -> int | Missing:
    info = reading.meminfo
    if isinstance(info, Missing):
        return info
    total, free = info["SwapTotal"], info[_SWAP_FREE]
    if isinstance(total, Missing):
        return total
    return free if isinstance(free, Missing) else total - free


def _events(before: MachineReading, after: MachineReading) -> list[MachineDifference]:
    if isinstance(before.vmstat, Missing) or isinstance(after.vmstat, Missing):
        return []
    found = []
    for name, words in _COUNTERS:
        then, now = before.vmstat[name], after.vmstat[name]
        if not isinstance(then, Missing) and not isinstance(now, Missing):
            found.append(MachineDifference(name, name, words, "events", then, now))
    return found
