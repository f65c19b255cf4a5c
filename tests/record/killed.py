"""Recorders killed with SIGKILL at random moments: `python -m tests.record.killed [--times 100]`.

Each records itself's parent in depth; what it leaves must open, every tick of it must be readable,
and no more may be lost than the time since the last tick.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from vmtui.errors import VmtuiError
from vmtui.missing import Missing
from vmtui.record.reader import Recording

_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Left:
    """What was left behind."""

    ticks: int
    lost: float
    """Seconds between the last tick that is in the file and the kill."""
    had_log: bool
    """Whether a write-ahead log lay beside the file."""


def killed(path: Path, after: float, interval: float) -> Left:
    """Let a recorder make `path`, kill it so long after its first tick, and read what is there."""
    command = [
        sys.executable, "-m", "vmtui", "record", str(os.getpid()), "-o", str(path),
        "--interval", str(interval),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child:
        try:
            _until_first_tick(path, child)
            time.sleep(after)
        finally:
            at = time.time()
            child.send_signal(signal.SIGKILL)
    had_log = Path(f"{path}-wal").exists()
    with Recording(path) as recording:
        for index in range(len(recording)):
            recording.sample(index)
            assert not isinstance(recording.target(index, os.getpid()), Missing)
        return Left(len(recording), at - recording.ticks[-1], had_log)


def _until_first_tick(path: Path, child: subprocess.Popen[bytes]) -> None:
    """Look into the file while it is written."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        assert child.poll() is None, f"the recorder ended by itself, with {child.returncode}"
        try:
            with Recording(path) as recording:
                if len(recording):
                    return
        except VmtuiError:  # not there yet
            pass
        time.sleep(0.02)
    raise AssertionError("no tick was written")


def main() -> None:
    """Kill many; print what was lost."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--times", type=int, default=100)
    options.add_argument("--interval", type=float, default=1.0)
    asked = options.parse_args()
    found: list[Left] = []
    with tempfile.TemporaryDirectory() as where:
        for number in range(asked.times):
            path = Path(where) / f"{number}.vmtui"
            found.append(killed(path, random.uniform(0, 2 * asked.interval), asked.interval))
    lost = sorted(one.lost for one in found)
    sys.stdout.write(
        f"{len(found)} killed at {asked.interval:g} s a tick: all opened, "
        f"{sum(one.ticks for one in found)} ticks read, {sum(one.had_log for one in found)} with a "
        f"log beside; lost median {lost[len(lost) // 2]:.2f} s, most {lost[-1]:.2f} s\n"
    )


if __name__ == "__main__":
    main()
