"""Readings and samples made up for tests of what is pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vmtui.kernel.meminfo import parse as parse_meminfo
from vmtui.kernel.smaps_rollup import Rollup
from vmtui.kernel.smaps_rollup import parse as parse_rollup
from vmtui.kernel.stat import Stat
from vmtui.kernel.statm import Statm
from vmtui.kernel.status import parse as parse_status
from vmtui.kernel.vmstat import parse as parse_vmstat
from vmtui.missing import Missing
from vmtui.model.machine import MachineReading
from vmtui.model.processes import ProcessReading
from vmtui.observe.sample import Sample
from vmtui.text import display

MEMINFO = b"""MemTotal:       24684152 kB
MemFree:        20000000 kB
MemAvailable:   23000000 kB
Buffers:           10000 kB
Cached:          1000000 kB
SwapCached:            0 kB
Active:           500000 kB
Active(anon):     900000 kB
Inactive(anon):   100000 kB
SwapTotal:       2097148 kB
SwapFree:        1997148 kB
Dirty:             20000 kB
Writeback:             0 kB
AnonPages:        900000 kB
Mapped:           200000 kB
Shmem:            100000 kB
KReclaimable:      80000 kB
Slab:             120000 kB
SReclaimable:      80000 kB
SUnreclaim:        40000 kB
KernelStack:        2000 kB
PageTables:         9000 kB
"""


_STAT = {*Stat._fields}


def stat(pid: int = 100, **changes: Any) -> Stat:
    """A stat record; `changes` by its own names."""
    values: dict[str, Any] = {
        "pid": pid, "comm": b"worker", "state": "S", "ppid": 1, "pgrp": pid, "session": pid,
        "tty": 0, "flags": 0, "minflt": 0, "majflt": 0, "utime_ticks": 0, "stime_ticks": 0,
        "nice": 0, "threads": 1, "start_ticks": 5000 + pid, "vsize_bytes": 1 << 24,
        "rss_pages": 256,
    }  # fmt: skip
    return Stat(**(values | changes))


def rollup(pss_kib: int, uss_kib: int) -> Rollup:
    """A rollup with these two figures."""
    return parse_rollup(
        b"00400000-7ffffffff000 ---p 00000000 00:00 0                          [rollup]\n"
        + f"Rss:{pss_kib * 2:>20} kB\nPss:{pss_kib:>20} kB\n".encode()
        + f"Private_Clean:{0:>11} kB\nPrivate_Dirty:{uss_kib:>11} kB\n".encode()
    )


def status(pid: int = 100, swap_kib: int = 0, uid: int = 1000) -> Any:
    """A status record."""
    return parse_status(
        f"Name:\tworker\nState:\tS (sleeping)\nTgid:\t{pid}\nPid:\t{pid}\nPPid:\t1\n"
        f"TracerPid:\t0\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t1000\t1000\t1000\t1000\n"
        f"NSpid:\t{pid}\nVmSize:\t   16384 kB\nVmPTE:\t      64 kB\nVmSwap:\t{swap_kib:8} kB\n"
        "Threads:\t1\n".encode()
    )


def reading(pid: int = 100, resident_pages: int = 256, **changes: Any) -> ProcessReading:
    """A process reading; stat fields among `changes` go to its stat."""
    of_stat = {name: changes.pop(name) for name in list(changes) if name in _STAT}
    made = stat(pid, **of_stat)
    values: dict[str, Any] = {
        "stat": made, "stat_at": 0.0,
        "statm": None if made.kernel_thread else Statm(4096, resident_pages, 64, 16, 1024),
        "command": display(b"/usr/bin/" + made.comm + b" --serve"),
        "user": display(b"mori"),
    }  # fmt: skip
    return ProcessReading(**(values | changes))


def machine(at: float = 0.0, pgfault: int = 0) -> MachineReading:
    """A machine reading."""
    return MachineReading(
        at=at,
        meminfo=parse_meminfo(MEMINFO),
        vmstat=parse_vmstat(f"pgfault {pgfault}\npgmajfault 0\npswpin 0\npswpout 0\n".encode()),
        pressure=Missing("this kernel has no pressure stall information"),
        swaps=(),
    )


def sample(
    number: int,
    processes: Sequence[ProcessReading] = (),
    seconds: float | None = None,
    **changes: Any,
) -> Sample:
    """A sample taken `seconds` after the first."""
    at = float(number) if seconds is None else seconds
    values: dict[str, Any] = {
        "number": number, "began": at, "ended": at + 0.01, "taken_at": 1_000_000 + at, "late": 0.0,
        "machine": machine(at, number * 1000), "processes": tuple(processes),
        "process_tick": number,
    }  # fmt: skip
    return Sample(**(values | changes))
