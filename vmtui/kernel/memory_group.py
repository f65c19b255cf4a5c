"""The account of one memory cgroup, v1 or v2, file by file: what it may have, has, and lost.

Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst. All files are readable by anyone;
about 60 µs altogether. Read on a real kernel: v1. The v2 half is tested only against a directory
made from the documentation. Pressure is the group's own: cgroup2 has `memory.pressure` in every
directory, with or without the memory controller there.
"""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.errors import VmtuiError
from vmtui.kernel import pressure
from vmtui.kernel.cgroup import NO_LIMIT, V1_UNLIMITED, counters_in, file_in, number_in
from vmtui.kernel.lines import not_printed
from vmtui.missing import Missing

NO_PRESSURE = Missing("no cgroup2 directory tells the pressure of this group alone")


@dataclass(frozen=True, slots=True)
class GroupReading:
    """Bytes and event counts, of the group itself."""

    limit: int | None
    """None without one."""
    usage: int
    """Pages are charged 64 at a time and CPU by CPU, so up to that many more than are used."""
    swap_limit: int | Missing | None
    swap: int | Missing
    anon: int | Missing
    file: int | Missing
    failures: int | Missing
    """How often a limit stood in the way: v1 failcnt of memory and of memory with swap, v2 the
    `max` of memory.events."""
    oom_kills: int | Missing
    major_faults: int | Missing
    refaults_anon: int | Missing
    refaults_file: int | Missing
    swappiness: int | Missing
    """v1 `memory.swappiness`; v2 has only that of the machine."""


@dataclass(frozen=True, slots=True)
class GroupPressure:
    """Shares of the last ten seconds, per cent."""

    some_avg10: float | Missing
    full_avg10: float | Missing


def read_v1(directory: bytes) -> GroupReading:
    """The files of a v1 group.

    Raises:
        NotPermitted, NotSupported, VmtuiError: there is no such group, or it cannot be read.
    """
    limit = _amount(directory, b"memory.limit_in_bytes")
    stat = counters_in(directory, b"memory.stat")
    both = number_in(directory, b"memory.memsw.limit_in_bytes")
    swap_limit: int | Missing | None = both
    if not isinstance(both, Missing):
        swap_limit = None if both >= V1_UNLIMITED or limit is None else both - limit
    failures = number_in(directory, b"memory.failcnt")
    with_swap = number_in(directory, b"memory.memsw.failcnt")
    if not isinstance(failures, Missing) and not isinstance(with_swap, Missing):
        failures += with_swap
    return GroupReading(
        limit=limit,
        usage=_amount(directory, b"memory.usage_in_bytes") or 0,
        swap_limit=swap_limit,
        swap=_of(stat, "swap"),
        anon=_of(stat, "rss"),
        file=_of(stat, "cache"),
        failures=failures,
        oom_kills=_of(counters_in(directory, b"memory.oom_control"), "oom_kill"),
        major_faults=_of(stat, "pgmajfault"),
        refaults_anon=_of(stat, "workingset_refault_anon"),
        refaults_file=_of(stat, "workingset_refault_file"),
        swappiness=number_in(directory, b"memory.swappiness"),
    )


def read_v2(directory: bytes) -> GroupReading:
    """The files of a v2 group; events of the group alone where the kernel tells them apart (5.2).

    Raises:
        NotPermitted, NotSupported, VmtuiError: there is no such group, it cannot be read, or the
            memory controller is not enabled there.
    """
    stat = counters_in(directory, b"memory.stat")
    events = counters_in(directory, b"memory.events.local")
    events = events or counters_in(directory, b"memory.events")
    swap_limit = number_in(directory, b"memory.swap.max")
    return GroupReading(
        limit=_amount(directory, b"memory.max"),
        usage=_amount(directory, b"memory.current") or 0,
        swap_limit=None if swap_limit is NO_LIMIT else swap_limit,
        swap=number_in(directory, b"memory.swap.current"),
        anon=_of(stat, "anon"),
        file=_of(stat, "file"),
        failures=_of(events, "max"),
        oom_kills=_of(events, "oom_kill"),
        major_faults=_of(stat, "pgmajfault"),
        refaults_anon=_of(stat, "workingset_refault_anon"),
        refaults_file=_of(stat, "workingset_refault_file"),
        swappiness=Missing("cgroup v2 has no swappiness of its own"),
    )


def read_pressure(directory: bytes | None) -> GroupPressure:
    """memory.pressure of a cgroup2 directory; None where there is none. Never raises."""
    if directory is None:
        return GroupPressure(NO_PRESSURE, NO_PRESSURE)
    try:
        found = pressure.parse(file_in(directory, b"memory.pressure"))
    except VmtuiError as error:
        why = Missing.because(error)
        return GroupPressure(why, why)
    full = found.full if isinstance(found.full, Missing) else found.full.avg10
    return GroupPressure(found.some.avg10, full)


def _amount(directory: bytes, name: bytes) -> int | None:
    """A file that must be there; None for «no limit», of which each version has its own word."""
    raw = file_in(directory, name)
    if raw.strip() == b"max":
        return None
    number = int(raw)
    return None if number >= V1_UNLIMITED else number


def _of(counters: dict[str, int], name: str) -> int | Missing:
    return counters[name] if name in counters else not_printed(name)
