"""What a look into the machine's depth finds besides the files of every tick: pools, KSM, swap."""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.kernel.huge_pools import HugePool
from vmtui.kernel.ksm import Ksm
from vmtui.kernel.memory_settings import HugeMode
from vmtui.kernel.nodes import Node
from vmtui.kernel.zram import Zram
from vmtui.missing import Missing


@dataclass(frozen=True, slots=True)
class BlockDetail:
    """What is made of large blocks, and what merges pages."""

    pools: tuple[HugePool, ...] | Missing
    thp: HugeMode | Missing
    """When private memory may be made of transparent huge pages."""
    ksm: Ksm | Missing


@dataclass(frozen=True, slots=True)
class OverviewDetail:
    """What stands beside the bar of the whole machine."""

    zram: tuple[tuple[str, Zram | Missing], ...]
    """By device name, for the swap devices that are compressed memory."""
    zswap: bool | Missing
    """Whether pages are compressed in memory before they go to a device."""
    nodes: tuple[Node, ...] | Missing
