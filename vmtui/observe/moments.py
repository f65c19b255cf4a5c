"""Samples as the moments that differences are made of."""

from __future__ import annotations

from collections.abc import Iterable

from vmtui.kernel.meminfo import MemInfo
from vmtui.missing import NOT_READ, Missing
from vmtui.model.process_moment import ProcessMoment
from vmtui.model.processes import ProcessReading
from vmtui.model.vmas import Vmas
from vmtui.observe.sample import Sample
from vmtui.observe.target_reading import TargetReading


def moment_of(sample: Sample, reading: TargetReading | None = None) -> ProcessMoment | Missing:
    """The process that is looked into, at that moment.

    Args:
        sample: of that moment.
        reading: the process; None for the sample's own target.

    Returns:
        The moment, or why its VMAs are not known.
    """
    target = reading if reading is not None else sample.target
    if target is None:
        return NOT_READ
    if not isinstance(target.vmas, Vmas):
        return target.vmas
    stat, group = target.stat, target.cgroup
    return ProcessMoment(
        at=sample.taken_at,
        pid=target.pid,
        comm=b"" if isinstance(stat, Missing) else stat.comm,
        vmas=target.vmas,
        space=target.space,
        threads=stat if isinstance(stat, Missing) else stat.threads,
        work=stat
        if isinstance(stat, Missing)
        else (stat.utime_ticks + stat.stime_ticks, stat.minflt + stat.majflt),
        children=_children(sample.processes, target.pid),
        usage=group if isinstance(group, Missing) else group.usage_bytes,
        limit=group if isinstance(group, Missing) else group.limit_bytes,
        left=group if isinstance(group, Missing) else group.left_bytes,
        available=_available(sample.machine.meminfo),
    )


def _children(processes: Iterable[ProcessReading], pid: int) -> frozenset[int]:
    return frozenset(one.stat.pid for one in processes if one.stat.ppid == pid)


def _available(info: MemInfo | Missing) -> int | Missing:
    if isinstance(info, Missing):
        return info
    available, swap = info["MemAvailable"], info["SwapFree"]
    if isinstance(available, Missing):
        return available
    return available + (0 if isinstance(swap, Missing) else swap)


def same_process(one: Sample, other: Sample, pid: int) -> bool:
    """Whether that PID is one process in both samples of one machine since one boot."""
    ours, theirs = start_of(one, pid), start_of(other, pid)
    return ours is not None and ours == theirs


def start_of(sample: Sample, pid: int) -> int | None:
    """The start tick of a process, from the target or the list; None if neither knows it."""
    target = sample.target
    if target is not None and target.pid == pid and not isinstance(target.stat, Missing):
        return target.stat.start_ticks
    listed = sample.process(pid)
    return None if listed is None else listed.stat.start_ticks
