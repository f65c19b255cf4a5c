"""Readings and samples made up for tests of what is pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.kernel.maps_text import PlainVma
from vmtui.kernel import maps, smaps
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.flags import PAGE_IS_PRESENT
from vmtui.kernel.identity import Identity
from vmtui.kernel.meminfo import parse as parse_meminfo
from vmtui.kernel.smaps_rollup import Rollup
from vmtui.kernel.smaps_rollup import parse as parse_rollup
from vmtui.kernel.stat import Stat
from vmtui.kernel.statm import Statm
from vmtui.kernel.status import parse as parse_status
from vmtui.kernel.vmstat import parse as parse_vmstat
from vmtui.missing import Missing
from vmtui.model.machine import MachineReading
from vmtui.model.page_counts import PageCounts
from vmtui.model.page_survey import PageSurvey
from vmtui.model.processes import ProcessReading
from vmtui.model.residency import resident_and_swapped
from vmtui.model.slices import ScannedSpace
from vmtui.model.states import PageState
from vmtui.model.vma_row import SMAPS_NAMES
from vmtui.model.vmas import Vmas
from vmtui.observe.feed import Feed
from vmtui.observe.sample import Sample
from vmtui.observe.target_reading import TargetReading, pack
from vmtui.text import display, plain
from vmtui.ui.session import Session

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


VMAS: tuple[PlainVma, ...] = (
    PlainVma(0x400000, 0x402000, b"r-xp", 0, 8, 1, 77, b"/usr/bin/worker"),
    PlainVma(0x1000000, 0x1010000, b"rw-p", name=b"[heap]"),
    PlainVma(0x7F0000000000, 0x7F0000100000, b"rw-p"),
    PlainVma(0x7F0000200000, 0x7F0000204000, b"r--p", 0, 8, 1, 88, b"/usr/lib/libc.so.6"),
    PlainVma(0x7FFFFF000000, 0x7FFFFF021000, b"rw-p", name=b"[stack]"),
)
"""A small process: 2, 16, 256, 4 and 33 pages."""


def vmas(
    plain_vmas: Sequence[PlainVma] = VMAS, resident: int = 2, at: float = 0.0
) -> tuple[Vmas, ScannedSpace]:
    """A table in which the first `resident` pages of each VMA are present, and the scan of it.

    Args:
        plain_vmas: in address order.
        resident: pages of each that are present, at most as many as it has.
        at: when everything was read, seconds of the monotonic clock.
    """
    lines = [one.line() for one in plain_vmas]
    ends = [min(one.end, one.start + resident * PAGE_SIZE) for one in plain_vmas]
    text = b""
    for one, end, line in zip(plain_vmas, ends, lines, strict=True):
        kib = (end - one.start) >> 10
        figures = dict.fromkeys(SMAPS_NAMES.values(), 0) | {
            "Rss": kib, "Pss": kib, "Private_Dirty": kib, "KernelPageSize": 4,
        }  # fmt: skip
        text += line + "".join(f"{k + ':':<16}{v:8d} kB\n" for k, v in figures.items()).encode()
        text += b"THPeligible:           1\nVmFlags: rd wr mr mw me ac \n"
    space = ScannedSpace(
        np.array([one.start for one in plain_vmas], np.uint64),
        np.array(ends, np.uint64),
        np.full(len(lines), PAGE_IS_PRESENT, np.uint64),
        knows_files=False,
    )
    table = maps.parse(b"".join(lines))
    present, swapped = resident_and_swapped(table, space)
    figures_of = smaps.parse(text)
    found = Vmas.of(
        table, figures_of, at=at, smaps_at=at, scanned_at=at,
        resident_pages=present, swapped_pages=swapped,
    )  # fmt: skip
    return found, space


def survey(one: PlainVma = VMAS[2], present: int = 2, **changes: Any) -> PageSurvey:
    """The pages of a VMA, the first `present` of them its own."""
    pages = (one.end - one.start) // PAGE_SIZE
    states = np.zeros(pages, np.uint8)
    states[:present] = PageState.ANON
    counts = PageCounts(
        pages=pages, absent=pages - present, present=present, anon=present, exclusive=present
    )
    values: dict[str, Any] = {
        "start": one.start, "end": one.end, "states": states, "counts": counts,
        "took_ns": 1000, "source": "pagemap", "reread_pages": pages,
    }  # fmt: skip
    return PageSurvey(**(values | changes))


def target(
    pid: int = 100,
    at: float = 0.0,
    *,
    plain_vmas: Sequence[PlainVma] = VMAS,
    resident: int = 2,
    pages: PageSurvey | Missing | None = None,
    **changes: Any,
) -> TargetReading:
    """A process in depth; see `vmas` and `survey`. Anything can be changed by its own name."""
    found, space = vmas(plain_vmas, resident, at)
    unknown = Missing("not made up")
    values: dict[str, Any] = {
        "pid": pid,
        "identity": Identity(
            pid, b"worker", "mori", b"/usr/bin/worker", b"/", 1_000_000.0, unknown, ()
        ),
        "ended_at": None, "stat": stat(pid), "stat_at": at,
        "statm": Statm(4096, 256, 64, 16, 1024), "status": status(pid),
        "rollup": rollup(512, 256), "rollup_at": at, "vmas": found, "vmas_at": at,
        "space": space, "space_at": at, "limits": unknown, "cgroup": unknown,
        "cgroup_path": b"/made/up", "oom_score": 0, "oom_score_adj": 0, "pages": pages,
        "packed_pages": pack(pages) if isinstance(pages, PageSurvey) else None,
        "pages_at": at, "lock_seconds": 0.0,
    }  # fmt: skip
    return TargetReading(**(values | changes))


def session(feed: Feed, **changes: Any) -> Session:
    """A session of root on a machine that does not exist."""
    values: dict[str, Any] = {
        "feed": feed, "host": plain("host"), "kernel": plain("Linux 6.18"),
        "memory_bytes": 8 << 30, "user": plain("root"), "uid": 0, "privileged": True,
        "boot_time": 0.0,
    }  # fmt: skip
    return Session(**(values | changes))
