"""The machine's figures beside free, vmstat, sar, and frames beside the kernel's own counters."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.truth.specimen import Specimen
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.frames import FrameKind
from vmtui.model.free_memory import by_zone, together
from vmtui.model.machine import MachineRow
from vmtui.observe import frames, frames_closer, page_cache
from vmtui.observe.machine_sampler import MachineSampler

AS_ROOT = os.geteuid() == 0
NEAR_BYTES = 128 << 20
"""What others on a busy machine take or give back between two readings."""


def printed(*command: str) -> list[list[str]]:
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]}")
    told = subprocess.run(
        command, env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True, timeout=60,
        check=True,
    ).stdout  # fmt: skip
    return [line.split() for line in told.splitlines() if line.strip()]


def known(value: int | Missing) -> int:
    assert not isinstance(value, Missing), value
    return value


def test_free_prints_the_same() -> None:
    before = MachineRow(MachineSampler().read())
    heads, memory, swap = printed("free", "-b")[:3]
    after = MachineRow(MachineSampler().read())
    theirs = dict(zip(heads, map(int, memory[1:]), strict=True))
    assert theirs["total"] == before.meminfo("MemTotal")
    for name, field in (("free", "MemFree"), ("available", "MemAvailable"), ("shared", "Shmem")):
        between(theirs[name], known(before.meminfo(field)), known(after.meminfo(field)))
    cached = [
        known(row.meminfo("Cached")) + known(row.meminfo("Buffers"))
        + known(row.meminfo("SReclaimable")) for row in (before, after)
    ]  # fmt: skip
    between(theirs["buff/cache"], *cached)
    between(int(swap[2]), known(before.swap_used), known(after.swap_used))


def between(theirs: int, before: int, after: int) -> None:
    """Read between our two readings, so between their figures, but for what came and went."""
    low, high = sorted((before, after))
    assert low - NEAR_BYTES <= theirs <= high + NEAR_BYTES


def test_vmstat_counts_the_same_swapping_and_memory() -> None:
    before = MachineSampler().read()
    with Specimen() as specimen:
        specimen.write(specimen.map("anon", 4096))
        lines = printed("vmstat", "-w", "-S", "k", "1", "2")
    after = MachineSampler().read()
    heads, figures = lines[1], lines[-1]
    theirs = dict(zip(heads, figures, strict=True))
    one, other = MachineRow(before), MachineRow(after)
    for name, field in (("free", "MemFree"), ("buff", "Buffers")):
        between(int(theirs[name]) * 1000, known(one.meminfo(field)), known(other.meminfo(field)))
    rates = MachineRow(after, before).rates
    assert not isinstance(rates, Missing)
    for name, counter in (("si", "pswpin"), ("so", "pswpout")):
        ours = rates[counter]
        assert not isinstance(ours, Missing)
        moved = ours * rates.seconds * PAGE_SIZE  # vmstat's second lies within ours
        assert int(theirs[name]) * 1000 <= moved * 1.02 + 1000


def test_buddyinfo_and_per_cpu_lists_are_nearly_all_that_is_free() -> None:
    reading = MachineSampler().read()
    assert not isinstance(reading.free_blocks, Missing)
    whole = together(by_zone(reading.free_blocks, reading.zones))
    rows = printed("cat", "/proc/buddyinfo")
    theirs = sum(int(n) << order for row in rows for order, n in enumerate(row[4:]))
    blocks = sum(n << order for order, n in enumerate(whole.orders))
    assert abs(theirs - blocks) * PAGE_SIZE <= NEAR_BYTES
    free = known(MachineRow(reading).meminfo("MemFree"))
    assert abs(blocks * PAGE_SIZE - free) <= NEAR_BYTES
    assert list(whole.unusable) == sorted(whole.unusable) and whole.unusable[0] == 0


def vmstat() -> Mapping[str, int]:
    lines = Path("/proc/vmstat").read_text().splitlines()
    return {name: int(value) for name, value in map(str.split, lines)}


@pytest.mark.skipif(not AS_ROOT, reason="only root may read /proc/kpageflags")
def test_all_frames_against_the_counters_of_the_kernel() -> None:
    before = vmstat()
    *_, survey = frames.survey(first_picture_seconds=0)
    after = vmstat()
    assert survey.complete
    totals = dict(zip(FrameKind, survey.totals(), strict=True))
    assert sum(totals.values()) == survey.frames == sum(use.frames for use in survey.uses())
    page = PAGE_SIZE
    near = NEAR_BYTES // page

    def agree(frames_counted: int, *counters: str, slack: int = near) -> None:
        sums = sorted(sum(told[name] for name in counters) for told in (before, after))
        assert sums[0] - slack <= frames_counted <= sums[1] + slack, (counters, sums)

    agree(totals[FrameKind.FREE], "nr_free_pages")
    agree(totals[FrameKind.ANON] + totals[FrameKind.HUGE] + totals[FrameKind.KSM],
          "nr_anon_pages")  # fmt: skip
    agree(totals[FrameKind.SHMEM], "nr_shmem")
    agree(totals[FrameKind.TABLE], "nr_page_table_pages", slack=near // 16)
    slab = totals[FrameKind.SLAB]
    agree(slab, "nr_slab_reclaimable", "nr_slab_unreclaimable", slack=near // 2)
    cache = sum(totals[kind] for kind in (FrameKind.FILE, FrameKind.CACHE, FrameKind.DIRTY))
    cache += totals[FrameKind.SHMEM]
    agree(cache, "nr_file_pages")


@pytest.mark.skipif(not AS_ROOT, reason="only root may read /proc/kpageflags")
def test_frames_of_a_specimen_are_what_it_made_them() -> None:
    with Specimen() as specimen:
        area = specimen.map("anon", 64)
        specimen.write(area)
        entries = np.fromfile(
            f"/proc/{specimen.pid}/pagemap", np.uint64, 64, offset=area.start // PAGE_SIZE * 8
        )
        for pfn in (entries & np.uint64((1 << 55) - 1)).tolist():
            closer = frames_closer.read(pfn, 1, with_counts=True)
            assert FrameKind(closer.kinds[0]) is FrameKind.ANON
            assert not isinstance(closer.counts, Missing) and closer.counts[0] == 1
            assert closer.is_memory[0]


def test_the_cache_of_a_file_that_nobody_has_open(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.write(b"v" * 32 * PAGE_SIZE)
        os.fsync(file.fileno())
    (one,) = page_cache.of_paths([str(path)]).files
    assert (one.cached_bytes, one.holders) == (32 * PAGE_SIZE, ())
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        (one,) = page_cache.of_paths([str(path)]).files
    left = known(one.cached_bytes)
    assert left <= 32 * PAGE_SIZE
    if Path(
        f"/sys/dev/block/{os.major(path.stat().st_dev)}:{os.minor(path.stat().st_dev)}"
    ).exists():
        assert left == 0  # on a disk; tmpfs has nowhere else to keep it
