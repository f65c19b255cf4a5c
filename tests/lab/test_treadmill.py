"""Work for real: a specimen touches a region again and again."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.lab.stand import PRESENT, advise, done, mapped, touch, words
from vmtui.errors import NotSupported
from vmtui.kernel import status
from vmtui.kernel.target import Target
from vmtui.lab.hands import Hands
from vmtui.lab.layout import Region
from vmtui.lab.measure import Meter
from vmtui.lab.operations import abi
from vmtui.lab.spawner import Bench

PAGES = 512


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench.open() as opened:
        yield opened


@pytest.fixture
def hands(bench: Bench) -> Iterator[Hands]:
    specimen = bench.start()
    yield specimen
    specimen.exit()


@pytest.fixture
def file(hands: Hands) -> Region:
    """A file in the page cache, mapped and read, without readahead from now on."""
    try:
        fd = hands.file("data", PAGES)
    except NotSupported as error:
        pytest.skip(str(error))
    region = mapped(hands, PAGES, how=abi.MAP_SHARED, prot=1, fd=fd)
    touch(hands, region, write=False)
    done(advise(hands, region, "random"))
    return region


@pytest.mark.parametrize("order", ["random", "cyclic"])
@pytest.mark.parametrize("write", [True, False])
def test_work_that_fits_takes_no_fault(hands: Hands, order: str, *, write: bool) -> None:
    region = mapped(hands, PAGES)
    touch(hands, region, write=True)
    with Meter(hands) as meter:
        reply, seconds = hands.work(region.first, PAGES, order, write=write, seconds=0.05)
        look = meter.look((region,), whole=False)
    assert (reply.minor, reply.major, reply.errno) == (0, 0, 0)
    if meter.counts_faults:
        assert (look.minor, look.major) == (0, 0)
    assert reply.value > PAGES
    assert seconds > 0


@pytest.mark.parametrize("order", ["random", "cyclic"])
def test_untouched_pages_cost_one_fault_each_and_nothing_else_does(
    hands: Hands, order: str
) -> None:
    region = mapped(hands, PAGES)
    reply, _ = hands.work(region.first, PAGES, order, write=True, seconds=0.1)
    assert reply.value > 20 * PAGES  # so many that each page was among them
    assert (reply.minor, reply.major) == (PAGES, 0)
    reply, _ = hands.work(region.first, PAGES, order, write=True, seconds=0.05)
    assert reply.minor == 0


def test_what_is_written_is_never_zero(hands: Hands) -> None:
    region = mapped(hands, 64)
    hands.work(region.first, 64, "cyclic", write=True, seconds=0.02)
    assert all(hands.read(region.address + page * 4096, 1) != b"\0" for page in range(64))


def test_work_in_turn_goes_on_where_it_stopped(hands: Hands) -> None:
    region = mapped(hands, 1 << 15)
    reply, _ = hands.work(region.first, region.pages, "cyclic", write=True, seconds=0.001)
    first = min(region.pages, reply.value)
    with Meter(hands) as meter:
        there = words(meter.look((region,), whole=False))
        assert there[0] == region.pages - first
        again, _ = hands.work(region.first, region.pages, "cyclic", write=True, seconds=0.001)
        there = words(meter.look((region,), whole=False))
    assert there[0] == max(0, region.pages - reply.value - again.value)


@pytest.mark.parametrize("order", ["random", "cyclic"])
def test_a_program_keeps_itself_short_of_memory(hands: Hands, file: Region, order: str) -> None:
    keep = PAGES * 3 // 4
    for _ in range(2):
        reply, _ = hands.work(file.first, PAGES, order, write=False, seconds=0.3, keep=keep)
    with Meter(hands) as meter:
        look = meter.look((file,), whole=False)
    present = sum(count for word, count in words(look).items() if word & PRESENT)
    assert keep - 8 <= present <= keep + 8
    misses = reply.major / reply.value
    assert misses == 1.0 if order == "cyclic" else 0.1 < misses < 0.4


def test_keeping_all_of_it_is_not_keeping_short(hands: Hands, file: Region) -> None:
    reply, _ = hands.work(file.first, PAGES, "random", write=False, seconds=0.05, keep=PAGES)
    assert reply.major == 0


def test_a_reset_forgets_the_work(bench: Bench) -> None:
    hands = bench.start()
    region = mapped(hands, PAGES)
    hands.work(region.first, PAGES, "cyclic", write=True, seconds=0.02)
    hands.reset()
    again = mapped(hands, PAGES)
    reply, _ = hands.work(again.first, PAGES, "cyclic", write=True, seconds=0.05)
    assert reply.minor == PAGES
    hands.exit()


def test_a_child_works_for_itself(hands: Hands) -> None:
    region = mapped(hands, PAGES)
    hands.work(region.first, PAGES, "cyclic", write=True, seconds=0.02)
    child = hands.fork("child")
    reply, _ = child.work(region.first, PAGES, "cyclic", write=True, seconds=0.05)
    assert reply.minor == PAGES  # it takes its copies
    child.exit()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's interpreter locks its own memory")
def test_the_interpreter_is_locked_while_it_works(hands: Hands) -> None:
    region = mapped(hands, 8)
    hands.work(region.first, 8, "cyclic", write=True, seconds=0.01)
    with Target(hands.pid) as target:
        locked = status.read(target).vm_locked_bytes
    assert isinstance(locked, int)
    assert locked > 0
