"""Which frames are memory: iomem's banks, zoneinfo's spans, and any bytes at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.errors import NotSupported, ParseError
from vmtui.kernel import memory_map
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.memory_map import MemoryMap, parse_iomem, parse_zones

IOMEM = b"""00000000-00000fff : Reserved
00001000-0009fbff : System RAM
0009fc00-000fffff : Reserved
00100000-bfffffff : System RAM
  01000000-022090c7 : Kernel code
100000000-63fffffff : System RAM
4000000000-7fffffffff : PCI Bus 0000:00
"""
needs_pages_of_4k = pytest.mark.skipif(PAGE_SIZE != 4096, reason="the sample is of 4 KiB pages")


@needs_pages_of_4k
def test_banks_of_iomem() -> None:
    banks = parse_iomem(IOMEM)
    assert banks.ranges == ((1, 0x9F), (0x100, 0xC0000), (0x100000, 0x640000))
    assert banks.exact
    assert (banks.frames, banks.end) == (6_291_358, 0x640000)
    assert banks.within(0x50, 0x110) == ((0x50, 0x9F), (0x100, 0x110))
    assert banks.within(0xC0000, 0x100000) == ()


def test_hidden_addresses_are_no_memory() -> None:
    hidden = b"00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n"
    with pytest.raises(NotSupported, match="hidden"):
        parse_iomem(hidden)
    with pytest.raises(NotSupported):
        parse_iomem(b"")


def test_spans_of_zoneinfo() -> None:
    spans = parse_zones(captured("zoneinfo"))
    assert not spans.exact
    assert spans.ranges[0][0] == 1
    assert spans.frames > 0
    with pytest.raises(ParseError):
        parse_zones(b"Node 0, zone DMA\n")


def test_zoneinfo_where_iomem_is_hidden(tmp_path: Path) -> None:
    (tmp_path / "iomem").write_bytes(b"00000000-00000000 : System RAM\n")
    (tmp_path / "zoneinfo").write_bytes(captured("zoneinfo"))
    assert not memory_map.read(str(tmp_path)).exact


def test_this_machine() -> None:
    here = memory_map.read()
    assert here.exact == (os.geteuid() == 0) or not here.exact
    assert all(first < end for first, end in here.ranges)
    assert here.frames * PAGE_SIZE >= os.sysconf("SC_PHYS_PAGES") * PAGE_SIZE


@given(st.binary(max_size=300) | st.lists(st.sampled_from(IOMEM.splitlines(True))).map(b"".join))
def test_any_bytes(raw: bytes) -> None:
    for parse in (parse_iomem, parse_zones):
        with suppress(ParseError, NotSupported):
            found = parse(raw)
            assert isinstance(found, MemoryMap)
            ends = [at for pair in found.ranges for at in pair]
            assert ends == sorted(set(ends))
