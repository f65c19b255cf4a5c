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

_ESCAPED = re.compile(rb"\\([n\\])")
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
    fields = dict([line.partition(b":\t")[::2] for line in raw.split(b"\n")])

    def amount(name: bytes) -> int | Missing:
        text = fields.get(name)
        if text is not None:
            return int(text[:-3]) << 10
        return not_printed(name.decode()) if b"VmSize" in fields else NO_USER_MEMORY

    try:
        uids = fields[b"Uid"].split()
        return Status(
            name=_ESCAPED.sub(lambda m: b"\n" if m[1] == b"n" else b"\\", fields[b"Name"]),
            state=fields[b"State"][:1].decode("ascii"),
            tgid=int(fields[b"Tgid"]),
            ppid=int(fields[b"PPid"]),
            tracer_pid=int(fields[b"TracerPid"]),
            uid=int(uids[0]),
            euid=int(uids[1]),
            gid=int(fields[b"Gid"].split()[0]),
            threads=int(fields[b"Threads"]),
            ns_pids=tuple(map(int, fields.get(b"NSpid", b"").split())),
            vm_peak_bytes=amount(b"VmPeak"),
            vm_size_bytes=amount(b"VmSize"),
            vm_locked_bytes=amount(b"VmLck"),
            vm_hwm_bytes=amount(b"VmHWM"),
            vm_rss_bytes=amount(b"VmRSS"),
            rss_anon_bytes=amount(b"RssAnon"),
            rss_file_bytes=amount(b"RssFile"),
            rss_shmem_bytes=amount(b"RssShmem"),
            vm_data_bytes=amount(b"VmData"),
            vm_stack_bytes=amount(b"VmStk"),
            vm_pte_bytes=amount(b"VmPTE"),
            vm_swap_bytes=amount(b"VmSwap"),
            hugetlb_bytes=amount(b"HugetlbPages"),
        )
    except KeyError as error:
        raise ParseError("/proc/PID/status: a line that every process has is absent") from error
    except (ValueError, IndexError) as error:
        raise ParseError("/proc/PID/status: a value is not as documented") from error


def read(target: Target) -> Status:
    """The target's state now.

    Raises:
        ProcessGone, NotPermitted, ParseError: as named.
    """
    return parse(target.read("status"))
