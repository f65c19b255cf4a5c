"""The machine's memory by kind: /proc/meminfo (Documentation/filesystems/proc.rst, «meminfo»).

Readable by anyone; about 30 µs. Names are the kernel's own and differ between kernels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vmtui.kernel.files import PROC, read_system
from vmtui.kernel.lines import amounts, not_printed
from vmtui.missing import Missing


@dataclass(frozen=True, slots=True)
class MemInfo:
    """Figures by the kernel's names: bytes, but HugePages_* are counts of huge pages."""

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
