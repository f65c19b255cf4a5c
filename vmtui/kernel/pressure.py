"""Time lost waiting for memory: /proc/pressure/* (Documentation/accounting/psi.rst, Linux 4.20).

Readable by anyone; about 5 µs. Absent without CONFIG_PSI; EOPNOTSUPP where it is switched off
(psi=0). A cgroup2 directory has the same text in memory.pressure, for its own processes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from vmtui.errors import ParseError
from vmtui.kernel.files import PROC, read_system
from vmtui.kernel.lines import not_printed
from vmtui.missing import Missing

_LINE = re.compile(
    rb"^(some|full) avg10=([0-9]{1,3}\.[0-9]+) avg60=([0-9]{1,3}\.[0-9]+)"
    rb" avg300=([0-9]{1,3}\.[0-9]+) total=([0-9]{1,20})$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """Shares of wall time as percentages (0–100), over three windows, and the exact total."""

    avg10: float
    avg60: float
    avg300: float
    total_us: int
    """Microseconds since boot; differences of it are exact where the averages lag."""


@dataclass(frozen=True, slots=True)
class Pressure:
    """`some`: at least one task waited. `full`: all that had work did."""

    some: Line
    full: Line | Missing
    """Not printed for the CPU by kernels before 5.13."""


def parse(raw: bytes) -> Pressure:
    """The record of a pressure file.

    Raises:
        ParseError: it has no «some» line.
    """
    lines = {
        kind: Line(float(short), float(middle), float(long), int(total))
        for kind, short, middle, long, total in _LINE.findall(raw)
    }
    if b"some" not in lines:
        raise ParseError("/proc/pressure: there is no «some» line")
    return Pressure(lines[b"some"], lines.get(b"full", not_printed("the «full» line")))


def read(resource: Literal["memory", "io", "cpu"] = "memory", proc: str = PROC) -> Pressure:
    """The machine's pressure now.

    Raises:
        NotSupported: pressure stall information is not built in, or is switched off.
        NotPermitted, ParseError: as named.
    """
    return parse(read_system(f"{proc}/pressure/{resource}"))
