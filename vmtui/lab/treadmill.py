"""Touching pages in a specimen: once, or over and over, as a program at work does.

Part of `worker.py`'s bare interpreter: only the standard library, its lightest parts. The
interpreter's own loops are left out of both: a stretch is one strided copy (8 ns a page), work is
a chain of C iterators (120 ns of its own a touch, to which the memory adds what it takes: 10 to
100 ns when the page is there, ten thousand and more when it is not).
"""

from __future__ import annotations

import ctypes
import os
from _operator import getitem, mod, setitem
from itertools import islice, repeat
from time import monotonic_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterable, Sequence
else:
    from _collections import deque  # without all the rest of `collections`

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
PAGE_SHIFT = PAGE_BYTES.bit_length() - 1

memory = memoryview((ctypes.c_ubyte * (1 << 47)).from_address(0)).cast("B")
"""All user addresses as one array of bytes."""

_STRETCH = 1024
"""Pages touched by one operation of the interpreter; the memory it takes is always the same."""
_CONTENT = memoryview(bytes(number % 255 + 1 for number in range(255 + _STRETCH)))
"""Never zero: pages full of zeros go another way when they are swapped out."""
_scratch = memoryview(bytearray(2 * _STRETCH))

_FEWEST, _MOST = 32, 1 << 15
"""Touches between two looks at the clock."""
_QUICK_NS, _SLOW_NS = 1_000_000, 10_000_000
"""Between these, a batch takes as long as it should."""
_MADV_PAGEOUT = 21
_PRESENT = 1 << 63
_RUSAGE_SELF, _MINFLT, _MAJFLT = 0, 8, 9

_libc = ctypes.CDLL(None)
_sink = deque[object](maxlen=0)


def touch(first: int, count: int, stride: int, write: bool) -> None:
    """The first byte of every `stride`-th page, upwards."""
    step = stride << PAGE_SHIFT
    for done in range(0, count, _STRETCH):
        some = min(_STRETCH, count - done)
        start = (first + done * stride) << PAGE_SHIFT
        part = slice(start, start + (some - 1) * step + 1, step)
        _touch_stretch(memory, part, some, (first + done) % 255, write)


def rehearse(counts: Iterable[int], write: bool) -> None:
    """Do the same in memory of no account, so that what it needs is there."""
    for size in {size for count in counts for size in (min(count, _STRETCH), count % _STRETCH)}:
        _touch_stretch(_scratch, slice(0, 2 * size, 2), size, 0, write)


def _touch_stretch(where: memoryview, part: slice, size: int, shift: int, write: bool) -> None:
    """A slice of memory, byte by byte and upwards, without the interpreter between the bytes."""
    if write:
        where[part] = _CONTENT[shift : shift + size]
    else:
        where[part].tobytes()


class Treadmill:
    """A working set: its pages again and again, one after the other or at random."""

    def __init__(self, first: int, pages: int) -> None:
        self._first, self._pages = first, pages
        start = first << PAGE_SHIFT
        self._bytes = memory[start : start + ((pages - 1) << PAGE_SHIFT) + 1 : PAGE_BYTES]
        self._at = 0
        """Where cyclic work goes on."""
        self._batch = _FEWEST
        self._kept: dict[int, None] = {}
        """Pages that are there, the one that was touched longest ago first."""
        self._before, self._after = (ctypes.c_long * 18)(), (ctypes.c_long * 18)()

    def run(
        self, order: str, write: bool, nanoseconds: int, keep: int = 0, account: str = ""
    ) -> tuple[int, int, int, int]:
        """Work for about so long.

        Args:
            order: `random`, every page as likely as any other each time; else cyclic.
            write: or read.
            nanoseconds: of the clock on the wall, preparations included.
            keep: how many pages may be there: whenever there are more, those touched longest
                ago are paged out, by the program itself. 0 for all.
            account: memory.stat of the group that is short of memory; "" without one.

        Returns:
            Touches, the nanoseconds they took, and the minor and major faults taken in them.
        """
        touches = spent = minor = major = 0
        scarce = 0 < keep < self._pages
        if scarce:
            self._find_kept()
            self._page_out_but(keep)
        else:
            self._kept = {}
        now = began = monotonic_ns()
        while now - began < nanoseconds:
            batch = min(self._batch, max(_FEWEST, self._pages >> 8)) if scarce else self._batch
            pages: Iterable[int] = self._next(order, batch)
            if scarce:
                pages = list(pages)
            _libc.getrusage(_RUSAGE_SELF, self._before)
            start = monotonic_ns()
            self._touch(pages, write)
            took = monotonic_ns() - start
            _libc.getrusage(_RUSAGE_SELF, self._after)
            if scarce:
                start = monotonic_ns()
                self._keep(pages, keep)
                took += monotonic_ns() - start
            touches, spent = touches + batch, spent + took
            minor += self._after[_MINFLT] - self._before[_MINFLT]
            major += self._after[_MAJFLT] - self._before[_MAJFLT]
            if account and self._after[_MINFLT] + self._after[_MAJFLT] != (
                self._before[_MINFLT] + self._before[_MAJFLT]
            ):
                _refresh(account)
            if took < _QUICK_NS:
                self._batch = min(_MOST, 2 * batch)
            elif took > _SLOW_NS:
                self._batch = max(_FEWEST, batch // 2)
            now = monotonic_ns()
        return touches, spent, minor, major

    def _next(self, order: str, batch: int) -> Iterable[int]:
        """Which pages come next; counted from the first of the region."""
        if order == "random":
            return map(mod, memoryview(os.urandom(4 * batch)).cast("I"), repeat(self._pages))
        start, self._at = self._at, (self._at + batch) % self._pages
        return map(mod, range(start, start + batch), repeat(self._pages))

    def _touch(self, pages: Iterable[int], write: bool) -> None:
        if write:
            content = repeat(self._at % 255 + 1)
            _sink.extend(map(setitem, repeat(self._bytes), pages, content))  # type: ignore[arg-type]
        else:
            _sink.extend(map(getitem, repeat(self._bytes), pages))

    # Playing the kernel, where there is no memory cgroup to make it short of memory

    def _find_kept(self) -> None:
        """What is there, as /proc/self/pagemap tells, in the order of the last touches.

        Of pages that nobody kept book of, those come first that cyclic work would need next.
        """
        with open("/proc/self/pagemap", "rb", buffering=0) as file:
            raw = os.pread(file.fileno(), 8 * self._pages, 8 * self._first)
        words = memoryview(raw).cast("Q")
        round_trip = (*range(self._at, self._pages), *range(self._at))
        there = {page: None for page in round_trip if words[page] & _PRESENT}
        known = {page: None for page in self._kept if page in there}
        self._kept = {page: None for page in there if page not in known} | known

    def _keep(self, touched: Iterable[int], keep: int) -> None:
        """Note the touches, and page out what is too much."""
        kept = self._kept
        for page in touched:
            kept.pop(page, None)
            kept[page] = None
        self._page_out_but(keep)

    def _page_out_but(self, keep: int) -> None:
        kept = self._kept
        going = sorted(islice(kept, max(0, len(kept) - keep)))
        for page in going:
            del kept[page]
        for start, count in _stretches(going):
            address = (self._first + start) << PAGE_SHIFT
            size = count << PAGE_SHIFT
            _libc.madvise(ctypes.c_ulong(address), ctypes.c_ulong(size), _MADV_PAGEOUT)


def _refresh(account: str) -> None:
    """Have the kernel count the group's pages anew, which it does whenever it is asked.

    Reclaim looks at these counts for which of its two lists is the longer one, and refreshes them
    every few seconds at most. Work in turn empties a list in less. On 6.18 most runs then ended
    by the OOM killer within seconds, all pages on the active list and swap nearly empty; none did
    with the counts fresh. That stale counts are the cause is inferred from this, not traced.
    """
    with open(account, "rb", buffering=0) as file:
        file.read()


def _stretches(numbers: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Ascending numbers as (first, how many in a row)."""
    start = 0
    for at in range(1, len(numbers) + 1):
        if at == len(numbers) or numbers[at] != numbers[at - 1] + 1:
            yield numbers[start], at - start
            start = at
