"""The machine's memory by kind: /proc/meminfo (Documentation/filesystems/proc.rst, «meminfo»).

Readable by anyone; about 30 µs. Names are the kernel's own and differ between kernels.
"""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.kernel.files import PROC, read_system
from vmtui.kernel.lines import NamedFigures, amounts


@dataclass(frozen=True, slots=True)
class MemInfo(NamedFigures):
    """Figures by the kernel's names: bytes, but HugePages_* are counts of huge pages."""


def parse(raw: bytes) -> MemInfo:
    """The record of a meminfo file.

    Raises:
        ParseError: no line is as documented.
    """
    return MemInfo(amounts(raw, "/proc/meminfo"))


def read(proc: str = PROC) -> MemInfo:
    """The machine's memory now.

    Raises:
        NotPermitted, NotSupported, ParseError: as named.
    """
    return parse(read_system(f"{proc}/meminfo"))
