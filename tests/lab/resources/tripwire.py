"""Stopping a program after its n-th step: after every call that changes something.

Python tells a profiler when a function has returned. So every step there is gets its turn, and the
program itself has no hooks for tests.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from vmtui.lab.resources import syscalls

CRASHED = 70
_CHANGING = frozenset(
    ("open", "write", "pwrite", "fsync", "posix_fallocate", "mkdir", "unlink", "rmdir", "flock")
)
_OURS = frozenset(
    function.__code__ for function in (syscalls.swapon, syscalls.swapoff, syscalls.add_zram)
)


class Tripped(Exception):
    """Raised in the middle of whatever was being done."""


def crash() -> None:
    """End this process as kill -9 would: nothing of it runs any more."""
    os._exit(CRASHED)


def trip() -> None:
    """An error that nobody expects."""
    raise Tripped


def count(work: Callable[[], object]) -> int:
    """How many steps there are in it."""
    return _run(work, -1, crash)


def stop_after(step: int, work: Callable[[], object], how: Callable[[], None]) -> None:
    """Do the work; after step number `step` (from 0 on) call `how`."""
    _run(work, step, how)


def _run(work: Callable[[], object], at: int, how: Callable[[], None]) -> int:
    done = 0

    def watch(frame: FrameType, event: str, detail: Any) -> None:
        nonlocal done
        of_system = event == "c_return" and getattr(detail, "__module__", "") in ("posix", "fcntl")
        if (of_system and detail.__name__ in _CHANGING) or (
            event == "return" and frame.f_code in _OURS
        ):
            done += 1
            if done == at + 1:
                sys.setprofile(None)
                how()

    sys.setprofile(watch)
    try:
        work()
    finally:
        sys.setprofile(None)
    return done
