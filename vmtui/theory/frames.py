"""Physical memory: frames, the swap slots they are written to, and the files they belong to.

A *frame* holds 4 KiB. It is either anonymous (the memory of programs) or a page of an *object*: a
file on disk, or a file that lives only in memory (shmem: memfd, shared anonymous memory). A frame
is known by who refers to it: page table entries (`map_count`), the page cache of its object, and
the swap cache. It is free when nobody does.

A *slot* is a place in swap. Page table entries can name a slot instead of a frame. As long as the
frame is in memory as well, frame and slot know each other: the frame is *in the swap cache*, and
coming back from swap needs no disk.
"""

from __future__ import annotations

from itertools import count
from typing import Literal

_numbers = count(1)


class Frame:
    """A page of physical memory."""

    __slots__ = (
        "dirty", "exclusive", "folio", "id", "index", "lazy", "map_count", "object", "readahead",
        "slot", "zero",
    )  # fmt: skip

    def __init__(self, owner: Object | None = None, index: int = 0) -> None:
        self.id = next(_numbers)
        self.object = owner
        """Whose page it is; None for anonymous memory."""
        self.index = index
        """Which page of the object."""
        self.map_count = 0
        """How many page table entries, of all processes, point here."""
        self.exclusive = False
        """PageAnonExclusive: surely used by one process only, so it may be written in place."""
        self.dirty = False
        """Changed, and known to be, apart from what the dirty bits of the entries say."""
        self.lazy = False
        """MADV_FREE: may be thrown away rather than written to swap."""
        self.zero = True
        """Nothing but zero bytes was ever written: swap needs no disk for it."""
        self.readahead = False
        """PG_readahead, which is also PG_reclaim: left in the cache dirty by MADV_PAGEOUT."""
        self.slot: Slot | None = None
        """Its place in swap, when it is in the swap cache."""
        self.folio: Folio | None = None
        """The 2 MiB it is a part of."""

    @property
    def anonymous(self) -> bool:
        """Whether it belongs to no object."""
        return self.object is None


class Slot:
    """A page in swap."""

    __slots__ = ("count", "frame", "zero")

    def __init__(self, *, zero: bool) -> None:
        self.count = 0
        """How many page table entries name it."""
        self.frame: Frame | None = None
        """The same page in memory: the swap cache."""
        self.zero = zero


class Folio:
    """A transparent huge page: 512 frames in a row, counted together when one may be written."""

    __slots__ = ("frames",)

    def __init__(self, frames: list[Frame]) -> None:
        self.frames = frames
        for frame in frames:
            frame.folio = self

    def mappings(self) -> int:
        """How many entries point to any of its frames."""
        return sum(frame.map_count for frame in self.frames)

    def split(self) -> None:
        """The frames go their own ways."""
        for frame in self.frames:
            frame.folio = None


class Object:
    """A file or a piece of shared memory."""

    __slots__ = ("folio_pages", "frames", "guessed", "huge", "kind", "name", "pages", "slots")

    def __init__(
        self, name: str, kind: Literal["file", "shmem"], pages: int, folio_pages: int = 1
    ) -> None:
        self.name = name
        self.kind = kind
        self.pages = pages
        """Its size: what lies beyond cannot be touched, though it can be mapped."""
        self.folio_pages = folio_pages
        """Into how large pieces of memory it was written."""
        self.guessed = folio_pages > 1
        """Whether what one fault brings in is a guess: large pieces, or readahead was at work."""
        self.frames: dict[int, Frame] = {}
        """Its pages in memory: the page cache."""
        self.slots: dict[int, Slot] = {}
        """Its pages in swap (shmem only: files are written to themselves)."""
        self.huge: set[int] = set()
        """By index >> 9: where 512 of its pages lie in a row and can be mapped as one."""

    def add(self, index: int) -> Frame:
        """A new frame for that page, clean."""
        frame = self.frames[index] = Frame(self, index)
        frame.zero = self.kind == "shmem"
        return frame


def leave_swap_cache(frame: Frame) -> bool:
    """Give up the slot of a frame when nobody names it any more (folio_free_swap).

    Returns:
        Whether the frame is out of the swap cache. It counts as changed then, being the only copy.
    """
    slot = frame.slot
    if slot is None:
        return True
    if slot.count:
        return False
    frame.slot = slot.frame = None
    frame.dirty = True
    return True


def forget_slot(slot: Slot) -> None:
    """One entry less names the slot; the last one takes an unmapped frame in the cache with it."""
    slot.count -= 1
    frame = slot.frame
    if not slot.count and frame is not None and not frame.map_count:
        frame.slot = slot.frame = None


def forget_frame(frame: Frame) -> None:
    """One entry less maps the frame (the page-cache or swap-cache side is kept where needed)."""
    frame.map_count -= 1
    if not frame.map_count and frame.slot is not None and frame.object is None:
        leave_swap_cache(frame)
