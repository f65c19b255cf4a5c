"""How long the UI thread is blocked by one key, with a huge process open.

    python -m tests.bench.bench_blocking [small] [vmas] [dense] [--rounds N] [--gib N]

The real app runs without a terminal on a live feed; every step of its event loop is timed while
keys are pressed on levels 2 and 3. For each action it prints the longest step: its CPU time on the
UI thread, which other programs do not disturb, and its wall time, which also has the waits for the
sampler thread. Each is the median over the rounds of the worst step of a round. `small` is what the
app needs for itself.
"""

# ruff: noqa: T201 (a bench prints)
from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from asyncio import events
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from textual.pilot import Pilot

from tests.bench.bench_vmas import many_vmas
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.ui.observatory import Observatory
from vmtui.ui.screens.pages import PagesScreen
from vmtui.ui.screens.process import ProcessScreen
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.settings import Settings
from vmtui.ui.start import session_of

GOAL_MS = 50
SIZE = (160, 50)
DENSE = """
import mmap, sys
size = int(sys.argv[1]) << 30
area = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
area.madvise(mmap.MADV_NOHUGEPAGE)
area.madvise(23)  # MADV_POPULATE_WRITE
print("!", flush=True)
sys.stdin.read()
"""
SMALL = "import sys; print('!', flush=True); sys.stdin.read()"
LEVEL_2 = (
    ("cursor", ["down"] * 6 + ["pagedown"] * 4 + ["G", "up", "g", "j"]),
    ("sort by every column", [">"] * 24 + ["r"]),
    ("filter", ["slash", *"anon", "enter", "escape", "slash", *"rss>4k", "enter", "escape"]),
    ("tabs", ["tab"] * 8),
    ("mark, changes", ["m", "d", "escape"]),
    ("explain, copy", ["i", "escape", "y"]),
    ("maximise", ["z", "z"]),
    ("history", ["[", "[", "[", "]", "(", "home", "]", "end"]),
    ("go to", ["colon", *"5", "escape"]),
)
LEVEL_3 = (
    ("cursor", ["down", "right", "left", "up", "pagedown", "pagedown", "pageup", "G", "g"]),
    ("zoom", ["plus"] * 16 + ["minus"] * 16 + ["0"]),
    ("zoomed cursor", ["enter", "down", "right", "pagedown", "G", "g", "0"]),
    ("next change", ["n", "n", "N"]),
    ("history", ["[", "[", "[", "]", "(", "home", "]", "end"]),
    ("mark, changes", ["m", "d", "escape"]),
    ("explain, copy", ["i", "escape", "y"]),
    ("legend, maximise", ["L", "L", "z", "z"]),
)


class LoopWatch:
    """Times every step of the event loop of this thread."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0
        self._run = events.Handle._run

    def __enter__(self) -> LoopWatch:
        run = self._run

        def timed(handle: Any) -> None:
            cpu, wall = time.thread_time(), time.perf_counter()
            run(handle)
            self.cpu = max(self.cpu, time.thread_time() - cpu)
            self.wall = max(self.wall, time.perf_counter() - wall)

        events.Handle._run = timed  # type: ignore[method-assign,assignment]
        return self

    def __exit__(self, *_: object) -> None:
        events.Handle._run = self._run  # type: ignore[method-assign]

    def worst(self) -> tuple[float, float]:
        """The longest step since this was last asked, CPU and wall milliseconds."""
        found = self.cpu * 1e3, self.wall * 1e3
        self.cpu = self.wall = 0.0
        return found


Times = dict[str, list[tuple[float, float]]]


async def press_all(
    pilot: Pilot[int], level: str, actions: Any, watch: LoopWatch, times: Times
) -> None:
    """Every action once, with a tick of the sampler in between."""
    for name, keys in actions:
        watch.worst()
        for key in keys:
            await pilot.press(key)
            if pilot.app._exception is not None:
                sys.exit(f"{key} on level {level}: {pilot.app._exception!r}")
        times.setdefault(f"{level}  {name}", []).append(watch.worst())
    await asyncio.sleep(2.5)
    times.setdefault(f"{level}  ticks, no key", []).append(watch.worst())


async def measure(pid: int, rounds: int) -> Times:
    """The app on that process: level 2, then the pages of its largest VMA."""
    settings, times = Settings(), Times()
    session = session_of(settings, readonly=True)
    app = Observatory(session, session.feed, settings, lambda: ProcessesScreen(pid))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        with LoopWatch() as watch:
            while not (isinstance(app.screen, ProcessScreen) and app.screen.table.row is not None):
                await asyncio.sleep(0.05)
            await asyncio.sleep(3)
            times["2  opening"] = [watch.worst()]
            for _ in range(rounds):
                await press_all(pilot, "2", LEVEL_2, watch, times)
            lines = app.screen._lines
            assert lines is not None
            rss = lines.vmas.figures("rss")
            assert not isinstance(rss, Missing)
            largest = lines.vmas[int(rss.argmax())]
            await asyncio.sleep(0)  # what this function did until here is not the app's
            watch.worst()
            app.screen.open(largest)
            while not (isinstance(app.screen, PagesScreen) and app.screen._survey is not None):
                await asyncio.sleep(0.05)
            await asyncio.sleep(3)
            times["3  opening"] = [watch.worst()]
            for _ in range(rounds):
                await press_all(pilot, "3", LEVEL_3, watch, times)
    return times


@contextmanager
def child(command: list[str]) -> Iterator[Target]:
    """A process that says `!` when it is ready."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        if process.stdout.readline() != b"!\n":
            sys.exit("the target could not be made")
        with Target(process.pid) as target:
            yield target
    finally:
        process.kill()
        process.communicate()


def report(title: str, times: Times) -> None:
    """A line per action."""
    print(f"\n{title}: longest step of the UI thread in ms, goal {GOAL_MS}")
    print(f"{'level, action':<28}{'CPU':>8}{'wall':>8}")
    for name, found in times.items():
        cpu, wall = (statistics.median(each[i] for each in found) for i in (0, 1))
        print(f"{name:<28}{cpu:8.1f}{wall:8.1f}{'   <<' if cpu > GOAL_MS else ''}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", default=["small", "vmas", "dense"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gib", type=int, default=8)
    chosen = parser.parse_args()
    if "small" in chosen.targets:
        with child([sys.executable, "-I", "-S", "-c", SMALL]) as target:
            report("a small process", asyncio.run(measure(target.pid, chosen.rounds)))
    if "vmas" in chosen.targets:
        with many_vmas() as target:
            report("60,000 VMAs", asyncio.run(measure(target.pid, chosen.rounds)))
    if "dense" in chosen.targets:
        with child([sys.executable, "-I", "-S", "-c", DENSE, str(chosen.gib)]) as target:
            title = f"{(chosen.gib << 30) // PAGE_SIZE:,} pages of {chosen.gib} GiB"
            report(title, asyncio.run(measure(target.pid, chosen.rounds)))


if __name__ == "__main__":
    main()
