"""What a specimen does as told, and what it answers."""

import errno
import mmap
import os
import signal

import pytest

from tests.lab.stand import (
    ANON,
    FIRST,
    READ,
    READ_WRITE,
    advise,
    done,
    mapped,
    protect,
    touch,
    unmap,
)
from vmtui.errors import ProcessGone, VmtuiError
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.hands import Hands, Poked, _batches
from vmtui.lab.operations import abi
from vmtui.lab.spawner import SLOT, Bench
from vmtui.missing import Missing


def test_a_call_tells_its_value_its_errno_and_its_faults() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        assert hands.call("getpid").value == hands.pid
        region = mapped(hands, 100)
        size = region.pages * PAGE_SIZE
        populate = ("madvise", region.address, size, abi.ADVICE["populate_write"])
        assert done(hands.call(*populate)).minor == 100
        assert done(hands.call(*populate)).minor == 0
        refused = hands.call("mmap", region.address + 1, size, 3, ANON | abi.MAP_FIXED, -1, 0)
        assert (refused.value, refused.errno) == (-1, errno.EINVAL)
        assert hands.call("posix_fadvise", 9999, 0, 0, 4).errno == errno.EBADF


def test_addresses_keep_all_their_bits() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        address = SLOT + (1 << 33)
        how = ANON | abi.MAP_FIXED_NOREPLACE
        assert done(hands.call("mmap", address, PAGE_SIZE, 3, how, -1, 0)).value == address


def test_a_touch_in_any_order_faults_once_a_page() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        region = mapped(hands, 3000)
        runs = [(region.first + page, 1, 1) for page in range(2998, -1, -2)]
        assert hands.touch(runs, write=True).minor == 1500
        assert touch(hands, region, write=True, start=1, step=2).minor == 1500
        assert touch(hands, region, write=True).minor == 0


def test_writes_are_never_zeros() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        region = mapped(hands, 2000)
        touch(hands, region, write=True)
        content = hands.read(region.address, region.pages * PAGE_SIZE)
        assert 0 not in content[::PAGE_SIZE]
        assert content.count(0) == len(content) - region.pages


def test_long_touches_are_split_without_losing_a_page() -> None:
    runs = [(0, 5, 2), (100, 1, 1), (200, 20, 3)]
    batches = _batches(runs, 8)
    assert [sum(count for _, count, _ in batch) for batch in batches] == [8, 8, 8, 2]

    def pages(parts: list[tuple[int, int, int]]) -> list[int]:
        return [first + n * step for first, count, step in parts for n in range(count)]

    assert pages([run for batch in batches for run in batch]) == pages(runs)


def test_contents_of_a_fork_are_its_own() -> None:
    with Bench.open() as bench:
        parent = bench.start()
        region = mapped(parent, 1)
        parent.write(region.address, b"before")
        child = parent.fork("child")
        child.write(region.address, b"child ")
        assert parent.read(region.address, 6) == b"before"
        assert child.read(region.address, 6) == b"child "
        assert os.waitstatus_to_exitcode(child.exit()) == 0
        assert not child.open and parent.call("getpid").value == parent.pid


def test_a_grandchild_outlives_its_parent() -> None:
    with Bench.open() as bench:
        child = bench.start().fork("child")
        grandchild = child.fork("grandchild")
        child.exit()
        assert grandchild.call("getppid").value == bench.pid
        assert os.waitstatus_to_exitcode(grandchild.exit()) == 0


def test_files_have_no_name_and_pages_that_differ() -> None:
    with Bench.open() as bench:
        if isinstance(bench.directory, Missing):
            pytest.skip(bench.directory.reason)
        hands = bench.start()
        fd = hands.file("data", 3)
        link = os.readlink(f"/proc/{hands.pid}/fd/{fd}")
        assert link.endswith("(deleted)") and os.stat(f"/proc/{hands.pid}/fd/{fd}").st_nlink == 0
        region = mapped(hands, 3, how=abi.MAP_SHARED, fd=fd)
        assert hands.read(region.address + 2 * PAGE_SIZE, 1) == b"\3"
        hands.reset()
        assert not os.path.lexists(f"/proc/{hands.pid}/fd/{fd}")


def test_reset_leaves_nothing_mapped() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        region = mapped(hands, 10)
        hands.memfd("data", 10)
        hands.reset()
        where = hands.call("madvise", region.address, PAGE_SIZE, abi.ADVICE["cold"])
        assert where.errno == errno.ENOMEM


def test_a_specimen_that_dies_says_how() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        with pytest.raises(ProcessGone, match="SIGSEGV"):
            hands.touch([(FIRST, 1, 1)], write=True)
        with pytest.raises(ProcessGone):
            hands.call("getpid")
        other = bench.start("other")
        other.kill()
        with pytest.raises(ProcessGone, match="SIGKILL"):
            other.call("getpid")
        assert hands.status == signal.SIGSEGV and other.status == signal.SIGKILL


def test_what_the_specimen_cannot_do_is_said() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        with pytest.raises(VmtuiError, match="no_such_function"):
            hands.call("no_such_function")
        assert hands.call("getpid").value == hands.pid


def poked(hands: Hands, address: int, kind: str) -> tuple[int, int | Missing, int | Missing]:
    found = hands.poke(address, kind)  # type: ignore[arg-type]
    if found.signal and not found.pid:
        pytest.skip(f"{found.code.reason if isinstance(found.code, Missing) else ''}")
    return found.signal, found.code, found.address


def test_every_way_to_fault() -> None:
    """The table of signal codes: address not mapped (1), not permitted (2), past the end (2)."""
    segv, bus = int(signal.SIGSEGV), int(signal.SIGBUS)
    with Bench.open() as bench:
        hands = bench.start()
        region = mapped(hands, 4)
        touch(hands, region, write=True)
        where = region.address
        assert poked(hands, 0, "read") == (segv, 1, 0)
        assert poked(hands, where + (1 << 32), "write") == (segv, 1, where + (1 << 32))
        assert poked(hands, where - 8, "read") == (segv, 2, where - 8)
        assert poked(hands, where + 123, "exec") == (segv, 2, where + 123)
        assert poked(hands, 0xFFFF_8880_0000_0000, "read") == (segv, 1, 0xFFFF_8880_0000_0000)
        assert poked(hands, 0x8000_0000_0000_0000, "read") == (segv, 128, 0)
        done(protect(hands, region, READ))
        assert poked(hands, where, "write") == (segv, 2, where)
        assert hands.poke(where, "read").signal == 0
        done(protect(hands, region, READ_WRITE))
        if not advise(hands, region, "guard_install").errno:
            assert poked(hands, where + 7, "read") == (segv, 1, where + 7)
        done(unmap(hands, region))
        assert poked(hands, where, "read") == (segv, 1, where)
        fd = hands.memfd("short", 1)
        beyond = mapped(hands, 2, how=abi.MAP_SHARED, fd=fd)
        past = beyond.address + PAGE_SIZE
        assert poked(hands, past, "read") == (bus, 2, past)


def test_a_poked_copy_is_frozen_until_released() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        frozen = hands.poke(0, "read")
        if not frozen.pid:
            pytest.skip("ptrace is refused here")
        with open(f"/proc/{frozen.pid}/stat", "rb") as stat:
            assert stat.read().rpartition(b") ")[2].startswith(b"t ")
        hands.release()
        assert not os.path.exists(f"/proc/{frozen.pid}")
        assert isinstance(hands.poke(mapped(hands, 1).address, "read"), Poked)


def test_all_specimens_share_one_cpu_and_nothing_but_it() -> None:
    with Bench.open() as bench:
        child = bench.start().fork("child")
        assert os.sched_getaffinity(child.pid) == {bench.cpu}
        assert bench.cpu in os.sched_getaffinity(0)
        with open(f"/proc/{child.pid}/oom_score_adj", "rb") as file:
            assert file.read() == b"1000\n"
        with open(f"/proc/{child.pid}/environ", "rb") as file:
            assert file.read().split(b"\0")[0] == b"PYTHONMALLOC=malloc"


def test_no_fault_of_the_interpreter_is_counted_after_a_fork() -> None:
    with Bench.open() as bench:
        parent = bench.start()
        for number in range(20):
            region = mapped(parent, 300)
            touch(parent, region, write=True)
            child = parent.fork("child")
            for hands in (child, parent) if number % 2 else (parent, child):
                assert touch(hands, region, write=True).minor == 300
                assert done(advise(hands, region, "dontneed")).minor == 0
                size = region.pages * PAGE_SIZE
                assert done(hands.call("mlock", region.address, size)).minor == 300
                where = SLOT + (1 << 35)
                how = ANON | abi.MAP_POPULATE | abi.MAP_FIXED_NOREPLACE
                assert hands.call("mmap", where, 20 * mmap.PAGESIZE, 3, how, -1, 0).minor == 20
            child.exit()
            parent.reset()
