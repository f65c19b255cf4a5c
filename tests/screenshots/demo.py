"""A small shop of processes with something to see: it runs from standard input under any name.

Roles: `db` (forked once, then written, grown, paged out and read back), `cache` (shared memory),
`web` (bursts of faults), `leak`, `idle`. Plain standard library; ends with whoever started it.
"""

import ctypes
import mmap
import os
import random
import signal
import sys
import time

PAGE = mmap.PAGESIZE
MIB = 1 << 20
LIBC = ctypes.CDLL(None, use_errno=True)
HUGE, REMOVE, PAGEOUT, COLLAPSE, GUARD_INSTALL = 14, 9, 21, 25, 102


def name(words: str) -> None:
    """Name the process, and let it end with its parent."""
    LIBC.prctl(15, words.encode()[:15], 0, 0, 0)
    LIBC.prctl(1, signal.SIGKILL, 0, 0, 0)


def region(mebibytes: int, shared: bool = False) -> mmap.mmap:
    """Anonymous memory."""
    kind = mmap.MAP_SHARED if shared else mmap.MAP_PRIVATE
    return mmap.mmap(-1, mebibytes * MIB, flags=kind | mmap.MAP_ANONYMOUS)


def write(memory: mmap.mmap, first: int, last: int, odds: float = 1.0) -> None:
    """Touch pages from one index to another, a few left out in runs."""
    page = first
    while page < last:
        run = random.randrange(4, 200)
        if random.random() < odds:
            for at in range(page, min(page + run, last)):
                memory[at * PAGE : at * PAGE + 8] = at.to_bytes(8, "little")
        page += run


def db() -> None:
    """The process whose pages are looked at."""
    random.seed(7)
    heap = region(412)
    base = ctypes.addressof(ctypes.c_char.from_buffer(heap))
    pages = len(heap) // PAGE
    write(heap, 0, pages * 3 // 10, 0.995)
    buffers = region(512, shared=True)
    write(buffers, 0, 60 * MIB // PAGE)
    write(buffers, 60 * MIB // PAGE, 120 * MIB // PAGE, 0.5)
    if os.fork() == 0:
        name("db: snapshot")
        time.sleep(3600)
    write(heap, 0, pages * 3 // 10, 0.12)  # copied away from the child
    huge = -(-(base + (pages * 4 // 10) * PAGE) // (2 * MIB)) * 2 * MIB
    write(heap, pages * 3 // 10, pages * 9 // 10, 0.97)
    LIBC.madvise(ctypes.c_void_p(huge), 8 * MIB, COLLAPSE)  # advice would split the VMA
    for at in range(pages * 905 // 1000, pages * 91 // 100):
        heap[at * PAGE]  # read only: the zero page
    LIBC.madvise(ctypes.c_void_p(base + (pages * 915 // 1000) * PAGE), 64 * PAGE, GUARD_INSTALL)
    scratch = region(64)
    scratch.madvise(HUGE)
    write(scratch, 0, 30 * MIB // PAGE)
    name("db")
    grown, began = pages * 92 // 100, time.monotonic()
    while True:
        now = time.monotonic() - began
        for _ in range(10):  # some pages leave for swap, some come back
            start = base + random.randrange(pages * 4 // 10, pages * 8 // 10) * PAGE
            if int(now) % 60 < 40:
                LIBC.madvise(ctypes.c_void_p(start), random.randrange(8, 60) * PAGE, PAGEOUT)
        if int(now) % 60 >= 35:
            write(heap, pages * 4 // 10, pages * 8 // 10, 0.002)
        if grown < pages * 99 // 100:
            write(heap, grown, grown + 12)
            grown += 12
        time.sleep(0.35)


def web(mebibytes: int) -> None:
    """Memory taken and given back, a request at a time."""
    kept = region(mebibytes)
    write(kept, 0, mebibytes * MIB // PAGE * 3 // 4)
    random.seed(mebibytes)
    while True:
        pages = random.randrange(200, 3000) * (3 if random.random() < 0.2 else 1)
        with region(64) as scratch:
            for at in range(min(pages, 64 * MIB // PAGE)):
                scratch[at * PAGE] = 1
                if at % 256 == 0:
                    time.sleep(0.05)
            time.sleep(random.random() * 4)
        time.sleep(random.random() * 3)


def cache(mebibytes: int) -> None:
    """Shared memory with a reader; fills up, is swept, fills up again."""
    kept = region(mebibytes, shared=True)
    pages = mebibytes * MIB // PAGE
    write(kept, 0, pages * 2 // 3, 0.9)
    if os.fork() == 0:
        name(os.environ["NAME"])
        kept[: mebibytes * MIB // 3 : PAGE]
        time.sleep(3600)
    filled = pages * 2 // 3
    while True:
        if filled + 512 < pages:
            write(kept, filled, filled + 400)
            filled += 400
        else:
            kept.madvise(REMOVE, pages // 3 * PAGE, pages * 2 // 3 * PAGE)
            filled = pages // 3
        time.sleep(0.5)


def leak(mebibytes: int) -> None:
    """Grows slowly and never gives back."""
    kept = region(4 * mebibytes)
    at = mebibytes * MIB // PAGE
    write(kept, 0, at)
    while at < 4 * mebibytes * MIB // PAGE - 64:
        write(kept, at, at + 37)
        at += 37
        time.sleep(1)


def idle(mebibytes: int) -> None:
    """Memory and nothing to do."""
    kept = region(mebibytes)
    write(kept, 0, mebibytes * MIB // PAGE)
    time.sleep(3600)


def main() -> None:
    """`ROLE MIB NAME` from the environment: the arguments are what the list shows."""
    role, size = os.environ["ROLE"], int(os.environ["SIZE"])
    name(os.environ["NAME"])
    if role == "db":
        db()
    else:
        {"cache": cache, "web": web, "leak": leak, "idle": idle}[role](size)


if __name__ == "__main__":
    sys.stdout.flush()
    main()
