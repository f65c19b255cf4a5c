"""Which machine this is: uname(2), MemTotal, and when it booted (btime of /proc/stat, proc(5))."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from vmtui.errors import ParseError, VmtuiError
from vmtui.kernel import meminfo
from vmtui.kernel.files import PAGE_SIZE, PROC, read_system
from vmtui.missing import Missing

_BOOT = re.compile(rb"^btime ([0-9]{1,20})$", re.MULTILINE)
TICKS_PER_SECOND: int = os.sysconf("SC_CLK_TCK")
"""What stat's ticks count."""


@dataclass(frozen=True, slots=True)
class Host:
    """What stays the same while vmtui runs."""

    name: bytes
    """The host name, raw."""
    kernel_release: str
    """As uname -r: for display and recordings, never to decide what is possible."""
    machine: str
    """The architecture, as uname -m."""
    page_size: int
    """Bytes of a base page."""
    cpus: int
    """CPUs that are online."""
    memory_bytes: int | Missing
    """MemTotal."""


def read(proc: str = PROC) -> Host:
    """The machine vmtui runs on."""
    names = os.uname()
    try:
        memory = meminfo.read(proc)["MemTotal"]
    except VmtuiError as error:
        memory = Missing.because(error)
    return Host(
        name=os.fsencode(names.nodename),
        kernel_release=names.release,
        machine=names.machine,
        page_size=PAGE_SIZE,
        cpus=os.sysconf("SC_NPROCESSORS_ONLN"),
        memory_bytes=memory,
    )


def parse_boot_time(raw: bytes) -> int:
    """The second, by the Unix clock, the machine booted, in the text of /proc/stat.

    Raises:
        ParseError: there is no btime line.
    """
    match = _BOOT.search(raw)
    if match is None:
        raise ParseError("/proc/stat: there is no btime line")
    return int(match[1])


def boot_time(proc: str = PROC) -> int:
    """The second, by the Unix clock, the machine booted; moves when the clock is set.

    `Stat.start_ticks / TICKS_PER_SECOND` added to it is when a process started.

    Raises:
        NotPermitted, NotSupported, ParseError: as named.
    """
    return parse_boot_time(read_system(f"{proc}/stat"))
