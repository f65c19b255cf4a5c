"""Free memory by size of block: sums over zones, and what is unusable."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vmtui.kernel.buddyinfo import FreeBlocks
from vmtui.kernel.zoneinfo import Zone
from vmtui.missing import Missing
from vmtui.model.free_memory import by_zone, pages_of, together, unusable


def zone(node: int, name: str, listed: int) -> Zone:
    return Zone(node, name, 100, 1, 2, 3, 1000, 1000, listed)


BLOCKS = (FreeBlocks(0, "DMA", (4, 2)), FreeBlocks(1, "Normal", (10, 0, 5)))


def test_zones_and_their_lists_belong_together_by_node_and_name() -> None:
    zones = (zone(1, "Normal", 7), zone(0, "DMA", 1), zone(0, "Normal", 1000))
    dma, normal = by_zone(BLOCKS, zones)
    assert (dma.per_cpu_pages, dma.pages) == (1, 9)
    assert (normal.per_cpu_pages, normal.pages) == (7, 37)
    whole = together((dma, normal))
    assert (whole.orders, whole.per_cpu_pages, whole.pages) == ((14, 2, 5), 8, 46)
    assert whole.low_pages == 4


def test_pages_of_per_cpu_lists_are_single_ones() -> None:
    (one,) = by_zone(BLOCKS[1:], (zone(1, "Normal", 10),))
    assert one.unusable == (0.0, 0.5, 0.5)


def test_without_zoneinfo_the_blocks_are_told_all_the_same() -> None:
    dma, normal = by_zone(BLOCKS, Missing("zoneinfo is not offered"))
    assert isinstance(dma.per_cpu_pages, Missing) and (dma.pages, normal.pages) == (8, 30)
    assert isinstance(together((dma, normal)).low_pages, Missing)
    (lost,) = by_zone(BLOCKS[:1], (zone(5, "Normal", 1),))
    assert isinstance(lost.per_cpu_pages, Missing)


def test_the_unusable_share_is_what_lies_in_smaller_blocks() -> None:
    assert unusable((4, 0, 1)) == (0.0, 0.5, 0.5)
    assert together(()).pages == 0 and unusable((0, 0)) == (0.0, 0.0)


@given(st.lists(st.integers(0, 1 << 30), min_size=1, max_size=12))
def test_a_larger_block_can_use_no_more(orders: list[int]) -> None:
    shares = unusable(orders)
    assert list(shares) == sorted(shares) and shares[0] == 0.0 and shares[-1] <= 1.0
    small = shares[-1] * pages_of(orders)
    assert round(small) == pages_of(orders[:-1]) or pages_of(orders) > 1 << 50
