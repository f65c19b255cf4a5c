"""Page tables: one entry per page, in tables of 512 entries, themselves in tables of 512.

An address is cut into indices of 9 bits. A PTE table covers 512 pages (2 MiB), a PMD table 512 PTE
tables (1 GiB), a PUD table 512 of those (512 GiB). A table is made when the first entry below it is
needed and counts 4 KiB in VmPTE. Tables are kept here as sets of numbers (page >> 9, >> 18, >> 27),
not derived from the entries: tables that have become empty exist, cost memory, are copied by fork,
and keep a huge page from coming back.
"""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.theory.frames import Frame, Slot

ZERO, FRAME, SWAP, GUARD = range(1, 5)
"""What an entry says: the shared zero page, a frame, a slot in swap, or «nobody may touch this»."""

TABLE_BYTES = 4096


class Pte:
    """A page table entry. An empty page has none."""

    __slots__ = ("dirty", "exclusive", "frame", "kind", "slot", "writable")

    def __init__(
        self,
        kind: int,
        frame: Frame | None = None,
        slot: Slot | None = None,
        writable: bool = False,
        dirty: bool = False,
    ) -> None:
        self.kind = kind
        self.frame = frame
        self.slot = slot
        self.writable = writable
        """Whether the processor lets a write through without asking the kernel."""
        self.dirty = dirty
        """Whether it was written through this entry."""
        self.exclusive = False
        """Of a slot: whether the page was this process's own when it went out."""


@dataclass(frozen=True, slots=True)
class TableCounts:
    """How many tables there are."""

    pte: int = 0
    pmd: int = 0
    pud: int = 0

    @property
    def bytes(self) -> int:
        """What VmPTE shows for them; the top level, of which everybody has one, is not in it."""
        return TABLE_BYTES * (self.pte + self.pmd + self.pud)


class Tables:
    """The tables of one process."""

    __slots__ = ("pmd", "pte", "pud")

    def __init__(self) -> None:
        self.pte: set[int] = set()
        self.pmd: set[int] = set()
        self.pud: set[int] = set()

    def build(self, page: int) -> None:
        """Make the path down to the entry of a page."""
        self.pte.add(page >> 9)
        self.pmd.add(page >> 18)
        self.pud.add(page >> 27)

    def build_above(self, page: int) -> None:
        """The same without the last table: the PMD entry itself maps 2 MiB."""
        self.pmd.add(page >> 18)
        self.pud.add(page >> 27)
