"""What virtual memory did since boot: /proc/vmstat (names in mm/vmstat.c).

Readable by anyone; about 60 µs, for it folds per-CPU counters. `nr_*` are page counts now, the rest
only ever rise; `pgpgin` and `pgpgout` count KiB, the others events or pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vmtui.kernel.files import PROC, read_system
from vmtui.kernel.lines import counters, not_printed
from vmtui.missing import Missing


@dataclass(frozen=True, slots=True)
class VmStat:
    """Counters by the kernel's names."""

    figures: Mapping[str, int]
    """In file order."""

    def __getitem__(self, name: str) -> int | Missing:
        found = self.figures.get(name)
        return not_printed(name) if found is None else found

    def __iter__(self) -> Iterator[str]:
        return iter(self.figures)

    def __len__(self) -> int:
        return len(self.figures)

    def __contains__(self, name: object) -> bool:
        return name in self.figures


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
