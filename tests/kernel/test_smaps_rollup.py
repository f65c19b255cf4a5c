import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.errors import ParseError
from vmtui.kernel.smaps_rollup import Rollup, parse
from vmtui.missing import Missing

TEXT = captured("process-smaps_rollup")
HEADER = TEXT.partition(b"\n")[0] + b"\n"


def test_captured() -> None:
    found = parse(TEXT)
    assert found.rss_bytes == 17520 << 10
    assert found.pss_shmem_bytes == 8192 << 10
    assert found.uss_bytes == (36 + 11388) << 10
    values = [getattr(found, name) for name in Rollup.__slots__]
    assert not any(isinstance(value, Missing) for value in values)


def test_an_older_kernel_prints_fewer_lines() -> None:
    found = parse(HEADER + b"Rss:  16 kB\nPss:  8 kB\nPrivate_Clean:  4 kB\n")
    assert isinstance(found.pss_dirty_bytes, Missing)
    assert isinstance(found.uss_bytes, Missing)
    assert found.pss_bytes == 8192


def test_without_a_total_it_is_not_a_rollup() -> None:
    with pytest.raises(ParseError):
        parse(HEADER)
    with pytest.raises(ParseError):
        parse(HEADER + b"Pss:  8 kB\n")


@given(st.lists(st.integers(0, 1 << 50), min_size=4, max_size=4))
def test_amounts(kib: list[int]) -> None:
    text = b"Rss: %15d kB\nPrivate_Clean: %5d kB\nPrivate_Dirty: %5d kB\nSwap: %14d kB\n"
    found = parse(HEADER + text % tuple(kib))
    assert found.rss_bytes == kib[0] * 1024
    assert found.uss_bytes == (kib[1] + kib[2]) * 1024
    assert found.swap_bytes == kib[3] * 1024
