"""All frames of memory: vmtui beside a C loop over /proc/kpageflags, as ratios. Root only.

    python -m tests.bench.bench_frames [--reps 5]

Compiles the C loop with gcc. Every repetition runs both, in turn; medians are compared. It also
prints how long the first picture takes, how long another thread had to wait for its turn
meanwhile, and what the search for the mappers of a page costs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from vmtui.kernel import maps, memory_map
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.observe import frames, mappers, page_view

C_LOOP = r"""
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}
static int kind(uint64_t f) {
    if (f >> 20 & 1 || f >> 23 & 1 || f >> 19 & 1) return 15;
    if (f >> 10 & 1) return 0;
    if (f >> 7 & 1) return 11;
    if (f >> 26 & 1) return 10;
    if (f >> 24 & 1) return 8;
    if (f >> 17 & 1) return 9;
    if (f >> 32 & 1) return 13;
    if (f >> 21 & 1) return 7;
    if (f >> 12 & 1) return f >> 22 & 1 ? 2 : 1;
    if (f >> 14 & 1) return 6;
    if (f >> 4 & 1) return 5;
    if (f >> 5 & 1 || f >> 3 & 1) return f >> 11 & 1 ? 3 : 4;
    return f >> 15 & 3 ? 12 : 14;
}
int main(int count, char **words) {
    enum { CHUNK = 1 << 16 };
    uint64_t *b = calloc(CHUNK, 8), kinds[16] = {0};
    int fd = open("/proc/kpageflags", O_RDONLY);
    double began = now();
    for (int i = 1; i + 1 < count; i += 2) {
        uint64_t at = strtoull(words[i], 0, 10), end = strtoull(words[i + 1], 0, 10);
        while (at < end) {
            uint64_t n = end - at < CHUNK ? end - at : CHUNK;
            if (pread(fd, b, n * 8, at * 8) != (ssize_t)(n * 8)) return 1;
            for (uint64_t k = 0; k < n; k++) kinds[kind(b[k])]++;
            at += n;
        }
    }
    printf("%.6f", now() - began);
    for (int k = 0; k < 16; k++) printf(" %lu", (unsigned long)kinds[k]);
    return 0;
}
"""


def main() -> int:
    """Measure and print; 1 when something needed is not there."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--reps", type=int, default=5)
    asked = options.parse_args()
    if os.geteuid() != 0 or not shutil.which("gcc"):
        sys.stderr.write("bench_frames: needs root, and gcc for the C loop\n")
        return 1
    with tempfile.TemporaryDirectory() as directory:
        source, program = Path(directory) / "frames.c", f"{directory}/frames"
        source.write_text(C_LOOP, encoding="utf-8")
        subprocess.run(["gcc", "-O2", "-o", program, source], check=True)
        _report(_measured(program, asked.reps))
    _searches()
    return 0


def _measured(program: str, reps: int) -> dict[str, list[float]]:
    borders = [str(at) for pair in memory_map.read().ranges for at in pair]
    seconds: dict[str, list[float]] = {"C": [], "vmtui": [], "first": [], "gap": []}
    for _ in range(reps):
        done = subprocess.run([program, *borders], capture_output=True, text=True, check=True)
        seconds["C"].append(float(done.stdout.split()[0]))
        began = time.perf_counter()
        *_, survey = frames.survey(first_picture_seconds=0)
        seconds["vmtui"].append(time.perf_counter() - began)
        assert survey.complete
        first, gap = _in_background()
        seconds["first"].append(first)
        seconds["gap"].append(gap)
    return seconds


def _in_background() -> tuple[float, float]:
    """Seconds to the first picture, and the longest that this thread waited beyond its 2 ms."""
    began = last = time.perf_counter()
    errand = frames.survey_in_background()
    first = longest = 0.0
    while errand.running:
        time.sleep(0.002)
        now = time.perf_counter()
        longest, last = max(longest, now - last - 0.002), now
        if not first and errand.latest is not None:
            first = now - began
    return first, longest


def _report(seconds: dict[str, list[float]]) -> None:
    ratio = median(seconds["vmtui"]) / median(seconds["C"])
    frames_of = memory_map.read().frames
    for name, title in (("C", "C bulk loop"), ("vmtui", "vmtui, all frames")):
        took = seconds[name]
        each = 1e9 * median(took) / frames_of
        sys.stdout.write(
            f"{title:34} {1e3 * median(took):8.0f} ms  {each:5.0f} ns/frame"
            f"   ({1e3 * min(took):.0f} to {1e3 * max(took):.0f})\n"
        )
    _goal("all frames / C bulk loop", ratio, 1.3, "")
    _goal("first picture", median(seconds["first"]), 1.0, " s")
    _goal("longest wait of another thread", max(seconds["gap"]), 0.25, " s")


def _goal(title: str, value: float, most: float, unit: str) -> None:
    verdict = "reached" if value <= most else "NOT reached"
    sys.stdout.write(f"{title:34} {value:8.2f}{unit}   goal {most:.2f}: {verdict}\n")


def _searches() -> None:
    """What everything about one page costs, and the search for who maps it."""
    with Target(os.getpid()) as target:
        vmas = maps.read(target)
    for name in (b"[stack]", b"libc"):
        row = next((n for n, path in enumerate(vmas.names) if name in path), None)
        if row is None:
            continue
        address = int(vmas.end[row]) - 4096 if name == b"[stack]" else int(vmas.start[row])
        view: list[page_view.PageView] = []
        took = _timed(partial(_look, address, view))
        sys.stdout.write(f"one page of {name.decode():22} {1e3 * took:8.1f} ms\n")
        wanted = view[-1].wanted
        if isinstance(wanted, Missing):
            continue
        began = time.perf_counter()
        *_, search = mappers.search(wanted)
        took = time.perf_counter() - began
        sys.stdout.write(
            f"  who maps it: {len(search.found)} of {search.map_count}{'':14} {1e3 * took:8.1f} ms"
            f"   {search.processes} processes, {search.pages:,} pages\n"
        )


def _look(address: int, out: list[page_view.PageView]) -> None:
    out.append(page_view.read(os.getpid(), address))


def _timed(do: Callable[[], object]) -> float:
    took = []
    for _ in range(5):
        began = time.perf_counter()
        do()
        took.append(time.perf_counter() - began)
    return median(took)


if __name__ == "__main__":
    sys.exit(main())
