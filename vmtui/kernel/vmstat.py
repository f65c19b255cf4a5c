"""What virtual memory did since boot: /proc/vmstat (names in mm/vmstat.c).

Readable by anyone; about 60 µs, for it folds per-CPU counters. `nr_*` are page counts now, the rest
only ever rise; `pgpgin` and `pgpgout` count KiB, the others events or pages.
"""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.kernel.files import PROC, read_system
from vmtui.kernel.lines import NamedFigures, counters


@dataclass(frozen=True, slots=True)
class VmStat(NamedFigures):
    """Counters by the kernel's names."""


def parse(raw: bytes) -> VmStat:
    """The record of a vmstat file.

    Raises:
        ParseError: no line is as documented.
    """
    return VmStat(counters(raw, "/proc/vmstat"))


def read(proc: str = PROC) -> VmStat:
    """The counters now.

    Raises:
        NotPermitted, NotSupported, ParseError: as named.
    """
    return parse(read_system(f"{proc}/vmstat"))
