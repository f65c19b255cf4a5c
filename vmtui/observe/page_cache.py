"""Which files are in the page cache: those that processes have open or mapped, or a path's.

The kernel keeps no list of cached files; a file that nobody has open is found only by its path.
Files are opened through the process's own links (map_files, fd), so that deleted files, memfds and
those of other mount namespaces are found, and nothing but a regular file is ever opened.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from vmtui.errors import NotPermitted, NotSupported, VmtuiError
from vmtui.kernel import cachestat, filesystems, maps
from vmtui.kernel.files import PROC
from vmtui.kernel.processes import ProcessFiles
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.page_cache import CachedFile, CacheSurvey, Holder, largest_first
from vmtui.told import Told, nobody

MOST_FILES = 50_000
_DELETED = b" (deleted)"
_NO_NAME = Missing("the file has no name that leads to it any more", "run vmtui as root")
_NEVER: Callable[[], bool] = lambda: False  # noqa: E731


@dataclass(slots=True)
class _Seen:
    """One file, while processes are gone through."""

    path: bytes
    ways: list[bytes]
    """Names under which it might be opened."""
    mapped: dict[int, None] = field(default_factory=dict)
    opened: dict[int, None] = field(default_factory=dict)


def survey(
    *,
    most: int = MOST_FILES,
    cancelled: Callable[[], bool] = _NEVER,
    told: Told = nobody,
) -> CacheSurvey:
    """Every regular file that a process has open or mapped.

    Args:
        most: files that are looked at; the others are counted.
        cancelled: asked between processes and files; what is known by then is returned.
        told: hears how many of the processes, then of the files, have been asked.
    """
    found: dict[tuple[int, int], _Seen] = {}
    comms: dict[int, bytes] = {}
    refused = left_out = 0
    made_up = _made_up()
    with ProcessFiles() as files:
        pids = files.pids()
    for number, pid in enumerate(pids):
        told(number, len(pids))
        if cancelled():
            break
        try:
            with Target(pid) as target:
                comms[pid] = target.read("comm").strip()
                for key, path, way, mapped in _files_of(target):
                    if key[0] in made_up:
                        continue
                    if key not in found and len(found) >= most:
                        left_out += 1
                        continue
                    seen = found.setdefault(key, _Seen(path, []))
                    if len(seen.ways) < _MOST_WAYS:
                        seen.ways.append(way)
                    (seen.mapped if mapped else seen.opened)[pid] = None
        except NotPermitted:
            refused += 1
        except VmtuiError:
            continue
    asked = []
    for number, (key, seen) in enumerate(found.items()):
        told(number, len(found))
        if cancelled():
            break
        asked.append(_of_seen(key, seen, comms))
    return CacheSurvey(largest_first(asked), len(comms), refused, left_out)


_MOST_WAYS = 4


def _made_up() -> frozenset[int]:
    """Devices of /proc and the like: their files are open everywhere and have no pages."""
    try:
        return filesystems.made_up_devices()
    except VmtuiError:
        return frozenset()


def of_paths(
    paths: Iterable[str],
    *,
    most: int = MOST_FILES,
    cancelled: Callable[[], bool] = _NEVER,
    told: Told = nobody,
) -> CacheSurvey:
    """Files by name, and all regular files below a directory, on its own file system.

    Args:
        paths: files and directories.
        most: files that are looked at; the others are counted.
        cancelled: asked between files; what is known by then is returned.
        told: hears how many files there have been, of nobody knows how many.

    Raises:
        VmtuiError: a path that was named leads to nothing.
    """
    found: list[CachedFile] = []
    left_out = 0
    for name in _regular(paths):
        if cancelled():
            break
        told(len(found) + left_out, 0)
        if len(found) >= most:
            left_out += 1
            continue
        found.append(_of_path(os.fsencode(name)))
    return CacheSurvey(largest_first(found), 0, 0, left_out)


def _regular(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        try:
            about = os.stat(path)
        except OSError as error:
            raise VmtuiError(f"{path}: {error.strerror}") from error
        if not stat.S_ISDIR(about.st_mode):
            yield path
            continue
        for directory, below, names in os.walk(path):
            below[:] = [
                name for name in below if _device(os.path.join(directory, name)) == about.st_dev
            ]
            yield from (os.path.join(directory, name) for name in sorted(names))


def _device(path: str) -> int:
    try:
        return os.lstat(path).st_dev
    except OSError:
        return -1


def _of_path(path: bytes) -> CachedFile:
    try:
        fd, about = cachestat.open_regular(path)
    except VmtuiError as error:
        return CachedFile(path, 0, 0, 0, Missing.because(error))
    try:
        return CachedFile(path, about.st_dev, about.st_ino, about.st_size, _asked(fd, about))
    finally:
        os.close(fd)


def _asked(fd: int, about: os.stat_result) -> cachestat.Cached | Missing:
    try:
        return cachestat.read(fd, about.st_size)
    except VmtuiError as error:
        return Missing.because(error)


def _files_of(target: Target) -> Iterator[tuple[tuple[int, int], bytes, bytes, bool]]:
    """Device and inode, path, a name to open it by, and whether it is mapped.

    Raises:
        NotPermitted, ProcessGone: as named.
    """
    proc = f"{PROC}/{target.pid}".encode()
    found = maps.read(target)
    mapped: dict[tuple[int, int], int] = {}
    for row in found.inode.nonzero()[0].tolist():
        device = int(found.device[row])
        key = os.makedev(device >> 20, device & 0xFFFFF), int(found.inode[row])
        mapped.setdefault(key, row)
    for key, row in mapped.items():
        name = found.names[row]
        yield key, name, b"%s/map_files/%x-%x" % (proc, found.start[row], found.end[row]), True
        if name.startswith(b"/") and not name.endswith(_DELETED):
            yield key, name, proc + b"/root" + name, True
    for way in _descriptors(proc):
        try:
            about = os.stat(way)
            if stat.S_ISREG(about.st_mode):
                yield (about.st_dev, about.st_ino), os.readlink(way), way, False
        except OSError:
            continue  # closed meanwhile


def _descriptors(proc: bytes) -> list[bytes]:
    try:
        return [proc + b"/fd/" + name for name in os.listdir(proc + b"/fd")]
    except OSError:
        return []


def _of_seen(key: tuple[int, int], seen: _Seen, comms: dict[int, bytes]) -> CachedFile:
    """Open it by the first name that leads to that very file, and ask."""
    holders = tuple(
        Holder(pid, comms[pid], pid in seen.mapped, pid in seen.opened)
        for pid in sorted({**seen.mapped, **seen.opened})
    )
    why = _NO_NAME
    for way in seen.ways:
        try:
            fd, about = cachestat.open_regular(way)
        except NotSupported:
            continue
        except VmtuiError as error:
            why = Missing.because(error)
            continue
        try:
            if about.st_ino == key[1]:  # st_dev of btrfs differs from what maps prints
                return CachedFile(seen.path, *key, about.st_size, _asked(fd, about), holders)
        finally:
            os.close(fd)
    return CachedFile(seen.path, *key, 0, why, holders)
