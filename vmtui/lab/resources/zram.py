"""A swap in compressed memory: Documentation/admin-guide/blockdev/zram.rst.

Reading /sys/class/zram-control/hot_add makes a device: nobody else reads that file.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from vmtui.errors import NotSupported
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.resources import swapfile, syscalls
from vmtui.lab.resources.swapfile import Swap
from vmtui.lab.text import Text
from vmtui.units import size

if TYPE_CHECKING:
    from vmtui.lab.resources.keeper import Keeper

_PATIENCE_SECONDS = 2.0
NO_ZRAM = Text(
    "this kernel has no zram (the module may have to be loaded: modprobe zram)",
    "このカーネルには zram がない（modprobe zram が要ることもある）",
)


def refused() -> Text | None:
    """Why there can be no zram device here; None when there can, as far as one can tell."""
    if not swapfile.may_swap():
        return swapfile.NEEDS_ROOT
    return None if os.path.isdir(syscalls.ZRAM) else NO_ZRAM


def make(keeper: Keeper, nbytes: int, *, preferred: bool) -> Swap:
    """A device of our own, sized and switched on.

    Raises:
        NotSupported: too large, or there is no zram.
        OSError: as named.
    """
    if why := refused():
        raise swapfile.refusal(why)
    pages = max(2, -(-nbytes // PAGE_SIZE))
    most = min(swapfile.MOST_BYTES, syscalls.available() // 10)
    if pages * PAGE_SIZE > most:
        raise NotSupported(
            f"a zram device of {size(pages * PAGE_SIZE)} is too large: {size(most)} are allowed "
            f"here (256 MiB, or a tenth of what is available)"
        )
    number = keeper.change("zram", syscalls.add_zram, _identity, before=syscalls.zram_devices())
    device = f"/dev/zram{number}"
    syscalls.write(f"/sys/block/zram{number}/disksize", str(pages * PAGE_SIZE))
    _wait_for(device)
    # A file object: nothing can lose its descriptor, which would keep the device from going.
    with open(device, "r+b", buffering=0) as file:
        os.pwrite(file.fileno(), swapfile.header(pages), 0)
        os.fsync(file.fileno())
    swapfile.switch_on(keeper, device, preferred=preferred)
    return Swap("zram", device, pages * PAGE_SIZE)


def _identity(number: int) -> dict[str, int]:
    return {"number": number, "sequence": syscalls.zram_devices()[str(number)]}


def _wait_for(device: str) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not os.path.exists(device) and time.monotonic() < until:
        time.sleep(0.005)
