"""Every metric of a VMA, declared once: the columns of level 2 and the keys of `vmtui maps`.

The order is that of the columns on screen. The figures of smaps say `Cost.ROLLUP`: the kernel walks
the page tables for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vmtui.missing import Missing
from vmtui.model.fields.field import Cost, Field, Unit, by_id

if TYPE_CHECKING:
    from vmtui.model.vma_row import VmaRow  # needs numpy, which the list of fields does not

_MAPS = "/proc/PID/maps"
_SMAPS = "/proc/PID/smaps"


def _smaps_bytes(
    key: str,
    title: str,
    kernel_name: str,
    words: str,
    get: Callable[[VmaRow], Any],
    *,
    default: bool = False,
    leaves_below: int = 0,
    slot: str = "",
) -> Field[VmaRow]:
    """A figure that is one line of smaps."""
    return Field(
        id=key, title=title, unit=Unit.BYTES, width=max(6, len(title)), cost=Cost.ROLLUP,
        help=words, source=f"{_SMAPS}, {kernel_name}:",
        shell=f"grep -E '^[0-9a-f]+-|^{kernel_name}:' /proc/{{pid}}/smaps",
        get=get, default=default, leaves_below=leaves_below, slot=slot,
    )  # fmt: skip


def _flags_text(row: VmaRow) -> str | Missing:
    flags = row.vm_flags
    return flags if isinstance(flags, Missing) else " ".join(flags)


# fmt: off
VMA_FIELDS: tuple[Field[VmaRow], ...] = (
    Field(
        id="start", title="ADDRESS", unit=Unit.ADDRESS, width=12,
        help="The first address of this piece of the process's address space.",
        source=f"{_MAPS}, field 1 before the dash", shell="cut -d- -f1 /proc/{pid}/maps",
        get=lambda row: row.start,
    ),
    Field(
        id="end", title="END", unit=Unit.ADDRESS, width=12, default=False,
        help="The first address after it.",
        source=f"{_MAPS}, field 1 after the dash",
        shell="cut -d- -f2 /proc/{pid}/maps | cut -d' ' -f1",
        get=lambda row: row.end,
    ),
    Field(
        id="size", title="SIZE", unit=Unit.BYTES, width=6,
        help="How much address space is reserved; memory is behind it only where it was touched.",
        source=f"{_MAPS}, end − start", shell="pmap {pid}",
        get=lambda row: row.size,
    ),
    Field(
        id="perms", title="PERM", unit=Unit.TEXT, width=4, leaves_below=80,
        help="What the process may do there: read, write, execute; p is private, s is shared.",
        source=f"{_MAPS}, field 2", shell="cut -d' ' -f1,2 /proc/{pid}/maps",
        get=lambda row: row.perms,
    ),
    Field(
        id="kind", title="KIND", unit=Unit.TEXT, width=7, leaves_below=152,
        help="What it is for: heap, stack, anon, file, shmem, vdso, hugetlb or special; vmtui "
        "tells that from the name, the device and the flags.",
        source=f"{_MAPS}, name and device; {_SMAPS}, VmFlags:", shell="cat /proc/{pid}/maps",
        get=lambda row: row.kind,
    ),
    _smaps_bytes(
        "rss", "RSS", "Rss",
        "How much of it is in RAM now; a page shared with others counts in full.",
        lambda row: row.rss, default=True,
    ),
    _smaps_bytes(
        "pss", "PSS", "Pss",
        "Its fair share of RAM: each page divided by how often it is mapped.",
        lambda row: row.pss, default=True, leaves_below=80,
    ),
    Field(
        id="dirty", title="DIRTY", unit=Unit.BYTES, width=6, leaves_below=120, cost=Cost.ROLLUP,
        help="Memory in RAM that was written to: it must go to swap or to its file before the "
        "page can be reused.",
        source=f"{_SMAPS}, Private_Dirty: + Shared_Dirty:",
        shell="grep -E '^[0-9a-f]+-|_Dirty:' /proc/{pid}/smaps",
        get=lambda row: row.dirty,
    ),
    _smaps_bytes(
        "swap", "SWAP", "Swap",
        "How much of it is in swap: the next touch has to read it back.",
        lambda row: row.swap, default=True, slot="swapped",
    ),
    _smaps_bytes(
        "anon_huge_pages", "THP", "AnonHugePages",
        "How much of it is in transparent huge pages of private memory.",
        lambda row: row.anon_huge_pages, default=True, leaves_below=120,
    ),
    _smaps_bytes(
        "referenced", "REF", "Referenced",
        "How much was accessed since the kernel last cleared the accessed bits, which may be "
        "long ago.",
        lambda row: row.referenced, default=True, leaves_below=152,
    ),
    Field(
        id="residency", title="PAGES", unit=Unit.SERIES, width=32,
        help="Which parts of it are in RAM, low addresses at the left.",
        source="PAGEMAP_SCAN on /proc/PID/pagemap", shell="vmtui pages {pid}",
        get=lambda row: row.residency,
    ),
    Field(
        id="name", title="NAME", unit=Unit.TEXT, width=0,
        help="The file it maps, or what the kernel calls it; private memory mostly has no name.",
        source=f"{_MAPS}, after field 5", shell="cut -c74- /proc/{pid}/maps",
        get=lambda row: row.name,
    ),
    Field(
        id="offset", title="OFFSET", unit=Unit.BYTES, width=6, default=False,
        help="Where in the file it begins.",
        source=f"{_MAPS}, field 3", shell="cut -d' ' -f1,3 /proc/{pid}/maps",
        get=lambda row: row.offset,
    ),
    Field(
        id="device", title="DEV", unit=Unit.TEXT, width=5, default=False,
        help="The device of the file, 00:00 where there is none.",
        source=f"{_MAPS}, field 4", shell="cut -d' ' -f1,4 /proc/{pid}/maps",
        get=lambda row: row.device,
    ),
    Field(
        id="inode", title="INODE", unit=Unit.ID, width=8, default=False,
        help="The file's number on its device, 0 where there is no file.",
        source=f"{_MAPS}, field 5", shell="cut -d' ' -f1,5 /proc/{pid}/maps",
        get=lambda row: row.inode,
    ),
    _smaps_bytes(
        "pss_dirty", "PSS-D", "Pss_Dirty",
        "Its fair share of RAM that was written to.",
        lambda row: row.pss_dirty,
    ),
    _smaps_bytes(
        "shared_clean", "SH-CLN", "Shared_Clean",
        "In RAM, mapped more than once, not written to: program code, mostly.",
        lambda row: row.shared_clean,
    ),
    _smaps_bytes(
        "shared_dirty", "SH-DRT", "Shared_Dirty",
        "In RAM, mapped more than once, written to: shared memory, or private memory still "
        "shared since a fork.",
        lambda row: row.shared_dirty,
    ),
    _smaps_bytes(
        "private_clean", "PR-CLN", "Private_Clean",
        "In RAM, mapped here alone, not written to: comes free at no cost.",
        lambda row: row.private_clean,
    ),
    _smaps_bytes(
        "private_dirty", "PR-DRT", "Private_Dirty",
        "In RAM, mapped here alone, written to: what only this process has.",
        lambda row: row.private_dirty,
    ),
    _smaps_bytes(
        "anonymous", "ANON", "Anonymous",
        "In RAM and in no file: private memory, and the process's own copies of file pages.",
        lambda row: row.anonymous, slot="anon",
    ),
    _smaps_bytes(
        "ksm", "KSM", "KSM",
        "In RAM and merged by the kernel with equal pages elsewhere; zero pages not counted.",
        lambda row: row.ksm, slot="ksm",
    ),
    _smaps_bytes(
        "lazyfree", "LAZY", "LazyFree",
        "Given back with MADV_FREE but still there: the kernel takes it when memory is short.",
        lambda row: row.lazyfree,
    ),
    _smaps_bytes(
        "shmem_pmd_mapped", "SHM-H", "ShmemPmdMapped",
        "Shared memory or tmpfs mapped by huge entries.",
        lambda row: row.shmem_pmd_mapped,
    ),
    _smaps_bytes(
        "file_pmd_mapped", "FILE-H", "FilePmdMapped",
        "Page cache of a file mapped by huge entries.",
        lambda row: row.file_pmd_mapped,
    ),
    _smaps_bytes(
        "shared_hugetlb", "SH-HTLB", "Shared_Hugetlb",
        "Pages of the hugetlb pool that are mapped more than once; RSS does not count them.",
        lambda row: row.shared_hugetlb,
    ),
    _smaps_bytes(
        "private_hugetlb", "PR-HTLB", "Private_Hugetlb",
        "Pages of the hugetlb pool that are mapped here alone; RSS does not count them.",
        lambda row: row.private_hugetlb,
    ),
    _smaps_bytes(
        "swap_pss", "SWPPSS", "SwapPss",
        "Its fair share of swap: each page divided by how many share it.",
        lambda row: row.swap_pss, slot="swapped",
    ),
    _smaps_bytes(
        "locked", "LOCKED", "Locked",
        "Its fair share of RAM that is locked in place by mlock.",
        lambda row: row.locked, slot="locked",
    ),
    Field(
        id="thp_eligible", title="THPOK", unit=Unit.FLAG, width=5, default=False, cost=Cost.ROLLUP,
        help="Whether the kernel may use transparent huge pages here.",
        source=f"{_SMAPS}, THPeligible:",
        shell="grep -E '^[0-9a-f]+-|^THPeligible:' /proc/{pid}/smaps",
        get=lambda row: row.thp_eligible,
    ),
    Field(
        id="vm_flags", title="VMFLAGS", unit=Unit.TEXT, width=26, default=False, cost=Cost.ROLLUP,
        help="The kernel's own two-letter flags, for instance lo for locked, ht for hugetlb.",
        source=f"{_SMAPS}, VmFlags:",
        shell="grep -E '^[0-9a-f]+-|^VmFlags:' /proc/{pid}/smaps",
        get=_flags_text,
    ),
)
# fmt: on

VMA_FIELDS_BY_ID = by_id(VMA_FIELDS)
