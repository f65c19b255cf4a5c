"""What is resident in a range: PAGEMAP_SCAN, asked for the exceptions where memory is dense.

fs/proc/task_mmu.c: every page that matches costs the kernel 14 ns, every page that does not 6. In
dense memory it is therefore over twice as fast to ask for what is *not* an ordinary present page
and take the rest as present. A scan is silent on what it does not visit, holes between VMAs and
VMAs of device memory (VM_PFNMAP), which would then look present: so PROCMAP_QUERY (Linux 6.11)
must say that VMAs cover all that was taken as present, and one page of each VMA must be confirmed;
else the range is scanned the plain way. Privilege: that of pagemap and maps.
"""

from __future__ import annotations

import os

import numpy as np

from vmtui.errors import NotSupported
from vmtui.kernel import flags, procmap
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.regions import Regions, Words, joined
from vmtui.kernel.target import Target

_POPULATED = flags.PAGE_IS_PRESENT | flags.PAGE_IS_SWAPPED
_TOLD = _POPULATED | flags.PAGE_IS_PFNZERO | flags.PAGE_IS_HUGE
_STEP = (1 << 16) * PAGE_SIZE
"""Bytes scanned before it is judged anew whether memory is dense (256 MiB)."""
_FARTHER = 8
"""How many times wider each step over unpopulated memory is than the one before."""
_MOST_VMAS = 64
"""With more VMAs than this in a range the plain scan is as good."""


def read(target: Target, pagemap: Pagemap, start: int, end: int) -> Regions:
    """The populated regions of a range: PRESENT, SWAPPED, PFNZERO, HUGE and, if known, GUARD.

    Args:
        target: the process.
        pagemap: its open pagemap.
        start: first address, page-aligned.
        end: first address after the range.

    Raises:
        NotSupported: this kernel has no PAGEMAP_SCAN.
        ProcessGone: the process has exited.
    """
    told = _TOLD | (flags.PAGE_IS_GUARD if pagemap.knows_guard else 0)
    pieces: list[Regions] = []
    assumed: list[Regions] = []
    at, step, dense = start, _STEP, False
    while at < end:
        stop = min(end, at + step)
        if dense:
            found, taken = _by_exception(pagemap, at, stop, told)
            assumed.append(taken)
        else:
            found = pagemap.scan(at, stop, any_of=_POPULATED, return_mask=told)
        pieces.append(found)
        present = (found.categories & np.uint64(flags.PAGE_IS_PRESENT)) != 0
        dense = 2 * int((found.end - found.start)[present].sum()) > stop - at
        step = _STEP if len(found) else step * _FARTHER
        at = stop
    if assumed and not _confirmed(target, pagemap, _together(assumed)):
        return pagemap.scan(start, end, any_of=_POPULATED, return_mask=told)
    return _together(pieces)


def _by_exception(pagemap: Pagemap, start: int, end: int, told: int) -> tuple[Regions, Regions]:
    """The populated regions, and those among them that nothing was said about."""
    odd = pagemap.scan(start, end, any_of=told, inverted=flags.PAGE_IS_PRESENT, return_mask=told)
    borders_from = np.concatenate((np.array([start], np.uint64), odd.end))
    borders_to = np.concatenate((odd.start, np.array([end], np.uint64)))
    silent = borders_from < borders_to
    taken = Regions(
        borders_from[silent],
        borders_to[silent],
        np.full(int(silent.sum()), flags.PAGE_IS_PRESENT, np.uint64),
    )
    said = odd.categories != 0  # the others are absent pages
    rows = (
        np.concatenate((odd.start[said], taken.start)),
        np.concatenate((odd.end[said], taken.end)),
        np.concatenate((odd.categories[said], taken.categories)),
    )
    order = np.argsort(rows[0], kind="stable")
    return Regions(*(column[order] for column in rows)), taken


def _confirmed(target: Target, pagemap: Pagemap, taken: Regions) -> bool:
    """Whether what was taken as present lies in VMAs that a scan visits."""
    if not len(taken):
        return True
    maps = target.open("maps")
    try:
        vmas = _vmas_between(maps, int(taken.start[0]), int(taken.end[-1]))
    except NotSupported:
        return False
    finally:
        os.close(maps)
    if not vmas:
        return False
    starts = np.array([vma.start for vma in vmas], np.uint64)
    ends = np.array([vma.end for vma in vmas], np.uint64)
    covered = joined(starts, ends, np.zeros(len(vmas), np.uint64))
    block = np.searchsorted(covered.start, taken.start, side="right") - 1
    if (block < 0).any() or (taken.end > covered.end[block]).any():
        return False
    return bool(pagemap.categories_at(_one_of_each(taken, starts, ends), _POPULATED).all())


def _vmas_between(maps: int, start: int, end: int) -> list[procmap.ProcMap]:
    """The VMAs from `start` to `end`, at most `_MOST_VMAS`."""
    found: list[procmap.ProcMap] = []
    while start < end and len(found) < _MOST_VMAS and (vma := procmap.query(maps, start)):
        found.append(vma)
        start = vma.end
    return found


def _one_of_each(taken: Regions, starts: Words, ends: Words) -> Words:
    """The first page taken as present in each VMA that has one."""
    first = np.searchsorted(taken.end, starts, side="right")
    starts, ends = starts[first < len(taken)], ends[first < len(taken)]
    addresses = np.maximum(taken.start[first[first < len(taken)]], starts)
    return addresses[addresses < ends]


def _together(pieces: list[Regions]) -> Regions:
    return joined(
        np.concatenate([piece.start for piece in pieces] or [np.zeros(0, np.uint64)]),
        np.concatenate([piece.end for piece in pieces] or [np.zeros(0, np.uint64)]),
        np.concatenate([piece.categories for piece in pieces] or [np.zeros(0, np.uint64)]),
    )
