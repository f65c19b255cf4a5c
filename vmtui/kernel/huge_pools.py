"""Pools of huge pages by size: /sys/kernel/mm/hugepages (admin-guide/mm/hugetlbpage.rst).

Readable by anyone; 50 µs a size.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from vmtui.errors import NotSupported
from vmtui.kernel.files import SYS
from vmtui.kernel.small_files import number
from vmtui.missing import Missing

_NAME = re.compile(r"hugepages-([0-9]{1,12})kB")


@dataclass(frozen=True, slots=True)
class HugePool:
    """The pool of one size; counts of such pages."""

    page_bytes: int
    pages: int | Missing
    free: int | Missing
    reserved: int | Missing
    """Promised to a mapping and not yet touched; they still count as free."""
    surplus: int | Missing
    """Beyond the pool's size, taken while there was demand."""
    overcommit: int | Missing
    """How many surplus pages there may be."""


def read(directory: str = f"{SYS}/kernel/mm/hugepages") -> tuple[HugePool, ...]:
    """The pools, smallest pages first.

    Raises:
        NotSupported: the kernel was built without hugetlbfs.
    """
    try:
        names = os.listdir(directory)
    except OSError as error:
        raise NotSupported(f"{directory}: this kernel has no pools of huge pages") from error
    sizes = sorted(int(found[1]) for name in names if (found := _NAME.fullmatch(name)))
    return tuple(_pool(f"{directory}/hugepages-{size}kB", size << 10) for size in sizes)


def _pool(directory: str, page_bytes: int) -> HugePool:
    return HugePool(
        page_bytes,
        number(f"{directory}/nr_hugepages"),
        number(f"{directory}/free_hugepages"),
        number(f"{directory}/resv_hugepages"),
        number(f"{directory}/surplus_hugepages"),
        number(f"{directory}/nr_overcommit_hugepages"),
    )
