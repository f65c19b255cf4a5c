"""The populated regions of a whole address space, and which private pages are shared since a fork.

PAGEMAP_SCAN tells what is populated for some 10–25 ns a page. It does not tell who else maps a
page: where smaps says that a VMA has private memory that is shared, its entries are read.
"""

from __future__ import annotations

import numpy as np

from vmtui.errors import NotSupported
from vmtui.kernel import flags, statm
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.slices import SHARED, ScannedSpace
from vmtui.model.vmas import Vmas

_FILE_CATEGORY_PAGES = 1 << 16
"""Up to this many resident pages the scan also asks which are of files: it costs three times."""
_WIDEST_VMA_PAGES = 1 << 21
"""VMAs of more pages are not read entry by entry here."""
_CATEGORIES = (
    flags.PAGE_IS_PRESENT | flags.PAGE_IS_SWAPPED | flags.PAGE_IS_PFNZERO | flags.PAGE_IS_HUGE
)
_POPULATED = flags.PAGE_IS_PRESENT | flags.PAGE_IS_SWAPPED


class SpaceScanner:
    """Holds a pagemap of the target; belongs to the sampler thread."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._pagemap: Pagemap | None = None

    def close(self) -> None:
        """Let go of the pagemap."""
        if self._pagemap is not None:
            self._pagemap.close()

    def scan(self, vmas: Vmas | Missing) -> ScannedSpace:
        """What is populated now.

        Args:
            vmas: of an earlier moment: they tell which VMAs hold private memory that is shared.

        Raises:
            ProcessGone, NotPermitted: by errno.
            NotSupported: this kernel has no PAGEMAP_SCAN.
        """
        pagemap = self._opened()
        files = statm.read(self._target).resident_pages <= _FILE_CATEGORY_PAGES
        wanted = _CATEGORIES | (flags.PAGE_IS_FILE if files else 0)
        if pagemap.knows_guard:
            wanted |= flags.PAGE_IS_GUARD
        found = pagemap.scan(0, pagemap.space_end, any_of=_POPULATED, return_mask=wanted)
        space = ScannedSpace(found.start, found.end, found.categories, knows_files=files)
        if isinstance(vmas, Missing):
            return space
        for start, finish in _with_shared_private_memory(vmas):
            space = space.replaced(self._told_apart(pagemap, space.within(start, finish)))
        return space

    def _opened(self) -> Pagemap:
        if self._pagemap is None:
            self._pagemap = Pagemap(self._target)
        if not self._pagemap.can_scan:
            raise NotSupported("this kernel has no PAGEMAP_SCAN (Linux 6.7)")
        return self._pagemap

    def _told_apart(self, pagemap: Pagemap, part: ScannedSpace) -> ScannedSpace:
        """The regions of one VMA, split where private pages are shared and where they are not."""
        if not len(part.starts):
            return part
        first, last = int(part.starts[0]) // PAGE_SIZE, int(part.ends[-1]) // PAGE_SIZE
        categories = np.zeros(last - first, np.uint64)
        for start, end, bits in zip(part.starts, part.ends, part.categories, strict=True):
            categories[int(start) // PAGE_SIZE - first : int(end) // PAGE_SIZE - first] = bits
        entries = pagemap.entries(first, last - first)
        private = (entries & np.uint64(flags.PM_PRESENT | flags.PM_FILE)) == flags.PM_PRESENT
        private &= (entries & np.uint64(flags.PM_EXCLUSIVE)) == 0
        categories[private & (categories != 0)] |= np.uint64(SHARED)
        edges = np.flatnonzero(categories[1:] != categories[:-1]) + 1
        firsts = np.concatenate(([0], edges))
        lasts = np.concatenate((edges, [len(categories)]))
        kept = categories[firsts] != 0
        return ScannedSpace(
            ((firsts[kept] + first) * PAGE_SIZE).astype(np.uint64),
            ((lasts[kept] + first) * PAGE_SIZE).astype(np.uint64),
            categories[firsts[kept]],
            part.knows_files,
        )


def _with_shared_private_memory(vmas: Vmas) -> list[tuple[int, int]]:
    """The VMAs with private memory that others map too, as a fork leaves it."""
    anonymous, clean, dirty = (
        vmas.figures(name) for name in ("anonymous", "shared_clean", "shared_dirty")
    )
    if isinstance(anonymous, Missing) or isinstance(clean, Missing) or isinstance(dirty, Missing):
        return []
    pages = (vmas.maps.end - vmas.maps.start) // np.uint64(PAGE_SIZE)
    chosen = (anonymous > 0) & (clean + dirty > 0) & (pages <= _WIDEST_VMA_PAGES)
    return [(int(vmas.maps.start[row]), int(vmas.maps.end[row])) for row in np.flatnonzero(chosen)]
