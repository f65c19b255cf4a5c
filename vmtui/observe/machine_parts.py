"""The cheap parts of the machine's depth: a few dozen small files, read within the tick."""

from __future__ import annotations

from functools import partial

from vmtui.errors import ParseError
from vmtui.kernel import huge_pools, ksm, memory_settings, nodes, swaps, zram
from vmtui.kernel.files import SYS, read_system
from vmtui.missing import Missing
from vmtui.model.machine_parts import BlockDetail, OverviewDetail
from vmtui.observe.budget import tried

_ZSWAP = f"{SYS}/module/zswap/parameters/enabled"


def blocks() -> BlockDetail:
    """Huge page pools and KSM; some 0.3 ms."""
    return BlockDetail(tried(huge_pools.read), tried(memory_settings.huge_mode), tried(ksm.read))


def overview() -> OverviewDetail:
    """Compressed swap, and the nodes; some 0.2 ms."""
    devices = tried(swaps.read)
    names = [] if isinstance(devices, Missing) else [zram.device_of(one.path) for one in devices]
    return OverviewDetail(
        tuple((name, tried(partial(zram.read, name))) for name in names if name),
        tried(_zswap),
        tried(nodes.read),
    )


def _zswap() -> bool:
    said = read_system(_ZSWAP).strip()
    if said not in (b"Y", b"N"):
        raise ParseError(f"{_ZSWAP}: neither Y nor N")
    return said == b"Y"
