"""The machine in sar's words: formulas on made-up readings, and beside sar itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace

import pytest

from vmtui.kernel.meminfo import parse as parse_meminfo
from vmtui.kernel.pressure import parse as parse_pressure
from vmtui.kernel.swaps import SwapDevice
from vmtui.kernel.vmstat import parse as parse_vmstat
from vmtui.lab.evidence import GroupView
from vmtui.lab.machine_view import LEAST_SECONDS, MachineWatch, machine_view
from vmtui.missing import Missing
from vmtui.model.machine import MachineReading, MachineRow
from vmtui.observe.machine_sampler import MachineSampler

_MEMINFO = b"""MemTotal: 8000 kB
MemFree: 3000 kB
MemAvailable: 5000 kB
Buffers: 100 kB
Cached: 2000 kB
Active: 1500 kB
Inactive: 900 kB
Dirty: 12 kB
Slab: 400 kB
Committed_AS: 7000 kB
"""
_PSI = b"some avg10=1.50 avg60=0.00 avg300=0.00 total=9\n"
_GROUP = GroupView(
    "v1", "/group", 1 << 20, 1 << 19, None, 0, 0, 0, 0, 0, 10, 0, 0,
    Missing("no pressure"), Missing("no pressure"),
)  # fmt: skip


def reading(at: float, times: int = 0) -> MachineReading:
    counters = {
        "pgpgin": 8, "pgpgout": 4, "pgfault": 1000, "pgmajfault": 6, "pgfree": 50, "pswpin": 3,
        "pswpout": 2, "pgscan_kswapd": 10, "pgscan_direct": 20, "pgscan_direct_throttle": 1,
        "pgscan_anon": 30, "pgsteal_kswapd": 5, "pgsteal_direct": 7, "pgsteal_anon": 12,
    }  # fmt: skip
    text = "".join(f"{name} {each * times}\n" for name, each in counters.items())
    return MachineReading(
        at, parse_meminfo(_MEMINFO), parse_vmstat(text.encode()), parse_pressure(_PSI),
        (SwapDevice(b"/dev/vda2", "partition", 1 << 30, 4096, -2),),
    )  # fmt: skip


def test_amounts_and_rates_are_those_of_sar() -> None:
    view = machine_view(MachineRow(reading(2.0, 1), reading(1.5)))
    assert view.total == 8000
    assert view.memory == {
        "kbmemfree": 3000, "kbavail": 5000, "kbmemused": 2500, "kbbuffers": 100, "kbcached": 2000,
        "kbcommit": 7000, "kbactive": 1500, "kbinact": 900, "kbdirty": 12,
    }  # fmt: skip
    assert view.paging == {
        "pgpgin/s": 16, "pgpgout/s": 8, "fault/s": 2000, "majflt/s": 12, "pgfree/s": 100,
        "pgscank/s": 20, "pgscand/s": 42, "pgsteal/s": 48,
    }  # fmt: skip
    assert view.swapping == {"pswpin/s": 6, "pswpout/s": 4}
    assert view.some_avg10 == 1.5 and isinstance(view.full_avg10, Missing)
    assert view.swaps == (("/dev/vda2", 1 << 30, 4096),)


def test_the_first_look_has_no_rates() -> None:
    view = machine_view(MachineRow(reading(1.0)))
    assert all(isinstance(rate, Missing) for rate in view.paging.values())
    assert view.memory["kbmemused"] == 2500


def test_a_machine_without_meminfo_is_all_missing() -> None:
    bare = replace(reading(1.0), meminfo=Missing("why"), swaps=Missing("none"))
    view = machine_view(MachineRow(bare))
    assert view.total == Missing("why") and view.memory["kbmemused"] == Missing("why")
    assert view.swaps == ()


def test_it_is_read_at_most_five_times_a_second_and_the_group_has_rates_of_its_own() -> None:
    now, reads = 10.0, 0

    def read() -> MachineReading:
        nonlocal reads
        reads += 1
        return reading(now, reads)

    watch = MachineWatch(read, lambda: now)
    first = watch.look(group=_GROUP)
    assert isinstance(first.own_major, Missing)
    now += LEAST_SECONDS / 2
    assert watch.look() is first and reads == 1
    now = 10.25
    second = watch.look(frozenset({"/dev/vda2"}), replace(_GROUP, major_faults=14))
    assert second.own_major == pytest.approx(16) and second.own == {"/dev/vda2"}
    assert second.swapping["pswpin/s"] == pytest.approx(12)


@pytest.mark.skipif(shutil.which("sar") is None, reason="sysstat is not installed")
def test_beside_sar_itself() -> None:
    sampler = MachineSampler(zones=False)
    before = sampler.read()
    told = subprocess.run(
        ["sar", "-r", "-B", "-W", "1", "1"], env={**os.environ, "LC_ALL": "C"},
        capture_output=True, text=True, timeout=30, check=True,
    ).stdout  # fmt: skip
    now = sampler.read()
    view = machine_view(MachineRow(now, before))
    sar = dict[str, float]()
    lines = [line.split() for line in told.splitlines() if line.startswith("Average:")]
    for heads, figures in zip(lines[::2], lines[1::2], strict=True):
        sar |= dict(zip(heads[1:], map(float, figures[1:]), strict=True))
    assert set(view.memory) | set(view.paging) | set(view.swapping) <= set(sar)
    seconds = now.at - before.at
    for name, rate in {**view.paging, **view.swapping}.items():
        assert not isinstance(rate, Missing)
        # its second lies within ours, and what sar counts of it can be no more
        assert sar[name] <= rate * seconds * 1.02 + 1, name
    total = view.total
    assert isinstance(total, int)
    for name, amount in view.memory.items():
        assert isinstance(amount, int) and abs(sar[name] - amount) < total / 10, name
