"""Everything the kernel says of one page: its entry, and its frame where frames are visible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vmtui.errors import VmtuiError
from vmtui.kernel import flags, kpage
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing


@dataclass(frozen=True, slots=True)
class OnePage:
    """One page-table entry and the frame behind it."""

    address: int
    entry: int
    """As /proc/PID/pagemap gives it."""
    frames_visible: bool
    frame_flags: int | Missing
    """KPF_* bits."""
    map_count: int | Missing

    @property
    def pfn(self) -> int | Missing:
        """The frame's number."""
        if not self.entry & flags.PM_PRESENT:
            return Missing("there is no frame behind it")
        frame = self.entry & flags.PM_PFN_MASK
        return frame if self.frames_visible and frame else HIDDEN

    @property
    def in_swap(self) -> bool:
        """Whether the entry holds a slot in swap: a guard marker looks much the same."""
        return bool(self.entry & flags.PM_SWAPPED) and not self.entry & flags.PM_GUARD

    @property
    def swap_type(self) -> int | Missing:
        """Which swap device, by the kernel's number."""
        return self._of_slot(self.entry & flags.PM_SWAP_TYPE_MASK)

    @property
    def swap_offset(self) -> int | Missing:
        """Which slot of that device, in pages."""
        return self._of_slot((self.entry & flags.PM_PFN_MASK) >> flags.PM_SWAP_OFFSET_SHIFT)

    def _of_slot(self, figure: int) -> int | Missing:
        if not self.in_swap:
            return Missing("it is not in swap")
        if not self.frames_visible:
            return Missing("only root sees where in swap it is", "run vmtui as root")
        return figure


HIDDEN = Missing("only root sees frame numbers", "run vmtui as root")


def read(pid: int, address: int) -> OnePage:
    """The page at `address` of a process, now.

    Raises:
        ProcessGone, NotPermitted: it cannot be attached or read.
    """
    with Target(pid) as target, Pagemap(target) as pagemap:
        return read_of(pagemap, address)


def read_of(pagemap: Pagemap, address: int) -> OnePage:
    """The same of an open pagemap.

    Raises:
        ProcessGone: the process has exited.
    """
    entry = int(pagemap.entries(address // PAGE_SIZE, 1)[0])
    visible = pagemap.pfns_visible
    frame = entry & flags.PM_PFN_MASK
    if not entry & flags.PM_PRESENT:
        nothing = Missing("there is no frame behind it")
        return OnePage(address, entry, visible, nothing, nothing)
    if not visible or not frame:
        return OnePage(address, entry, visible, HIDDEN, HIDDEN)
    try:
        frame_flags, counts = kpage.flags_and_counts(np.array([frame], np.uint64), threads=1)
    except VmtuiError as error:
        why = Missing.because(error)
        return OnePage(address, entry, visible, why, why)
    return OnePage(address, entry, visible, int(frame_flags[0]), int(counts[0]))
