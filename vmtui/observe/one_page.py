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


def read(pid: int, address: int) -> OnePage:
    """The page at `address` of a process, now.

    Raises:
        ProcessGone, NotPermitted: it cannot be attached or read.
    """
    with Target(pid) as target, Pagemap(target) as pagemap:
        entry = int(pagemap.entries(address // PAGE_SIZE, 1)[0])
        visible = pagemap.pfns_visible
    frame = entry & flags.PM_PFN_MASK
    if not entry & flags.PM_PRESENT:
        nothing = Missing("there is no frame behind it")
        return OnePage(address, entry, visible, nothing, nothing)
    if not visible or not frame:
        hidden = Missing("only root sees frame numbers", "run vmtui as root")
        return OnePage(address, entry, visible, hidden, hidden)
    try:
        frame_flags, counts = kpage.flags_and_counts(np.array([frame], np.uint64), threads=1)
    except VmtuiError as error:
        why = Missing.because(error)
        return OnePage(address, entry, visible, why, why)
    return OnePage(address, entry, visible, int(frame_flags[0]), int(counts[0]))
