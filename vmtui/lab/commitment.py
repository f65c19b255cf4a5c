"""What the kernel is willing to promise: vm.overcommit_memory, and how much there is.

Documentation/mm/overcommit-accounting.rst. Policy 0 refuses a single mapping that all of RAM and
swap could not hold; 1 refuses nothing; 2 keeps Committed_AS below CommitLimit.
"""

from __future__ import annotations

from vmtui.errors import VmtuiError
from vmtui.kernel import meminfo, memory_settings

_ALL_ADDRESSES = 1 << 47


def _bytes(name: str) -> int:
    found = meminfo.read()[name]
    return found if isinstance(found, int) else 0


def ram_bytes() -> int:
    """MemTotal."""
    return _bytes("MemTotal")


def swap_bytes() -> int:
    """SwapTotal."""
    return _bytes("SwapTotal")


def committed_bytes() -> int:
    """Committed_AS: what all processes were promised."""
    return _bytes("Committed_AS")


def policy() -> int:
    """vm.overcommit_memory: 0, 1 or 2; 0 where it cannot be read."""
    try:
        return memory_settings.overcommit_policy()
    except VmtuiError:
        return 0


def largest_mapping() -> int:
    """The largest single mapping with a promise that would be granted now, bytes."""
    match policy():
        case 0:
            return ram_bytes() + swap_bytes()
        case 2:
            return max(0, _bytes("CommitLimit") - committed_bytes())
        case _:
            return _ALL_ADDRESSES
