"""Memory cgroups as a tree: what each may have, has, and how often it met its limit."""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.kernel.memory_group import GroupPressure, GroupReading
from vmtui.missing import Missing
from vmtui.text import DisplayText, display

NO_LIMIT = Missing("no limit is set for this group")


@dataclass(frozen=True, slots=True)
class Group:
    """One group. Its path is raw: shown by `text.display` alone."""

    path: bytes
    """Below the hierarchy's mount; `/` for the root."""
    version: int
    """1 or 2."""
    reading: GroupReading | Missing
    pressure: GroupPressure
    processes: int | Missing
    """In the group itself, not below it."""

    @property
    def depth(self) -> int:
        """Steps below the root."""
        return 0 if self.path == b"/" else self.path.count(b"/")

    @property
    def name(self) -> DisplayText:
        """The last part of its path; the root has a name of ours."""
        return display(b"/" if self.path == b"/" else self.path.rpartition(b"/")[2])

    @property
    def shown_path(self) -> DisplayText:
        """The whole path."""
        return display(self.path, limit=None)

    @property
    def usage(self) -> int | Missing:
        """Bytes charged to it and to those below it."""
        return self._of("usage")

    @property
    def limit(self) -> int | Missing:
        """Bytes it may have; Missing without a limit of its own."""
        found = self._of("limit")
        return NO_LIMIT if found is None else found

    @property
    def share(self) -> float | Missing:
        """Per cent of its limit that is used."""
        usage, limit = self.usage, self.limit
        if isinstance(usage, Missing) or isinstance(limit, Missing):
            return usage if isinstance(usage, Missing) else limit
        return 100.0 * usage / limit if limit else 100.0

    @property
    def swap(self) -> int | Missing:
        """Bytes in swap."""
        return self._of("swap")

    @property
    def anon(self) -> int | Missing:
        """Bytes of private memory."""
        return self._of("anon")

    @property
    def file(self) -> int | Missing:
        """Bytes of page cache."""
        return self._of("file")

    @property
    def failures(self) -> int | Missing:
        """How often its limit stood in the way."""
        return self._of("failures")

    @property
    def oom_kills(self) -> int | Missing:
        """Processes killed for it."""
        return self._of("oom_kills")

    @property
    def some(self) -> float | Missing:
        """Per cent of the last ten seconds in which one of its tasks waited for memory."""
        return self.pressure.some_avg10

    def _of(self, name: str) -> int | Missing:
        if isinstance(self.reading, Missing):
            return self.reading
        found: int | Missing = getattr(self.reading, name)
        return found


@dataclass(frozen=True, slots=True)
class GroupSurvey:
    """All groups of the hierarchy that has the memory controller."""

    groups: tuple[Group, ...]
    """Parents before children, children by name."""
    version: int
    left_out: int
    """Groups beyond the most that are looked at."""


def tree_key(group: Group) -> tuple[bytes, ...]:
    """Sorts parents before children and children by name."""
    return () if group.path == b"/" else tuple(group.path.split(b"/"))
