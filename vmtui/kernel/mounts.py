"""Where the cgroup hierarchies with the memory controller are mounted: /proc/self/mountinfo.

Documentation/filesystems/proc.rst, «mountinfo». Readable by anyone. Paths print space, tab, newline
and backslash as octal escapes.
"""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.kernel.files import PROC, read_system
from vmtui.kernel.lines import unescaped


@dataclass(frozen=True, slots=True)
class Mount:
    """One mounted hierarchy."""

    directory: bytes
    root: bytes
    """Which part of the hierarchy is visible there: `/`, but a container may see only its own."""


@dataclass(frozen=True, slots=True)
class Mounts:
    """The hierarchies that can hold the memory controller."""

    v1: Mount | None
    v2: Mount | None
    hides_processes: bool = False
    """Whether /proc is mounted with hidepid: other users' processes may not be listed at all."""


def parse(raw: bytes) -> Mounts:
    """The first mount of each hierarchy in the text of /proc/PID/mountinfo; never raises."""
    v1: Mount | None = None
    v2: Mount | None = None
    hides = False
    for line in raw.split(b"\n"):
        place, _, kind = line.partition(b" - ")
        where, what = place.split(b" "), kind.split(b" ")
        if len(where) < 6 or len(what) < 3:
            continue
        mount = Mount(unescaped(where[4]), unescaped(where[3]))
        if what[0] == b"cgroup2":
            v2 = v2 or mount
        elif what[0] == b"cgroup" and b"memory" in what[2].split(b","):
            v1 = v1 or mount
        elif what[0] == b"proc" and mount.directory == b"/proc":
            options = dict(option.partition(b"=")[::2] for option in what[2].split(b","))
            hides = options.get(b"hidepid", b"off") not in (b"0", b"off")
    return Mounts(v1, v2, hides)


def read(path: str = f"{PROC}/self/mountinfo") -> Mounts:
    """Where the hierarchies are mounted; changes so rarely that once is enough.

    Raises:
        NotPermitted, NotSupported: by errno.
    """
    return parse(read_system(path))
