"""MemTotal in parts: they add up, and what overlaps is counted once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmtui.kernel import meminfo, vmstat, zoneinfo
from vmtui.kernel.meminfo import MemInfo
from vmtui.kernel.vmstat import VmStat
from vmtui.kernel.zoneinfo import Zone
from vmtui.missing import Missing
from vmtui.model.accounting import PARTS, Share, accounting
from vmtui.model.fields.machine import SHARE_FIELDS

KIB = 1024
# Linux 6.18, 24 GiB, soon after boot, no swap; the lines that matter here.
QUIET = {
    "MemTotal": 24684092,
    "MemFree": 24450068,
    "Buffers": 1216,
    "Cached": 95268,
    "SwapCached": 0,
    "Active(anon)": 1524,
    "Inactive(anon)": 8336,
    "Dirty": 12,
    "AnonPages": 18140,
    "Shmem": 8856,
    "KReclaimable": 62236,
    "Slab": 83240,
    "SReclaimable": 62236,
    "KernelStack": 1416,
    "PageTables": 1808,
    "SecPageTables": 0,
    "VmallocUsed": 5668,
    "Percpu": 664,
    "Hugetlb": 0,
}


def of(**changes: int) -> dict[str, int]:
    names = {"active_anon": "Active(anon)"}
    return QUIET | {names.get(name, name): value for name, value in changes.items()}


def parts(figures: dict[str, int], *, pages: int | None = None) -> dict[str, int]:
    counters = None if pages is None else VmStat({"nr_zspages": pages})
    shares = accounting(MemInfo({name: kib * KIB for name, kib in figures.items()}), counters)
    return {share.name: share.bytes // KIB for share in shares}


def test_a_quiet_machine() -> None:
    found = parts(QUIET)
    assert found["file"] == 95268 + 1216 - 8856 - 12  # Cached holds Shmem, and Dirty is apart
    assert found["vmalloc"] == 5668 - 1416  # stacks are mapped there
    assert found["reclaimable"] == 0
    assert found["unexplained"] == 28_020
    assert list(found)[-1] == "unexplained"
    assert sum(found.values()) == QUIET["MemTotal"]


def test_swap_cache_that_is_still_mapped_is_anon_only() -> None:
    # 4,000 KiB have a copy in swap; 3,000 of them are mapped, so they are in AnonPages already.
    lists = QUIET["AnonPages"] + QUIET["Shmem"] + 1_000 - QUIET["Inactive(anon)"]
    assert parts(of(SwapCached=4_000, active_anon=lists))["swap_cache"] == 1_000


def test_swap_cache_is_never_more_than_the_kernel_says() -> None:
    assert parts(of(SwapCached=4_000, active_anon=90_000))["swap_cache"] == 4_000


def test_compressed_memory_of_zram_comes_from_vmstat() -> None:
    assert parts(of(Zswap=0), pages=3)["compressed"] == 3 * 4
    assert parts(of(Zswap=40))["compressed"] == 40
    assert "compressed" not in parts(QUIET)


def test_free_pages_of_the_per_cpu_lists_are_told_apart() -> None:
    absent = Missing("not printed")
    zone = Zone(0, "Normal", absent, absent, absent, absent, absent, absent, per_cpu_pages=2_000)
    shares = accounting(MemInfo({name: kib * KIB for name, kib in QUIET.items()}), None, [zone])
    found = {share.name: share.bytes for share in shares}
    assert found["free_percpu"] == 2_000 * 4096
    assert found["unexplained"] == 28_020 * KIB - 2_000 * 4096


def test_figures_read_at_different_moments_may_leave_less_than_nothing() -> None:
    assert parts(of(MemFree=24_600_000))["unexplained"] < 0


def test_without_a_total_there_is_nothing_to_divide() -> None:
    assert accounting(MemInfo({"MemFree": 1})) == ()


def test_this_machine_adds_up() -> None:
    now = meminfo.read()
    shares = accounting(now, vmstat.read(), zoneinfo.read())
    assert sum(share.bytes for share in shares) == now["MemTotal"]
    assert [share.name for share in shares] == [n for n in PARTS if n in {s.name for s in shares}]


@given(
    st.dictionaries(st.sampled_from([*QUIET, "Zswap", "GPUActive"]), st.integers(0, 1 << 50)),
    st.integers(0, 1 << 40),
)
def test_always_adds_up(figures: dict[str, int], total: int) -> None:
    shares = accounting(MemInfo(figures | {"MemTotal": total}))
    assert sum(share.bytes for share in shares) == total
    assert all(share.bytes >= 0 for share in shares[:-1])


@pytest.mark.parametrize("name", PARTS)
def test_every_part_explains_itself(name: str) -> None:
    share = Share(name, PARTS[name][0], 0)
    assert share.help.endswith(".")
    assert share.title
    assert SHARE_FIELDS[0].value(share) == name
