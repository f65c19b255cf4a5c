"""One VMA as level 2 and `vmtui maps` show it: every figure looked up when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, overload

from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.smaps import Figures, Smaps
from vmtui.missing import Missing
from vmtui.model.vma_kinds import KINDS, VmaKind
from vmtui.text import DisplayText, display

if TYPE_CHECKING:
    from vmtui.model.vmas import Vmas  # makes the rows

SMAPS_NAMES: Mapping[str, str] = {
    "rss": "Rss",
    "pss": "Pss",
    "pss_dirty": "Pss_Dirty",
    "shared_clean": "Shared_Clean",
    "shared_dirty": "Shared_Dirty",
    "private_clean": "Private_Clean",
    "private_dirty": "Private_Dirty",
    "referenced": "Referenced",
    "anonymous": "Anonymous",
    "ksm": "KSM",
    "lazyfree": "LazyFree",
    "anon_huge_pages": "AnonHugePages",
    "shmem_pmd_mapped": "ShmemPmdMapped",
    "file_pmd_mapped": "FilePmdMapped",
    "shared_hugetlb": "Shared_Hugetlb",
    "private_hugetlb": "Private_Hugetlb",
    "swap": "Swap",
    "swap_pss": "SwapPss",
    "locked": "Locked",
}
"""The figures that add up over VMAs, in bytes: our names and the kernel's."""

TOO_NEW = Missing("this VMA is newer than the last reading of smaps")


class _Figure:
    """One figure of smaps as an attribute of a row."""

    def __set_name__(self, owner: type[VmaRow], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, row: None, owner: type[VmaRow]) -> _Figure: ...

    @overload
    def __get__(self, row: VmaRow, owner: type[VmaRow]) -> int | Missing: ...

    def __get__(self, row: VmaRow | None, owner: type[VmaRow]) -> _Figure | int | Missing:
        return self if row is None else row.figure(self.name)


class VmaRow:
    """One VMA; every figure is looked up when it is asked for. Sizes are bytes."""

    __slots__ = ("index", "vmas")

    def __init__(self, vmas: Vmas, index: int) -> None:
        self.vmas = vmas
        self.index = index

    rss = _Figure()
    """In RAM; by the page scan where that is newer than smaps. Does not count hugetlb."""
    pss = _Figure()
    """Its fair share: each page divided by the number of times it is mapped."""
    pss_dirty = _Figure()
    """The dirty part of that."""
    shared_clean = _Figure()
    """In RAM, mapped more than once, unmodified."""
    shared_dirty = _Figure()
    """In RAM, mapped more than once, modified."""
    private_clean = _Figure()
    """In RAM, mapped here alone, unmodified."""
    private_dirty = _Figure()
    """In RAM, mapped here alone, modified."""
    referenced = _Figure()
    """Accessed since the accessed bits were last cleared."""
    anonymous = _Figure()
    """Not backed by a file, or a private copy of a file's page."""
    ksm = _Figure()
    """Merged with equal pages."""
    lazyfree = _Figure()
    """Given back by MADV_FREE, taken only under pressure."""
    anon_huge_pages = _Figure()
    """In anonymous transparent huge pages."""
    shmem_pmd_mapped = _Figure()
    """In huge pages of shared memory."""
    file_pmd_mapped = _Figure()
    """In huge pages of a file."""
    shared_hugetlb = _Figure()
    """hugetlb pages mapped more than once."""
    private_hugetlb = _Figure()
    """hugetlb pages mapped here alone."""
    swap = _Figure()
    """In swap."""
    swap_pss = _Figure()
    """Its fair share of that."""
    locked = _Figure()
    """Locked in memory, its fair share."""

    @property
    def start(self) -> int:
        """First address."""
        return int(self.vmas.maps.start[self.index])

    @property
    def end(self) -> int:
        """First address after it."""
        return int(self.vmas.maps.end[self.index])

    @property
    def size(self) -> int:
        """Bytes of address space."""
        return self.end - self.start

    @property
    def perms(self) -> str:
        """`rw-p`: read, write, execute, private or shared."""
        return bytes(self.vmas.maps.perms[self.index]).decode("ascii", "replace")

    @property
    def offset(self) -> int:
        """Where in the file it begins, bytes."""
        return int(self.vmas.maps.offset[self.index])

    @property
    def device(self) -> str:
        """The file's device as maps prints it, `00:00` for none."""
        return self.vmas.maps.device_text(self.index)

    @property
    def inode(self) -> int:
        """The file's inode, 0 for none."""
        return int(self.vmas.maps.inode[self.index])

    @property
    def name_bytes(self) -> bytes:
        """The raw name, as maps prints it."""
        return self.vmas.maps.names[self.index]

    @property
    def name(self) -> DisplayText:
        """The name, safe to show."""
        return display(self.name_bytes)

    @property
    def kind(self) -> VmaKind:
        """What it is for."""
        return KINDS[int(self.vmas.kind_codes[self.index])]

    @property
    def no_access(self) -> bool:
        """Whether it may neither be read, written nor executed: a guard or a reservation."""
        return self.perms.startswith("---")

    @property
    def vm_flags(self) -> tuple[str, ...] | Missing:
        """The kernel's two-letter codes."""
        smaps, row = self.vmas.smaps, self._smaps_row
        if isinstance(smaps, Missing):
            return smaps
        return TOO_NEW if row < 0 else smaps.vm_flags(row)

    @property
    def is_locked(self) -> bool | Missing:
        """Whether the VMA is locked in memory (mlock)."""
        flags = self.vm_flags
        return flags if isinstance(flags, Missing) else "lo" in flags

    @property
    def is_hugetlb(self) -> bool:
        """Whether it is made of pages of the hugetlb pool."""
        return self.kind is VmaKind.HUGETLB

    @property
    def thp_eligible(self) -> bool | Missing:
        """Whether the kernel may give it transparent huge pages."""
        eligible = self._one_of(lambda smaps: smaps.number_of("THPeligible"))
        return eligible if isinstance(eligible, Missing) else bool(eligible)

    @property
    def page_size_bytes(self) -> int | Missing:
        """The size the kernel manages its pages in: larger than the base page for hugetlb."""
        return self._one_of(lambda smaps: smaps.bytes_of("KernelPageSize"))

    @property
    def dirty(self) -> int | Missing:
        """Modified, in RAM, mapped here alone or not."""
        private, shared = self.private_dirty, self.shared_dirty
        if isinstance(private, Missing):
            return private
        return shared if isinstance(shared, Missing) else private + shared

    @property
    def residency(self) -> tuple[int, int, int] | Missing:
        """Pages resident, in swap, and neither, by the page scan."""
        resident, swapped = self.vmas.resident_pages, self.vmas.swapped_pages
        if resident is None or swapped is None:
            return Missing("its pages have not been scanned yet")
        there, away = int(resident[self.index]), int(swapped[self.index])
        return there, away, self.size // PAGE_SIZE - there - away

    def figure(self, name: str) -> int | Missing:
        """A figure by its key in `SMAPS_NAMES`, bytes."""
        vmas, index = self.vmas, self.index
        resident = vmas.resident_pages if name == "rss" else None
        figure: int | Missing = TOO_NEW
        if resident is None or not vmas.scan_is_newer():
            figure = self._one_of(lambda smaps: smaps.bytes_of(SMAPS_NAMES[name]))
        if resident is not None and isinstance(figure, Missing):
            return 0 if self.is_hugetlb else int(resident[index]) * PAGE_SIZE
        if name == "swap" and isinstance(figure, Missing) and vmas.swapped_pages is not None:
            shmem = self.kind is VmaKind.SHMEM
            return figure if shmem else int(vmas.swapped_pages[index]) * PAGE_SIZE
        return figure

    @property
    def _smaps_row(self) -> int:
        return int(self.vmas.smaps_rows[self.index])

    def _one_of(self, column_of: Callable[[Smaps], Figures | Missing]) -> int | Missing:
        smaps, row = self.vmas.smaps, self._smaps_row
        if isinstance(smaps, Missing):
            return smaps
        if row < 0:
            return TOO_NEW
        column = column_of(smaps)
        return column if isinstance(column, Missing) else int(column[row])
