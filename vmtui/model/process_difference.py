"""What is different about the processes of two moments: who came, went, grew and shrank, and why.

On one machine since one boot a process is its PID and start; on two machines, or before and after
a restart, it is its name, and among several of one name the largest goes with the largest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vmtui import units
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.processes import ProcessReading
from vmtui.text import DisplayText, display

_LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class ProcessDifference:
    """One process, or the two that go together."""

    was: ProcessReading | None
    now: ProcessReading | None
    same_machine: bool
    """Whether both lists are of one machine since one boot."""

    @property
    def shown(self) -> ProcessReading:
        """The later one, or the earlier one where it is gone."""
        found = self.now or self.was
        assert found is not None
        return found

    @property
    def change(self) -> str:
        """`added`, `removed`, `grew`, `shrank` or `same`."""
        if self.was is None:
            return "added"
        if self.now is None:
            return "removed"
        delta = self.delta
        return "grew" if delta > 0 else "shrank" if delta < 0 else "same"

    @property
    def pid(self) -> int:
        """Of the later one, where there is one."""
        return self.shown.stat.pid

    @property
    def comm(self) -> DisplayText:
        """Its name."""
        return display(self.shown.stat.comm)

    @property
    def before(self) -> int | Missing:
        """Resident bytes then."""
        return _rss(self.was)

    @property
    def after(self) -> int | Missing:
        """Resident bytes now."""
        return _rss(self.now)

    @property
    def delta(self) -> int:
        """Change of the resident set in bytes; who is not there counts 0."""
        return (_pages(self.now) - _pages(self.was)) * PAGE_SIZE

    @property
    def cause(self) -> str:
        """What made the difference, in a clause; empty where nothing did."""
        if self.was is None:
            return "started" if self.same_machine else "only in B"
        if self.now is None:
            return "exited" if self.same_machine else "only in A"
        parts = [*_mostly(self.was, self.now), *_events(self.was, self.now)]
        if not self.same_machine and self.was.stat.pid != self.now.stat.pid:
            parts.append(f"PID {self.was.stat.pid} in A")
        return ", ".join(parts)


def process_differences(
    earlier: Iterable[ProcessReading], later: Iterable[ProcessReading], *, same_machine: bool = True
) -> list[ProcessDifference]:
    """All of them, the largest change first; kernel threads, which have no memory, left out."""
    old = [one for one in earlier if not one.stat.kernel_thread]
    new = [one for one in later if not one.stat.kernel_thread]
    pairs = _by_key(old, new) if same_machine else by_name(old, new)
    rows = [ProcessDifference(was, now, same_machine) for was, now in pairs]
    return sorted(rows, key=lambda row: (-abs(row.delta), row.change == "same", row.pid))


Pair = tuple[ProcessReading | None, ProcessReading | None]


def by_name(old: Sequence[ProcessReading], new: Sequence[ProcessReading]) -> list[Pair]:
    """Pairs of equal names, the largest with the largest; the rest alone."""
    waiting: dict[bytes, list[ProcessReading]] = {}
    for one in sorted(old, key=lambda one: one.resident_pages):
        waiting.setdefault(one.stat.comm, []).append(one)
    pairs: list[Pair] = []
    for now in sorted(new, key=lambda one: -one.resident_pages):
        ours = waiting.get(now.stat.comm)
        pairs.append((ours.pop() if ours else None, now))
    return pairs + [(was, None) for rest in waiting.values() for was in rest]


def _by_key(old: Sequence[ProcessReading], new: Sequence[ProcessReading]) -> list[Pair]:
    before = {one.key: one for one in old}
    after = {one.key: one for one in new}
    return [(before.get(key), after.get(key)) for key in {**before, **after}]


def _pages(reading: ProcessReading | None) -> int:
    return 0 if reading is None else reading.resident_pages


def _rss(reading: ProcessReading | None) -> int | Missing:
    if reading is None:
        return Missing("it was not there")
    return reading.resident_pages * PAGE_SIZE


_PARTS = (
    ("rss_anon_bytes", "private memory"), ("rss_file_bytes", "files"),
    ("rss_shmem_bytes", "shared memory"),
)  # fmt: skip


def _mostly(was: ProcessReading, now: ProcessReading) -> list[str]:
    """Which kind of memory most of the change is."""
    total = (now.resident_pages - was.resident_pages) * PAGE_SIZE
    if not total:
        return []
    for name, words in _PARTS:
        part = _status_change(was, now, name)
        if part and part / total >= _LEAST_SHARE:
            return [f"mostly {words}"]
    return []


def _events(was: ProcessReading, now: ProcessReading) -> list[str]:
    found = []
    if now.stat.state == "Z" and was.stat.state != "Z":
        found.append("exited, and its parent has not waited for it")
    swapped = _status_change(was, now, "vm_swap_bytes")
    if swapped > 0:
        found.append(f"{units.size(swapped)} went to swap")
    elif swapped < 0:
        found.append(f"{units.size(-swapped)} less in swap")
    threads = now.stat.threads - was.stat.threads
    if threads:
        some = "thread" if abs(threads) == 1 else "threads"
        found.append(f"{abs(threads):,} {some} {'more' if threads > 0 else 'fewer'}")
    if was.key == now.key and (major := now.stat.majflt - was.stat.majflt) > 0:
        found.append(f"{units.count(major)} major fault{'s' * (major != 1)}")
    return found


def _status_change(was: ProcessReading, now: ProcessReading, name: str) -> int:
    if isinstance(was.status, Missing) or isinstance(now.status, Missing):
        return 0
    then, later = getattr(was.status, name), getattr(now.status, name)
    if isinstance(then, Missing) or isinstance(later, Missing):
        return 0
    return int(later - then)
