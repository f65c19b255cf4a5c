"""Merging of equal pages: /sys/kernel/mm/ksm (Documentation/admin-guide/mm/ksm.rst).

Readable by anyone; 80 µs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from vmtui.errors import NotSupported
from vmtui.kernel.files import SYS
from vmtui.kernel.small_files import number
from vmtui.missing import Missing


@dataclass(frozen=True, slots=True)
class Ksm:
    """Pages, unless said otherwise."""

    run: int | Missing
    """0 stopped, 1 running, 2 stopped with everything unmerged."""
    shared: int | Missing
    """Merged pages in use."""
    sharing: int | Missing
    """How many more places use them: what is saved."""
    unshared: int | Missing
    """Looked at and equal to no other."""
    volatile: int | Missing
    """Change too fast to be merged."""
    zero_pages: int | Missing
    """Given back for the zero page."""
    full_scans: int | Missing
    """How often all of it was gone through."""
    profit_bytes: int | Missing
    """What is saved, less what KSM needs for itself; can be negative."""


def read(directory: str = f"{SYS}/kernel/mm/ksm") -> Ksm:
    """KSM now.

    Raises:
        NotSupported: the kernel was built without it.
    """
    if not os.path.isdir(directory):
        raise NotSupported(f"{directory}: this kernel was built without KSM")
    return Ksm(
        *(
            number(f"{directory}/{name}")
            for name in (
                "run", "pages_shared", "pages_sharing", "pages_unshared", "pages_volatile",
                "ksm_zero_pages", "full_scans", "general_profit",
            )
        )
    )  # fmt: skip
