"""PROCMAP_QUERY: one VMA by its address, an ioctl on /proc/PID/maps (Linux 6.11).

include/uapi/linux/fs.h. About 3–14 µs a VMA from Python, whatever the number of VMAs: for what is
at an address now, or the rows on screen out of 60,000. Needs the right to open maps: the same user,
or CAP_SYS_PTRACE. Names come back raw: unlike in the text of maps a newline is a newline.

Where the kernel has no such ioctl, `NotSupported` is raised and the caller keeps to the rows it has
from `maps`: the same VMAs of a moment ago, with `\\012` in place of a newline and without build id.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import struct
from dataclasses import dataclass

from vmtui.kernel import flags
from vmtui.kernel.files import translated
from vmtui.kernel.maps import device_number

_ARGUMENT = struct.Struct("=9Q4I2Q")
_NAME_BYTES = 4096
_BUILD_ID_BYTES = 20
_ROOM = _NAME_BYTES + _BUILD_ID_BYTES
_LETTERS = (
    (flags.PROCMAP_QUERY_VMA_READABLE, "r", "-"),
    (flags.PROCMAP_QUERY_VMA_WRITABLE, "w", "-"),
    (flags.PROCMAP_QUERY_VMA_EXECUTABLE, "x", "-"),
    (flags.PROCMAP_QUERY_VMA_SHARED, "s", "p"),
)


@dataclass(frozen=True, slots=True)
class ProcMap:
    """One VMA as it is now."""

    start: int
    end: int
    perms: str
    """As in maps: `rw-p`."""
    page_size_bytes: int
    """The VMA's own page size: larger than the base page for hugetlb."""
    offset: int
    """Where in the file it begins, bytes."""
    device: int
    """As in the `device` column of maps; 0 where there is no file."""
    inode: int
    name: bytes
    """Raw and unescaped; `b""` where there is none."""
    build_id: bytes
    """Of the ELF file behind it; `b""` if it has none or it was not asked for."""


def query(
    fd: int, address: int, *, covering_or_next: bool = True, build_id: bool = False
) -> ProcMap | None:
    """The VMA at an address.

    Args:
        fd: a descriptor of /proc/PID/maps.
        address: any address.
        covering_or_next: where no VMA covers it, answer with the next one above.
        build_id: ask for it too; the kernel then reads the beginning of the file.

    Returns:
        The VMA, or None where there is none (`[vsyscall]` is none either: it is the kernel's).

    Raises:
        NotSupported: the kernel has no such ioctl.
        ProcessGone: the process has exited, or has no user memory.
    """
    query_flags = flags.PROCMAP_QUERY_COVERING_OR_NEXT_VMA if covering_or_next else 0
    build_id_bytes = _BUILD_ID_BYTES if build_id else 0
    return _ask(fd, address, query_flags, build_id_bytes, ctypes.create_string_buffer(_ROOM))


def following(fd: int, address: int, count: int) -> list[ProcMap]:
    """Up to `count` VMAs from the one at an address upwards: what a screen shows.

    Each is asked for on its own, so a process that maps in between may give a torn picture, but
    never an overlapping one.

    Raises:
        NotSupported, ProcessGone: as `query`.
    """
    found: list[ProcMap] = []
    upwards, room = flags.PROCMAP_QUERY_COVERING_OR_NEXT_VMA, ctypes.create_string_buffer(_ROOM)
    while len(found) < count and (vma := _ask(fd, address, upwards, 0, room)):
        found.append(vma)
        address = vma.end
    return found


def _ask(
    fd: int,
    address: int,
    query_flags: int,
    build_id_bytes: int,
    room: ctypes.Array[ctypes.c_char],
) -> ProcMap | None:
    """One ioctl; `room` takes the name, then the build id."""
    name_at = ctypes.addressof(room)
    build_id_at = name_at + _NAME_BYTES
    argument = bytearray(
        _ARGUMENT.pack(
            *(_ARGUMENT.size, query_flags, address),
            *(0, 0, 0, 0, 0, 0),  # the answer: addresses, flags, page size, offset, inode
            *(0, 0, _NAME_BYTES, build_id_bytes),
            *(name_at, build_id_at if build_id_bytes else 0),
        )
    )
    try:
        fcntl.ioctl(fd, flags.PROCMAP_QUERY, argument)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        raise translated(error, "PROCMAP_QUERY of /proc/PID/maps", of_process=True) from error
    answer = _ARGUMENT.unpack(argument)
    start, end, vma_flags, page_size, offset, inode = answer[3:9]
    major, minor, name_bytes, found_build_id_bytes = answer[9:13]
    return ProcMap(
        start=start,
        end=end,
        perms="".join([yes if vma_flags & bit else no for bit, yes, no in _LETTERS]),
        page_size_bytes=page_size,
        offset=offset,
        device=device_number(major, minor),
        inode=inode,
        # The size counts the NUL at the end, and is 0 where there is no name.
        name=ctypes.string_at(name_at, max(0, name_bytes - 1)),
        build_id=ctypes.string_at(build_id_at, found_build_id_bytes),
    )
