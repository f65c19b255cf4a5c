"""Huge pages added to the machine's pool: Documentation/admin-guide/mm/hugetlbpage.rst.

The pool is everybody's: we add to what is there, read back what was granted, and give back that.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vmtui.errors import NotPermitted, NotSupported
from vmtui.kernel import meminfo
from vmtui.lab.resources import syscalls
from vmtui.lab.text import Text
from vmtui.missing import Missing
from vmtui.units import size

if TYPE_CHECKING:
    from vmtui.lab.resources.keeper import Keeper

PATH = "/proc/sys/vm/nr_hugepages"
MOST_BYTES = 1 << 30
SHARE = 10
"""One part in so many of what is available."""
NEEDS_ROOT = Text(
    "adding to the pool of huge pages needs root; run vmtui as root",
    "ヒュージページのプールを増やすには root 権限が要る（root で vmtui を起動する）",
)
NO_POOL = Text(
    "this kernel has no pool of huge pages", "このカーネルにはヒュージページのプールがない"
)


@dataclass(frozen=True, slots=True)
class Pool:
    """What was added. Pages of the usual huge size."""

    asked: int
    granted: int
    """May be fewer: memory in one piece is rare."""
    before: int
    """Pages in the pool that were there already."""
    page_bytes: int


def refused() -> Text | None:
    """Why the pool cannot be added to here; None when it can, as far as one can tell."""
    if not os.path.exists(PATH):
        return NO_POOL
    return None if os.access(PATH, os.W_OK) else NEEDS_ROOT


def add(keeper: Keeper, nbytes: int) -> Pool:
    """Ask for so much more.

    Raises:
        NotPermitted, NotSupported: not here, or too much.
        OSError: as named.
    """
    if why := refused():
        raise NotSupported(why.en) if why is NO_POOL else NotPermitted(why.en, unlock="")
    page = meminfo.read()["Hugepagesize"]
    if isinstance(page, Missing):
        raise NotSupported(NO_POOL.en)
    asked = -(-nbytes // page)
    most = min(MOST_BYTES, syscalls.available() // SHARE)
    if asked * page > most:
        raise NotSupported(
            f"a pool of {size(asked * page)} is too large: {size(most)} are allowed here "
            f"(1 GiB, or a tenth of what is available)"
        )
    keeper.hold(PATH)
    before = syscalls.value(PATH)
    wanted = str(int(before) + asked)

    def ask() -> str:
        syscalls.write(PATH, wanted)
        return syscalls.value(PATH)

    left = keeper.change(
        "pool", ask, lambda left: {"left": left}, path=PATH, before=before, wrote=wanted
    )
    return Pool(asked, int(left) - int(before), int(before), page)
