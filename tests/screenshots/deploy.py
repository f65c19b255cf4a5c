"""A process to which a deploy happens, for pictures of what changed: it runs from standard input.

Each step is told on standard output before it is made, as a person would mark it. Plain standard
library, below 200 MiB; ends with whoever started it.
"""

import ctypes
import mmap
import os
import signal
import sys
import threading
import time

MIB = 1 << 20
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.malloc.restype = ctypes.c_void_p
CHUNK = 48 << 10
"""Below what malloc maps for itself: it comes from the heap."""
DONTNEED, NOHUGEPAGE = 4, 15


def private(mebibytes: int) -> tuple[mmap.mmap, int]:
    """Private memory, a mapping of its own, all of it written; and where it is."""
    memory = mmap.mmap(-1, mebibytes * MIB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.madvise(NOHUGEPAGE)
    memory[:: mmap.PAGESIZE] = bytes(len(memory) // mmap.PAGESIZE)
    return memory, ctypes.addressof(ctypes.c_char.from_buffer(memory))


def indexed(mebibytes: int) -> mmap.mmap:
    """A file mapped and read."""
    with open(os.path.join(os.environ["SHOP"], "index-2.4.1"), "wb+") as file:
        file.write(bytes(mebibytes * MIB))
        file.flush()
        os.fsync(file.fileno())
        memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    memory[:: mmap.PAGESIZE]
    return memory


def leak(mebibytes: float) -> None:
    """Taken from the heap, written, and forgotten."""
    for _ in range(int(mebibytes * MIB / CHUNK)):
        ctypes.memset(LIBC.malloc(CHUNK), 1, CHUNK)


def told(words: str) -> None:
    """Say what comes, and leave a moment in which it has not happened yet."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
    time.sleep(1.3)


def main() -> None:
    """The whole story: forty seconds."""
    LIBC.prctl(15, b"search", 0, 0, 0)
    LIBC.prctl(1, signal.SIGKILL, 0, 0, 0)
    worker = os.fork()
    if worker == 0:
        LIBC.prctl(15, b"indexer", 0, 0, 0)
        kept = private(24)
        time.sleep(26)
        del kept
        os._exit(0)
    cache, at = private(64)
    apart = mmap.mmap(-1, mmap.PAGESIZE)  # shared: what is private beside it would be one VMA
    rules, rules_at = private(12)
    told(f"ready {worker}")
    time.sleep(7)
    told("deploy 2.4.1")
    index = indexed(20)
    LIBC.mprotect(ctypes.c_void_p(rules_at), 8 * MIB, mmap.PROT_READ)
    for _ in range(2):
        threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
    for second in range(24):
        if second == 9:
            told("cache trimmed")
            LIBC.madvise(ctypes.c_void_p(at), 24 * MIB, DONTNEED)
        leak(1.7)
        time.sleep(1)
    told("over")
    os.waitpid(worker, 0)
    time.sleep(3600)
    del cache, apart, rules, index


if __name__ == "__main__":
    main()
