"""The process that truth tests look at: does memory operations it is told, one JSON line each.

Bare Python (`-I -S`): ctypes and nothing else, so that its address space is small and quiet. Lines
come on stdin, answers go to stdout. A forked child is spoken to through its parent.
"""

from __future__ import annotations

import _thread
import ctypes
import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # the child itself imports as little as it can
    from typing import Any, BinaryIO

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [
    *(ctypes.c_void_p, ctypes.c_size_t),
    *(ctypes.c_int, ctypes.c_int, ctypes.c_int),
    ctypes.c_long,
]
for name in ("mprotect", "madvise"):
    getattr(libc, name).argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
for name in ("munmap", "mlock"):
    getattr(libc, name).argtypes = [ctypes.c_void_p, ctypes.c_size_t]

PAGE = os.sysconf("SC_PAGE_SIZE")
BLOCK = PAGE // 8 * PAGE
PROT_NONE, PROT_READ, PROT_WRITE = 0, 1, 2
MAP_SHARED, MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS, MAP_NORESERVE = 1, 2, 0x10, 0x20, 0x4000
MAP_HUGETLB = 0x40000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NAME, SIGKILL = 1, 4, 15, 9
FAILED = ctypes.c_void_p(-1).value


def become(user: int) -> None:
    """Drop to an ordinary user; what such a change makes unreadable is made readable again."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def checked(answer: int, bad: int | None = -1) -> int:
    if answer == bad:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer


def map_area(
    kind: str, pages: int, fd: int = -1, private: bool = False, offset_pages: int = 0
) -> int:
    """Map between two gaps nobody may touch, on a 2 MiB border plus some pages."""
    size = pages * PAGE
    span = size + 4 * BLOCK
    flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    around = checked(libc.mmap(None, span, PROT_NONE, flags, -1, 0), FAILED)
    start = -(-(around + BLOCK) // BLOCK) * BLOCK + offset_pages * PAGE
    flags = MAP_FIXED | (MAP_PRIVATE if private or kind in ("anon", "none") else MAP_SHARED)
    if kind in ("anon", "none", "shared", "hugetlb"):
        flags |= MAP_ANONYMOUS
    if kind == "hugetlb":
        flags |= MAP_HUGETLB
    if kind == "anon":
        flags |= MAP_NORESERVE
    prot = PROT_NONE if kind == "none" else PROT_READ | PROT_WRITE
    return checked(libc.mmap(start, size, prot, flags, fd, 0), FAILED)


def perform(operation: str, arguments: dict[str, Any]) -> int:
    if operation == "map":
        return map_area(**arguments)
    if operation == "name":
        return checked(libc.prctl(PR_SET_NAME, arguments["name"].encode(), 0, 0, 0))
    if operation == "map_file":
        return map_file(**arguments)
    if operation in ("write", "read"):
        return touch(operation, **arguments)
    if operation == "threads":
        return start_threads(**arguments)
    call = getattr(libc, {"advise": "madvise", "protect": "mprotect"}.get(operation, operation))
    return checked(call(*arguments.values()))


def map_file(path: str | None, pages: int, private: bool) -> int:
    if path is None:
        fd = os.memfd_create("specimen")
        os.ftruncate(fd, pages * PAGE)
    else:
        fd = os.open(path, os.O_RDWR)
    try:
        return map_area("file", pages, fd, private)
    finally:
        os.close(fd)


def touch(operation: str, start: int, stop: int, step: int) -> int:
    touched = range(start, stop, step * PAGE)
    for address in touched:
        byte = ctypes.c_ubyte.from_address(address)
        if operation == "write":
            byte.value = (address // PAGE) % 255 + 1
        else:
            _ = byte.value
    return len(touched)


def start_threads(count: int) -> int:
    """Threads that sleep from now on, each on a stack of its own."""
    begun = [_thread.allocate_lock() for _ in range(count)]
    for lock in begun:
        lock.acquire()
        _thread.start_new_thread(sleep_on, (lock,))
    for lock in begun:
        lock.acquire()
    return count


def sleep_on(lock: _thread.LockType) -> None:
    asleep = _thread.allocate_lock()
    asleep.acquire()
    lock.release()
    asleep.acquire()


def fork() -> int:
    """A child that serves the same operations on its own pair of pipes."""
    to_child, from_child = os.pipe(), os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(to_child[1])
        os.close(from_child[0])
        die_with_parent(parent)
        serve(os.fdopen(to_child[0], "rb"), os.fdopen(from_child[1], "wb"))
        os._exit(0)
    os.close(to_child[0])
    os.close(from_child[1])
    children[pid] = os.fdopen(to_child[1], "wb"), os.fdopen(from_child[0], "rb")
    return pid


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    for line in iter(questions.readline, b""):
        asked = json.loads(line)
        try:
            if asked["via"]:
                to_child, from_child = children[asked["via"]]
                to_child.write(json.dumps({**asked, "via": 0}).encode() + b"\n")
                to_child.flush()
                answer = json.loads(from_child.readline())
            elif asked["operation"] == "fork":
                answer = {"value": fork()}
            else:
                answer = {"value": perform(asked["operation"], asked["arguments"])}
        except OSError as error:
            answer = {"errno": error.errno, "error": str(error)}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


children: dict[int, tuple[BinaryIO, BinaryIO]] = {}
if __name__ == "__main__":
    if int(sys.argv[2]):
        become(int(sys.argv[2]))
    die_with_parent(int(sys.argv[1]))
    sys.stdout.buffer.write(b"{}\n")
    sys.stdout.buffer.flush()
    serve(sys.stdin.buffer, sys.stdout.buffer)
