"""Which swap devices are in use, and how full: /proc/swaps (mm/swapfile.c).

Readable by anyone. Paths print space, tab, newline and backslash as octal escapes; a swap file that
was deleted while in use ends in ` (deleted)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vmtui.errors import ParseError
from vmtui.kernel.files import PROC, read_system
from vmtui.kernel.lines import unescaped

_LINE = re.compile(
    rb"^([^ \t\n]+)[ \t]+([a-z]+)[ \t]+([0-9]{1,20})[ \t]+([0-9]{1,20})[ \t]+(-?[0-9]{1,9})$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class SwapDevice:
    """One line."""

    path: bytes
    """Raw: untrusted."""
    kind: str
    """`partition` or `file`."""
    size_bytes: int
    used_bytes: int
    priority: int
    """The highest is filled first."""


def parse(raw: bytes) -> tuple[SwapDevice, ...]:
    """The devices in file order; none is an ordinary answer.

    Raises:
        ParseError: the header or a line is not as documented.
    """
    header, _, lines = raw.partition(b"\n")
    if not header.startswith(b"Filename"):
        raise ParseError("/proc/swaps: it does not begin with its header")
    devices = tuple(
        SwapDevice(unescaped(path), kind.decode("ascii"), int(size) << 10, int(used) << 10, int(at))
        for path, kind, size, used, at in _LINE.findall(lines)
    )
    if len(devices) != lines.count(b"\n"):
        raise ParseError("/proc/swaps: a line is not as documented")
    return devices


def read(proc: str = PROC) -> tuple[SwapDevice, ...]:
    """The swap devices now.

    Raises:
        NotSupported: the kernel was built without swap.
        NotPermitted, ParseError: as named.
    """
    return parse(read_system(f"{proc}/swaps"))
