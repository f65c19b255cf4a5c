"""60,000 VMAs: vmtui beside pmap -X, psutil and cat, as ratios of one interleaved run.

    python -m tests.bench.bench_vmas [--rounds N]

Rounds go through every method in turn, so that a busy machine slows all of them alike; the table
gives medians. Absolute times are this machine's; the ratios are what is compared.
"""

# ruff: noqa: T201 (a bench prints)
from __future__ import annotations

import argparse
import gc
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from vmtui.kernel import flags, maps, memory_devices, smaps
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.procmap import following
from vmtui.kernel.target import Target
from vmtui.model.residency import resident_and_swapped
from vmtui.model.slices import ScannedSpace
from vmtui.model.vmas import Vmas

VMAS = 60_000
SPACE_END = (1 << 47) - PAGE_SIZE
CHILD = f"""
import ctypes, sys
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
start = libc.mmap(None, {VMAS * PAGE_SIZE}, 3, 0x22, -1, 0)
libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t({VMAS * PAGE_SIZE}), 15)
for at in range(start, start + {VMAS * PAGE_SIZE}, {2 * PAGE_SIZE}):
    if libc.mprotect(at, {PAGE_SIZE}, 1):
        sys.exit("mprotect: vm.max_map_count is too small")
    ctypes.c_ubyte.from_address(at + {PAGE_SIZE}).value = 1
print("!", flush=True)
sys.stdin.read()
"""


@contextmanager
def many_vmas() -> Iterator[Target]:
    """A process of 60,000 VMAs, every second one with a page in it."""
    command = [sys.executable, "-I", "-S", "-c", CHILD]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        if child.stdout.readline() != b"!\n":
            sys.exit("the target could not be made")
        with Target(child.pid) as target:
            yield target
    finally:
        child.kill()
        child.communicate()


def with_residency(target: Target, pagemap: Pagemap) -> Vmas:
    """What level 2 shows without smaps: every VMA with its kind and resident pages."""
    table = maps.read(target)
    mask = flags.PAGE_IS_PRESENT | flags.PAGE_IS_SWAPPED
    found = pagemap.scan(0, SPACE_END, any_of=mask, return_mask=mask | flags.PAGE_IS_PFNZERO)
    space = ScannedSpace(found.start, found.end, found.categories, knows_files=False)
    resident, swapped = resident_and_swapped(table, space)
    return Vmas.of(table, devices=DEVICES, resident_pages=resident, swapped_pages=swapped)


def viewport(target: Target, at: int) -> int:
    """Fifty rows in the middle."""
    fd = target.open("maps")
    with open(fd, "rb"):
        return len(following(fd, at, 50))


def run(*command: str) -> None:
    """A program whose output nobody reads."""
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


DEVICES = memory_devices.read()


def methods(target: Target, pagemap: Pagemap) -> dict[str, Callable[[], object]]:
    """What is timed."""
    file = f"/proc/{target.pid}/"
    middle = int(maps.read(target).start[VMAS // 2])
    found: dict[str, Callable[[], object]] = {
        "maps and residency": lambda: with_residency(target, pagemap),
        "maps alone": lambda: maps.read(target),
        "smaps, every figure": lambda: smaps.read(target),
        "50 rows by PROCMAP_QUERY": lambda: viewport(target, middle),
        "psutil memory_maps(grouped=False)": lambda: psutil.Process(target.pid).memory_maps(
            grouped=False
        ),
        "cat maps": lambda: run("cat", file + "maps"),
        "cat smaps": lambda: run("cat", file + "smaps"),
        "split and int in Python, maps": lambda: [
            (*(int(side, 16) for side in line.split(None, 5)[0].split(b"-")), line.split(None, 5))
            for line in Path(file + "maps").read_bytes().splitlines()
        ],
    }
    if shutil.which("pmap"):
        found["pmap -X"] = lambda: run("pmap", "-X", str(target.pid))
    return found


RATIOS = (
    ("maps and residency", "pmap -X", "at most 0.1"),
    ("maps and residency", "psutil memory_maps(grouped=False)", "at most 0.1"),
    ("maps and residency", "cat smaps", "at most 0.5"),
    ("maps alone", "split and int in Python, maps", "at most 0.33"),
    ("maps alone", "cat maps", ""),
    ("smaps, every figure", "cat smaps", "at most 2.5"),
    ("smaps, every figure", "pmap -X", "at most 0.33"),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    times: dict[str, list[float]] = {}
    with many_vmas() as target, Pagemap(target) as pagemap:
        table = with_residency(target, pagemap)
        figures = smaps.read(target)
        same = table.totals().rss == Vmas.of(figures.maps, figures).totals().rss
        print(f"{len(table):,} VMAs; resident by scan and by smaps equal: {same}")
        for _ in range(rounds):
            for name, work in methods(target, pagemap).items():
                gc.collect()
                began = time.perf_counter()
                work()
                times.setdefault(name, []).append(time.perf_counter() - began)
    medians = {name: statistics.median(every) for name, every in times.items()}
    for name, median in medians.items():
        print(f"{name:36}{median * 1e3:9.1f} ms {median / VMAS * 1e6:8.2f} µs/VMA")
    for ours, theirs, goal in RATIOS:
        if theirs in medians:
            ratio = medians[ours] / medians[theirs]
            print(f"{ours} / {theirs}: {ratio:.3f} ({1 / ratio:.1f} times faster) {goal}")


if __name__ == "__main__":
    main()
