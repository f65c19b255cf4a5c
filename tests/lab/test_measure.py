"""What is measured of a specimen equals what was made there, to the page and to the fault."""

from __future__ import annotations

import os
import random

import numpy as np
import pytest

from tests.lab.stand import (
    ANON,
    BLOCK_PAGES,
    EXCLUSIVE,
    FILE,
    FIRST,
    GUARD,
    HUGE,
    MEBIBYTE_PAGES,
    PRESENT,
    READ,
    SWAPPED,
    THOROUGH,
    ZERO,
    advise,
    cannot_look_at_frames,
    done,
    mapped,
    protect,
    touch,
    words,
)
from tests.truth.swap_file import NoSwap, swap_available
from vmtui.errors import ProcessGone
from vmtui.kernel import memory_settings
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Region
from vmtui.lab.measure import Meter, Smaps, Tables
from vmtui.lab.operations import abi
from vmtui.lab.spawner import SLOT, Bench
from vmtui.missing import Missing
from vmtui.model.states import PageState

SIZES = (1, 4, 16, 64, 256) if THOROUGH else (1, 4)
REPEATS = 20 if THOROUGH else 3


def counted(found: int | Missing) -> int:
    if isinstance(found, Missing):
        pytest.skip(found.reason)
    return found


@pytest.mark.parametrize("mebibytes", SIZES)
def test_every_touch_is_one_fault_and_no_other_is_counted(mebibytes: int) -> None:
    pages = mebibytes * MEBIBYTE_PAGES
    with Bench.open() as bench:
        for _ in range(REPEATS):
            hands = bench.start()
            with Meter(hands) as meter:
                region = mapped(hands, pages)
                meter.look([region], whole=False)
                reply = touch(hands, region, write=True)
                look = meter.look([region], whole=False)
                assert (counted(look.minor), look.major) == (pages, 0)
                assert (reply.minor, reply.major) == (pages, 0)
                assert words(look) == {PRESENT | EXCLUSIVE: pages}
                assert look.region_table_bytes == table_bytes(region)
            hands.exit()


def table_bytes(*regions: Region) -> int:
    """Of the tables above regions that are populated whole."""
    every = [page for r in regions for page in range(r.first, r.first + r.pages, BLOCK_PAGES // 2)]
    every += [r.first + r.pages - 1 for r in regions]
    return sum(len({page >> shift for page in every}) for shift in (9, 18, 27)) * PAGE_SIZE


def test_the_zero_page_costs_a_fault_and_no_memory() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        with Meter(hands) as meter:
            region = mapped(hands, 1000)
            touch(hands, region, write=False)
            look = meter.look([region])
            assert words(look) == {PRESENT | ZERO: 1000} and look.smaps == Smaps()
            assert counted(look.minor) == 1000
            assert set(look.states[0].tolist()) == {PageState.ZERO}
            if look.pfns and look.map_counts:
                assert set(look.pfns[0].tolist()) == {-1} and not look.map_counts[0].any()
            touch(hands, region, write=True, step=2)
            look = meter.look([region])
            assert words(look) == {PRESENT | ZERO: 500, PRESENT | EXCLUSIVE: 500}
            assert look.smaps.rss == look.smaps.pss == look.smaps.private == 500 * PAGE_SIZE >> 10
            assert counted(look.minor) == 500


def test_fork_and_copy_on_write_as_in_the_lecture() -> None:
    """kB of smaps and pages mapped once, stage by stage, for 16 MiB."""
    pages = 16 * MEBIBYTE_PAGES
    size = pages * PAGE_SIZE >> 10
    with Bench.open() as bench:
        parent = bench.start()
        region = mapped(parent, pages)
        touch(parent, region, write=True)
        child = parent.fork("child")
        with Meter(parent) as ours, Meter(child) as theirs:

            def figures() -> list[tuple[int, int, int, int]]:
                looks = ours.look([region]), theirs.look([region])
                return [
                    (a.smaps.pss, a.smaps.shared, a.smaps.private, words(a)[PRESENT | EXCLUSIVE])
                    for a in looks
                ]

            assert figures() == [(size // 2, size, 0, 0)] * 2
            half = [(region.first, pages // 2, 1)]
            child.touch(half, write=True)
            assert figures() == [(3 * size // 4, size // 2, size // 2, pages // 2)] * 2
            parent.touch(half, write=True)
            look = ours.look([region])
            assert counted(look.minor) == pages // 2
            assert look.smaps.shared == size // 2
            seen = theirs.look([region])
            if look.pfns and seen.pfns and look.map_counts:
                same = look.pfns[0] == seen.pfns[0]
                assert same.sum() == pages // 2 and same[pages // 2 :].all()
                assert set(look.map_counts[0][same].tolist()) == {2}
                assert set(look.map_counts[0][~same].tolist()) == {1}
            child.exit()
            touch(parent, region, write=True)
            look = ours.look([region])
            assert counted(look.minor) == pages // 2 and look.smaps.private == size


def test_file_and_shared_memory_are_told_apart() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        with Meter(hands) as meter:
            shared = mapped(hands, 10, how=abi.MAP_SHARED, fd=hands.memfd("pad", 10))
            touch(hands, shared, write=True)
            look = meter.look([shared])
            assert words(look) == {PRESENT | FILE | EXCLUSIVE: 10}
            assert set(look.states[0].tolist()) == {PageState.SHMEM}
            if isinstance(bench.directory, Missing):
                pytest.skip(bench.directory.reason)
            file = mapped(hands, 10, window=1, how=abi.MAP_PRIVATE, fd=hands.file("data", 10))
            hands.touch([(file.first + 3, 1, 1)], write=True)
            touch(hands, file, write=False)
            look = meter.look([shared, file])
            kept = PRESENT | FILE | EXCLUSIVE
            assert words(look, 1) == {kept: 9, PRESENT | EXCLUSIVE: 1}
            assert look.states[1].tolist().count(PageState.FILE) == 9
            assert look.vmas == 2 and look.mapped_bytes == 20 * PAGE_SIZE


def test_pages_written_to_a_file_are_dirty_until_synced() -> None:
    if why := cannot_look_at_frames():
        pytest.skip(why)
    with Bench.open() as bench:
        if isinstance(bench.directory, Missing):
            pytest.skip(bench.directory.reason)
        hands = bench.start()
        fd = hands.file("data", 10)
        with Meter(hands) as meter:
            region = mapped(hands, 10, how=abi.MAP_SHARED, fd=fd)
            hands.touch([(region.first, 4, 2)], write=True)
            dirty = meter.look([region], dirty=True).states[0].tolist()
            assert [n for n, state in enumerate(dirty) if state == PageState.DIRTY] == [0, 2, 4, 6]
            done(hands.call("fsync", fd))
            clean = meter.look([region], dirty=True).states[0]
            assert PageState.DIRTY not in clean.tolist()


def test_guards_locks_and_protected_parts() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        with Meter(hands) as meter:
            region = mapped(hands, 30)
            touch(hands, region, write=True)
            middle = Region("middle", region.first + 10, 10)
            done(protect(hands, middle, READ))
            done(hands.call("mlock", region.address, 5 * PAGE_SIZE))
            look = meter.look([region])
            assert look.vmas == 4 and look.smaps.rss == 30 * PAGE_SIZE >> 10
            assert look.smaps.locked == 5 * PAGE_SIZE >> 10
            assert look.states[0].tolist() == [PageState.LOCKED] * 5 + [PageState.ANON] * 25
            assert [vma.perms for vma in look.region_vmas] == ["rw-p", "rw-p", "r--p", "rw-p"]
            if advise(hands, Region("end", region.first + 29, 1), "guard_install").errno:
                pytest.skip("needs guard regions (Linux 6.13)")
            look = meter.look([region])
            if not look.words[0][29] & GUARD:
                pytest.skip("needs guard pages in pagemap (Linux 6.15)")
            assert look.words[0][29] == GUARD | SWAPPED
            assert look.states[0][29] == PageState.GUARD


def test_huge_pages() -> None:
    try:
        if memory_settings.huge_mode() == "never":
            pytest.skip("transparent huge pages are off")
    except Exception:
        pytest.skip("there are no transparent huge pages")
    pages = 4 * BLOCK_PAGES
    with Bench.open() as bench:
        hands = bench.start()
        with Meter(hands) as meter:
            region = mapped(hands, pages, huge=True)
            touch(hands, region, write=False)
            look = meter.look([region])
            if words(look) != {PRESENT | ZERO | HUGE: pages}:
                pytest.skip("the huge zero page is off, or memory is too fragmented")
            assert counted(look.minor) == 4 and look.smaps.rss == 0
            touch(hands, region, write=True)
            look = meter.look([region])
            assert words(look) == {PRESENT | EXCLUSIVE | HUGE: pages}
            assert counted(look.minor) == 4
            assert look.smaps.anon_huge == pages * PAGE_SIZE >> 10
            assert look.region_table_bytes == table_bytes(region)


def test_swapped_pages() -> None:
    with Bench.open() as bench:
        try:
            with swap_available():
                hands = bench.start()
                with Meter(hands) as meter:
                    region = mapped(hands, 300)
                    touch(hands, region, write=True)
                    done(advise(hands, region, "pageout"))
                    look = meter.look([region])
                    assert words(look) == {SWAPPED: 300}
                    assert look.smaps.swap == 300 * PAGE_SIZE >> 10 and look.smaps.rss == 0
                    touch(hands, region, write=False)
                    look = meter.look([region])
                    assert counted(look.minor) + counted(look.major) == 300
                hands.exit()
        except NoSwap as why:
            pytest.skip(str(why))


@pytest.mark.parametrize(
    ("pages", "stride", "kilobytes"),
    [
        (1, 1, 12),
        (64 * MEBIBYTE_PAGES, 1, 136),
        (512, BLOCK_PAGES, 2056),
        (64, BLOCK_PAGES**2, 516),
        (8, BLOCK_PAGES**3, 96),
    ],
    ids=["1 page", "64 MiB dense", "every 2 MiB", "every 1 GiB", "every 512 GiB"],
)
def test_page_tables_are_exact_in_every_pattern(pages: int, stride: int, kilobytes: int) -> None:
    if PAGE_SIZE != 4096:
        pytest.skip("the patterns are those of 4 KiB pages")
    with Bench.open() as bench:
        hands = bench.start()
        with Meter(hands) as meter:
            runs = [(pages, 0)] if stride == 1 else [(1, number) for number in range(pages)]
            for count, number in runs:
                address = SLOT + number * stride * PAGE_SIZE
                size = count * PAGE_SIZE
                done(hands.call("mmap", address, size, 3, ANON | abi.MAP_FIXED, -1, 0))
                done(hands.call("madvise", address, size, abi.ADVICE["nohugepage"]))
            hands.touch([(FIRST, pages, stride)], write=True)
            look = meter.look([], whole=False)
            assert look.region_table_bytes == kilobytes << 10
            hands.reset()
            assert meter.look([]).region_table_bytes == 0


def test_the_interpreter_s_own_tables_stay_exact_through_forks() -> None:
    with Bench.open() as bench:
        parent = bench.start()
        for _ in range(10):
            child = parent.fork("child")
            region = mapped(child, 2000)
            touch(child, region, write=True)
            for hands in (parent, child):
                with Meter(hands) as meter:
                    look = meter.look([region])
                    assert isinstance(look.rest, Tables)
                    expected = table_bytes(region) if hands is child else 0
                    assert look.region_table_bytes == expected
            child.exit()


def test_no_record_is_lost_in_a_long_touch() -> None:
    pages = 64 * MEBIBYTE_PAGES
    with Bench.open() as bench:
        hands = bench.start()
        with Meter(hands) as meter:
            region = mapped(hands, pages)
            touch(hands, region, write=True)
            assert counted(meter.look([region], whole=False).minor) == pages


def test_faults_that_failed_are_counted_in_the_copy_that_took_them() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        with Meter(hands) as meter:
            region = mapped(hands, 2)
            assert counted(meter.poke(0, "read")[1]) == 1
            assert counted(meter.poke(region.address - 1, "write")[1]) == 1
            poked, failed = meter.poke(region.address, "write")
            assert (poked.signal, failed) == (0, 0)
            assert meter.poke(1 << 63, "read")[1] == 0
            assert meter.look([region]).minor == 0


def test_a_user_without_rights_is_told_what_cannot_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from vmtui.errors import NotPermitted

    def refuse(*_: object, **__: object) -> None:
        raise NotPermitted("perf_event_open: refused")

    monkeypatch.setattr("vmtui.lab.measure.FaultRing", refuse)
    with Bench.open() as bench:
        hands = bench.start()
        with Meter(hands) as meter:
            region = mapped(hands, 2)
            touch(hands, region, write=True)
            look = meter.look([region])
            assert isinstance(look.minor, Missing) and "refused" in look.minor.reason
            assert isinstance(meter.look([region]).major, Missing)
            assert not meter.counts_faults and words(look) == {PRESENT | EXCLUSIVE: 2}
            assert isinstance(meter.poke(0, "read")[1], Missing)


def test_a_dead_specimen_is_gone_not_empty() -> None:
    with Bench.open() as bench:
        hands = bench.start()
        region = mapped(hands, 10)
        with Meter(hands) as meter:
            hands.exit()
            with pytest.raises(ProcessGone):
                meter.look([region])


def test_believing_bit_56_gives_the_counts_that_are_asked_for() -> None:
    if why := cannot_look_at_frames():
        pytest.skip(why)
    chance = random.Random(5)
    with Bench.open() as bench:
        parent = bench.start()
        region = mapped(parent, 2000, huge=True)
        touch(parent, region, write=True)
        child = parent.fork("child")
        for page in chance.sample(range(2000), 300):
            hands = chance.choice((parent, child))
            hands.touch([(region.first + page, 1, 1)], write=True)
        with Meter(child) as meter:
            quick = meter.look([region]).map_counts
            asked = meter.look([region], all_counts=True).map_counts
            assert quick and asked and np.array_equal(quick[0], asked[0])


def test_nobody_sees_everything_but_frames() -> None:
    if os.geteuid() == 0:
        pytest.skip("run the tests as an ordinary user for this one")
    with Bench.open() as bench:
        hands = bench.start()
        with Meter(hands) as meter:
            region = mapped(hands, 10)
            touch(hands, region, write=True)
            look = meter.look([region])
            assert look.pfns is None and look.map_counts is None
            assert words(look) == {PRESENT | EXCLUSIVE: 10} and not meter.sees_frames
