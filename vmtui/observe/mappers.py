"""Searches all readable processes for those that map a frame: the reverse of a page table.

The kernel knows (rmap) and tells nobody, so the entries of everybody are looked through, the
likely ones first: one entry a process at the same address (25 µs), then those at the same offset of
the same file (0.1–1 ms a process), last everything that is populated (80 ns a page). It ends as
soon as there are as many as /proc/kpagecount says, and takes no more than one buffer of 512 KiB.

Without frame numbers (they need CAP_SYS_ADMIN) a page of a file is known by its place in the file:
whoever has an entry there that still is the file's maps the same frame. Of anonymous memory nobody
but root can tell.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from vmtui.errors import NotPermitted, ParseError, VmtuiError
from vmtui.kernel import flags, kpage, maps, stat
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.processes import ProcessFiles
from vmtui.kernel.regions import Words
from vmtui.kernel.single_entry import entry_of
from vmtui.kernel.target import Target
from vmtui.kernel.zero_frames import own_zero_frames
from vmtui.missing import Missing
from vmtui.model.mappers import Mapper, Mappers, Stage
from vmtui.observe.errand import Cancelled, Errand

SECONDS = 10.0
"""How long a search takes at most."""

_CHUNK = 1 << 16
_WINDOW = 4 << 30
"""Bytes of addresses scanned between two looks at the clock."""
_GAP_PAGES = 64
_EVERY_NS = 100_000_000
_HIDDEN = Missing(
    "only root sees frame numbers, and private memory has no other mark", "run vmtui as root"
)


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A page of a file."""

    device: int
    """As the `device` column of maps holds it."""
    inode: int
    offset: int
    """Bytes, of the page's beginning."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which frame is looked for, and what is known of it."""

    pfn: int | None
    """None where frame numbers are hidden."""
    map_count: int | Missing
    pid: int | None = None
    """A process that maps it."""
    address: int | None = None
    """Where; page-aligned."""
    file: FilePlace | None = None
    """The page of a file that the frame holds; None for anonymous memory, or when not known."""

    def is_in(self, entry: int) -> bool:
        """Whether a pagemap entry maps it."""
        if not entry & flags.PM_PRESENT:
            return False
        if self.pfn is None:
            return bool(entry & flags.PM_FILE)
        return entry & flags.PM_PFN_MASK == self.pfn


def wanted_frame(pfn: int) -> Wanted:
    """A frame of which nothing but the number is known.

    Raises:
        NotPermitted, NotSupported: /proc/kpagecount cannot be read.
    """
    return Wanted(pfn, int(kpage.counts_of(np.array([pfn], np.uint64))[0]))


def search_in_background(wanted: Wanted, seconds: float = SECONDS) -> Errand[Mappers]:
    """The search in a thread of its own."""
    return Errand(lambda cancelled: search(wanted, cancelled, seconds), "mappers")


def search(
    wanted: Wanted, cancelled: Cancelled = lambda: False, seconds: float = SECONDS
) -> Generator[Mappers, None, None]:
    """What is found so far, several times a second; the last one is `finished`.

    Args:
        wanted: the frame.
        cancelled: asked every few ms.
        seconds: when it is given up.
    """
    yield from _Search(wanted, cancelled, seconds).run()


class _Over(Exception):
    """Nothing more is to be looked at; says why."""


class _Search:
    def __init__(self, wanted: Wanted, cancelled: Cancelled, seconds: float) -> None:
        self._wanted, self._cancelled = wanted, cancelled
        self._began = self._shown = time.perf_counter_ns()
        self._until = self._began + int(seconds * 1e9)
        self._seconds = seconds
        self._names: dict[int, bytes] = {}
        self._found: dict[tuple[int, int], Mapper] = {}
        self._refused: set[int] = set()
        self._now = Mappers((), wanted.map_count, "same address", 0, 0, 0, 0, 0, "")
        self._pages = 0
        self._buffer: Words | None = None

    def run(self) -> Generator[Mappers, None, None]:
        wanted = self._wanted
        try:
            self._refuse_the_hopeless()
            with ProcessFiles(budget=0) as files:
                pids = self._listed(files)
                self._now = replace(self._now, processes=len(pids))
                if wanted.address is not None and (wanted.pfn is not None or wanted.file is None):
                    yield from self._stage("same address", pids, self._at_the_address)
                if wanted.file is not None:
                    look = partial(self._in_the_file, files, wanted.file)
                    yield from self._stage("same file", pids, look)
            if wanted.pfn is not None:
                yield from self._stage("everywhere", pids, self._anywhere)
            why = "every process that may be looked into was searched"
        except _Over as over:
            why = str(over)
        yield replace(self._state(), stage="done", why=why)

    def _refuse_the_hopeless(self) -> None:
        wanted = self._wanted
        if wanted.pfn is None and wanted.file is None:
            raise _Over(f"{_HIDDEN.reason}: {_HIDDEN.unlock}")
        if wanted.map_count == 0:
            if wanted.pfn in own_zero_frames():
                raise _Over("it is the zero page: everybody maps it, and nobody counts")
            if wanted.pid is None:
                raise _Over("no process maps it")

    def _listed(self, files: ProcessFiles) -> list[int]:
        """Processes with user memory: the one asked from first, its relatives, then the rest."""
        parents: dict[int, int] = {}
        for pid in files.pids():
            raw = files.stat(pid)
            try:
                told = stat.parse(raw) if raw else None
            except ParseError:
                continue
            if told is not None and not told.kernel_thread and told.vsize_bytes:
                parents[pid], self._names[pid] = told.ppid, told.comm
        near = _relatives(self._wanted.pid, parents)
        return sorted(parents, key=lambda pid: (near.get(pid, len(parents) + 1), pid))

    def _stage(
        self, stage: Stage, pids: list[int], look: Callable[[int], Iterator[int]]
    ) -> Generator[Mappers, None, None]:
        """Look into every process; what is found and how far it is, several times a second."""
        for done, pid in enumerate(pids):
            self._now = replace(self._now, stage=stage, searched=done)
            try:
                for address in look(pid):
                    self._found.setdefault((pid, address), Mapper(pid, self._names[pid], address))
            except NotPermitted:
                self._refused.add(pid)
            except VmtuiError:  # it has exited meanwhile
                pass
            self._check()
            if time.perf_counter_ns() - self._shown >= _EVERY_NS:
                self._shown = time.perf_counter_ns()
                yield self._state()
        self._now = replace(self._now, searched=len(pids))

    def _check(self) -> None:
        """Whether to go on.

        Raises:
            _Over: all are found, it was cancelled, or the time is up.
        """
        count = self._wanted.map_count
        if not isinstance(count, Missing) and count and len(self._found) >= count:
            raise _Over("all that map it are found")
        if self._cancelled():
            raise _Over("cancelled")
        if time.perf_counter_ns() >= self._until:
            raise _Over(f"given up after {self._seconds:g} s")

    def _at_the_address(self, pid: int) -> Iterator[int]:
        address = self._wanted.address
        assert address is not None
        self._pages += 1
        if self._wanted.is_in(entry_of(pid, address // PAGE_SIZE)):
            yield address

    def _in_the_file(self, files: ProcessFiles, place: FilePlace, pid: int) -> Iterator[int]:
        raw = files.read(pid, "maps")
        if b" %d " % place.inode not in raw and b" %d\n" % place.inode not in raw:
            return  # without parsing it: most processes do not map the file
        vmas = maps.parse(raw)
        size = vmas.end - vmas.start
        offset = np.uint64(place.offset)
        rows = (vmas.inode == place.inode) & (vmas.device == place.device)
        rows &= (vmas.offset <= offset) & (offset - vmas.offset < size)
        for row in np.flatnonzero(rows).tolist():
            address = int(vmas.start[row]) + place.offset - int(vmas.offset[row])
            self._pages += 1
            if self._wanted.is_in(entry_of(pid, address // PAGE_SIZE)):
                yield address

    def _anywhere(self, pid: int) -> Iterator[int]:
        """Every populated page of one process."""
        if self._buffer is None:
            self._buffer = np.empty(_CHUNK, np.uint64)
        mask = np.uint64(flags.PM_PRESENT | flags.PM_PFN_MASK)
        asked = np.uint64(flags.PM_PRESENT | (self._wanted.pfn or 0))
        with Target(pid) as target, Pagemap(target) as pagemap:
            for page, pages in _populated(target, pagemap):
                for first in range(page, page + pages, _CHUNK):
                    some = min(_CHUNK, page + pages - first)
                    entries = pagemap.entries(first, some, self._buffer)
                    self._pages += some
                    entries &= mask
                    for hit in np.flatnonzero(entries == asked).tolist():
                        yield (first + hit) * PAGE_SIZE
                    self._check()

    def _state(self) -> Mappers:
        found = tuple(self._found.values())
        first = (self._wanted.pid, self._wanted.address)
        ordered = sorted(found, key=lambda mapper: (mapper.pid, mapper.address) != first)
        return replace(
            self._now,
            found=tuple(ordered),
            refused=len(self._refused),
            pages=self._pages,
            took_ns=time.perf_counter_ns() - self._began,
        )


def _relatives(pid: int | None, parents: dict[int, int]) -> dict[int, int]:
    """Steps over parent and child from a process to those it is related to; 1 is not a parent."""
    near = {} if pid is None else {pid: 0}
    children: dict[int, list[int]] = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)
    waiting = list(near)
    while waiting:
        at = waiting.pop(0)
        around = [*children.get(at, []), parents.get(at, 0)]
        for other in around:
            if other > 1 and other in parents and other not in near:
                near[other] = near[at] + 1
                waiting.append(other)
    return near


def _populated(target: Target, pagemap: Pagemap) -> Iterator[tuple[int, int]]:
    """Stretches with present pages: first page number and pages, by rising addresses."""
    if not pagemap.can_scan:
        vmas = maps.read(target)
        for start, end in zip(vmas.start.tolist(), vmas.end.tolist(), strict=True):
            yield start // PAGE_SIZE, (end - start) // PAGE_SIZE
        return
    at, end = 0, pagemap.space_end
    while (at := pagemap.next_populated(at, end)) < end:
        stop = min(end, at + _WINDOW)
        found = pagemap.scan(at, stop, any_of=flags.PAGE_IS_PRESENT, return_mask=0)
        if len(found):
            gaps = (found.start[1:] - found.end[:-1]) // np.uint64(PAGE_SIZE)
            cut = np.flatnonzero(gaps > _GAP_PAGES)
            starts = found.start[np.concatenate(([0], cut + 1))] // np.uint64(PAGE_SIZE)
            ends = found.end[np.append(cut, len(found) - 1)] // np.uint64(PAGE_SIZE)
            for first, last in zip(starts.tolist(), ends.tolist(), strict=True):
                yield first, last - first
        at = stop
