"""What a look at one process of an experiment found: records, nothing that reads the kernel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.vma_figures import VmaFigures
from vmtui.missing import Missing
from vmtui.model.pages import Bytes

Frames: TypeAlias = NDArray[np.int64]
"""A frame number per page; 0 for none, −1 for the zero page."""


class Place(Protocol):
    """A stretch of pages to look at."""

    @property
    def first(self) -> int:
        """Number of its first page."""

    @property
    def pages(self) -> int:
        """How many."""


@dataclass(frozen=True, slots=True)
class Smaps:
    """Figures of smaps over some VMAs, kB. Each VMA's are cut to whole kB before they are added."""

    rss: int = 0
    pss: int = 0
    private: int = 0
    shared: int = 0
    anonymous: int = 0
    swap: int = 0
    swap_pss: int = 0
    lazy_free: int = 0
    locked: int = 0
    anon_huge: int = 0

    @classmethod
    def of(cls, vmas: Iterable[VmaFigures]) -> Smaps:
        """Their sums."""
        rows = [
            (
                *(vma.rss_kb, vma.pss_kb, vma.private_kb, vma.shared_kb, vma.anonymous_kb),
                *(vma.swap_kb, vma.swap_pss_kb, vma.lazy_free_kb, vma.locked_kb, vma.anon_huge_kb),
            )
            for vma in vmas
        ]
        return cls(*map(sum, zip(*rows, strict=True))) if rows else cls()


@dataclass(frozen=True, slots=True)
class Tables:
    """How many page tables of each level."""

    pte: int
    pmd: int
    pud: int

    @property
    def bytes(self) -> int:
        """A page each. The topmost table is not counted, as in VmPTE."""
        return (self.pte + self.pmd + self.pud) * PAGE_SIZE


@dataclass(frozen=True)
class ProcessLook:
    """One process at a moment when it rests. Tuples have an entry per region asked for."""

    regions: tuple[Place, ...]
    words: tuple[bytes, ...]
    """A byte per page: PRESENT 1, SWAPPED 2 (with GUARD too), FILE 4 (never with ZERO), EXCLUSIVE
    8, GUARD 16, ZERO 32, HUGE 64."""
    states: tuple[Bytes, ...]
    """What each page is drawn as: `PageState`."""
    pfns: tuple[Frames, ...] | None
    """Frames; 0 for none, −1 for the zero page. None where they are hidden from this user."""
    map_counts: tuple[NDArray[np.uint64], ...] | None
    """How many page-table entries map each page; 0 for absent ones and the zero page."""
    vma_rows: tuple[VmaFigures, ...]
    """All VMAs in the area of the regions, the gaps among them."""
    vm_pte_bytes: int | Missing
    """VmPTE of the whole process."""
    rest: Tables | Missing
    """Tables of the interpreter's own memory, derived from what is populated there."""
    vsz_bytes: int | Missing
    rss_bytes: int | Missing
    """Of the whole process, the interpreter included."""
    pss_bytes: int | Missing
    hugetlb_bytes: int | Missing
    """HugetlbPages of the process."""
    minor: int | Missing
    """Faults in the area since the last look, by perf: those of user mode."""
    major: int | Missing

    @cached_property
    def region_vmas(self) -> tuple[VmaFigures, ...]:
        """The VMAs inside the regions."""
        spans = [(r.first * PAGE_SIZE, (r.first + r.pages) * PAGE_SIZE) for r in self.regions]
        return tuple(vma for vma in self.vma_rows if any(lo <= vma.start < hi for lo, hi in spans))

    @cached_property
    def smaps(self) -> Smaps:
        """Over the VMAs inside the regions."""
        return Smaps.of(self.region_vmas)

    @property
    def vmas(self) -> int:
        """How many VMAs the regions are."""
        return len(self.region_vmas)

    @property
    def mapped_bytes(self) -> int:
        """Address space of the regions."""
        return sum(vma.end - vma.start for vma in self.region_vmas)

    @property
    def region_table_bytes(self) -> int | Missing:
        """Page tables above the regions and their gaps: VmPTE less those of the rest."""
        if isinstance(self.rest, Missing):
            return self.rest
        if isinstance(self.vm_pte_bytes, Missing):
            return self.vm_pte_bytes
        return self.vm_pte_bytes - self.rest.bytes
