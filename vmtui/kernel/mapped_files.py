"""The very file that a process maps: /proc/PID/map_files, or its path where the kernel refuses.

proc_pid_map_files(5). The links there lead to the mapped file itself, also when it was deleted or
another one has taken its name; following them takes CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE.
Without, the path is tried inside the process's own root, and the file counts only if it is the same
one by inode and device. Nothing but regular files is ever opened: a name is first held without
opening (O_PATH), so that no device wakes up and no pipe blocks.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass

from vmtui.errors import NotPermitted, NotSupported, ProcessGone, VmtuiError
from vmtui.kernel.files import PROC, read_system, translated
from vmtui.kernel.maps import device_number
from vmtui.kernel.target import Target
from vmtui.text import display

_DELETED = b" (deleted)"
_HOLD = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_PERHAPS = "run vmtui as root (CAP_CHECKPOINT_RESTORE)"


@dataclass(frozen=True, slots=True)
class MappedFile:
    """A file of a VMA, as maps lists it."""

    start: int
    """Of one VMA that maps it."""
    end: int
    device: int
    """As in the `device` column of maps."""
    inode: int
    name: bytes
    """Raw."""


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """Which file and which version of it: equal means unchanged."""

    device: int
    inode: int
    nbytes: int
    changed_ns: int
    """st_ctime_ns: nobody but root can set it back."""
    owner: int
    """User id."""


def open_mapped(target: Target, file: MappedFile) -> int:
    """A descriptor to read the file by; the caller closes it.

    Raises:
        ProcessGone: the process has exited, or maps it no longer.
        NotPermitted: neither way is open to this user.
        NotSupported: it is no regular file, or it is gone and only its name could be used.
    """
    link = f"map_files/{file.start:x}-{file.end:x}"
    try:
        held = target.open(link, os.O_PATH)
    except ProcessGone:
        if not target.alive():
            raise
        return _opened_by_name(target, file, changed=True)
    except VmtuiError:
        return _opened_by_name(target, file, changed=False)
    try:
        return _readable(held, file, by_name=False)
    finally:
        os.close(held)


def open_regular(path: bytes, *, follow: bool = False) -> int:
    """A descriptor of a regular file by its path.

    Args:
        path: raw.
        follow: whether its last part may be a symbolic link.

    Raises:
        NotPermitted, NotSupported, VmtuiError: by errno, or because it is something else.
    """
    try:
        held = os.open(path, _HOLD & ~os.O_NOFOLLOW if follow else _HOLD)
    except OSError as error:
        raise translated(error, path, of_process=False) from error
    try:
        return reopened(held, path)
    finally:
        os.close(held)


def reopened(held: int, name: bytes) -> int:
    """The file of an O_PATH descriptor through one that reads; the caller closes both.

    Raises:
        NotPermitted, NotSupported, VmtuiError: by errno, or because it is no regular file.
    """
    shown = display(name)
    if not stat.S_ISREG(os.fstat(held).st_mode):
        raise NotSupported(f"{shown}: not a regular file")
    try:
        return os.open(f"{PROC}/self/fd/{held}", _READ)
    except OSError as error:
        if error.errno == errno.EWOULDBLOCK:
            raise NotSupported(f"{shown}: another program holds a lease on it") from error
        raise translated(error, name, of_process=False) from error


def identity_of(fd: int) -> FileIdentity:
    """Which file a descriptor is of. Raises OSError."""
    found = os.fstat(fd)
    return FileIdentity(found.st_dev, found.st_ino, found.st_size, found.st_ctime_ns, found.st_uid)


def fuse_devices(target: Target) -> frozenset[int]:
    """Devices whose files are served by a program (FUSE), which may answer never.

    As the target's mounts list them, and vmtui's own.

    Raises:
        ProcessGone, NotPermitted: mountinfo could not be read.
    """
    lists = (target.read("mountinfo"), read_system(f"{PROC}/self/mountinfo"))
    return frozenset(device for raw in lists for device in _fuse(raw))


def _fuse(raw: bytes) -> set[int]:
    found = set()
    for line in raw.split(b"\n"):
        place, _, kind = line.partition(b" - ")
        fields, name = place.split(b" "), kind.partition(b" ")[0]
        if len(fields) > 2 and (name == b"fuse" or name.startswith((b"fuse.", b"fuseblk"))):
            major, _, minor = fields[2].partition(b":")
            if major.isdigit() and minor.isdigit():
                found.add(device_number(int(major), int(minor)))
    return found


def _opened_by_name(target: Target, file: MappedFile, *, changed: bool) -> int:
    """By the path in the process's root; by `exe` where that is the file: it works when deleted."""
    shown = display(file.name)
    for link in ("exe", b"root" + file.name if file.name.startswith(b"/") else b""):
        try:
            held = _held(target, link)
        except VmtuiError as error:
            refusal = error
            continue
        try:
            return _readable(held, file, by_name=True)
        except NotSupported as error:
            refusal = error
        finally:
            os.close(held)
    if changed:
        raise ProcessGone(f"{shown}: the process maps it no longer")
    if file.name.endswith(_DELETED) or not isinstance(refusal, NotPermitted):
        raise NotPermitted(f"{shown}: the file is not, or no longer, under this name", _PERHAPS)
    raise refusal


def _held(target: Target, name: str | bytes) -> int:
    if not name:
        raise NotSupported("it has no path")
    if name == "exe":
        return target.open("exe", os.O_PATH)
    return target.open(os.fsdecode(name), _HOLD)


def _readable(held: int, file: MappedFile, *, by_name: bool) -> int:
    """The held file opened for reading, if it is the mapped one."""
    found = os.fstat(held)
    if by_name and not _same(found, file):
        raise NotSupported(f"{display(file.name)}: another file has this name now")
    return reopened(held, file.name)


def _same(found: os.stat_result, file: MappedFile) -> bool:
    """By inode and device; file systems without a disk (overlayfs, btrfs) number in two ways."""
    device = device_number(os.major(found.st_dev), os.minor(found.st_dev))
    without_disk = not os.major(found.st_dev) or not file.device >> 20
    return found.st_ino == file.inode and (device == file.device or without_disk)
