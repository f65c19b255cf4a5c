"""The state of the machine as far as experiments change it, and things of somebody else's on it."""

from __future__ import annotations

import ctypes
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.truth.machine_wide import NotBorrowed
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.resources import swapfile, syscalls
from vmtui.lab.resources.journal import ROOT_PLACE

POOL = Path("/proc/sys/vm/nr_hugepages")
PAGE_CLUSTER = Path("/proc/sys/vm/page-cluster")
PATIENCE_SECONDS = 20.0
_SETTINGS = (
    POOL,
    PAGE_CLUSTER,
    *(Path("/proc/sys/vm", name) for name in ("swappiness", "overcommit_memory", "panic_on_oom")),
    Path("/sys/kernel/mm/transparent_hugepage/enabled"),
)
_CGROUPS = Path("/sys/fs/cgroup")
_PR_SET_CHILD_SUBREAPER = 36


def machine_state(place: str = ROOT_PLACE) -> str:
    """Swaps, cgroups, settings, zram devices, our files, our children: the same text, or not."""
    swaps = [line.split() for line in Path("/proc/swaps").read_text().splitlines()[1:]]
    lines = [f"swap {' '.join((*words[:3], words[4]))}" for words in swaps]
    lines += [f"group {path}" for path in sorted(_groups())]
    lines += [f"{path} {path.read_text().strip()}" for path in _SETTINGS if path.exists()]
    for number, sequence in sorted(syscalls.zram_devices().items()):
        size = syscalls.read(f"/sys/block/zram{number}/disksize")
        lines.append(f"zram{number} {sequence} {size}")
    if os.path.isdir(place):
        lines += [f"directory {place}", *(f"file {name}" for name in sorted(os.listdir(place)))]
    lines += [f"child {pid}" for pid in sorted(children())]
    return "\n".join(lines)


def assert_state(before: str, place: str, what: str) -> None:
    """The machine is as it was, now or within some patience: other programs run on it too."""
    until = time.monotonic() + PATIENCE_SECONDS
    while machine_state(place) != before and time.monotonic() < until:
        time.sleep(0.02)
    assert machine_state(place) == before, what


def _groups() -> list[str]:
    """Of all hierarchies; the memory controller and cgroup2 are the ones that matter."""
    places = [_CGROUPS / name for name in ("memory", "unified")]
    if not any(place.is_dir() for place in places):
        places = [_CGROUPS]
    return [root for place in places for root, _, _ in os.walk(place)]


def children() -> list[int]:
    """Of this process; the ended ones are waited for first."""
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    found = []
    for pid in map(int, pids):
        if Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2][:1] == b"Z":
            os.waitpid(pid, 0)
        else:
            found.append(pid)
    return found


@contextmanager
def adopting() -> Iterator[None]:
    """Orphans come to this process, so that nothing can hide behind another parent."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@contextmanager
def others_things(directory: str) -> Iterator[None]:
    """Somebody else's swap file, cgroup and huge pages, which nothing may touch. As root."""
    with ExitStack() as undo:
        _foreign_swap(directory, undo)
        _foreign_group(undo)
        if (before := POOL.read_text().strip()) != "0":
            raise NotBorrowed(f"{POOL} is {before}: somebody else's")
        undo.callback(POOL.write_text, before)
        POOL.write_text("8")
        assert POOL.read_text().strip() == "8"
        yield


def _foreign_swap(directory: str, undo: ExitStack) -> None:
    pages = (8 << 20) // PAGE_SIZE
    path = f"{directory}/foreign"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    undo.callback(os.unlink, path)
    try:
        os.posix_fallocate(fd, 0, pages * PAGE_SIZE)
        os.pwrite(fd, swapfile.header(pages), 0)
        os.fsync(fd)
    finally:
        os.close(fd)
    syscalls.swapon(path, 0)
    undo.callback(syscalls.swapoff, path)


def _foreign_group(undo: ExitStack) -> None:
    place = _CGROUPS / "memory" if (_CGROUPS / "memory").is_dir() else _CGROUPS
    path = tempfile.mkdtemp(prefix="vmtui-0-foreign-", dir=place)
    undo.callback(os.rmdir, path)
