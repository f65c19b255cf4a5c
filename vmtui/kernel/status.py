r"""A process's state in words: /proc/PID/status (Documentation/filesystems/proc.rst, table 1-2).

Readable by anyone; 15–20 µs, 0.3 ms with 65,000 VMAs. Kernel threads and zombies have none of the
memory lines. `Uid` here is who the process runs as: the owner of the /proc files is not (those of
an undumpable process belong to root). In `Name` the kernel escapes newline and backslash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vmtui.errors import ParseError
from vmtui.kernel.lines import not_printed
from vmtui.kernel.target import Target
from vmtui.missing import Missing

_ESCAPED = re.compile(rb"\\[n\\]")
_AMOUNTS = (
    b"VmPeak",
    b"VmSize",
    b"VmLck",
    b"VmHWM",
    b"VmRSS",
    b"RssAnon",
    b"RssFile",
    b"RssShmem",
    b"VmData",
    b"VmStk",
    b"VmPTE",
    b"VmSwap",
    b"HugetlbPages",
)
"""In the order of the record's memory fields; each value ends in « kB»."""
NO_USER_MEMORY = Missing("a kernel thread or an exited process has no user memory")


@dataclass(frozen=True, slots=True)
class Status:
    """Identity and memory totals; the memory figures are Missing where there is no user memory."""

    name: bytes
    """As the process set it: untrusted."""
    state: str
    """One letter, as in stat."""
    tgid: int
    ppid: int
    tracer_pid: int
    """Who debugs it; 0 is nobody."""
    uid: int
    """Real user."""
    euid: int
    """Effective user."""
    gid: int
    threads: int
    ns_pids: tuple[int, ...]
    """Its number in each PID namespace, outermost first; empty where the kernel has none."""
    vm_peak_bytes: int | Missing
    vm_size_bytes: int | Missing
    vm_locked_bytes: int | Missing
    vm_hwm_bytes: int | Missing
    """Largest resident set so far."""
    vm_rss_bytes: int | Missing
    """RssAnon + RssFile + RssShmem; approximate where many threads count."""
    rss_anon_bytes: int | Missing
    rss_file_bytes: int | Missing
    rss_shmem_bytes: int | Missing
    vm_data_bytes: int | Missing
    vm_stack_bytes: int | Missing
    vm_pte_bytes: int | Missing
    """Page tables of all levels but the topmost."""
    vm_swap_bytes: int | Missing
    """Anonymous memory in swap; shared memory in swap is not counted."""
    hugetlb_bytes: int | Missing

    @property
    def has_user_memory(self) -> bool:
        """False for kernel threads and zombies."""
        return not isinstance(self.vm_size_bytes, Missing)


def parse(raw: bytes) -> Status:
    """The record of a status file.

    Raises:
        ParseError: a line that every process has is absent, or a value is not as documented.
    """
    first, _, rest = raw.partition(b"\n")
    wanted = rest.partition(b"\nSigQ:")[0]  # what follows are signals, capabilities, CPUs
    fields = dict([line.partition(b":\t")[::2] for line in wanted.split(b"\n")])
    absent = not_printed("the line") if b"VmSize" in fields else NO_USER_MEMORY
    try:
        if not first.startswith(b"Name:\t"):
            raise ParseError("/proc/PID/status: it does not begin with the name")
        uids = fields[b"Uid"].split()
        return Status(
            _ESCAPED.sub(_unescaped, first[6:]),
            fields[b"State"][:1].decode("ascii"),
            int(fields[b"Tgid"]),
            int(fields[b"PPid"]),
            int(fields[b"TracerPid"]),
            int(uids[0]),
            int(uids[1]),
            int(fields[b"Gid"].split()[0]),
            int(fields[b"Threads"]),
            tuple(map(int, fields.get(b"NSpid", b"").split())),
            *[int(fields[name][:-3]) << 10 if name in fields else absent for name in _AMOUNTS],
        )
    except KeyError as error:
        raise ParseError("/proc/PID/status: a line that every process has is absent") from error
    except (ValueError, IndexError) as error:
        raise ParseError("/proc/PID/status: a value is not as documented") from error


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return b"\n" if escape[0] == b"\\n" else b"\\"


def read(target: Target) -> Status:
    """The target's state now.

    Raises:
        ProcessGone, NotPermitted, ParseError: as named.
    """
    return parse(target.read("status"))
