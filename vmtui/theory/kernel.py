"""The few things about a kernel that the rules depend on and that differ between machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Kernel:
    """Parameters of the running kernel, found out before the first prediction."""

    page_bytes: int = 4096
    fault_around_pages: int = 16
    """How many pages of a file one read fault may map: a power of two, 1 for only its own."""
    reclaims_tables: bool = True
    """Whether MADV_DONTNEED of a whole 2 MiB gives the page table back (CONFIG_PT_RECLAIM)."""
    huge_mode: Literal["always", "madvise", "never"] = "madvise"
    """transparent_hugepage/enabled."""
    swap: bool = True
    """Whether there is room in swap."""
    swap_is_memory: bool = False
    """Whether it is in memory (zram): nothing then stays in the swap cache."""
    swap_cluster_pages: int = 8
    """What one fault reads from swap together at most (vm.page-cluster)."""
    readahead_pages: int = 32
    """What the kernel reads around a page of a file that is not in memory."""
    hugetlb_pages: int = 0
    """Free 2 MiB pages in the pool of MAP_HUGETLB."""
    own_pages: int = 2100
    """Memory of a process besides its regions: the interpreter that it is."""
    own_charged_pages: tuple[int, int] = (1300, 1500)
    """What a fork copies of it, with tables and the kernel's own: charged to its group."""
    large_folios: bool = True
    """Whether a file written in large pieces has pages that are mapped and dirtied together."""
