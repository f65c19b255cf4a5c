"""Page states against the real kernel: a specimen makes a state, `pages` must say exactly that."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from tests.truth.page_bench import (
    Bench,
    adds_up,
    guard_or_skip,
    page_out,
    thp_or_skip,
    told,
    world_file,
)
from tests.truth.specimen import (
    BLOCK_PAGES,
    MADV_MERGEABLE,
    MADV_NOHUGEPAGE,
    PROT_NONE,
    Area,
)
from vmtui.errors import ProcessGone
from vmtui.kernel import smaps
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.pages import MappingKind, PageCounts, runs_of
from vmtui.model.states import PageState
from vmtui.observe.page_reader import locked_ranges


def test_every_second_page(bench: Bench) -> None:
    area = bench.specimen.map("anon", 4096)
    bench.specimen.write(area, step=2)
    survey = bench.read(area)
    assert told(survey.counts) == {
        "pages": 4096, "absent": 2048, "present": 2048, "anon": 2048, "exclusive": 2048,
    }  # fmt: skip
    expected = np.tile(np.array([PageState.ANON, PageState.ABSENT], np.uint8), 2048)
    assert np.array_equal(survey.states, expected)
    assert not survey.states.flags.writeable
    assert bench.smaps_bytes(area, "Rss") == 2048 * PAGE_SIZE
    assert len(runs_of(survey.states)[0]) == 4096


@pytest.mark.parametrize("offset", [0, 1, 511])
def test_sparse_at_any_alignment(bench: Bench, offset: int) -> None:
    area = bench.specimen.map("anon", 1 << 20, offset_pages=offset)  # 4 GiB, reserved only
    bench.specimen.write(area.part(0, 1 << 16), step=512)
    bench.specimen.write(area.part(700_000, 700_001))
    survey = bench.read(area)
    assert told(survey.counts) == {
        "pages": 1 << 20, "absent": (1 << 20) - 129, "present": 129, "anon": 129, "exclusive": 129,
    }  # fmt: skip
    assert np.flatnonzero(survey.states).tolist() == [*range(0, 1 << 16, 512), 700_000]


def test_zero_pages_then_written(bench: Bench) -> None:
    area = bench.specimen.map("anon", 2048)
    bench.specimen.read(area.part(0, 1024))
    bench.specimen.write(area.part(1024, 1124))
    survey = bench.read(area)
    assert told(survey.counts) == {
        "pages": 2048, "absent": 924, "present": 1124, "zero": 1024, "anon": 100, "exclusive": 100,
    }  # fmt: skip
    assert bench.smaps_bytes(area, "Rss") == 100 * PAGE_SIZE
    bench.specimen.write(area.part(0, 1024), step=4)
    written = bench.read(area)
    assert (written.counts.zero, written.counts.anon) == (768, 356)
    assert written.states[:4].tolist() == [PageState.ANON] + [PageState.ZERO] * 3


@pytest.mark.usefixtures("swap")
def test_swapped(bench: Bench) -> None:
    area = bench.specimen.map("anon", 1024)
    bench.specimen.write(area)
    page_out(bench, area.part(256, 768))
    survey = bench.read(area)
    assert told(survey.counts) == {
        "pages": 1024, "present": 512, "swapped": 512, "anon": 512, "exclusive": 512,
    }  # fmt: skip
    assert set(survey.states[256:768].tolist()) == {PageState.SWAPPED}
    bench.specimen.read(area.part(256, 512))
    assert bench.read(area).counts.swapped == 256 == bench.smaps_bytes(area, "Swap") // PAGE_SIZE


def test_transparent_huge_pages(bench: Bench) -> None:
    area = bench.specimen.map("anon", 8 * BLOCK_PAGES)
    thp_or_skip(bench.specimen, area)
    bench.specimen.write(area.part(0, 3 * BLOCK_PAGES), step=BLOCK_PAGES)
    if bench.smaps_bytes(area, "AnonHugePages") != 3 * BLOCK_PAGES * PAGE_SIZE:
        pytest.skip("no free huge pages")
    huge = 3 * BLOCK_PAGES
    assert told(bench.read(area).counts) == {
        "pages": area.pages, "absent": area.pages - huge, "present": huge,
        "anon": huge, "huge": huge, "exclusive": huge,
    }  # fmt: skip
    inside = area.part(100, huge - 7)  # cut in the middle of huge pages at both ends
    assert bench.read(inside).counts.huge == inside.pages
    one = area.part(777, 778)
    assert bench.read(one).states.tolist() == [PageState.HUGE]


def test_huge_page_partly_shared_after_fork(bench: Bench) -> None:
    area = bench.specimen.map("anon", 2 * BLOCK_PAGES)
    thp_or_skip(bench.specimen, area)
    bench.specimen.write(area, step=BLOCK_PAGES)
    if bench.smaps_bytes(area, "AnonHugePages") != area.pages * PAGE_SIZE:
        pytest.skip("no free huge pages")
    child = bench.specimen.fork()
    bench.specimen.write(area.part(5, 6), via=child)  # splits the child's entry, copies one page
    counts = bench.read(area).counts
    assert counts.huge == area.pages == counts.exclusive + counts.shared
    # That one page is the parent's alone again, as smaps says; but pagemap judges a huge page by
    # its first page only (6.18: `page` is not advanced in pagemap_pmd_range).
    assert bench.smaps_bytes(area, "Private_Clean", "Private_Dirty") <= PAGE_SIZE
    assert counts.exclusive <= 1


def test_huge_zero_page(bench: Bench) -> None:
    area = bench.specimen.map("anon", 4 * BLOCK_PAGES)
    thp_or_skip(bench.specimen, area)
    bench.specimen.read(area.part(0, 2 * BLOCK_PAGES), step=BLOCK_PAGES)
    pages = 2 * BLOCK_PAGES
    survey = bench.read(area, want_flags=True)
    if survey.counts.zero == 2:
        pytest.skip("the huge zero page is off")
    assert told(survey.counts) == {
        "pages": area.pages, "absent": area.pages - pages, "present": pages,
        "zero": pages, "huge": pages,
    }  # fmt: skip
    assert bench.smaps_bytes(area, "Rss") == 0
    assert set(survey.states[:pages].tolist()) == {PageState.ZERO}


def test_shared_file(bench: Bench, tmp_path: Path) -> None:
    area = bench.specimen.map_file(world_file(tmp_path, 64), 64)
    bench.specimen.read(area)
    survey = bench.read(area, "file", want_flags=True)
    assert survey.counts.file == survey.counts.present == 64
    assert bench.smaps_bytes(area, "Rss") == 64 * PAGE_SIZE
    exclusive = bench.smaps_bytes(area, "Private_Clean", "Private_Dirty") // PAGE_SIZE
    assert survey.counts.exclusive == exclusive
    bench.specimen.write(area.part(3, 5))
    survey = bench.read(area, "file", want_flags=True)
    if not bench.reader.pfns_visible:
        assert isinstance(survey.counts.dirty, Missing)
        assert survey.missing["dirty"].unlock == "run vmtui as root"
        return
    # The kernel marks whole folios, in smaps just so.
    dirty = bench.smaps_bytes(area, "Private_Dirty", "Shared_Dirty") // PAGE_SIZE
    assert survey.counts.dirty == dirty >= 2
    assert int((survey.states == PageState.DIRTY).sum()) == dirty
    assert {PageState.DIRTY} == set(survey.states[3:5].tolist())


def test_private_file_becomes_anonymous(bench: Bench, tmp_path: Path) -> None:
    area = bench.specimen.map_file(world_file(tmp_path, 64), 64, private=True)
    bench.specimen.read(area)
    bench.specimen.write(area, step=2)
    survey = bench.read(area, "file")
    assert (survey.counts.file, survey.counts.anon, survey.counts.present) == (32, 32, 64)
    assert survey.states[:2].tolist() == [PageState.ANON, PageState.FILE]
    assert bench.smaps_bytes(area, "Anonymous") == 32 * PAGE_SIZE


@pytest.mark.parametrize("kind", ["memfd", "shared"])
def test_shared_memory(bench: Bench, kind: str) -> None:
    area = (
        bench.specimen.map_file(None, 256) if kind == "memfd" else bench.specimen.map("shared", 256)
    )
    bench.specimen.write(area, step=2)
    survey = bench.read(area, "shmem", want_flags=True)
    assert told(survey.counts) == {
        "pages": 256, "absent": 128, "present": 128, "shmem": 128, "exclusive": 128,
    } | ({"dirty": 128} if bench.reader.pfns_visible else {})  # fmt: skip
    assert isinstance(survey.counts.dirty, Missing) != bench.reader.pfns_visible
    assert bench.smaps_bytes(area, "Rss") == 128 * PAGE_SIZE


def test_forked(bench: Bench) -> None:
    area = bench.specimen.map("anon", 2048)
    bench.specimen.write(area)
    child = bench.specimen.fork()
    survey = bench.read(area)
    assert told(survey.counts) == {"pages": 2048, "present": 2048, "anon": 2048, "shared": 2048}
    assert set(survey.states.tolist()) == {PageState.COW}
    bench.specimen.write(area.part(0, 1024), via=child)
    survey = bench.read(area)
    assert (survey.counts.exclusive, survey.counts.shared) == (1024, 1024)
    assert set(survey.states[:1024].tolist()) == {PageState.ANON}
    assert bench.smaps_bytes(area, "Private_Clean", "Private_Dirty") == 1024 * PAGE_SIZE
    assert bench.smaps_bytes(area, "Shared_Clean", "Shared_Dirty") == 1024 * PAGE_SIZE


def test_guard(bench: Bench) -> None:
    area = bench.specimen.map("anon", 512)
    bench.specimen.write(area)
    guard_or_skip(bench.specimen, area.part(100, 130))
    survey = bench.read(area)
    assert told(survey.counts) == {
        "pages": 512, "present": 482, "anon": 482, "exclusive": 482, "guard": 30,
    }  # fmt: skip
    assert set(survey.states[100:130].tolist()) == {PageState.GUARD}


def test_locked(bench: Bench) -> None:
    area = bench.specimen.map("anon", 256)
    assert locked_ranges(bench.target) == ()
    bench.specimen.lock(area.part(64, 128))
    ((start, end),) = locked_ranges(bench.target)
    assert (start, end) == (area.part(64, 128).start, area.part(64, 128).end)
    survey = bench.read(Area(start, 64), locked=True)
    assert told(survey.counts) == {
        "pages": 64, "present": 64, "anon": 64, "exclusive": 64, "locked": 64,
    }  # fmt: skip
    assert set(survey.states.tolist()) == {PageState.LOCKED}
    assert bench.smaps_bytes(Area(start, 64), "Locked") == 64 * PAGE_SIZE


@pytest.mark.usefixtures("pool")
def test_hugetlb(bench: Bench) -> None:
    area = bench.specimen.map("hugetlb", 2 * BLOCK_PAGES, private=True)
    bench.specimen.write(area.part(0, BLOCK_PAGES), step=BLOCK_PAGES)
    counts = bench.read(area, "hugetlb").counts
    assert (counts.present, counts.huge, counts.absent) == (BLOCK_PAGES,) * 3
    taken = bench.smaps_bytes(area, "Private_Hugetlb")
    assert taken == BLOCK_PAGES * PAGE_SIZE
    assert bench.smaps_bytes(area, "Rss") == 0


@pytest.mark.usefixtures("ksm")
def test_ksm(bench: Bench) -> None:
    area = bench.specimen.map("anon", 2 * 255)  # the specimen writes 255 different pages, twice
    bench.specimen.advise(area, MADV_NOHUGEPAGE)
    bench.specimen.write(area)
    bench.specimen.advise(area, MADV_MERGEABLE)
    for _ in range(600):
        if bench.smaps_bytes(area, "KSM") == area.pages * PAGE_SIZE:
            break
        time.sleep(0.05)
    else:
        pytest.skip("ksmd is too busy to come by")
    survey = bench.read(area, want_flags=True)
    assert (survey.counts.anon, survey.counts.shared) == (area.pages, area.pages)
    if bench.reader.pfns_visible:
        assert survey.counts.ksm == area.pages
        assert set(survey.states.tolist()) == {PageState.KSM}
    else:
        assert isinstance(survey.counts.ksm, Missing)
        assert survey.missing["ksm"].unlock == "run vmtui as root"


def test_no_access(bench: Bench) -> None:
    area = bench.specimen.map("none", 128)
    assert told(bench.read(area).counts) == {"pages": 128, "absent": 128}
    written = bench.specimen.map("anon", 128)
    bench.specimen.write(written, step=2)
    bench.specimen.protect(written, PROT_NONE)
    assert bench.read(written).counts.present == 64


def test_whole_process_against_smaps_and_statm(bench: Bench) -> None:
    bench.specimen.write(bench.specimen.map("anon", 4096), step=3)
    figures = smaps.read(bench.target)
    rss = figures.bytes_of("Rss")
    assert not isinstance(rss, Missing)
    total = PageCounts()
    for row, name in enumerate(figures.maps.names):
        area = (int(figures.maps.start[row]), int(figures.maps.end[row]))
        kind: MappingKind = "file" if name.startswith(b"/") else "anon"
        counts = bench.reader.read(*area, mapping=kind).counts
        adds_up(counts)
        assert isinstance(counts.zero, int)
        assert (counts.present - counts.zero) * PAGE_SIZE == int(rss[row]), name
        total += counts
        found = bench.reader.residency(*area)
        assert (found.present, found.swapped, found.zero, found.absent) == (
            counts.present, counts.swapped, counts.zero, counts.absent,
        )  # fmt: skip
    assert isinstance(total.zero, int)
    assert total.present - total.zero == int(bench.target.read("statm").split()[1])


def test_kernel_addresses_are_absent(bench: Bench) -> None:
    survey = bench.read(Area(0xFFFF_FFFF_FF60_0000, 1))
    assert told(survey.counts) == {"pages": 1, "absent": 1}
    assert bench.reader.residency(survey.start, survey.end).present == 0


def test_exited_is_an_error_and_not_empty(bench: Bench) -> None:
    area = bench.specimen.map("anon", 64)
    bench.specimen.write(area)
    survey = bench.read(area)
    bench.specimen.close()
    with pytest.raises(ProcessGone):
        bench.reader.read(area.start, area.end)
    with pytest.raises(ProcessGone):
        bench.reader.refresh(survey)
    with pytest.raises(ProcessGone):
        bench.reader.residency(area.start, area.end)
