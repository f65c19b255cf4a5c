"""/proc/PID/pagemap: one 64-bit entry a page, and the PAGEMAP_SCAN ioctl on the same descriptor.

Documented in Documentation/admin-guide/mm/pagemap.rst. Reading entries costs the kernel 45–70 ns a
page (it looks at struct page for the «exclusive» bit), PAGEMAP_SCAN 20–26 ns as long as FILE is not
among the categories asked for, and next to nothing over memory that is not populated. Both need the
rights of ptrace(2) in reading mode; frame numbers also CAP_SYS_ADMIN when the file is *opened*.
PAGEMAP_SCAN is Linux 6.7, its GUARD category 6.15.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
from dataclasses import dataclass
from types import TracebackType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.errors import NotSupported, ProcessGone
from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE, PROC, translated
from vmtui.kernel.target import Target

Words: TypeAlias = NDArray[np.uint64]

_ENTRY = 8
_ARG_BYTES = 96  # struct pm_scan_arg: twelve 64-bit words
_REGION_WORDS = 3  # struct page_region: start, end, categories
_ROOM, _MOST_ROOM = 512, 16_384
"""Regions asked for in the first call and, doubling, in later ones (12 to 384 KiB)."""
_PROBED_PAGES = 16
_POPULATED = flags.PAGE_IS_PRESENT | flags.PAGE_IS_SWAPPED


@dataclass(frozen=True, slots=True)
class Regions:
    """What PAGEMAP_SCAN found, by rising address; neighbours that are alike are one region."""

    start: Words
    """First byte of each region."""
    end: Words
    """First byte after it."""
    categories: Words
    """PAGE_IS_* of its pages, among those asked for."""

    def __len__(self) -> int:
        return len(self.start)


class Pagemap:
    """The page-table entries of one process. Holds a descriptor and a buffer: one per thread."""

    def __init__(self, target: Target) -> None:
        """Open it.

        Raises:
            ProcessGone: the process has exited, or has no user memory (a kernel thread).
            NotPermitted: it is not this user's process, or not dumpable.
        """
        self._target = target
        self._what = f"{PROC}/{target.pid}/pagemap"
        self._fd = target.open("pagemap")
        self._arg = memoryview(bytearray(_ARG_BYTES)).cast("Q")
        self._pair = np.zeros((2, _REGION_WORDS), np.uint64)
        try:
            self.zero_pfns = own_zero_frames()
            """Frames of the zero page; empty where frame numbers are hidden from this user."""
            self.can_scan, self.knows_guard = self._probe()
        except BaseException:
            self.close()
            raise

    @property
    def pfns_visible(self) -> bool:
        """Whether entries hold frame numbers: CAP_SYS_ADMIN in the initial user namespace."""
        return bool(self.zero_pfns)

    def entries(self, first_page: int, count: int, out: Words | None = None) -> Words:
        """The entries of `count` pages from page number `first_page` (address / page size).

        Args:
            first_page: page number, not address.
            count: how many entries.
            out: a uint64 buffer of at least `count` entries to fill; a new one otherwise.

        Returns:
            uint64 array of `count` entries, a view of `out`; unmapped pages and those past the end
            of the user address space are 0.

        Raises:
            ProcessGone: the process has exited (its entries would read as nothing).
        """
        words = (np.empty(count, np.uint64) if out is None else out)[:count]
        room, done = words.data.cast("B"), 0
        while done < count * _ENTRY:
            try:
                got = os.preadv(self._fd, [room[done:]], first_page * _ENTRY + done)
            except OSError as error:
                raise translated(error, self._what, of_process=True) from error
            if not got:
                self._still_alive()
                words[done // _ENTRY :] = 0
                break
            done += got
        return words

    def scan(
        self,
        start: int,
        end: int,
        *,
        return_mask: int,
        any_of: int = 0,
        all_of: int = 0,
        inverted: int = 0,
    ) -> Regions:
        """The regions of `start`–`end` (page-aligned addresses) whose pages match.

        Args:
            start: first byte.
            end: first byte after the range.
            return_mask: PAGE_IS_* to report; regions split where they differ, so ask for few, and
                not for FILE unless needed (3.4 times the cost).
            any_of: at least one of these must hold; 0 for no condition.
            all_of: each of these must hold.
            inverted: categories whose absence is meant in `any_of` and `all_of`.

        Raises:
            NotSupported: this kernel has no PAGEMAP_SCAN (before Linux 6.7).
            ProcessGone: the process has exited (it would scan as empty).
        """
        at, room, found = start, _ROOM, []
        while at < end:
            vector = np.empty((room, _REGION_WORDS), np.uint64)
            filled, walk_end = self._ioctl(
                at, end, vector, room=room, masks=(inverted, all_of, any_of, return_mask)
            )
            if not filled:
                break
            found.append(vector[:filled])
            # walk_end may lie before the last region returned, when the vector's last internal
            # batch is exactly full at the end of the range: never go back.
            at = max(walk_end, int(vector[filled - 1, 1]))
            room = min(2 * room, _MOST_ROOM)
        self._still_alive()
        rows = np.concatenate(found) if found else np.zeros((0, _REGION_WORDS), np.uint64)
        return joined(rows[:, 0], rows[:, 1], rows[:, 2])

    def categories_at(self, addresses: Words, return_mask: int, any_of: int = _POPULATED) -> Words:
        """The categories of single pages: about 2 µs a page, or for two neighbours together.

        Args:
            addresses: uint64 array of page-aligned addresses, rising.
            return_mask: PAGE_IS_* to report.
            any_of: at least one of these must hold; present or swapped when not given.

        Returns:
            uint64 array, 0 where the page does not match.

        Raises:
            NotSupported: this kernel has no PAGEMAP_SCAN.
        """
        answers = np.zeros(len(addresses), np.uint64)
        if not len(addresses):
            return answers
        firsts, pages = _paired(addresses)
        starts = addresses[firsts]
        ends = starts + pages.astype(np.uint64) * np.uint64(PAGE_SIZE)
        self._fill(0, 0, self._pair, room=2, masks=(0, 0, any_of, return_mask))
        ioctl, fd, argument, pair = fcntl.ioctl, self._fd, self._arg, self._pair.data
        try:
            for first, start, end in zip(
                firsts.tolist(), starts.tolist(), ends.tolist(), strict=True
            ):
                argument[2] = start
                argument[3] = end
                if not (found := ioctl(fd, flags.PAGEMAP_SCAN, argument)):
                    continue
                for row in range(found):
                    for page in range(pair[row, 0], pair[row, 1], PAGE_SIZE):
                        answers[first + (page != start)] = pair[row, 2]
        except OSError as error:
            raise translated(error, f"PAGEMAP_SCAN of {self._what}", of_process=True) from error
        return answers

    def next_populated(self, start: int, end: int) -> int:
        """The first address from `start` on that is present or swapped; `end` if none is.

        Raises:
            ProcessGone: the process has exited (it would scan as empty).
            NotSupported: this kernel has no PAGEMAP_SCAN.
        """
        filled, _ = self._ioctl(
            start, end, self._pair, room=1, masks=(0, 0, _POPULATED, 0), most_pages=1
        )
        if not filled:
            self._still_alive()
            return end
        return int(self._pair[0, 0])

    def close(self) -> None:
        """Let go of the descriptor; harmless twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Pagemap:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _still_alive(self) -> None:
        if not self._target.alive():
            raise ProcessGone(f"{self._what}: process {self._target.pid} has exited")

    def _probe(self) -> tuple[bool, bool]:
        """Whether this kernel has PAGEMAP_SCAN, and whether it knows GUARD."""
        for mask, answer in ((flags.PAGE_IS_GUARD, (True, True)), (0, (True, False))):
            try:
                self._ioctl(0, 0, self._pair, room=1, masks=(0, 0, 0, mask))
            except NotSupported:
                continue
            return answer
        return False, False

    def _fill(
        self,
        start: int,
        end: int,
        vector: Words,
        *,
        room: int,
        masks: tuple[int, int, int, int],
        most_pages: int = 0,
    ) -> None:
        address = vector.__array_interface__["data"][0]  # five times as fast as vector.ctypes
        words = (_ARG_BYTES, 0, start, end, 0, address, room, most_pages, *masks)
        for index, word in enumerate(words):
            self._arg[index] = word

    def _ioctl(
        self,
        start: int,
        end: int,
        vector: Words,
        *,
        room: int,
        masks: tuple[int, int, int, int],
        most_pages: int = 0,
    ) -> tuple[int, int]:
        """One PAGEMAP_SCAN: how many regions were filled in, and the kernel's walk_end."""
        self._fill(start, end, vector, room=room, masks=masks, most_pages=most_pages)
        try:
            filled = fcntl.ioctl(self._fd, flags.PAGEMAP_SCAN, self._arg)
        except OSError as error:
            if error.errno == errno.EFAULT:  # not user addresses, as [vsyscall]: nothing to find
                return 0, end
            if error.errno in (errno.ENOTTY, errno.EINVAL):
                raise NotSupported(f"{self._what}: this kernel has no PAGEMAP_SCAN") from error
            raise translated(error, f"PAGEMAP_SCAN of {self._what}", of_process=True) from error
        return int(filled), int(self._arg[4])


def own_zero_frames() -> frozenset[int]:
    """The frames of the zero page, read from a few untouched pages of vmtui itself.

    Some architectures keep one for each cache colour, hence a few. Empty without CAP_SYS_ADMIN,
    since an unprivileged frame number reads as 0: the same probe tells both.
    """
    flagged = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    with mmap.mmap(-1, _PROBED_PAGES * PAGE_SIZE, flags=flagged) as memory:
        memory.madvise(getattr(mmap, "MADV_NOHUGEPAGE", 15))  # the huge zero page is another frame
        pages = np.frombuffer(memory, np.uint8)
        pages[::PAGE_SIZE].sum()  # a read maps the zero page
        first = pages.ctypes.data // PAGE_SIZE
        entries = np.zeros(_PROBED_PAGES, np.uint64)
        try:
            fd = os.open(f"{PROC}/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return frozenset()  # an undumpable vmtui may not look at itself, let alone at frames
        finally:
            del pages
        try:
            os.preadv(fd, [entries.data.cast("B")], first * _ENTRY)
        finally:
            os.close(fd)
    frames = (entries & np.uint64(flags.PM_PFN_MASK)).tolist()
    return frozenset(frames) - {0}


def _paired(addresses: Words) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Neighbouring pages two by two: index of the first of each pair, and 2 or 1 where alone."""
    place = np.arange(len(addresses))
    alone = np.ones(len(addresses), bool)
    alone[1:] = np.diff(addresses) != PAGE_SIZE
    since = place - np.maximum.accumulate(np.where(alone, place, 0))
    firsts = np.flatnonzero(since % 2 == 0)
    return firsts, np.diff(firsts, append=len(addresses))


def joined(start: Words, end: Words, categories: Words) -> Regions:
    """Regions by rising address, with neighbours that touch and are alike made one."""
    if not len(start):
        return Regions(start, end, categories)
    breaks = np.ones(len(start), bool)
    breaks[1:] = (start[1:] != end[:-1]) | (categories[1:] != categories[:-1])
    firsts = np.flatnonzero(breaks)
    lasts = np.append(firsts[1:], len(start)) - 1
    return Regions(start[firsts], end[lasts], categories[firsts])
