import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmtui.errors import ParseError
from vmtui.kernel import smaps, vma_figures
from vmtui.kernel.target import Target


def test_the_same_figures_as_smaps() -> None:
    raw = Path("/proc/self/smaps").read_bytes()
    vmas, whole = vma_figures.parse(raw), smaps.parse(raw)
    assert [vma.start for vma in vmas] == whole.maps.start.tolist()
    assert [vma.end for vma in vmas] == whole.maps.end.tolist()
    assert [vma.perms.encode() for vma in vmas] == whole.maps.perms.tolist()
    assert [vma.name for vma in vmas] == whole.maps.names
    assert [vma.flags for vma in vmas] == [whole.vm_flags(row) for row in range(len(whole))]
    columns = {"Rss": "rss_kb", "Pss": "pss_kb", "Swap": "swap_kb", "LazyFree": "lazy_free_kb"}
    for label, name in columns.items():
        assert [getattr(vma, name) << 10 for vma in vmas] == list(whole.bytes_columns[label])
    private = whole.bytes_columns["Private_Clean"] + whole.bytes_columns["Private_Dirty"]
    assert [vma.private_kb << 10 for vma in vmas] == private.tolist()


def test_reading_stops_at_the_address() -> None:
    with Target(os.getpid()) as target:
        every = vma_figures.read(target, 1 << 63)
        border = every[len(every) // 2].start
        below = vma_figures.read(target, border)
        assert below and max(vma.start for vma in below) < border
        assert vma_figures.read(target, 1) == ()


@given(st.binary(max_size=300))
def test_any_bytes(raw: bytes) -> None:
    with suppress(ParseError):
        assert not raw or vma_figures.parse(raw)


def test_a_record_without_its_figures() -> None:
    with pytest.raises(ParseError):
        vma_figures.parse(b"00400000-00401000 r--p 00000000 00:00 0 \nSize: 4 kB\n")
