"""Ending what is left of an experiment's processes: its session, its group. Standard library.

Signals go through pidfds, after a second look at what the process belongs to: numbers are used
again.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable

_LOOK_EVERY_SECONDS = 0.005


def start_of(pid: int) -> int | None:
    """When a process started, in ticks since the boot; None when there is none."""
    fields = _stat(pid)
    return int(fields[19]) if fields else None


def end_session(session: int, start: int, program: str, patience: float) -> int:
    """Kill every process of a session and wait for their end; how many there were.

    Args:
        session: its number, that of the process which began it.
        start: when that process started; the number may be somebody else's by now.
        program: which its processes run.
        patience: seconds until it gives up waiting.
    """

    def members() -> list[int]:
        leader = start_of(session)
        if leader is not None and leader != start:
            return []
        return [pid for pid in _all() if _lives_in(pid, session, start, program)]

    return _end(members, patience)


def end_group(path: str, patience: float) -> int:
    """Kill every process in a cgroup and wait for their end; how many there were."""

    def members() -> list[int]:
        try:
            with open(f"{path}/cgroup.procs", encoding="ascii") as procs:
                return [int(line) for line in procs]
        except OSError:
            return []

    return _end(members, patience)


def _end(members: Callable[[], list[int]], patience: float) -> int:
    until = time.monotonic() + patience
    seen: set[int] = set()
    while (found := members()) and time.monotonic() < until:
        seen.update(found)
        _kill(found, members)
        time.sleep(_LOOK_EVERY_SECONDS)
    return len(seen)


def _kill(pids: Iterable[int], members: Callable[[], list[int]]) -> None:
    held = {}
    for pid in pids:
        try:
            held[pid] = os.pidfd_open(pid)
        except OSError:
            continue  # it has ended
    still = set(members())
    for pid, pidfd in held.items():
        try:
            if pid in still:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        except OSError:
            pass  # it has ended
        finally:
            os.close(pidfd)


def _all() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _lives_in(pid: int, session: int, start: int, program: str) -> bool:
    fields = _stat(pid)
    if not fields or fields[0] in (b"Z", b"X"):
        return False
    if int(fields[3]) != session or int(fields[19]) < start:
        return False
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return os.fsencode(program) in file.read().split(b"\0")
    except OSError:
        return False


def _stat(pid: int) -> list[bytes]:
    """The fields from the state on; none when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2].split()
    except OSError:
        return []
