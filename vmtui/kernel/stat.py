"""One line of a process's state: /proc/PID/stat (Documentation/filesystems/proc.rst, table 1-4).

Readable by anyone; addresses in it are censored for other users, so none is kept here. About
14 µs a read in the kernel, 6 µs to parse. The name is raw bytes chosen by the process and may hold
spaces, brackets and newlines: it ends at the *last* closing bracket.
"""

from __future__ import annotations

from typing import NamedTuple

from vmtui.errors import ParseError
from vmtui.kernel.flags import PF_KTHREAD
from vmtui.kernel.target import Target


class Stat(NamedTuple):
    """What the process list and the fault counters need of the 52 fields.

    A tuple, not a dataclass: thousands are made each tick, and a frozen dataclass of 17 fields
    takes five times as long to make, twice as long as everything else here.
    """

    pid: int
    comm: bytes
    """The name as the process set it: untrusted."""
    state: str
    """R running, S sleeping, D uninterruptible, T stopped, t traced, Z zombie, I idle, X dead."""
    ppid: int
    pgrp: int
    session: int
    tty: int
    """Device number of the controlling terminal; 0 is none."""
    flags: int
    """PF_* bits."""
    minflt: int
    """Faults served without I/O since the start."""
    majflt: int
    """Faults that waited for I/O."""
    utime_ticks: int
    stime_ticks: int
    nice: int
    threads: int
    start_ticks: int
    """Start, in clock ticks after boot; two processes can share one tick."""
    vsize_bytes: int
    rss_pages: int
    """Approximate for processes with many threads: per-CPU counters lag behind."""

    @property
    def kernel_thread(self) -> bool:
        """Whether it lives in the kernel and has no user memory."""
        return bool(self.flags & PF_KTHREAD)


def parse(raw: bytes) -> Stat:
    """The record of one stat line.

    Raises:
        ParseError: not a stat line.
    """
    opening, closing = raw.find(b" ("), raw.rfind(b") ")
    fields = raw[closing + 2 :].split(None, 22)
    if opening < 0 or closing < opening + 2 or len(fields) < 22:
        raise ParseError("/proc/PID/stat: fewer fields than documented")
    try:
        return Stat(
            int(raw[:opening]),
            raw[opening + 2 : closing],
            fields[0].decode("ascii"),
            int(fields[1]),
            int(fields[2]),
            int(fields[3]),
            int(fields[4]),
            int(fields[6]),
            int(fields[7]),
            int(fields[9]),
            int(fields[11]),
            int(fields[12]),
            int(fields[16]),
            int(fields[17]),
            int(fields[19]),
            int(fields[20]),
            int(fields[21]),
        )
    except ValueError as error:
        raise ParseError("/proc/PID/stat: a field is not a number") from error


def read(target: Target) -> Stat:
    """The target's state now.

    Raises:
        ProcessGone, NotPermitted, ParseError: as named.
    """
    return parse(target.read("stat"))
