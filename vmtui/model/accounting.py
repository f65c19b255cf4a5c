"""MemTotal in parts that add up, no byte counted twice; what is left over is «unexplained».

The lines of /proc/meminfo overlap. What overlaps, and what is done about it:

* Cached holds Shmem (tmpfs lives in the page cache) and everything Mapped from files; it does not
  hold Buffers and SwapCached, which the kernel subtracts (fs/proc/meminfo.c). So file memory is
  Cached + Buffers − Shmem, of which Dirty is a part of its own: shared memory and the swap cache
  are never counted as Dirty. Pages under Writeback are left in: the line also counts pages on their
  way to swap, which are anonymous.
* SwapCached overlaps AnonPages: a page that is mapped and still has its copy in swap is in both.
  Only the pages that nobody maps are a part of their own. They are on the anonymous LRU lists,
  together with AnonPages and Shmem; what those lists hold beyond the two, and never more than
  SwapCached, is taken. Locked pages are on another list, so this may be too little: the rest falls
  to «unexplained», and nothing is counted twice.
* KReclaimable is SReclaimable, which is in Slab, plus what drivers can give back: that plus is
  `reclaimable`.
* KernelStack lies in vmalloc memory where stacks are mapped (CONFIG_VMAP_STACK, usual), so
  VmallocUsed counts without it. Where stacks are elsewhere this is too little by as much.
* Percpu contains the memory set aside at boot, which is not in MemTotal: less than a MiB a CPU.
* HugePages of every size are in Hugetlb, used or not, and in no other line; transparent huge
  pages (AnonHugePages, …) are in AnonPages, Shmem and Cached.
* Compressed memory (zswap, zram) is in no line but Zswap; /proc/vmstat has nr_zspages for both.
* MemFree leaves out the free pages on per-CPU lists: /proc/zoneinfo counts those.

Unexplained is what remains of MemTotal: drivers, memory of guests and balloons, pages taken
straight from the allocator. The figures are not read at one instant, so it may be negative; then
it is shown as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.meminfo import MemInfo
from vmtui.kernel.vmstat import VmStat
from vmtui.kernel.zoneinfo import Zone
from vmtui.missing import Missing

_Amount = int | Missing

PARTS: dict[str, tuple[str, str, str]] = {
    "anon": ("anon", "anon", "Anonymous memory that processes map: heaps, stacks, buffers."),
    "swap_cache": ("swapped", "swap cache", "Pages with a copy in swap that nobody maps now."),
    "shmem": ("shmem", "shmem", "Shared memory and tmpfs files."),
    "file": ("file", "file", "Files in the page cache, mapped or not, as they are on disk."),
    "dirty": ("dirty", "dirty", "File pages written and not yet on their way to disk."),
    "hugetlb": ("huge", "huge pages", "Pools of huge pages, used or not."),
    "slab": ("kernel", "slab", "Small objects of the kernel: inodes, directory entries, sockets."),
    "reclaimable": ("kernel", "reclaimable", "What drivers can give back under pressure."),
    "page_tables": ("kernel", "page tables", "Page tables, of guests and devices too."),
    "kernel_stacks": ("kernel", "kernel stacks", "One small stack for every thread."),
    "vmalloc": ("kernel", "vmalloc", "Modules, BPF programs and large tables of the kernel."),
    "percpu": ("kernel", "per-CPU", "Counters that every CPU has for itself."),
    "compressed": ("kernel", "compressed", "Swapped pages kept compressed: zswap and zram."),
    "gpu": ("kernel", "graphics", "System memory that graphics drivers hold."),
    "free": ("absent", "free", "Free blocks of the page allocator."),
    "free_percpu": ("absent", "free, per CPU", "Free pages kept at hand for each CPU."),
    "unexplained": ("unexplained", "unexplained", "In no counter of the kernel."),
}
"""Slot, title and meaning of every part by its name, in the order of the bar."""


@dataclass(frozen=True, slots=True)
class Share:
    """One part of the machine's memory."""

    name: str
    """Its key in documents: `anon`, `page_tables`, …, `unexplained`."""
    slot: str
    """The palette slot it is painted in; `absent` is what is free."""
    bytes: int
    """How much; only `unexplained` can be negative."""

    @property
    def title(self) -> str:
        """Its name as people read it."""
        return PARTS[self.name][1]

    @property
    def help(self) -> str:
        """What it is, in one sentence."""
        return PARTS[self.name][2]


def accounting(
    meminfo: MemInfo, vmstat: VmStat | None = None, zones: Sequence[Zone] | None = None
) -> tuple[Share, ...]:
    """MemTotal in parts, `unexplained` last; their sum is exactly MemTotal.

    Args:
        meminfo: the one file that cannot be done without.
        vmstat: knows the compressed memory of zram; without it only that of zswap is seen.
        zones: know the per-CPU lists of free pages; without them those are unexplained.

    Returns:
        The parts this kernel has counters for, in the order of `PARTS`. Empty when there is no
        MemTotal.
    """
    total = meminfo["MemTotal"]
    if isinstance(total, Missing):
        return ()
    amounts: dict[str, _Amount] = {
        "anon": meminfo["AnonPages"],
        "swap_cache": _unmapped_swap_cache(meminfo),
        "shmem": meminfo["Shmem"],
        "file": _clean_file(meminfo),
        "dirty": meminfo["Dirty"],
        "hugetlb": meminfo["Hugetlb"],
        "slab": meminfo["Slab"],
        "reclaimable": _excess(meminfo["KReclaimable"], meminfo["SReclaimable"]),
        "page_tables": _sum(meminfo["PageTables"], meminfo["SecPageTables"]),
        "kernel_stacks": meminfo["KernelStack"],
        "vmalloc": _excess(meminfo["VmallocUsed"], meminfo["KernelStack"]),
        "percpu": meminfo["Percpu"],
        "compressed": _compressed(meminfo, vmstat),
        "gpu": _sum(meminfo["GPUActive"], meminfo["GPUReclaim"]),
        "free": meminfo["MemFree"],
    }
    if zones is not None:
        amounts["free_percpu"] = sum(zone.per_cpu_pages for zone in zones) * PAGE_SIZE
    known = {name: amount for name, amount in amounts.items() if not isinstance(amount, Missing)}
    known["unexplained"] = total - sum(known.values())
    return tuple(Share(name, PARTS[name][0], amount) for name, amount in known.items())


def _sum(first: _Amount, *others: _Amount) -> _Amount:
    """The sum of those that the kernel prints; Missing when it prints not even the first."""
    if isinstance(first, Missing):
        return first
    return first + sum(amount for amount in others if not isinstance(amount, Missing))


def _excess(whole: _Amount, part: _Amount) -> _Amount:
    """`whole` without `part`, never below zero."""
    if isinstance(whole, Missing):
        return whole
    return whole if isinstance(part, Missing) else max(0, whole - part)


def _clean_file(meminfo: MemInfo) -> _Amount:
    cached = _sum(meminfo["Cached"], meminfo["Buffers"])
    return _excess(_excess(cached, meminfo["Shmem"]), meminfo["Dirty"])


def _unmapped_swap_cache(meminfo: MemInfo) -> _Amount:
    in_cache = meminfo["SwapCached"]
    on_lists = _sum(meminfo["Active(anon)"], meminfo["Inactive(anon)"])
    if isinstance(in_cache, Missing):
        return in_cache
    beyond = _excess(_excess(on_lists, meminfo["AnonPages"]), meminfo["Shmem"])
    return beyond if isinstance(beyond, Missing) else min(in_cache, beyond)


def _compressed(meminfo: MemInfo, vmstat: VmStat | None) -> _Amount:
    zswap = meminfo["Zswap"]
    pages = Missing("vmstat was not read") if vmstat is None else vmstat["nr_zspages"]
    if isinstance(pages, Missing):
        return zswap
    return max(pages * PAGE_SIZE, 0 if isinstance(zswap, Missing) else zswap)
