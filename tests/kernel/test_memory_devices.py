import mmap
import os

from vmtui.kernel import maps, memory_devices
from vmtui.kernel.memory_devices import MemoryDevices, parse
from vmtui.kernel.target import Target

MOUNTS = b"""\
25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=24684092k
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
28 27 0:25 / /mnt rw shared:7 master:2 - tmpfs a\\040b rw
29 27 0:26 / /huge rw,relatime - hugetlbfs none rw,pagesize=2M
30 27 x:y / /bad rw - tmpfs none rw
31 27
"""


def test_mounts() -> None:
    assert parse(MOUNTS) == MemoryDevices(frozenset({0x17, 0x19}), frozenset({0x1A}))
    assert parse(b"\xff\n") == MemoryDevices()


def test_the_kernels_own_shared_memory_is_found() -> None:
    fd = os.memfd_create("segment")
    os.truncate(fd, mmap.PAGESIZE)
    with (
        mmap.mmap(fd, mmap.PAGESIZE),
        mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS),
        Target(os.getpid()) as target,
    ):
        seen, devices = maps.read(target), memory_devices.read(target)
    os.close(fd)
    for name in (b"/memfd:segment (deleted)", b"/dev/zero (deleted)"):
        assert int(seen.device[seen.names.index(name)]) in devices.tmpfs
    assert devices.tmpfs & memory_devices.read().tmpfs
