"""Every metric of the machine and of the parts its memory is made of, declared once."""

from __future__ import annotations

from vmtui.model.accounting import Share
from vmtui.model.fields.field import Field, Unit, by_id
from vmtui.model.machine import MachineRow

_MEMINFO = "/proc/meminfo"
_VMSTAT = "/proc/vmstat"
_PRESSURE = "/proc/pressure/memory"

MACHINE_FIELDS: tuple[Field[MachineRow], ...] = (
    Field(
        id="mem_total", title="TOTAL", unit=Unit.BYTES,
        help="Memory that the kernel manages: what is built in, less what it reserved at boot.",
        source=f"{_MEMINFO}, MemTotal:", shell="grep MemTotal /proc/meminfo",
        get=lambda row: row.meminfo("MemTotal"),
    ),
    Field(
        id="mem_available", title="AVAILABLE", unit=Unit.BYTES, width=9,
        help="What programs could still take without swapping, as the kernel estimates it.",
        source=f"{_MEMINFO}, MemAvailable:", shell="grep MemAvailable /proc/meminfo",
        get=lambda row: row.meminfo("MemAvailable"),
    ),
    Field(
        id="mem_free", title="FREE", unit=Unit.BYTES, slot="absent",
        help="Memory that nothing uses, the per-CPU lists of free pages not counted.",
        source=f"{_MEMINFO}, MemFree:", shell="grep MemFree /proc/meminfo",
        get=lambda row: row.meminfo("MemFree"),
    ),
    Field(
        id="mem_used", title="USED", unit=Unit.BYTES,
        help="Memory that is not available: what programs and the kernel could not give back.",
        source=f"{_MEMINFO}, MemTotal: − MemAvailable:", shell="free -b",
        get=lambda row: row.difference("MemTotal", "MemAvailable"),
    ),
    Field(
        id="mem_cached", title="CACHED", unit=Unit.BYTES, slot="file",
        help="The page cache as the kernel prints it: files, shared memory and tmpfs.",
        source=f"{_MEMINFO}, Cached:", shell="sar -r 1 1",
        get=lambda row: row.meminfo("Cached"),
    ),
    Field(
        id="buffers", title="BUFFERS", unit=Unit.BYTES, width=7, slot="file",
        help="Blocks of devices in the page cache: mostly directories and maps of file systems.",
        source=f"{_MEMINFO}, Buffers:", shell="vmstat -S k 1 1",
        get=lambda row: row.meminfo("Buffers"),
    ),
    Field(
        id="writeback", title="WRITING", unit=Unit.BYTES, width=7, slot="dirty",
        help="On its way to a disk now; pages on their way to swap are counted too.",
        source=f"{_MEMINFO}, Writeback:", shell="grep Writeback: /proc/meminfo",
        get=lambda row: row.meminfo("Writeback"),
    ),
    Field(
        id="committed", title="COMMIT", unit=Unit.BYTES,
        help="What would be needed if all private memory that was promised were touched.",
        source=f"{_MEMINFO}, Committed_AS:", shell="sar -r 1 1",
        get=lambda row: row.meminfo("Committed_AS"),
    ),
    Field(
        id="active", title="ACTIVE", unit=Unit.BYTES,
        help="Pages used lately: they are kept as long as there are others.",
        source=f"{_MEMINFO}, Active:", shell="sar -r 1 1",
        get=lambda row: row.meminfo("Active"),
    ),
    Field(
        id="inactive", title="INACT", unit=Unit.BYTES,
        help="Pages not used lately: the next to be given up.",
        source=f"{_MEMINFO}, Inactive:", shell="sar -r 1 1",
        get=lambda row: row.meminfo("Inactive"),
    ),
    Field(
        id="anon", title="ANON", unit=Unit.BYTES, slot="anon",
        help="Anonymous memory that processes map: heaps, stacks, buffers.",
        source=f"{_MEMINFO}, AnonPages:", shell="grep AnonPages /proc/meminfo",
        get=lambda row: row.share("anon"),
    ),
    Field(
        id="shmem", title="SHMEM", unit=Unit.BYTES, slot="shmem",
        help="Shared memory and tmpfs files.",
        source=f"{_MEMINFO}, Shmem:", shell="grep Shmem: /proc/meminfo",
        get=lambda row: row.share("shmem"),
    ),
    Field(
        id="file", title="FILE", unit=Unit.BYTES, slot="file",
        help="Files in the page cache, mapped or not, as they are on disk.",
        source=f"{_MEMINFO}, Cached: + Buffers: − Shmem: − Dirty:",
        shell="grep -E '^(Cached|Buffers|Shmem|Dirty):' /proc/meminfo",
        get=lambda row: row.share("file"),
    ),
    Field(
        id="dirty", title="DIRTY", unit=Unit.BYTES, slot="dirty",
        help="File pages written and not yet on their way to disk.",
        source=f"{_MEMINFO}, Dirty:", shell="grep Dirty /proc/meminfo",
        get=lambda row: row.share("dirty"),
    ),
    Field(
        id="slab", title="SLAB", unit=Unit.BYTES, slot="kernel",
        help="Small objects of the kernel: inodes, directory entries, sockets.",
        source=f"{_MEMINFO}, Slab:", shell="grep Slab /proc/meminfo",
        get=lambda row: row.share("slab"),
    ),
    Field(
        id="page_tables", title="PTE", unit=Unit.BYTES, slot="kernel",
        help="Page tables of all processes, and of guests and devices.",
        source=f"{_MEMINFO}, PageTables: + SecPageTables:",
        shell="grep PageTables /proc/meminfo",
        get=lambda row: row.share("page_tables"),
    ),
    Field(
        id="unexplained", title="UNEXPLAINED", unit=Unit.BYTES, width=11, slot="unexplained",
        help="What remains of MemTotal when every counter that overlaps no other is subtracted.",
        source=f"{_MEMINFO}, MemTotal: − all other parts", shell="vmtui machine",
        get=lambda row: row.share("unexplained"),
    ),
    Field(
        id="huge_anon", title="THP", unit=Unit.BYTES, slot="huge",
        help="Private memory that is made of transparent huge pages.",
        source=f"{_MEMINFO}, AnonHugePages:", shell="grep AnonHugePages /proc/meminfo",
        get=lambda row: row.meminfo("AnonHugePages"),
    ),
    Field(
        id="free_for_huge", title="FREE2M+", unit=Unit.BYTES, width=7,
        help="Free memory in blocks of 2 MiB and more: huge pages can be made of it at once.",
        source="/proc/buddyinfo, orders 9 and above", shell="cat /proc/buddyinfo",
        get=lambda row: row.free_for_huge,
    ),
    Field(
        id="unusable_for_huge", title="UNUSABLE", unit=Unit.PERCENT, width=8,
        help="Share of free memory in blocks below 2 MiB, per-CPU lists too: no huge page can have "
        "it before pages are moved.",
        source="/proc/buddyinfo, orders below 9, and the per-CPU lists of /proc/zoneinfo",
        shell="cat /proc/buddyinfo", get=lambda row: row.unusable_for_huge,
    ),
    Field(
        id="swap_total", title="SWAP", unit=Unit.BYTES,
        help="Size of all swap devices together.",
        source=f"{_MEMINFO}, SwapTotal:", shell="grep SwapTotal /proc/meminfo",
        get=lambda row: row.meminfo("SwapTotal"),
    ),
    Field(
        id="swap_used", title="SWAPPED", unit=Unit.BYTES, width=7, slot="swapped",
        help="Swap in use; pages back in memory whose copy is still there are counted.",
        source=f"{_MEMINFO}, SwapTotal: − SwapFree:", shell="free -b",
        get=lambda row: row.swap_used,
    ),
    Field(
        id="fault_rate", title="FLT/s", unit=Unit.RATE,
        help="Page faults a second on the whole machine, minor and major.",
        source=f"{_VMSTAT}, pgfault, difference of two readings", shell="sar -B 1 1",
        get=lambda row: row.rate("pgfault"),
    ),
    Field(
        id="major_fault_rate", title="MAJ/s", unit=Unit.RATE, slot="swapped",
        help="Major faults a second: each waited for a disk.",
        source=f"{_VMSTAT}, pgmajfault, difference of two readings", shell="sar -B 1 1",
        get=lambda row: row.rate("pgmajfault"),
    ),
    Field(
        id="page_in_rate", title="PGIN/s", unit=Unit.BYTES, slot="file",
        help="Bytes a second read from disks, swap included.",
        source=f"{_VMSTAT}, pgpgin (KiB), difference of two readings", shell="sar -B 1 1",
        get=lambda row: row.kib_rate("pgpgin"),
    ),
    Field(
        id="page_out_rate", title="PGOUT/s", unit=Unit.BYTES, width=7, slot="dirty",
        help="Bytes a second written to disks, swap included.",
        source=f"{_VMSTAT}, pgpgout (KiB), difference of two readings", shell="sar -B 1 1",
        get=lambda row: row.kib_rate("pgpgout"),
    ),
    Field(
        id="free_rate", title="FREED/s", unit=Unit.RATE, width=7,
        help="Pages a second given back to the allocator, by anybody.",
        source=f"{_VMSTAT}, pgfree, difference of two readings", shell="sar -B 1 1",
        get=lambda row: row.rate("pgfree"),
    ),
    Field(
        id="scan_rate", title="SCAN/s", unit=Unit.RATE, slot="swapped",
        help="Pages a second that were looked at to find some to give up, for the machine or for a "
        "memory cgroup at its limit; 0 while memory is ample.",
        source=f"{_VMSTAT}, pgscan_anon + pgscan_file, difference of two readings",
        shell="grep -E '^pgscan_(anon|file)' /proc/vmstat",
        get=lambda row: row.reclaim_rate("pgscan"),
    ),
    Field(
        id="steal_rate", title="STOLEN/s", unit=Unit.RATE, width=8, slot="swapped",
        help="Pages a second that were given up after being looked at.",
        source=f"{_VMSTAT}, pgsteal_anon + pgsteal_file, difference of two readings",
        shell="grep -E '^pgsteal_(anon|file)' /proc/vmstat",
        get=lambda row: row.reclaim_rate("pgsteal"),
    ),
    Field(
        id="swap_in_rate", title="IN/s", unit=Unit.BYTES, slot="swapped",
        help="Bytes a second read from swap.",
        source=f"{_VMSTAT}, pswpin × page size, difference of two readings", shell="sar -W 1 1",
        get=lambda row: row.page_rate("pswpin"),
    ),
    Field(
        id="swap_out_rate", title="OUT/s", unit=Unit.BYTES, slot="swapped",
        help="Bytes a second written to swap.",
        source=f"{_VMSTAT}, pswpout × page size, difference of two readings", shell="sar -W 1 1",
        get=lambda row: row.page_rate("pswpout"),
    ),
    Field(
        id="pressure_some", title="SOME", unit=Unit.PERCENT,
        help="Share of the last ten seconds in which at least one task waited for memory.",
        source=f"{_PRESSURE}, some avg10", shell="cat /proc/pressure/memory",
        get=lambda row: row.stalled("some"),
    ),
    Field(
        id="pressure_full", title="FULL", unit=Unit.PERCENT,
        help="Share of the last ten seconds in which every task that had work waited for memory.",
        source=f"{_PRESSURE}, full avg10", shell="cat /proc/pressure/memory",
        get=lambda row: row.stalled("full"),
    ),
)  # fmt: skip

MACHINE_FIELDS_BY_ID = by_id(MACHINE_FIELDS)

SHARE_FIELDS: tuple[Field[Share], ...] = (
    Field(
        id="name", title="PART", unit=Unit.TEXT, width=13,
        help="A part of the machine's memory; no byte is in two of them.",
        source=_MEMINFO, shell="cat /proc/meminfo",
        get=lambda share: share.name,
    ),
    Field(
        id="bytes", title="SIZE", unit=Unit.BYTES,
        help="How much; the parts add up to MemTotal exactly.",
        source=_MEMINFO, shell="cat /proc/meminfo",
        get=lambda share: share.bytes,
    ),
)  # fmt: skip
