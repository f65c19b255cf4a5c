"""A recorder beside ten processes: its CPU, its bytes a minute, and how long a seek takes.

    python -m tests.bench.bench_record [--seconds 60] [--mebibytes 1024] [--ticks 600]

Three recordings at 1 Hz run one after the other, each of `--seconds`: the machine alone; one idle
process of `--mebibytes`; ten processes with all their pages, of which four keep working. CPU is the
recorder's own user and system time after its first seconds. Figures of ten minutes are those of the
run multiplied, and say so. Then `--ticks` ticks of ten processes are written as fast as they come,
and any of them is opened with cold caches.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from vmtui.missing import Missing
from vmtui.record.pages import window_of
from vmtui.record.reader import Recording
from vmtui.record.recorder import Recorder

CPU_GOAL, BYTES_GOAL, SEEK_GOAL = 5.0, 1e6, 0.2
SETTLE_SECONDS = 5.0
_TICKS = os.sysconf("SC_CLK_TCK")
_WORKLOAD = """
import mmap, random, sys, time
size, busy = int(sys.argv[1]) << 20, sys.argv[2] == "busy"
area = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
area.madvise(mmap.MADV_NOHUGEPAGE)
for at in range(0, size if not busy else size // 2, 4096):
    area[at] = 1
print("ready", flush=True)
while True:
    time.sleep(0.1 if busy else 3600)
    if busy:
        at = random.randrange(size // 4096 - 64) * 4096
        if random.random() < 0.5:
            area.madvise(mmap.MADV_DONTNEED, at, 64 * 4096)
        else:
            for page in range(64):
                area[at + page * 4096] = 2
"""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--mebibytes", type=int, default=1024)
    options.add_argument("--ticks", type=int, default=600)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as where, workloads(asked.mebibytes) as pids:
        scale = 600 / asked.seconds
        _say(f"each run {asked.seconds:.0f} s; bytes of 10 minutes are {scale:.1f} times its own")
        alone, _ = recorded(where, (), asked.seconds)
        _say(f"machine alone:    {alone:5.2f} % CPU")
        cpu, nbytes = recorded(where, pids[:1], asked.seconds)
        _say(
            f"idle {asked.mebibytes} MiB:    {cpu:5.2f} % CPU, {nbytes / 1e6:.3f} MB a minute  "
            f"({nbytes / BYTES_GOAL:.2f} of the goal)"
        )
        cpu, nbytes = recorded(where, pids, asked.seconds)
        _say(
            f"ten processes:    {cpu:5.2f} % CPU, {nbytes / 1e6:.3f} MB a minute; beyond the "
            f"machine {cpu - alone:.2f} %  ({cpu / CPU_GOAL:.2f} of the goal in all)"
        )
        seeks(where, pids, asked.ticks)


def recorded(where: str, pids: Sequence[int], seconds: float) -> tuple[float, float]:
    """Record so long in a process of its own; per cent of a CPU, and bytes a minute."""
    path = Path(where) / f"{len(pids)}.vmtui"
    command = [sys.executable, "-m", "vmtui", "record", *map(str, pids), "-o", str(path)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        time.sleep(SETTLE_SECONDS)
        began, used, size = time.monotonic(), _cpu(child.pid), _size(path)
        time.sleep(seconds)
        took = time.monotonic() - began
        return (_cpu(child.pid) - used) / took * 100, (_size(path) - size) / took * 60
    finally:
        child.terminate()
        child.wait()


def seeks(where: str, pids: Sequence[int], ticks: int) -> None:
    """Record ten minutes' worth of ticks, then jump to any of them."""
    path = Path(where) / "seeks.vmtui"
    recorder = Recorder(path, pids, interval=0.1)
    recorder.start()
    while recorder.progress.ticks < ticks:
        time.sleep(0.2)
    recorder.stop()
    took = []
    for _ in range(40):
        with Recording(path) as recording:
            index = random.randrange(len(recording))
            began = time.perf_counter()
            recording.sample(index)
            target = recording.target(index, pids[0])
            assert not isinstance(target, Missing)
            vmas = target.reading.vmas
            assert not isinstance(vmas, Missing)
            largest = max(vmas, key=lambda vma: vma.end - vma.start)
            survey = window_of(target.pages, vmas, largest.start, largest.end)
            took.append(time.perf_counter() - began)
            assert not isinstance(survey, Missing)
    _say(
        f"seek among {ticks} ticks, cold: median {median(took) * 1e3:.0f} ms, longest "
        f"{max(took) * 1e3:.0f} ms  ({max(took) / SEEK_GOAL:.2f} of the goal)"
    )


@contextmanager
def workloads(mebibytes: int) -> Iterator[tuple[int, ...]]:
    """One idle process of that size, five of 32 MiB that rest and four that keep working."""
    kinds = [(mebibytes, "idle"), *[(32, "idle")] * 5, *[(64, "busy")] * 4]
    children = [
        subprocess.Popen([sys.executable, "-c", _WORKLOAD, str(size), kind], stdout=subprocess.PIPE)
        for size, kind in kinds
    ]
    try:
        for child in children:
            assert child.stdout is not None
            child.stdout.readline()
        yield tuple(child.pid for child in children)
    finally:
        for child in children:
            child.kill()
            child.wait()
            assert child.stdout is not None
            child.stdout.close()


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _size(path: Path) -> int:
    """Bytes of all parts, which is what stays once the log is folded in."""
    with Recording(path) as recording:
        return recording.nbytes


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
