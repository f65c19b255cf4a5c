"""Every figure of a range of pages, declared once."""

from __future__ import annotations

from collections.abc import Callable

from vmtui.model.fields.field import Field, Unit
from vmtui.model.page_counts import Figure, PageCounts

_ENTRY = "/proc/PID/pagemap"


def _smaps(lines: str) -> str:
    """A shell line that adds up lines of smaps, in pages."""
    return (
        "awk -v p=$(($(getconf PAGE_SIZE)/1024)) "
        f"'/^({lines}):/{{{{s+=$2}}}} END{{{{print s/p}}}}' /proc/{{pid}}/smaps"
    )


def _pages(
    name: str,
    get: Callable[[PageCounts], Figure],
    *,
    meaning: str,
    source: str,
    shell: str,
    slot: str = "",
    leaves_below: int = 0,
) -> Field[PageCounts]:
    return Field(
        id=name,
        title=name.upper(),
        unit=Unit.PAGES,
        width=max(7, len(name)),
        help=meaning,
        source=source,
        shell=shell,
        get=get,
        slot=slot,
        leaves_below=leaves_below,
    )


PAGE_FIELDS: tuple[Field[PageCounts], ...] = (
    _pages(
        "pages",
        lambda counts: counts.pages,
        meaning="Pages of the range: absent, present, swapped and guard ones together.",
        source="/proc/PID/maps, addresses",
        shell=_smaps("Size"),
    ),
    _pages(
        "absent",
        lambda counts: counts.absent,
        meaning="In the range, but nothing behind it: never touched, or given back.",
        source=f"{_ENTRY}, bits 63 and 62 clear",
        shell="vmtui pages {pid}",
        slot="absent",
        leaves_below=100,
    ),
    _pages(
        "present",
        lambda counts: counts.present,
        meaning="Mapped to a frame of memory, the shared zero page included.",
        source=f"{_ENTRY}, bit 63",
        shell="page-types -p {pid} | tail -1",
    ),
    _pages(
        "swapped",
        lambda counts: counts.swapped,
        meaning="In swap. Guard markers, which set the same bit, are not counted.",
        source=f"{_ENTRY}, bit 62 without bit 58",
        shell=_smaps("Swap"),
        slot="swapped",
    ),
    _pages(
        "zero",
        lambda counts: counts.zero,
        meaning="Read but never written: mapped to the shared zero page, costs no memory.",
        source="PAGEMAP_SCAN, PAGE_IS_PFNZERO; as root the frame number in the entry",
        shell="page-types -p {pid} -b zero_page | tail -1",
        slot="zero",
        leaves_below=120,
    ),
    _pages(
        "anon",
        lambda counts: counts.anon,
        meaning="Present private pages, zero pages not included.",
        source=f"{_ENTRY}, bit 63 without bit 61",
        shell=_smaps("Anonymous"),
        slot="anon",
    ),
    _pages(
        "file",
        lambda counts: counts.file,
        meaning="Present pages of a file's page cache.",
        source=f"{_ENTRY}, bit 61 in a VMA of a file",
        shell="page-types -p {pid} -b ~anon,~swapbacked | tail -1",
        slot="file",
    ),
    _pages(
        "shmem",
        lambda counts: counts.shmem,
        meaning="Present pages of shared memory or tmpfs.",
        source=f"{_ENTRY}, bit 61 in a VMA of shared memory",
        shell="page-types -p {pid} -b ~anon,swapbacked | tail -1",
        slot="shmem",
        leaves_below=120,
    ),
    _pages(
        "huge",
        lambda counts: counts.huge,
        meaning="Present pages mapped by an entry of 2 MiB or larger.",
        source="PAGEMAP_SCAN, PAGE_IS_HUGE; all pages of a hugetlb VMA",
        shell=_smaps("AnonHugePages|ShmemPmdMapped|FilePmdMapped"),
        slot="huge",
        leaves_below=100,
    ),
    _pages(
        "exclusive",
        lambda counts: counts.exclusive,
        meaning="Present pages that exactly one page-table entry of the machine maps.",
        source=f"{_ENTRY}, bit 56 (of a huge page the kernel asks the first page only)",
        shell=_smaps("Private_Clean|Private_Dirty"),
        leaves_below=140,
    ),
    _pages(
        "shared",
        lambda counts: counts.shared,
        meaning="Present pages that several entries map, as after a fork; zero pages not included.",
        source=f"{_ENTRY}, bit 63 without bit 56",
        shell=_smaps("Shared_Clean|Shared_Dirty"),
        slot="cow",
        leaves_below=140,
    ),
    _pages(
        "dirty",
        lambda counts: counts.dirty,
        meaning=(
            "File and shared-memory pages written and not yet written back; the kernel marks whole"
            " folios, and only root may look."
        ),
        source="/proc/kpageflags, DIRTY",
        shell="page-types -p {pid} -b dirty,~anon | tail -1",
        slot="dirty",
        leaves_below=120,
    ),
    _pages(
        "ksm",
        lambda counts: counts.ksm,
        meaning="Pages merged with equal ones by KSM; where there are any, only root may look.",
        source="/proc/PID/ksm_merging_pages, /proc/kpageflags, KSM",
        shell="page-types -p {pid} -b ksm | tail -1",
        slot="ksm",
        leaves_below=160,
    ),
    _pages(
        "locked",
        lambda counts: counts.locked,
        meaning="Present pages of VMAs locked in memory.",
        source="/proc/PID/smaps, VmFlags: lo",
        shell=_smaps("Locked"),
        slot="locked",
        leaves_below=160,
    ),
    _pages(
        "guard",
        lambda counts: counts.guard,
        meaning="Guard markers: touching the page is a fault, though the VMA allows access.",
        source=f"{_ENTRY}, bit 58 (Linux 6.15)",
        shell="vmtui pages {pid}",
        slot="guard",
        leaves_below=160,
    ),
)
