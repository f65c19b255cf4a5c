"""A swap file of our own: small, private, on a disk, gone afterwards.

The header is written here rather than by mkswap(8): version 1 of include/linux/swap.h.
"""

from __future__ import annotations

import errno
import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vmtui.errors import NotPermitted, NotSupported, VmtuiError
from vmtui.kernel import capabilities, filesystems
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.resources import syscalls
from vmtui.lab.text import Text
from vmtui.units import size

if TYPE_CHECKING:
    from vmtui.lab.resources.keeper import Keeper

MOST_BYTES = 256 << 20
SHARE_OF_DISK = 20
"""One part in so many of what is free."""
_LEAST_PAGES = 10
_HEADER_AT = 1024
_SIGNATURE = b"SWAPSPACE2"
_HIGHEST = 32_767
NEEDS_ROOT = Text(
    "a swap of its own needs root (CAP_SYS_ADMIN); run vmtui as root",
    "専用のスワップには root 権限が要る（root で vmtui を起動する）",
)


@dataclass(frozen=True, slots=True)
class Swap:
    """A swap that is switched on."""

    kind: Literal["file", "zram"]
    path: str
    """As /proc/swaps names it."""
    nbytes: int
    """With the page of the header."""

    @property
    def name(self) -> str:
        """As /proc/swaps names it."""
        return self.path


def refused() -> Text | None:
    """Why there can be no swap file here; None when there can, as far as one can tell."""
    return None if may_swap() else NEEDS_ROOT


def refusal(why: Text) -> VmtuiError:
    """The same as an error."""
    if why is NEEDS_ROOT:
        return NotPermitted(why.en, unlock="")
    return NotSupported(why.en)


def may_swap() -> bool:
    """Whether this process may switch swaps on."""
    try:
        return (
            "CAP_SYS_ADMIN" in capabilities.effective_capabilities()
            and capabilities.in_initial_user_namespace()
        )
    except VmtuiError:
        return os.geteuid() == 0


def make(keeper: Keeper, nbytes: int, *, preferred: bool) -> Swap:
    """A file, filled and switched on.

    Raises:
        NotPermitted: not by this user.
        NotSupported: too large, no room, or a file system that cannot hold swap.
        OSError: as named.
    """
    if why := refused():
        raise refusal(why)
    pages = max(_LEAST_PAGES, -(-nbytes // PAGE_SIZE))
    directory = keeper.directory
    check_size(pages * PAGE_SIZE, directory)
    path = f"{directory}/swap-{keeper.stem.removeprefix('vmtui-')}-{pages}"
    keeper.change("file", lambda: _write(path, pages), lambda inode: {"inode": inode}, path=path)
    switch_on(keeper, path, preferred=preferred)
    return Swap("file", path, pages * PAGE_SIZE)


def check_size(nbytes: int, directory: str) -> None:
    """Refuse what is too large.

    Raises:
        NotSupported: with what would be allowed.
    """
    found = os.statvfs(directory)
    free = found.f_bavail * found.f_frsize
    most = min(MOST_BYTES, free // SHARE_OF_DISK)
    if nbytes > most:
        raise NotSupported(
            f"a swap file of {size(nbytes)} is too large: {size(most)} are allowed here "
            f"(256 MiB, or a twentieth of the free disk)"
        )


def header(pages: int) -> bytes:
    """The first page of a swap area."""
    made = bytearray(PAGE_SIZE)
    struct.pack_into("=3I", made, _HEADER_AT, 1, pages - 1, 0)  # version, last page, bad pages
    made[-len(_SIGNATURE) :] = _SIGNATURE
    return bytes(made)


def switch_on(keeper: Keeper, path: str, *, preferred: bool) -> None:
    """swapon(2), told to the journal before.

    Raises:
        NotSupported: the file system cannot hold swap.
        OSError: as named.
    """
    flags = syscalls.PREFER | _HIGHEST if preferred else 0
    try:
        keeper.change("swap", lambda: syscalls.swapon(path, flags), path=path)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        kind = filesystems.kind_of(path)
        raise NotSupported(f"{path}: a swap file cannot lie on {kind}") from error


def _write(path: str, pages: int) -> int:
    """The file; its inode."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(path, flags, 0o600)
    try:
        os.posix_fallocate(fd, 0, pages * PAGE_SIZE)  # swapon refuses holes
        os.pwrite(fd, header(pages), 0)
        os.fsync(fd)
        return os.fstat(fd).st_ino
    except OSError as error:
        error.filename = path
        raise
    finally:
        os.close(fd)
