"""Two readings of the machine under the names that `sar -r`, `-B` and `-W` print.

The formulas are sysstat's (rd_stats.c, pr_stats.c). Two of them are kept although they surprise:
`kbmemused` leaves out the page cache and the slab, and `pgsteal/s` adds every counter whose name
begins with pgsteal_, which counts each page twice where the kernel also counts them by kind.
"""

from __future__ import annotations

from collections.abc import Mapping

from vmtui.missing import Missing
from vmtui.model.machine import MachineRow

_MEMORY = {
    "kbmemfree": "MemFree", "kbavail": "MemAvailable", "kbmemused": "", "kbbuffers": "Buffers",
    "kbcached": "Cached", "kbcommit": "Committed_AS", "kbactive": "Active", "kbinact": "Inactive",
    "kbdirty": "Dirty",
}  # fmt: skip
"""Names of `sar -r`, and of /proc/meminfo."""
_UNUSED = ("MemFree", "Buffers", "Cached", "Slab")
_PAGING = {
    "pgpgin/s": "pgpgin", "pgpgout/s": "pgpgout", "fault/s": "pgfault", "majflt/s": "pgmajfault",
    "pgfree/s": "pgfree", "pgscank/s": "pgscan_kswapd*", "pgscand/s": "pgscan_direct*",
    "pgsteal/s": "pgsteal_*",
}  # fmt: skip
"""Names of `sar -B`, and of /proc/vmstat; `*` stands for every counter that begins so."""
_SWAPPING = {"pswpin/s": "pswpin", "pswpout/s": "pswpout"}


def memory(row: MachineRow) -> dict[str, int | Missing]:
    """`sar -r`, in KiB."""
    return {name: kib(row, of) if of else _used(row) for name, of in _MEMORY.items()}


def paging(row: MachineRow) -> dict[str, float | Missing]:
    """`sar -B`, a second."""
    return _rates(row, _PAGING)


def swapping(row: MachineRow) -> dict[str, float | Missing]:
    """`sar -W`, pages a second."""
    return _rates(row, _SWAPPING)


def kib(row: MachineRow, name: str) -> int | Missing:
    """A figure of /proc/meminfo as sar prints it."""
    nbytes = row.meminfo(name)
    return nbytes if isinstance(nbytes, Missing) else nbytes >> 10


def _used(row: MachineRow) -> int | Missing:
    used = kib(row, "MemTotal")
    for name in _UNUSED:
        part = kib(row, name)
        if isinstance(used, Missing) or isinstance(part, Missing):
            return used if isinstance(used, Missing) else part
        used -= part
    return used


def _rates(row: MachineRow, names: Mapping[str, str]) -> dict[str, float | Missing]:
    return {name: _rate(row, counter) for name, counter in names.items()}


def _rate(row: MachineRow, counter: str) -> float | Missing:
    if not counter.endswith("*"):
        return row.rate(counter)
    rates = row.rates
    if isinstance(rates, Missing):
        return rates
    begin = counter[:-1]
    found = [rate for name, rate in rates.per_second.items() if name.startswith(begin)]
    return sum(found) if found else Missing(f"this kernel does not count {counter}")
