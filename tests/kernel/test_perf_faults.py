import mmap
import os
import struct
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmtui.errors import NotPermitted, NotSupported, ProcessGone, VmtuiError
from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.perf_faults import FaultRing, decode, failed


def sample(pid: int, address: int) -> bytes:
    return struct.pack("=I2H2IQ", flags.PERF_RECORD_SAMPLE, 2, 24, pid, pid, address)


def lost(number: int) -> bytes:
    return struct.pack("=I2H2Q", flags.PERF_RECORD_LOST, 0, 24, 7, number)


def ring(pid: int, event: int = flags.PERF_PAGE_FAULTS_MIN, pages: int = 64) -> FaultRing:
    try:
        return FaultRing(pid, event, pages=pages)
    except (NotPermitted, NotSupported) as error:
        pytest.skip(str(error))


@pytest.fixture
def memory() -> Iterator[mmap.mmap]:
    with mmap.mmap(-1, 2048 * PAGE_SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as area:
        area.madvise(15)  # MADV_NOHUGEPAGE
        yield area


def address_of(memory: mmap.mmap) -> int:
    pages = np.frombuffer(memory, np.uint8)
    return int(pages.ctypes.data)


def as_bytes(raw: bytes) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer(raw, np.uint8)


addresses = st.integers(0, (1 << 64) - 1)
records = st.one_of(
    st.tuples(st.just("sample"), st.integers(0, 1 << 22), addresses),
    st.tuples(st.just("lost"), st.integers(0, 1 << 40), st.just(0)),
    st.tuples(st.just("other"), st.integers(1, 200).map(lambda words: 8 * words), st.just(0)),
)


@given(st.lists(records))
def test_any_mixture_of_records(mixture: list[tuple[str, int, int]]) -> None:
    raw = b""
    for kind, number, address in mixture:
        if kind == "sample":
            raw += sample(number, address)
        elif kind == "lost":
            raw += lost(number)
        else:
            raw += struct.pack("=I2H", 77, 0, 8 + number) + bytes(number)
    found = decode(as_bytes(raw))
    samples = [(number, address) for kind, number, address in mixture if kind == "sample"]
    assert found.addresses.tolist() == [address for _, address in samples]
    assert found.pids.tolist() == [pid for pid, _ in samples]
    assert found.lost == sum(number for kind, number, _ in mixture if kind == "lost")
    assert found.unknown == sum(kind == "other" for kind, _, _ in mixture)


@pytest.mark.parametrize(
    "raw", [bytes(3), bytes(8), sample(1, 2)[:-1], struct.pack("=I2H", 9, 0, 80)]
)
def test_a_broken_record_is_said(raw: bytes) -> None:
    with pytest.raises(VmtuiError):
        decode(as_bytes(raw))


@given(st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9)))
def test_failed_is_all_but_the_resolved(no: list[int], minor: list[int], major: list[int]) -> None:
    def words(numbers: list[int]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
        return np.array(numbers, np.uint64)

    every = words(no + minor + major)
    assert failed(every, words(minor), words(major)).tolist() == sorted(no)


def test_every_page_touched_is_one_record_in_order(memory: mmap.mmap) -> None:
    start = address_of(memory)
    with ring(os.getpid()) as minor, ring(os.getpid(), flags.PERF_PAGE_FAULTS_MAJ) as major:
        minor.drain()
        for page in range(0, 1024, 2):
            memory[page * PAGE_SIZE] = 1
        found = minor.drain()
        inside = found.addresses[
            (found.addresses >= start) & (found.addresses < start + len(memory))
        ]
        assert inside.tolist() == [start + page * PAGE_SIZE for page in range(0, 1024, 2)]
        assert found.between(start, start + len(memory)) == 512
        assert (found.lost, found.unknown) == (0, 0) and set(found.pids.tolist()) == {os.getpid()}
        assert major.drain().between(start, start + len(memory)) == 0


def test_records_wrap_around_the_ring(memory: mmap.mmap) -> None:
    start = address_of(memory)
    with ring(os.getpid(), pages=2) as small:
        small.drain()
        for part in range(0, 2048, 128):
            for page in range(part, part + 128):
                memory[page * PAGE_SIZE] = 1
            assert small.drain().between(start, start + len(memory)) == 128


def test_what_does_not_fit_is_counted(memory: mmap.mmap) -> None:
    start = address_of(memory)
    with ring(os.getpid(), pages=2) as small:
        small.drain()
        for page in range(1000):
            memory[page * PAGE_SIZE] = 1
        first = small.drain()
        memory[1000 * PAGE_SIZE] = 1
        second = small.drain()
        seen = sum(found.between(start, start + len(memory)) for found in (first, second))
        assert 0 < seen <= small.room + 1
        assert seen + first.lost + second.lost >= 1001


def test_a_process_that_is_gone() -> None:
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(pid, 0)
    with pytest.raises((ProcessGone, NotPermitted, NotSupported)):
        FaultRing(pid, flags.PERF_PAGE_FAULTS)


def test_refused_for_another_user() -> None:
    if os.geteuid() == 0:
        pytest.skip("root may watch every process")
    with pytest.raises((NotPermitted, NotSupported)):
        FaultRing(1, flags.PERF_PAGE_FAULTS)


def test_close_is_harmless_twice() -> None:
    event = ring(os.getpid())
    event.close()
    event.close()
