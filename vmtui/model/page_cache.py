"""The page cache by file: what of each file is in memory, and who has it open or mapped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vmtui.kernel.cachestat import Cached
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.text import display

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has a file open or mapped."""

    pid: int
    comm: bytes
    mapped: bool
    opened: bool


@dataclass(frozen=True, slots=True)
class CachedFile:
    """One file. Its path is raw: shown by `text.display` alone."""

    path: bytes
    device: int
    inode: int
    size_bytes: int
    cached: Cached | Missing
    holders: tuple[Holder, ...] = ()
    """Empty for a file that was only asked about."""

    @property
    def cached_bytes(self) -> int | Missing:
        """Its pages in the page cache."""
        return self._bytes("cached")

    @property
    def dirty_bytes(self) -> int | Missing:
        """Of those, written and not yet on their way to disk, or on it."""
        dirty, writeback = self._bytes("dirty"), self._bytes("writeback")
        if isinstance(dirty, Missing) or isinstance(writeback, Missing):
            return dirty if isinstance(dirty, Missing) else writeback
        return dirty + writeback

    @property
    def evicted_bytes(self) -> int | Missing:
        """Pages that left the cache and have not come back."""
        return self._bytes("evicted")

    @property
    def share(self) -> float | Missing:
        """Per cent of the file that is cached."""
        cached = self.cached_bytes
        if isinstance(cached, Missing):
            return cached
        return min(100.0, 100.0 * cached / self.size_bytes) if self.size_bytes else 0.0

    @property
    def mapped_by(self) -> int:
        """Processes that have it mapped."""
        return sum(holder.mapped for holder in self.holders)

    @property
    def opened_by(self) -> int:
        """Processes that have a descriptor of it."""
        return sum(holder.opened for holder in self.holders)

    @property
    def who(self) -> str:
        """The first holders by PID and name, and how many more there are; display text."""
        names = [f"{one.pid} {display(one.comm)}" for one in self.holders[:_NAMED]]
        more = len(self.holders) - _NAMED
        return ", ".join(names) + (f" and {more} more" if more > 0 else "")

    def _bytes(self, name: str) -> int | Missing:
        if isinstance(self.cached, Missing):
            return self.cached
        pages: int | Missing = getattr(self.cached, name)
        return pages if isinstance(pages, Missing) else pages * PAGE_SIZE


@dataclass(frozen=True, slots=True)
class CacheSurvey:
    """All files of all processes that could be looked at."""

    files: tuple[CachedFile, ...]
    """The one with most in the cache first."""
    processes: int
    refused: int
    """Processes whose files are not shown to this user."""
    left_out: int
    """Files beyond the most that are looked at."""

    @property
    def cached_bytes(self) -> int:
        """Of all these files together."""
        return sum(cached_bytes(file) for file in self.files)


def cached_bytes(file: CachedFile) -> int:
    """For sorting and adding: nothing where it is not told."""
    found = file.cached_bytes
    return 0 if isinstance(found, Missing) else found


def largest_first(files: Iterable[CachedFile]) -> tuple[CachedFile, ...]:
    """By what of them is cached; then by path."""
    return tuple(sorted(files, key=lambda file: (-cached_bytes(file), file.path)))
