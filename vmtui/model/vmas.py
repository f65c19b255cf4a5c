"""The VMAs of a process at one moment: columns for sums and sorting, a row for what is looked at.

Three readings of different age meet here: `maps` says which VMAs there are; `smaps`, which is dear
and read less often, is joined to it by address and file; a page scan says how much of each VMA is
resident now. A VMA that is newer than the last smaps has no smaps figures: they are Missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.maps import Maps
from vmtui.kernel.memory_devices import MemoryDevices
from vmtui.kernel.smaps import Figures, Smaps
from vmtui.missing import NOT_READ, Missing
from vmtui.model import vma_totals
from vmtui.model.vma_kinds import KINDS, VmaKind, kind_codes
from vmtui.model.vma_row import SMAPS_NAMES, VmaRow
from vmtui.model.vma_totals import VmaTotals

__all__ = ["SMAPS_NAMES", "Gap", "VmaKind", "VmaRow", "VmaTotals", "Vmas"]

NO_DEVICES = MemoryDevices()
"""None known: kinds are then told by the kernel's own file names."""

UNKNOWN = -1
"""In integer columns: the kernel did not say. Sorts below zero and is never summed."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Addresses between two VMAs that nothing maps."""

    before: int
    """Index of the VMA above it."""
    start: int
    end: int

    @property
    def size(self) -> int:
        """Bytes."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, eq=False)
class Vmas:
    """All VMAs of a process in address order. Made by `Vmas.of`."""

    maps: Maps
    smaps: Smaps | Missing
    smaps_rows: Figures
    """Per VMA its row in smaps, -1 where smaps does not know it."""
    kind_codes: NDArray[np.uint8]
    """Per VMA its kind, an index into `vma_kinds.KINDS`."""
    name_ids: NDArray[np.int64]
    """Per VMA a number that is the same for equal names: numbers compare faster than names."""
    at: float
    """When maps was read, seconds of the monotonic clock; so the two below."""
    smaps_at: float
    scanned_at: float
    resident_pages: Figures | None
    """Per VMA its resident pages by the page scan, zero pages not included; None: not scanned."""
    swapped_pages: Figures | None
    """Per VMA its pages in swap by the page scan; shared memory leaves no trace there."""

    @classmethod
    def of(
        cls,
        maps: Maps,
        smaps: Smaps | Missing = NOT_READ,
        *,
        devices: MemoryDevices = NO_DEVICES,
        at: float = 0.0,
        smaps_at: float = 0.0,
        scanned_at: float = 0.0,
        resident_pages: Figures | None = None,
        swapped_pages: Figures | None = None,
        like: Vmas | None = None,
    ) -> Vmas:
        """The table of these readings.

        Args:
            maps: the VMAs; `smaps.maps` where there is no newer reading.
            smaps: the figures, of the same moment or an earlier one, or why there are none.
            devices: which device numbers are memory, for the kinds.
            at: when maps was read, seconds of the monotonic clock.
            smaps_at: when smaps was read.
            scanned_at: when the pages were scanned.
            resident_pages: per VMA, as `residency.resident_and_swapped` counts them.
            swapped_pages: likewise.
            like: an earlier table with the same devices: what is still true of it is taken over.
        """
        rows = _rows_in_smaps(maps, smaps)
        same = like is not None and like.maps is maps
        return cls(
            maps=maps,
            smaps=smaps,
            smaps_rows=rows,
            kind_codes=like.kind_codes
            if like is not None and same and like.smaps is smaps
            else kind_codes(maps, devices, _hugetlb(smaps, rows)),
            name_ids=like.name_ids if like is not None and same else _ids(maps.names),
            at=at,
            smaps_at=smaps_at,
            scanned_at=scanned_at,
            resident_pages=resident_pages,
            swapped_pages=swapped_pages,
        )

    def __len__(self) -> int:
        return len(self.maps)

    def __getitem__(self, index: int) -> VmaRow:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return VmaRow(self, index)

    def __iter__(self) -> Iterator[VmaRow]:
        return (VmaRow(self, index) for index in range(len(self)))

    @property
    def torn(self) -> int:
        """VMAs left out because the process changed while it was read."""
        return self.maps.torn

    @property
    def unread(self) -> int:
        """VMAs that smaps does not know."""
        return int(np.count_nonzero(self.smaps_rows < 0))

    @property
    def nbytes(self) -> int:
        """Memory the columns take."""
        total = self.smaps_rows.nbytes + self.kind_codes.nbytes + self.name_ids.nbytes
        total += _maps_nbytes(self.maps)
        for pages in (self.resident_pages, self.swapped_pages):
            total += 0 if pages is None else pages.nbytes
        if not isinstance(self.smaps, Missing):
            total += 0 if self.smaps.maps is self.maps else _maps_nbytes(self.smaps.maps)
            columns = (*self.smaps.bytes_columns.values(), *self.smaps.number_columns.values())
            total += sum(column.nbytes for column in columns)
        return total

    def index_of(self, address: int) -> int | None:
        """The VMA that covers an address, or None."""
        index = int(np.searchsorted(self.maps.start, np.uint64(address), side="right")) - 1
        return index if index >= 0 and address < int(self.maps.end[index]) else None

    def gaps(self, at_least_bytes: int = 1) -> tuple[Gap, ...]:
        """The holes between VMAs, low to high."""
        starts, ends = self.maps.end[:-1], self.maps.start[1:]
        wide = np.flatnonzero(ends - starts >= np.uint64(at_least_bytes)).tolist()
        return tuple(Gap(index + 1, int(starts[index]), int(ends[index])) for index in wide)

    def figures(self, name: str) -> Figures | Missing:
        """A figure of every VMA in bytes, `UNKNOWN` where a VMA has none.

        Args:
            name: a key of `SMAPS_NAMES`.

        Returns:
            A column, or Missing when no VMA has the figure.
        """
        known = self._from_smaps(SMAPS_NAMES[name])
        if name == "rss" and self.resident_pages is not None:
            scanned = self._scanned_rss(self.resident_pages)
            if isinstance(known, Missing) or self.scan_is_newer():
                return scanned
            return np.where(known < 0, scanned, known)  # newer than smaps: the scan saw it
        if name == "swap" and self.swapped_pages is not None:
            scanned = self._scanned_swap(self.swapped_pages)
            return scanned if isinstance(known, Missing) else np.where(known < 0, scanned, known)
        return known

    def column(self, field_id: str) -> NDArray[Any] | None:
        """A field of every VMA as an array to sort by; None when there is nothing to sort by.

        Unknown figures are `UNKNOWN`. Texts become their rank, so that equal texts are equal.
        """
        if field_id in SMAPS_NAMES:
            figures = self.figures(field_id)
            return None if isinstance(figures, Missing) else figures
        make = _COLUMNS.get(field_id)
        return None if make is None else make(self)

    def totals(self) -> VmaTotals:
        """The sums over all VMAs."""
        return vma_totals.totals(self)

    def totals_by_kind(self) -> dict[VmaKind, VmaTotals]:
        """The sums over the VMAs of each kind that there is, in the order of the kinds."""
        return vma_totals.totals_by_kind(self)

    def number(self, name: str) -> Figures | Missing:
        """A column of smaps without a unit, `UNKNOWN` where smaps does not know a VMA."""
        if isinstance(self.smaps, Missing):
            return self.smaps
        return self._joined(self.smaps.number_of(name))

    def scan_is_newer(self) -> bool:
        """Whether Rss is taken from the page scan rather than from smaps."""
        return isinstance(self.smaps, Missing) or self.scanned_at >= self.smaps_at

    def _scanned_rss(self, pages: Figures) -> Figures:
        hugetlb = self.kind_codes == KINDS.index(VmaKind.HUGETLB)
        return np.where(hugetlb, 0, pages * PAGE_SIZE)  # Rss does not count hugetlb

    def _scanned_swap(self, pages: Figures) -> Figures:
        shmem = self.kind_codes == KINDS.index(VmaKind.SHMEM)
        return np.where(shmem, UNKNOWN, pages * PAGE_SIZE)

    def _from_smaps(self, kernel_name: str) -> Figures | Missing:
        if isinstance(self.smaps, Missing):
            return self.smaps
        return self._joined(self.smaps.bytes_of(kernel_name))

    def _joined(self, column: Figures | Missing) -> Figures | Missing:
        if isinstance(column, Missing) or not len(column):
            return column
        rows = self.smaps_rows
        if len(rows) == len(column) and rows.min() >= 0:
            return column  # both ascend without doubles: each VMA stands in its own row
        return np.where(rows < 0, UNKNOWN, column[rows])


def _rows_in_smaps(maps: Maps, smaps: Smaps | Missing) -> Figures:
    """Where each VMA stands in smaps: the same addresses and the same file."""
    if isinstance(smaps, Missing) or not len(smaps):
        return np.full(len(maps), -1, np.int64)
    old = smaps.maps
    if old is maps:
        return np.arange(len(maps))
    rows = np.minimum(np.searchsorted(old.start, maps.start), len(old) - 1)
    same = (old.start[rows] == maps.start) & (old.end[rows] == maps.end)
    same &= (old.inode[rows] == maps.inode) & (old.device[rows] == maps.device)
    return np.where(same, rows, -1)


def _hugetlb(smaps: Smaps | Missing, rows: Figures) -> NDArray[np.bool_] | None:
    """Per VMA, whether smaps says that it is made of hugetlb pages."""
    if isinstance(smaps, Missing) or not len(smaps):
        return None
    found = np.zeros(len(smaps), np.bool_)
    flagged, page_size = smaps.with_flag("ht"), smaps.bytes_of("KernelPageSize")
    if not isinstance(flagged, Missing):
        found |= flagged
    if not isinstance(page_size, Missing):
        found |= page_size > PAGE_SIZE
    return found[rows] & (rows >= 0)


def _maps_nbytes(maps: Maps) -> int:
    columns = (maps.start, maps.end, maps.perms, maps.offset, maps.device, maps.inode)
    return sum(column.nbytes for column in columns) + 8 * len(maps.names)


def _ids(names: list[bytes]) -> NDArray[np.int64]:
    known = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.fromiter(map(known.__getitem__, names), np.int64, len(names))


def _ranks(texts: list[bytes]) -> NDArray[np.int64]:
    rank = {text: place for place, text in enumerate(sorted(set(texts)))}
    return np.fromiter((rank[text] for text in texts), np.int64, len(texts))


def _dirty(vmas: Vmas) -> NDArray[np.int64] | None:
    private, shared = vmas.figures("private_dirty"), vmas.figures("shared_dirty")
    if isinstance(private, Missing) or isinstance(shared, Missing):
        return None
    return np.where(private < 0, UNKNOWN, private + shared)


def _thp_eligible(vmas: Vmas) -> NDArray[np.int64] | None:
    eligible = vmas.number("THPeligible")
    return None if isinstance(eligible, Missing) else eligible


def _flag_ranks(vmas: Vmas) -> NDArray[np.int64] | None:
    smaps = vmas.smaps
    if isinstance(smaps, Missing) or isinstance(smaps.flag_rows, Missing):
        return None
    ranks = _ranks(list(smaps.flag_sets))[smaps.flag_rows]
    return np.where(vmas.smaps_rows < 0, UNKNOWN, ranks[vmas.smaps_rows])


def _kind_ranks(vmas: Vmas) -> NDArray[np.int64]:
    return _ranks([kind.encode() for kind in KINDS])[vmas.kind_codes]


_COLUMNS: Mapping[str, Callable[[Vmas], NDArray[Any] | None]] = {
    "start": lambda vmas: vmas.maps.start,
    "end": lambda vmas: vmas.maps.end,
    "size": lambda vmas: vmas.maps.end - vmas.maps.start,
    "perms": lambda vmas: vmas.maps.perms.view(">u4").astype(np.uint32),
    "offset": lambda vmas: vmas.maps.offset,
    "device": lambda vmas: vmas.maps.device,
    "inode": lambda vmas: vmas.maps.inode,
    "name": lambda vmas: _ranks(list(dict.fromkeys(vmas.maps.names)))[vmas.name_ids],
    "kind": _kind_ranks,
    "dirty": _dirty,
    "residency": lambda vmas: vmas.resident_pages,
    "thp_eligible": _thp_eligible,
    "vm_flags": _flag_ranks,
}
