"""The flags of a frame in words: one line for each bit of /proc/kpageflags."""

from __future__ import annotations

from typing import NamedTuple

from vmtui.kernel import flags


class FlagWords(NamedTuple):
    """One bit."""

    mask: int
    name: str
    """As page-types calls it."""
    meaning: str


FRAME_FLAGS: tuple[FlagWords, ...] = tuple(
    FlagWords(*words)
    for words in (
        (flags.KPF_UPTODATE, "uptodate", "its contents are valid"),
        (flags.KPF_REFERENCED, "referenced", "used since it was put on its list"),
        (flags.KPF_DIRTY, "dirty", "written, not yet written back"),
        (flags.KPF_WRITEBACK, "writeback", "being written back now"),
        (flags.KPF_LOCKED, "locked", "held for an operation, as during I/O"),
        (flags.KPF_ERROR, "error", "an I/O error happened"),
        (flags.KPF_LRU, "lru", "on a list of the page reclaimer"),
        (flags.KPF_ACTIVE, "active", "used lately; reclaimed late"),
        (flags.KPF_RECLAIM, "reclaim", "goes as soon as it is written back"),
        (flags.KPF_MMAP, "mmap", "mapped into a process"),
        (flags.KPF_ANON, "anon", "belongs to no file"),
        (flags.KPF_SWAPCACHE, "swapcache", "has a slot in swap as well"),
        (flags.KPF_SWAPBACKED, "swapbacked", "would go to swap, not to a file"),
        (flags.KPF_UNEVICTABLE, "unevictable", "locked: never reclaimed"),
        (flags.KPF_COMPOUND_HEAD, "head", "first of a block that is one page to the kernel"),
        (flags.KPF_COMPOUND_TAIL, "tail", "another one of such a block"),
        (flags.KPF_HUGE, "hugetlb", "from the pool of huge pages"),
        (flags.KPF_THP, "thp", "part of a transparent huge page"),
        (flags.KPF_KSM, "ksm", "merged with equal pages"),
        (flags.KPF_ZERO_PAGE, "zero page", "shared by all who read untouched memory"),
        (flags.KPF_BUDDY, "buddy", "free"),
        (flags.KPF_SLAB, "slab", "small objects of the kernel"),
        (flags.KPF_PGTABLE, "pgtable", "holds a page table"),
        (flags.KPF_RESERVED, "reserved", "never given to the allocator"),
        (flags.KPF_OFFLINE, "offline", "taken away, as by a balloon"),
        (flags.KPF_HWPOISON, "hwpoison", "broken: never used again"),
        (flags.KPF_NOPAGE, "nopage", "no memory at this frame number"),
        (flags.KPF_IDLE, "idle", "not used since it was marked idle"),
    )
)
"""In the order they are told."""

_OF_SLAB = flags.KPF_SLAB | flags.KPF_COMPOUND_HEAD | flags.KPF_COMPOUND_TAIL


def in_words(frame_flags: int) -> list[FlagWords]:
    """The bits that are set, and what each means.

    Of a slab's frame only that: the kernel keeps other things where mapcount and mapping of a
    page are, so that «anon» and «ksm» mean nothing there.
    """
    if frame_flags & flags.KPF_SLAB:
        frame_flags &= _OF_SLAB
    return [words for words in FRAME_FLAGS if frame_flags & words.mask]
