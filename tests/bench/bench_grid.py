"""One frame of the page grid at 160×50 while 20 % of its rows change: the UI thread's CPU.

    python -m tests.bench.bench_grid [--rounds 5] [--seconds 10]

A child gives up and touches again, four times a second, random pages in the last fifth of a VMA of
64 MiB, in runs of 16 pages and then, the worst there is, each page by itself; vmtui looks at all
pages on a terminal. Counted is the CPU of the UI thread by
/proc/PID/task/PID/schedstat, divided by the frames (pairs of synchronised-update marks) it sent:
everything a frame costs, the header, charts and flashes included, the sampler's reading excluded.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.bench.pty_run import VMTUI, PtyRun, disturbance

GOAL_MS = 12
FRAME = b"\x1b[?2026l"
"""Ends each update of the screen."""
CHILD = """
import ctypes, mmap, random, sys, time
run = int(sys.argv[1])
size, page = 64 << 20, mmap.PAGESIZE
area = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
area.madvise(mmap.MADV_NOHUGEPAGE)
for at in range(0, size, page):
    area[at] = 1
start = ctypes.addressof(ctypes.c_char.from_buffer(area))
print(f"{start:x}", flush=True)
while True:
    time.sleep(0.25)
    for first in range(size // 5 * 4 // page * page, size, run * page):
        for at in range(first, min(size, first + run * page), page):
            area[at] = 1
        if random.random() < 0.3:
            area.madvise(mmap.MADV_DONTNEED, first, min(size - first, run * page))
"""


@contextmanager
def changing(run: int) -> Iterator[tuple[int, str]]:
    """The PID of a child that changes runs of so many pages, and its address as it is typed."""
    command = [sys.executable, "-I", "-S", "-c", CHILD, str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield child.pid, child.stdout.readline().strip()
        finally:
            child.kill()


def look_at_pages(run: PtyRun, address: str) -> None:
    """From level 2 to the pages at that address, by keys."""
    run.drain(4)
    run.press(":")
    run.drain(1)
    run.press(address + "\r")
    run.drain(4)


def ui_seconds(pid: int) -> float:
    """CPU of the main thread."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e9


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=10)
    asked = options.parse_args()
    for run, words in ((16, "runs of 16 pages"), (1, "single pages")):
        costs, sizes = measured(run, asked.rounds, asked.seconds)
        sys.stdout.write(
            f"{words:17} {median(costs):5.1f} ms of CPU a frame ({min(costs):.1f} to "
            f"{max(costs):.1f}), {median(sizes):7,.0f} bytes   goal {GOAL_MS} ms: "
            f"{'reached' if median(costs) <= GOAL_MS else 'NOT reached'}\n"
        )
    sys.stdout.write(f"a fixed loop takes {disturbance():.1f} times its least CPU time now\n")


def measured(pages: int, rounds: int, seconds: float) -> tuple[list[float], list[float]]:
    """Milliseconds and bytes of a frame, one of each per round."""
    costs: list[float] = []
    sizes: list[float] = []
    with (
        changing(pages) as (pid, address),
        tempfile.TemporaryDirectory() as home,
        PtyRun((*VMTUI, str(pid)), home=home) as run,
    ):
        look_at_pages(run, address)
        run.press("0")  # all of it fits on screen
        run.drain(3)
        for _ in range(rounds):
            run.forget()
            used, sent, frames = ui_seconds(run.pid), run.sent_bytes, run.counted(FRAME)
            run.drain(seconds)
            frames = run.counted(FRAME) - frames
            costs.append(1e3 * (ui_seconds(run.pid) - used) / frames)
            sizes.append((run.sent_bytes - sent) / frames)
        run.quit()
    return costs, sizes


if __name__ == "__main__":
    main()
