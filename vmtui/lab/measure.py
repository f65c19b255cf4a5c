"""What the kernel says of one process of an experiment, page by page.

Regions lie by themselves in an area of the address space that the interpreter does not use: so
pages, faults, smaps figures and page tables of the experiment are told from the interpreter's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from vmtui.errors import NotPermitted, NotSupported, VmtuiError
from vmtui.kernel import flags, perf_faults, smaps_rollup, status, vma_figures
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.perf_faults import FaultRing
from vmtui.kernel.target import Target
from vmtui.lab.hands import Access, Hands, Poked
from vmtui.lab.looks import Place, ProcessLook, Smaps, Tables
from vmtui.lab.region_pages import RegionPages
from vmtui.lab.spawner import AREA_END, SLOT
from vmtui.missing import Missing
from vmtui.model.pages import EXCLUSIVE, FILE, GUARD, HUGE, PRESENT, SWAPPED, ZERO

__all__ = ["Meter", "Place", "ProcessLook", "Smaps", "Tables"]

_POPULATED = flags.PAGE_IS_PRESENT | flags.PAGE_IS_SWAPPED
_WORD_BITS = (
    *((PRESENT, 1), (SWAPPED, 2), (FILE, 4), (EXCLUSIVE, 8)),
    *((GUARD, 16), (ZERO, 32), (HUGE, 64)),
)
_WORDS = bytes(sum(word for fact, word in _WORD_BITS if facts & fact) for facts in range(256))
"""Indexed by a byte of facts: the word of `theory.views.words`."""
_LEVELS = (21, 30, 39)
"""Address bits below the number of a PTE, PMD and PUD table (4 KiB pages)."""
NEEDS_ROOT = Missing("frame numbers are shown to root only", "run vmtui as root")


class Meter:
    """Measures one specimen; opened as soon as it exists. Belongs to the thread of its hands."""

    def __init__(self, hands: Hands) -> None:
        """Open what may be opened; faults are counted from now on.

        Raises:
            ProcessGone: it has ended.
            NotPermitted: this user may not look at the process.
        """
        self._hands = hands
        self._target = Target(hands.pid)
        self._rings: tuple[FaultRing, ...] = ()
        self._faults: list[int | Missing] = [0, 0]
        try:
            self._pagemap = Pagemap(self._target)
        except VmtuiError:
            self._target.close()
            raise
        try:
            self._open_rings()
        except (NotPermitted, NotSupported) as error:
            self._faults = [Missing.because(error)] * 2

    @property
    def sees_frames(self) -> bool:
        """Whether frames and their map counts can be told."""
        return self._pagemap.pfns_visible

    @property
    def counts_faults(self) -> bool:
        """Whether faults in the regions are counted by perf."""
        return bool(self._rings)

    def look(
        self,
        regions: Sequence[Place],
        *,
        whole: bool = True,
        counts: bool = True,
        all_counts: bool = False,
        dirty: bool = False,
    ) -> ProcessLook:
        """Everything about the process now.

        Args:
            regions: where its pages are looked at one by one.
            whole: whether Pss of the whole process is read too.
            counts: whether map counts are read at all.
            all_counts: whether kpagecount is asked for every page; else bit 56 is believed where
                it says «once» of a page that is not huge.
            dirty: whether file pages that wait to be written are told (root).

        Raises:
            ProcessGone: it has ended.
        """
        self.drain()
        vmas = vma_figures.read(self._target, AREA_END)
        vmas = tuple(vma for vma in vmas if vma.start >= SLOT)
        in_swap = sum(vma.swap_kb for vma in vmas) * 1024 // PAGE_SIZE
        pages = RegionPages(self._pagemap, regions, in_swap=in_swap)
        pfns = map_counts = None
        if self.sees_frames:
            frames = pages.frames()
            pfns = pages.cut(frames)
            if counts:
                map_counts = pages.cut(pages.map_counts(frames, every=all_counts))
            if dirty:
                pages.mark_dirty(frames)
        minor, major = self._faults
        if self._rings:
            self._faults = [0, 0]
        now = status.read(self._target)
        return ProcessLook(
            regions=tuple(regions),
            words=tuple(part.tobytes().translate(_WORDS) for part in pages.cut(pages.facts)),
            states=pages.cut(pages.states(vmas)),
            pfns=pfns,
            map_counts=map_counts,
            vma_rows=vmas,
            vm_pte_bytes=now.vm_pte_bytes,
            rest=self._rest(),
            vsz_bytes=now.vm_size_bytes,
            rss_bytes=now.vm_rss_bytes,
            pss_bytes=self._pss() if whole else Missing("it was not asked for"),
            hugetlb_bytes=now.hugetlb_bytes,
            minor=minor,
            major=major,
        )

    def drain(self) -> None:
        """Count the faults that have come; called between the parts of a long request too."""
        for index, ring in enumerate(self._rings):
            found = ring.drain()
            counted = self._faults[index]
            if found.lost or found.unknown:
                self._faults[index] = Missing(
                    f"perf lost {found.lost:,} records of faults"
                    if found.lost
                    else "perf told something that is not known here"
                )
            elif not isinstance(counted, Missing):
                self._faults[index] = counted + found.between(SLOT, AREA_END)

    def poke(self, address: int, kind: Access) -> tuple[Poked, int | Missing]:
        """`Hands.poke`, and how many faults ended in a signal instead of a page, by perf.

        Missing where perf is not allowed; addresses of the kernel's half never show in it.
        """
        try:
            with _rings_of_forks(self._hands) as rings:
                poked = self._hands.poke(address, kind)
                every, minor, major = (ring.drain().addresses for ring in rings)
        except (NotPermitted, NotSupported) as error:
            return self._hands.poke(address, kind), Missing.because(error)
        return poked, len(perf_faults.failed(every, minor, major))

    def close(self) -> None:
        """Let go of the descriptors; harmless twice."""
        if self.drain in self._hands.between:
            self._hands.between.remove(self.drain)
        for ring in self._rings:
            ring.close()
        self._rings = ()
        self._pagemap.close()
        self._target.close()

    def __enter__(self) -> Meter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open_rings(self) -> None:
        minor = FaultRing(self._hands.pid, flags.PERF_PAGE_FAULTS_MIN)
        try:
            major = FaultRing(self._hands.pid, flags.PERF_PAGE_FAULTS_MAJ)
        except BaseException:
            minor.close()
            raise
        self._rings = minor, major
        self._hands.between.append(self.drain)
        room = min(minor.room, major.room) * 3 // 4
        self._hands.batch_pages = min(self._hands.batch_pages, room)

    def _rest(self) -> Tables | Missing:
        """The tables of all that is populated outside the area of the regions."""
        try:
            ends = self._pagemap.space_end
            parts = [self._populated(0, SLOT), self._populated(AREA_END, ends)]
        except NotSupported as error:
            return Missing.because(error)
        start, end, categories = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        # A file mapped by a huge page has no PTE table; anonymous memory keeps one in reserve.
        small = (categories & np.uint64(flags.PAGE_IS_FILE | flags.PAGE_IS_HUGE)) != (
            flags.PAGE_IS_FILE | flags.PAGE_IS_HUGE
        )
        pte, pmd, pud = _LEVELS
        return Tables(
            _distinct(start[small], end[small], pte),
            _distinct(start, end, pmd),
            _distinct(start, end, pud),
        )

    def _populated(
        self, start: int, end: int
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]:
        found = self._pagemap.scan(start, end, any_of=_POPULATED, return_mask=flags.PAGE_IS_HUGE)
        if found.categories.any():  # which are of files costs three times as much: rarely asked
            found = self._pagemap.scan(
                start,
                end,
                any_of=_POPULATED,
                return_mask=flags.PAGE_IS_HUGE | flags.PAGE_IS_FILE,
            )
        return found.start, found.end, found.categories

    def _pss(self) -> int | Missing:
        try:
            return smaps_rollup.read(self._target).pss_bytes
        except (NotPermitted, NotSupported) as error:
            return Missing.because(error)


@contextmanager
def _rings_of_forks(hands: Hands) -> Iterator[list[FaultRing]]:
    """Rings of all, minor and major faults that follow what the specimen forks."""
    rings: list[FaultRing] = []
    try:
        for event in (
            flags.PERF_PAGE_FAULTS,
            flags.PERF_PAGE_FAULTS_MIN,
            flags.PERF_PAGE_FAULTS_MAJ,
        ):
            rings.append(FaultRing(hands.pid, event, cpu=hands.bench.cpu, forks=True))
        yield rings
    finally:
        for ring in rings:
            ring.close()


def _distinct(start: NDArray[np.uint64], end: NDArray[np.uint64], shift: int) -> int:
    """How many aligned stretches of 2^shift bytes rising ranges touch."""
    if not len(start):
        return 0
    low = start.astype(np.int64) >> shift
    high = (end.astype(np.int64) - 1) >> shift
    return int((high - low + 1).sum() - (low[1:] == high[:-1]).sum())
