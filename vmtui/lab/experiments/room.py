"""Where pages can go here, for this user: what experiments about short memory choose from."""

from __future__ import annotations

from vmtui.errors import VmtuiError
from vmtui.kernel import swaps
from vmtui.lab.resources import memcg, swapfile, zram

_ROOM_BYTES = 64 << 20


def machine_has_swap() -> bool:
    """Whether its swap would be less than half full afterwards.

    Above that the kernel frees a page's place in swap as soon as it has come back.
    """
    try:
        devices = swaps.read()
    except VmtuiError:
        return False
    used = sum(device.used_bytes for device in devices)
    return used + _ROOM_BYTES < sum(device.size_bytes for device in devices) // 2


def for_swap() -> str:
    """`machine`, `swapfile`, `zram`, or `file` where none of these can be had."""
    return "machine" if machine_has_swap() else _own_swap() or "file"


def for_thrashing() -> str:
    """`swapfile`, `zram` or `file` with a memory cgroup; `pageout` without one."""
    return "pageout" if memcg.refusal() else _own_swap() or "file"


def _own_swap() -> str:
    if swapfile.refused() is None:
        return "swapfile"
    return "" if zram.refused() else "zram"
