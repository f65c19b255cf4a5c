"""Who maps a frame: what a search over all processes has found so far, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vmtui.missing import Missing

Stage = Literal["same address", "same file", "everywhere", "done"]
"""Where is looked: relatives after fork have a page at the same address, those who share a file at
the same offset of it; all else is somewhere in the populated memory of any process."""


@dataclass(frozen=True, slots=True)
class Mapper:
    """One page-table entry that maps the frame."""

    pid: int
    comm: bytes
    """As the process set it: untrusted."""
    address: int
    """Of the page."""


@dataclass(frozen=True, slots=True)
class Mappers:
    """The search at one moment."""

    found: tuple[Mapper, ...]
    """The process one asked from first, then in the order they were found."""
    map_count: int | Missing
    """How many there are altogether, by /proc/kpagecount."""
    stage: Stage
    processes: int
    """With user memory, when the search began."""
    searched: int
    """Those of them that this stage has been through."""
    refused: int
    """Those that this user may not look into."""
    pages: int
    """Entries looked at."""
    took_ns: int
    why: str
    """How it ended, in a clause; empty while it goes on."""

    @property
    def finished(self) -> bool:
        """Whether nothing more will be found."""
        return self.stage == "done"

    @property
    def complete(self) -> bool:
        """Whether as many were found as the kernel counts."""
        return not isinstance(self.map_count, Missing) and len(self.found) >= self.map_count
