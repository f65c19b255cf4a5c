"""/proc/PID/pagemap: one 64-bit entry a page, and the PAGEMAP_SCAN ioctl on the same descriptor.

Documented in Documentation/admin-guide/mm/pagemap.rst. Reading entries costs the kernel 45–70 ns a
page (it looks at struct page for the «exclusive» bit), PAGEMAP_SCAN 20–26 ns as long as FILE is not
among the categories asked for, and next to nothing over memory that is not populated. Both need the
rights of ptrace(2) in reading mode; frame numbers also CAP_SYS_ADMIN when the file is *opened*.
PAGEMAP_SCAN is Linux 6.7, its GUARD category 6.15.

An open pagemap belongs to the memory the process had then. After an exit or an execve(2) it reads
as nothing, without an error: so every read that found nothing asks whether the memory is still
there, and after an execve the file is opened anew.
"""

from __future__ import annotations

import os
from types import TracebackType

import numpy as np

from vmtui.errors import NotSupported, ProcessGone
from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE, PROC, translated
from vmtui.kernel.regions import Regions, Words, joined
from vmtui.kernel.scan_call import REGION_WORDS, Masks, ScanCall
from vmtui.kernel.target import Target
from vmtui.kernel.zero_frames import own_zero_frames

__all__ = ["Pagemap", "Regions", "Words", "joined", "own_zero_frames"]

_ENTRY = 8
_ROOM, _MOST_ROOM = 512, 16_384
"""Regions asked for in the first call and, doubling, in later ones (12 to 384 KiB)."""
_MOST_PAGES = (1 << 64) // PAGE_SIZE
_POPULATED = flags.PAGE_IS_PRESENT | flags.PAGE_IS_SWAPPED


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
        self._ask = ScanCall(self._what)
        self._pair = np.zeros((2, REGION_WORDS), np.uint64)
        self._space_end: int | None = None
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

    @property
    def space_end(self) -> int:
        """The first address after the process's user addresses: 0x7ffffffff000 on most machines.

        The kernel's own figure for this process (mm->task_size): past it pagemap ends. It depends
        on the machine, on five-level page tables and on whether the program is a 32-bit one.

        Raises:
            ProcessGone: the process has exited.
        """
        if self._space_end is None:
            self._memory_is_there()
            low, high = 0, _MOST_PAGES
            while low < high:
                middle = (low + high) // 2
                if self._pread(middle):
                    low = middle + 1
                else:
                    high = middle
            self._space_end = low * PAGE_SIZE
        return self._space_end

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
                if not self._memory_is_there():
                    done = 0  # it is another program now: what was read is the old one's
                    continue
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

        Past the end of the user addresses there is nothing to find, nor does the kernel look.

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
        masks = Masks(inverted, all_of, any_of, return_mask)
        while True:
            found = self._scanned(start, min(end, self.space_end), masks)
            if self._memory_is_there():
                rows = np.concatenate(found) if found else np.zeros((0, REGION_WORDS), np.uint64)
                return joined(rows[:, 0], rows[:, 1], rows[:, 2])

    def categories_at(self, addresses: Words, return_mask: int, any_of: int = _POPULATED) -> Words:
        """The categories of single pages: about 2 µs a page, or for two neighbours together.

        Args:
            addresses: uint64 array of page-aligned user addresses, rising.
            return_mask: PAGE_IS_* to report.
            any_of: at least one of these must hold; present or swapped when not given.

        Returns:
            uint64 array, 0 where the page does not match.

        Raises:
            NotSupported: this kernel has no PAGEMAP_SCAN.
        """
        return self._ask.at_each(self._fd, addresses, self._pair, Masks(0, 0, any_of, return_mask))

    def next_populated(self, start: int, end: int) -> int:
        """The first address from `start` on that is present or swapped; `end` if none is.

        Raises:
            ProcessGone: the process has exited (it would scan as empty).
            NotSupported: this kernel has no PAGEMAP_SCAN.
        """
        masks = Masks(0, 0, _POPULATED, 0)
        while start < (stop := min(end, self.space_end)):
            filled, _ = self._ask(self._fd, start, stop, self._pair[:1], masks, most_pages=1)
            if filled:
                return int(self._pair[0, 0])
            if self._memory_is_there():
                break
        return end

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

    def _scanned(self, start: int, end: int, masks: Masks) -> list[Words]:
        at, room, found = start, _ROOM, []
        while at < end:
            vector = np.empty((room, REGION_WORDS), np.uint64)
            filled, walk_end = self._ask(self._fd, at, end, vector, masks)
            if not filled:
                break
            found.append(vector[:filled])
            # walk_end may lie before the last region returned, when the vector's last internal
            # batch is exactly full at the end of the range: never go back.
            at = max(walk_end, int(vector[filled - 1, 1]))
            room = min(2 * room, _MOST_ROOM)
        return found

    def _pread(self, page: int) -> bool:
        """Whether there is an entry at this page number: not past the end, nor of a dead memory."""
        try:
            return bool(os.pread(self._fd, _ENTRY, page * _ENTRY))
        except OSError as error:
            raise translated(error, self._what, of_process=True) from error

    def _memory_is_there(self) -> bool:
        """Whether the memory that was read still is the process's; False: opened anew, read again.

        Raises:
            ProcessGone: the process has exited.
            NotPermitted: the program it executed may not be looked at.
        """
        if self._pread(0):
            return True
        if self._target.alive():
            self.close()
            self._fd, self._space_end = self._target.open("pagemap"), None
            if self._pread(0):
                return False
        raise ProcessGone(f"{self._what}: process {self._target.pid} has exited")

    def _probe(self) -> tuple[bool, bool]:
        """Whether this kernel has PAGEMAP_SCAN, and whether it knows GUARD."""
        for mask, answer in ((flags.PAGE_IS_GUARD, (True, True)), (0, (True, False))):
            try:
                self._ask(self._fd, 0, 0, self._pair[:1], Masks(0, 0, 0, mask))
            except NotSupported:
                continue
            return answer
        return False, False
