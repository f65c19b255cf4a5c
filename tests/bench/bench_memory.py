"""Peak resident memory of vmtui with a process of 8 GiB open: level 2, then its pages.

    python -m tests.bench.bench_memory [--seconds 30] [--gib 8]

Needs that much free memory and 4 GiB more. VmHWM after some seconds on level 2, again after some
seconds on the pages of the 8 GiB, and once more after keys that make every view of them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.bench_grid import look_at_pages
from tests.bench.pty_run import VMTUI, PtyRun
from vmtui.kernel import meminfo
from vmtui.missing import Missing

GOAL_MIB = 80
CHILD = """
import ctypes, mmap, sys
area = mmap.mmap(-1, int(sys.argv[1]) << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
area.madvise(mmap.MADV_NOHUGEPAGE)
area.madvise(23)  # MADV_POPULATE_WRITE
print(f"{ctypes.addressof(ctypes.c_char.from_buffer(area)):x}", flush=True)
sys.stdin.read()
"""


@contextmanager
def dense(gib: int) -> Iterator[tuple[int, str]]:
    """A process of so many GiB, all touched: its PID and the address as it is typed."""
    command = [sys.executable, "-I", "-S", "-c", CHILD, str(gib)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield child.pid, child.stdout.readline().strip()
    finally:
        child.kill()
        child.communicate()


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--seconds", type=float, default=30)
    options.add_argument("--gib", type=int, default=8)
    asked = options.parse_args()
    available = meminfo.read()["MemAvailable"]
    if isinstance(available, Missing) or available >> 30 < asked.gib + 4:
        sys.exit(f"bench_memory: needs {asked.gib + 4} GiB of available memory")
    found: list[tuple[str, int]] = []
    with (
        dense(asked.gib) as (pid, address),
        tempfile.TemporaryDirectory() as home,
        PtyRun((*VMTUI, str(pid)), home=home) as run,
    ):
        run.drain(asked.seconds)
        found.append(("level 2", run.peak_resident_bytes()))
        look_at_pages(run, address)
        run.drain(asked.seconds)
        found.append(("level 3", run.peak_resident_bytes()))
        for key in (*"+++---0nm", "\r", "+", "0"):
            run.press(key)
            run.drain(0.5)
        run.drain(asked.seconds / 3)
        found.append(("level 3, after keys", run.peak_resident_bytes()))
        run.quit()
    for name, peak in found:
        verdict = "reached" if peak >> 20 <= GOAL_MIB else "NOT reached"
        sys.stdout.write(f"{name:22}{peak / (1 << 20):6.1f} MiB   goal {GOAL_MIB}: {verdict}\n")


if __name__ == "__main__":
    main()
