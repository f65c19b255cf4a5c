"""Pages of a dense 8 GiB process: vmtui beside the C loops of the yardsticks, as ratios.

    python -m tests.bench.bench_pages --yardsticks DIR [--reps 7]

Compiles cscan.c and targets.c from DIR, needs about 9.5 GiB of free memory, and takes a minute.
Every repetition runs each contestant once, in turn; medians are compared, because the same loop
runs up to 1.6 times slower from one minute to the next on a shared machine. Flags and counts need
root. Only the reading is timed, on both sides.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from vmtui.kernel import flags, kpage, meminfo
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.observe.page_reader import PageReader

NEEDED_BYTES = 9_500 << 20


@dataclass(frozen=True, slots=True)
class Dense:
    """The process of 8 GiB of touched 4 KiB pages."""

    pid: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Goal:
    """One ratio of medians and what it should be."""

    title: str
    ours: str
    theirs: str
    most: float


GOALS = (
    Goal("states of all pages / C pread", "states", "C pread", 1.2),
    Goal("same without frame numbers / C pread", "states, PFNs hidden", "C pread", 1.2),
    Goal("refresh of the unchanged map / C pread", "refresh", "C pread", 0.5),
    Goal("residency / C pread", "residency", "C pread", 0.5),
)
ROOT_GOALS = (
    Goal("flags and counts, 1 thread / C bulk", "flags+counts, 1 thread", "C full", 1.3),
    Goal("flags and counts, 2 threads / C bulk", "flags+counts, 2 threads", "C full", 1.0),
    Goal("same, every count looked up / C bulk", "all counts, 1 thread", "C full", 1.3),
    Goal("same, every count, 2 threads / C bulk", "all counts, 2 threads", "C full", 1.0),
    Goal("flags and counts, 1 thread / C page by page", "flags+counts, 1 thread", "C perpage", 0.4),
)


def main() -> int:
    """Measure and print; 1 when something needed is not there."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--yardsticks", type=Path, required=True, metavar="DIR")
    options.add_argument("--reps", type=int, default=7)
    asked = options.parse_args()
    if why := why_not(asked.yardsticks):
        sys.stderr.write(f"bench_pages: {why}\n")
        return 1
    with tempfile.TemporaryDirectory() as directory:
        for name in ("cscan", "targets"):
            source = asked.yardsticks / f"{name}.c"
            subprocess.run(["gcc", "-O2", "-o", f"{directory}/{name}", source], check=True)
        with dense(Path(directory) / "targets") as process:
            goals = GOALS + (ROOT_GOALS if os.geteuid() == 0 else ())
            report(goals, measured(process, Path(directory) / "cscan", goals, asked.reps))
    return 0


def why_not(yardsticks: Path) -> str | None:
    """What is missing for this bench, in a sentence."""
    missing = [name for name in ("cscan.c", "targets.c") if not (yardsticks / name).exists()]
    if missing:
        return f"{' and '.join(missing)} not found in {yardsticks}; name the yardsticks' directory"
    if not shutil.which("gcc"):
        return "gcc is needed to compile the yardsticks"
    available = meminfo.read()["MemAvailable"]
    if isinstance(available, Missing):
        return available.reason
    if available < NEEDED_BYTES:
        return f"needs {NEEDED_BYTES >> 20} MiB of free memory, {available >> 20} MiB are available"
    return None


@contextmanager
def dense(program: Path) -> Iterator[Dense]:
    """The target, once all its pages are touched."""
    with subprocess.Popen([program, "dense"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            pid, start, end = process.stdout.readline().split()
            yield Dense(int(pid), int(start, 16), int(end, 16))
        finally:
            process.kill()


def measured(
    process: Dense, cscan: Path, goals: tuple[Goal, ...], reps: int
) -> dict[str, list[float]]:
    """Seconds of each contestant that a goal names, in turn."""
    with Target(process.pid) as target, Pagemap(target) as pagemap, PageReader(target) as reader:
        hidden = PageReader(target)
        hidden._pagemap.zero_pfns = frozenset()  # as for a user who may not see frames

        def states(of: PageReader) -> float:
            survey = of.read(process.start, process.end)
            assert survey.counts.present == survey.counts.pages == survey.counts.anon
            return survey.took_ns / 1e9

        def refresh() -> float:
            survey = reader.refresh(reader.read(process.start, process.end))
            assert survey.reread_pages == 0
            return survey.took_ns / 1e9

        def residency() -> float:
            began = time.perf_counter()
            found = reader.residency(process.start, process.end)
            took = time.perf_counter() - began
            assert found.present == found.pages
            return took

        def flags_and_counts(threads: int) -> float:
            began = time.perf_counter()
            pages = (process.end - process.start) // PAGE_SIZE
            entries = pagemap.entries(process.start // PAGE_SIZE, pages)
            present = (entries & np.uint64(flags.PM_PRESENT)) != 0
            if not present.all():
                entries = entries[present]
            found = kpage.flags_and_counts_of_entries(entries, threads)
            took = time.perf_counter() - began
            assert len(found[0]) == len(found[1]) == pages
            return took

        def all_counts(threads: int) -> float:
            began = time.perf_counter()
            pages = (process.end - process.start) // PAGE_SIZE
            entries = pagemap.entries(process.start // PAGE_SIZE, pages)
            kpage.flags_and_counts(entries & np.uint64(flags.PM_PFN_MASK), threads)
            return time.perf_counter() - began

        def in_c(mode: str) -> float:
            ends = (f"{process.start:x}", f"{process.end:x}")
            done = subprocess.run(
                [cscan, mode, str(process.pid), *ends, "1"],
                capture_output=True,
                text=True,
                check=True,
            )
            wall = re.search(r"wall=([0-9.]+)ms", done.stdout)
            assert wall is not None
            return float(wall[1]) / 1e3

        contestants: dict[str, Callable[[], float]] = {
            "C pread": lambda: in_c("pread"),
            "states": lambda: states(reader),
            "states, PFNs hidden": lambda: states(hidden),
            "refresh": refresh,
            "residency": residency,
            "C full": lambda: in_c("full"),
            "flags+counts, 1 thread": lambda: flags_and_counts(1),
            "flags+counts, 2 threads": lambda: flags_and_counts(2),
            "all counts, 1 thread": lambda: all_counts(1),
            "all counts, 2 threads": lambda: all_counts(2),
            "C perpage": lambda: in_c("perpage"),
        }
        named = {name for goal in goals for name in (goal.ours, goal.theirs)}
        seconds: dict[str, list[float]] = {name: [] for name in contestants if name in named}
        with hidden:
            for _ in range(reps):
                for name, took in seconds.items():
                    took.append(contestants[name]())
        return seconds


def report(goals: tuple[Goal, ...], seconds: dict[str, list[float]]) -> None:
    """The medians, then each goal with its ratio."""
    for name, took in seconds.items():
        middle, least, most = (1e3 * value for value in (median(took), min(took), max(took)))
        sys.stdout.write(f"{name:26} {middle:8.1f} ms   ({least:.1f} to {most:.1f})\n")
    for goal in goals:
        ratio = median(seconds[goal.ours]) / median(seconds[goal.theirs])
        verdict = "reached" if ratio <= goal.most else "NOT reached"
        sys.stdout.write(f"{goal.title:46} {ratio:5.2f}   goal {goal.most:.2f}: {verdict}\n")


if __name__ == "__main__":
    sys.exit(main())
