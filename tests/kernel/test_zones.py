"""buddyinfo and zoneinfo, which are read together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.errors import ParseError
from vmtui.kernel import buddyinfo, zoneinfo
from vmtui.kernel.buddyinfo import FreeBlocks
from vmtui.missing import Missing


def test_captured_free_blocks() -> None:
    dma, dma32, normal = buddyinfo.parse(captured("buddyinfo"))
    assert (dma.node, dma.zone, dma32.zone, normal.zone) == (0, "DMA", "DMA32", "Normal")
    assert dma.orders == (0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 3)
    assert dma.free_pages == 256 + 512 + 3 * 1024


@given(
    st.lists(
        st.builds(
            FreeBlocks,
            node=st.integers(0, 1000),
            zone=st.sampled_from(["DMA", "DMA32", "Normal", "HighMem", "Movable", "Device"]),
            orders=st.lists(st.integers(0, 1 << 40), min_size=11, max_size=14).map(tuple),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_free_blocks(zones: list[FreeBlocks]) -> None:
    text = "".join(
        f"Node {zone.node}, zone {zone.zone:>8} " + "".join(f"{n:6} " for n in zone.orders) + "\n"
        for zone in zones
    )
    assert list(buddyinfo.parse(text.encode())) == zones


def test_captured_zones() -> None:
    zones = {zone.name: zone for zone in zoneinfo.parse(captured("zoneinfo"))}
    assert set(zones) >= {"DMA", "DMA32", "Normal", "Movable"}
    normal = zones["Normal"]
    assert (normal.min_pages, normal.low_pages, normal.high_pages) == (12711, 15888, 19065)
    assert normal.managed_pages == 2359296
    assert normal.present_pages == 5505024
    assert zones["Movable"].per_cpu_pages == 0


def test_per_cpu_lists_are_summed() -> None:
    text = captured("zoneinfo").partition(b"Node 0, zone   Normal")[2]
    counts = [int(line.split()[1]) for line in text.splitlines() if b" count: " in line]
    assert len(counts) >= 2
    normal = zoneinfo.parse(b"Node 0, zone   Normal" + text)[0]
    assert normal.per_cpu_pages == sum(counts)


def test_a_kernel_that_prints_less() -> None:
    (zone,) = zoneinfo.parse(b"Node 3, zone   Normal\n  pages free     12\n")
    assert (zone.node, zone.free_pages) == (3, 12)
    assert isinstance(zone.managed_pages, Missing)


def test_nothing_of_the_kind() -> None:
    with pytest.raises(ParseError):
        zoneinfo.parse(b"")
    with pytest.raises(ParseError):
        buddyinfo.parse(b"Node 0\n")
