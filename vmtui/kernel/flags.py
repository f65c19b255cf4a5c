"""ABI numbers the kernel layer uses, each with its meaning: bit masks, ioctl numbers, flag codes.

Sources: Documentation/admin-guide/mm/pagemap.rst, include/uapi/linux/fs.h,
include/uapi/linux/kernel-page-flags.h, Documentation/filesystems/proc.rst and fs/proc/task_mmu.c.
"""

from __future__ import annotations

# --- /proc/PID/stat, field 9 (include/linux/sched.h)

PF_EXITING = 0x0000_0004
"""The process is being torn down."""
PF_KTHREAD = 0x0020_0000
"""A kernel thread: it has no user memory."""

# --- /proc/PID/pagemap, one u64 a page

PM_PFN_MASK = (1 << 55) - 1
"""Bits 0–54 of a present page: its frame. Reads as 0 without CAP_SYS_ADMIN."""
PM_SWAP_TYPE_MASK = (1 << 5) - 1
"""Bits 0–4 of a swapped page: the swap device's index."""
PM_SWAP_OFFSET_SHIFT = 5
"""Bits 5–54 of a swapped page: its slot on that device. Reads as 0 without CAP_SYS_ADMIN."""
PM_SOFT_DIRTY = 1 << 55
"""Written since the bit was cleared; always 0 where the kernel lacks MEM_SOFT_DIRTY."""
PM_EXCLUSIVE = 1 << 56
"""Mapped exactly once (Linux 4.2); never set for the zero page."""
PM_UFFD_WP = 1 << 57
"""Write-protected through userfaultfd."""
PM_GUARD = 1 << 58
"""A guard region's marker (Linux 6.15); bit 62 is set with it although nothing is in swap."""
PM_FILE = 1 << 61
"""A page of a file, or of shared anonymous memory."""
PM_SWAPPED = 1 << 62
"""In swap, or a marker that the kernel keeps the same way."""
PM_PRESENT = 1 << 63
"""In memory and mapped."""

# --- PAGEMAP_SCAN on a pagemap descriptor (Linux 6.7)

PAGEMAP_SCAN = 0xC060_6610
"""_IOWR('f', 16, struct pm_scan_arg), 96 bytes."""
PAGE_IS_WPALLOWED = 1 << 0
"""The VMA is registered for asynchronous write protection."""
PAGE_IS_WRITTEN = 1 << 1
"""Written since protected; set for every page of a VMA that is not registered."""
PAGE_IS_FILE = 1 << 2
"""A page of a file, or of shared anonymous memory."""
PAGE_IS_PRESENT = 1 << 3
"""In memory and mapped."""
PAGE_IS_SWAPPED = 1 << 4
"""In swap, or a marker such as a guard page."""
PAGE_IS_PFNZERO = 1 << 5
"""Backed by the shared zero page (small or huge)."""
PAGE_IS_HUGE = 1 << 6
"""Mapped by a page-middle-directory entry, or hugetlb."""
PAGE_IS_SOFT_DIRTY = 1 << 7
"""The soft-dirty bit."""
PAGE_IS_GUARD = 1 << 8
"""A guard region's page (Linux 6.15)."""

PM_SCAN_WP_MATCHING = 1 << 0
"""Write-protect what matches while scanning."""
PM_SCAN_CHECK_WPASYNC = 1 << 1
"""Refuse with EPERM when a VMA is not registered for asynchronous write protection."""

# --- PROCMAP_QUERY on a maps descriptor (Linux 6.11)

PROCMAP_QUERY = 0xC068_6611
"""_IOWR('f', 17, struct procmap_query), 104 bytes."""
PROCMAP_QUERY_VMA_READABLE = 0x01
"""Asked: only readable VMAs. Answered: this one is."""
PROCMAP_QUERY_VMA_WRITABLE = 0x02
"""The same for writing."""
PROCMAP_QUERY_VMA_EXECUTABLE = 0x04
"""The same for executing."""
PROCMAP_QUERY_VMA_SHARED = 0x08
"""The same for MAP_SHARED."""
PROCMAP_QUERY_COVERING_OR_NEXT_VMA = 0x10
"""The VMA at the address or, where there is none, the next one above."""
PROCMAP_QUERY_FILE_BACKED_VMA = 0x20
"""Only VMAs of a file."""

# --- /proc/kpageflags, one u64 a frame; bits 32 and above are the kernel's own

KPF_LOCKED = 1 << 0
"""Locked for exclusive access, as during I/O."""
KPF_ERROR = 1 << 1
"""An I/O error happened."""
KPF_REFERENCED = 1 << 2
"""Referenced since it was put on its list."""
KPF_UPTODATE = 1 << 3
"""Holds current contents."""
KPF_DIRTY = 1 << 4
"""Written, not yet written back."""
KPF_LRU = 1 << 5
"""On a list of the page reclaimer."""
KPF_ACTIVE = 1 << 6
"""On the active list."""
KPF_SLAB = 1 << 7
"""Belongs to the slab allocator."""
KPF_WRITEBACK = 1 << 8
"""Being written back now."""
KPF_RECLAIM = 1 << 9
"""Will be reclaimed once its writeback is done."""
KPF_BUDDY = 1 << 10
"""In a free block of the buddy allocator; older kernels: its first frame."""
KPF_MMAP = 1 << 11
"""Mapped by someone."""
KPF_ANON = 1 << 12
"""Anonymous memory."""
KPF_SWAPCACHE = 1 << 13
"""Has a slot in swap too."""
KPF_SWAPBACKED = 1 << 14
"""Goes to swap, not to a file, when reclaimed: anonymous memory or tmpfs."""
KPF_COMPOUND_HEAD = 1 << 15
"""First frame of a compound page."""
KPF_COMPOUND_TAIL = 1 << 16
"""Another frame of a compound page."""
KPF_HUGE = 1 << 17
"""hugetlb."""
KPF_UNEVICTABLE = 1 << 18
"""Not a candidate for reclaim, as after mlock."""
KPF_HWPOISON = 1 << 19
"""Broken hardware: never used again."""
KPF_NOPAGE = 1 << 20
"""No memory at this frame number."""
KPF_KSM = 1 << 21
"""Merged with equal pages."""
KPF_THP = 1 << 22
"""Part of a transparent huge page."""
KPF_OFFLINE = 1 << 23
"""Logically taken away, as by a balloon driver."""
KPF_ZERO_PAGE = 1 << 24
"""The zero page, small or huge."""
KPF_IDLE = 1 << 25
"""Not accessed since it was marked idle."""
KPF_PGTABLE = 1 << 26
"""Holds a page table."""
KPF_RESERVED = 1 << 32
"""Kept from the allocator since boot. A bit of the kernel's own, as page-types has it."""

# --- VmFlags of /proc/PID/smaps

VM_FLAGS: dict[str, str] = {
    "rd": "readable",
    "wr": "writable",
    "ex": "executable",
    "sh": "shared",
    "mr": "may become readable",
    "mw": "may become writable",
    "me": "may become executable",
    "ms": "may become shared",
    "gd": "grows down, as a stack does",
    "pf": "pure frame numbers, no page structures behind them",
    "lo": "locked in memory",
    "io": "memory of a device",
    "sr": "advised: will be read in order",
    "rr": "advised: will be read at random",
    "dc": "not copied on fork",
    "de": "may not be expanded by mremap",
    "ac": "counts against the commit limit",
    "nr": "no swap space is reserved",
    "ht": "huge pages of hugetlb",
    "sf": "synchronous page faults (DAX)",
    "nl": "non-linear mapping",
    "ar": "specific to the architecture",
    "wf": "wiped on fork",
    "dd": "left out of core dumps",
    "sd": "soft-dirty",
    "mm": "mixed: device memory with and without page structures",
    "hg": "advised: transparent huge pages wanted",
    "nh": "advised: no transparent huge pages",
    "mg": "advised: pages may be merged by KSM",
    "mt": "tagged memory (arm64 MTE)",
    "um": "userfaultfd watches missing pages",
    "uw": "userfaultfd watches writes",
    "ui": "userfaultfd watches minor faults",
    "bt": "guarded by BTI (arm64)",
    "ss": "shadow stack",
    "gu": "holds guard regions",
    "lf": "locked as pages are faulted in",
    "dp": "dropped freely under memory pressure",
    "sl": "sealed: mapping and protection may not change",
}
"""Two-letter code → meaning. A code that is not here is newer than this table: show it as it is."""

# --- CapEff of /proc/PID/status (include/uapi/linux/capability.h)

CAPABILITIES: tuple[str, ...] = (
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
)
"""Indexed by bit number."""

# --- /proc/PID/ns/user (include/uapi/linux/nsfs.h)

USER_NS_INIT_INO = 0xEFFF_FFFD
"""Inode number of the initial user namespace, on every kernel."""

# --- perf_event_open(2) (include/uapi/linux/perf_event.h)

PERF_TYPE_SOFTWARE = 1
"""Events the kernel itself counts."""
PERF_PAGE_FAULTS = 2
"""Every page fault, resolved or not."""
PERF_PAGE_FAULTS_MIN = 5
"""Those resolved without waiting for a disk."""
PERF_PAGE_FAULTS_MAJ = 6
"""Those that waited for one."""
PERF_SAMPLE_TID = 1 << 1
"""Samples hold process and thread."""
PERF_SAMPLE_ADDR = 1 << 3
"""Samples hold the address."""
PERF_INHERIT = 1 << 1
"""Attribute bit: children are followed."""
PERF_EXCLUDE_KERNEL = 1 << 5
"""Attribute bit: only what happens in user mode."""
PERF_EXCLUDE_HYPERVISOR = 1 << 6
"""Attribute bit: nothing of a hypervisor."""
PERF_FLAG_FD_CLOEXEC = 8
"""The descriptor closes on exec."""
PERF_RECORD_LOST = 2
"""A record in the ring: so many others did not fit."""
PERF_RECORD_SAMPLE = 9
"""A record in the ring: one event."""
