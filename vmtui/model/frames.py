"""What each frame of physical memory is used for: sixteen kinds that add up to all of it.

A kind is told from the frame's flags alone (`kind_of`, plain code, one set of flags at a time).
Millions of frames bear only some hundred different sets of flags and mostly the ones of their
neighbour: so runs of equal flags are judged, not frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel import flags

Words: TypeAlias = NDArray[np.uint64]
Kinds: TypeAlias = NDArray[np.uint8]
Indices: TypeAlias = NDArray[np.int64]

JUDGED = (1 << 27) - 1 | flags.KPF_RESERVED
"""The bits that are looked at: the documented ones and «reserved»; the rest is the kernel's own."""


class FrameKind(IntEnum):
    """One byte per frame in every array of kinds; in the order of the legend."""

    FREE = 0
    ANON = 1
    HUGE = 2
    FILE = 3
    CACHE = 4
    DIRTY = 5
    SHMEM = 6
    KSM = 7
    ZERO = 8
    HUGETLB = 9
    TABLE = 10
    SLAB = 11
    KERNEL = 12
    RESERVED = 13
    UNMARKED = 14
    OFFLINE = 15

    @property
    def letter(self) -> str:
        """The glyph of one frame."""
        return _LOOKS[self].letter

    @property
    def slot(self) -> str:
        """The palette slot it is drawn in."""
        return _LOOKS[self].slot

    @property
    def title(self) -> str:
        """Its name on screen."""
        return _LOOKS[self].title

    @property
    def meaning(self) -> str:
        """What it says, in a few words."""
        return _LOOKS[self].meaning

    @property
    def brief(self) -> str:
        """The same for a column of a table: at most 28 cells."""
        return _LOOKS[self].brief


KINDS = len(FrameKind)


class _Look(NamedTuple):
    letter: str
    slot: str
    title: str
    meaning: str
    brief: str


_LOOKS = tuple(
    _Look(*look)
    for look in (
        ("·", "absent", "free", "in free blocks of the buddy allocator", "in free blocks"),
        ("a", "anon", "anon", "private memory of processes", "private memory of processes"),
        ("H", "huge", "anon, large",
         "private memory in blocks of several pages, as huge pages are",
         "private, blocks of pages"),
        ("f", "file", "file, mapped", "page cache that a process has mapped",
         "page cache, mapped"),
        ("c", "file/50", "file, cached", "page cache that nobody maps: given up first",
         "page cache, given up first"),
        ("D", "dirty", "file, dirty", "page cache written, not yet written back",
         "not yet written back"),
        ("s", "shmem", "shmem", "shared memory and tmpfs", "shared memory and tmpfs"),
        ("K", "ksm", "ksm", "merged with equal pages by KSM", "equal pages, merged"),
        ("0", "zero", "zero page", "the one page of zeros, small and huge", "zeros, read by all"),
        ("G", "huge", "hugetlb", "the pool of huge pages, used or not", "pool of huge pages"),
        ("t", "kernel", "page tables", "tables of all processes and the kernel's own",
         "of processes and kernel"),
        ("b", "kernel", "slab", "small objects of the kernel", "the kernel's small objects"),
        ("k", "kernel", "kernel", "blocks of several pages that the kernel took",
         "the kernel's larger blocks"),
        ("R", "guard", "reserved",
         "kept from the allocator since boot: the kernel itself, firmware",
         "the kernel itself, firmware"),
        ("?", "unexplained", "unmarked",
         "no flag tells: kernel stacks, drivers, per-CPU free pages",
         "stacks, drivers, per-CPU"),
        ("X", "guard", "offline", "taken away or broken", "taken away or broken"),
    )
)  # fmt: skip


def kind_of(frame_flags: int) -> FrameKind:
    """The kind of a frame with these KPF_* bits; the first that fits wins."""
    for mask, kind in _SURE:
        if frame_flags & mask:
            return kind
    if frame_flags & flags.KPF_ANON:
        large = frame_flags & (flags.KPF_THP | _COMPOUND)
        return FrameKind.HUGE if large else FrameKind.ANON
    if frame_flags & flags.KPF_SWAPBACKED:
        return FrameKind.SHMEM
    if frame_flags & _OF_CACHE:
        if frame_flags & (flags.KPF_DIRTY | flags.KPF_WRITEBACK):
            return FrameKind.DIRTY
        return FrameKind.FILE if frame_flags & flags.KPF_MMAP else FrameKind.CACHE
    return FrameKind.KERNEL if frame_flags & (_COMPOUND | flags.KPF_MMAP) else FrameKind.UNMARKED


_COMPOUND = flags.KPF_COMPOUND_HEAD | flags.KPF_COMPOUND_TAIL
_OF_CACHE = (
    flags.KPF_LRU | flags.KPF_UPTODATE | flags.KPF_DIRTY | flags.KPF_WRITEBACK | flags.KPF_LOCKED
)
_SURE = (
    (flags.KPF_NOPAGE | flags.KPF_OFFLINE | flags.KPF_HWPOISON, FrameKind.OFFLINE),
    (flags.KPF_BUDDY, FrameKind.FREE),
    (flags.KPF_SLAB, FrameKind.SLAB),  # before «anon»: it has other things in the same place
    (flags.KPF_PGTABLE, FrameKind.TABLE),
    (flags.KPF_ZERO_PAGE, FrameKind.ZERO),
    (flags.KPF_HUGE, FrameKind.HUGETLB),
    (flags.KPF_RESERVED, FrameKind.RESERVED),
    (flags.KPF_KSM, FrameKind.KSM),
)


@dataclass(frozen=True, slots=True)
class Runs:
    """Neighbouring frames with equal flags, by rising frame number."""

    firsts: Indices
    """The first frame of each, counted from the first one asked for."""
    lengths: Indices
    kinds: Kinds
    """FrameKind of each."""
    told: dict[int, int]
    """Frames by their flags (`JUDGED` bits)."""


class Judge:
    """Judges frames by their flags; remembers every set of flags it has seen. For one thread."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def runs(self, words: Words, borders: Indices | None = None) -> Runs:
        """Frames as runs.

        Args:
            words: uint64 array as /proc/kpageflags gives it; the bits not `JUDGED` are cleared.
            borders: indices where a run must end although the flags go on, in rising order.
        """
        words &= np.uint64(JUDGED)
        cut = np.empty(len(words), bool)
        cut[:1] = True
        np.not_equal(words[1:], words[:-1], out=cut[1:])
        if borders is not None:
            cut[borders] = True
        firsts = np.flatnonzero(cut)
        lengths = np.diff(firsts, append=len(words))
        values, places = np.unique(words[firsts], return_inverse=True)
        totals = np.bincount(places, lengths, len(values)).astype(np.int64)
        told = dict(zip(values.tolist(), totals.tolist(), strict=True))
        for value in told:
            if value not in self._known:
                self._known[value] = kind_of(value)
        kinds = np.array([self._known[value] for value in told], np.uint8)
        return Runs(firsts, lengths, kinds[places], told)

    def kinds(self, words: Words) -> Kinds:
        """The kind of each frame: uint8 array of their number."""
        runs = self.runs(words)
        return np.repeat(runs.kinds, runs.lengths)


@dataclass(frozen=True, slots=True)
class UseCount:
    """What all frames of one kind have in common with whom: a row of the table of use counts."""

    kind: FrameKind
    frames: int
    mapped: int
    """Mapped by a process."""
    active: int
    """On an active list: used lately."""
    inactive: int
    """On an inactive list: the next to be reclaimed."""
    dirty: int
    """Written, or being written back."""
    locked: int
    """Never reclaimed (unevictable), as after mlock."""


def use_counts(told: Mapping[int, int]) -> tuple[UseCount, ...]:
    """A row for each kind that there is, from frames by flags; they add up to all frames.

    Args:
        told: how many frames have which flags.
    """
    sums: dict[FrameKind, list[int]] = {}
    for frame_flags, frames in told.items():
        kind = kind_of(frame_flags)
        row = sums.setdefault(kind, [0] * 6)
        for place, holds in enumerate(_conditions(kind, frame_flags)):
            row[place] += frames * holds
    return tuple(UseCount(kind, *sums[kind]) for kind in FrameKind if kind in sums)


_ON_LISTS = frozenset(
    {FrameKind.ANON, FrameKind.HUGE, FrameKind.FILE, FrameKind.CACHE, FrameKind.DIRTY,
     FrameKind.SHMEM, FrameKind.KSM}
)  # fmt: skip


def _conditions(kind: FrameKind, frame_flags: int) -> Iterable[bool]:
    """In the order of `UseCount`; what a free frame's or a slab's bits say has no such meaning."""
    on_list = kind in _ON_LISTS
    lru, active = frame_flags & flags.KPF_LRU, frame_flags & flags.KPF_ACTIVE
    locked = frame_flags & flags.KPF_UNEVICTABLE
    return (
        True,
        bool((on_list or kind in (FrameKind.HUGETLB, FrameKind.KERNEL))
             and frame_flags & flags.KPF_MMAP),
        bool(on_list and lru and active and not locked),
        bool(on_list and lru and not active and not locked),
        bool(on_list and frame_flags & (flags.KPF_DIRTY | flags.KPF_WRITEBACK)),
        bool(on_list and locked),
    )  # fmt: skip
