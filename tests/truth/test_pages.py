"""Page states against the real kernel: a specimen makes a state, `pages` must say exactly that."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from tests.truth.machine_wide import NotBorrowed, huge_pool, ksm_running
from tests.truth.specimen import (
    BLOCK_PAGES,
    MADV_COLLAPSE,
    MADV_DONTNEED,
    MADV_GUARD_INSTALL,
    MADV_GUARD_REMOVE,
    MADV_HUGEPAGE,
    MADV_MERGEABLE,
    MADV_NOHUGEPAGE,
    MADV_PAGEOUT,
    NOBODY,
    PROT_NONE,
    Area,
    Specimen,
)
from tests.truth.swap_file import NoSwap, swap_available
from vmtui.errors import ProcessGone
from vmtui.kernel import residency, smaps, stat
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.pages import MappingKind, PageCounts, runs_of
from vmtui.model.states import PageState
from vmtui.observe import page_reader
from vmtui.observe.page_reader import PageReader, PageSpan, PageSurvey, locked_ranges

AS_ROOT = os.geteuid() == 0
OVERLAPPING = {"zero", "anon", "file", "shmem", "huge", "exclusive", "shared", "dirty", "ksm"}


class Bench:
    """A specimen, and a reader of it with the rights of one user."""

    def __init__(self, specimen: Specimen, target: Target, reader: PageReader) -> None:
        self.specimen, self.target, self.reader = specimen, target, reader

    def read(self, area: Area, mapping: MappingKind = "anon", **more: bool) -> PageSurvey:
        survey = self.reader.read(area.start, area.end, mapping=mapping, **more)
        adds_up(survey.counts)
        assert survey.counts.pages == area.pages == len(survey.states)
        return survey

    def smaps_bytes(self, area: Area, *names: str) -> int:
        """The sum of lines of smaps over the VMAs inside an area."""
        figures = smaps.read(self.target)
        inside = (figures.maps.start >= area.start) & (figures.maps.end <= area.end)
        assert inside.any()
        columns = [figures.bytes_of(name) for name in names]
        return sum(int(c[inside].sum()) for c in columns if not isinstance(c, Missing))


@contextmanager
def acting_as_nobody(really: bool) -> Iterator[None]:
    if not really:
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture(params=["root", "nobody"] if AS_ROOT else ["self"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    nobody = request.param == "nobody"
    with Specimen(as_nobody=nobody) as specimen:
        with acting_as_nobody(nobody):
            target = Target(specimen.pid)
            reader = PageReader(target)
        assert reader.pfns_visible == (request.param == "root")
        with target, reader:
            yield Bench(specimen, target, reader)


@pytest.fixture
def swap() -> Iterator[None]:
    try:
        with swap_available():
            yield
    except NoSwap as why:
        pytest.skip(str(why))


@pytest.fixture
def always_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refresh by scan even where a full read would be cheap."""
    monkeypatch.setattr(page_reader, "SMALL_PAGES", 0)


def adds_up(counts: PageCounts) -> None:
    assert counts.pages == counts.absent + counts.present + counts.swapped + counts.guard
    assert counts.exclusive + counts.shared == counts.anon + counts.file + counts.shmem
    if not isinstance(counts.zero, Missing):
        assert counts.present == counts.zero + counts.exclusive + counts.shared


def told(counts: PageCounts) -> dict[str, int]:
    """The figures that are known and not zero."""
    values = {field.name: getattr(counts, field.name) for field in fields(counts)}
    return {name: value for name, value in values.items() if value}


def thp_or_skip(specimen: Specimen, area: Area) -> None:
    enabled = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    if not enabled.exists() or "[never]" in enabled.read_text():
        pytest.skip("transparent huge pages are off")
    specimen.advise(area, MADV_HUGEPAGE)


def page_out(bench: Bench, part: Area) -> None:
    """Page it out, all of it: pages that still wait to get on an LRU list take another call."""
    start, end = part.start // PAGE_SIZE, part.end // PAGE_SIZE
    with Pagemap(bench.target) as pagemap:
        for _ in range(100):
            bench.specimen.advise(part, MADV_PAGEOUT)
            if not (pagemap.entries(start, end - start) >> np.uint64(63)).any():
                return
            bench.specimen.write(bench.specimen.map("anon", 64))  # pushes the waiting ones along
    pytest.fail("MADV_PAGEOUT leaves pages in memory")


def guard_or_skip(specimen: Specimen, area: Area) -> None:
    try:
        specimen.advise(area, MADV_GUARD_INSTALL)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        pytest.skip("this kernel has no MADV_GUARD_INSTALL (Linux 6.13)")


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


@pytest.fixture
def pool() -> Iterator[None]:
    """Two huge pages; torn down last, once the specimen has given them back."""
    try:
        with huge_pool(2):
            yield
    except NotBorrowed as why:
        pytest.skip(str(why))


@pytest.fixture
def ksm() -> Iterator[None]:
    try:
        with ksm_running():
            yield
    except NotBorrowed as why:
        pytest.skip(str(why))


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


@pytest.mark.usefixtures("always_scan")
def test_refresh_equals_a_full_read(bench: Bench) -> None:
    specimen, pages = bench.specimen, 128 * BLOCK_PAGES
    area = specimen.map("anon", pages, offset_pages=3)
    specimen.write(area.part(0, 300))
    survey = bench.read(area)
    with acting_as_nobody(not bench.reader.pfns_visible and AS_ROOT):
        second = PageReader(bench.target)
    blocks = area.part(BLOCK_PAGES - 3, pages)  # from the first 2 MiB border on
    steps: list[Callable[[], object]] = [
        lambda: specimen.write(area.part(pages - 1, pages)),
        lambda: specimen.write(area.part(5000, 40_000), step=7),
        lambda: specimen.advise(area.part(100, 9000), MADV_DONTNEED),
        lambda: specimen.read(area.part(2000, 6000), step=2),
        lambda: specimen.write(area.part(2000, 6000), step=8),
        lambda: specimen.advise(area.part(20_000, 20_400), MADV_GUARD_INSTALL),
        lambda: specimen.advise(area.part(20_100, 20_400), MADV_GUARD_REMOVE),
        lambda: specimen.advise(blocks.part(8 * BLOCK_PAGES, 10 * BLOCK_PAGES), MADV_COLLAPSE),
        lambda: specimen.advise(blocks.part(9 * BLOCK_PAGES, 10 * BLOCK_PAGES), MADV_DONTNEED),
        lambda: specimen.advise(blocks.part(90 * BLOCK_PAGES, 92 * BLOCK_PAGES), MADV_HUGEPAGE),
        lambda: specimen.read(blocks.part(90 * BLOCK_PAGES, 92 * BLOCK_PAGES), step=BLOCK_PAGES),
        lambda: specimen.write(blocks.part(90 * BLOCK_PAGES, 91 * BLOCK_PAGES), step=BLOCK_PAGES),
        lambda: specimen.unmap(area.part(30_000, 31_000)),
    ]
    with second:
        for step in steps:
            try:
                step()
            except OSError as error:
                if error.errno != errno.EINVAL:  # an advice this kernel does not know
                    raise
            survey = bench.reader.refresh(survey)
            full = second.read(area.start, area.end)
            assert survey.counts == full.counts
            assert np.array_equal(survey.states, full.states)
            assert survey.reread_pages < pages
            assert not survey.states.flags.writeable
        again = bench.reader.refresh(survey)
        assert again.reread_pages == 0
        assert again.states is survey.states


@pytest.mark.usefixtures("always_scan", "swap")
def test_refresh_sees_swap(bench: Bench) -> None:
    area = bench.specimen.map("anon", 4096)
    bench.specimen.write(area)
    survey = bench.read(area)
    page_out(bench, area.part(1000, 1100))
    survey = bench.reader.refresh(survey)
    assert survey.counts.swapped == 100
    assert survey.reread_pages == BLOCK_PAGES * (1100 // BLOCK_PAGES - 1000 // BLOCK_PAGES + 1)


def test_small_ranges_are_refreshed_in_full(bench: Bench) -> None:
    area = bench.specimen.map("anon", 512)
    bench.specimen.write(area)
    survey = bench.read(area)
    bench.specimen.fork()
    assert bench.reader.refresh(survey).counts.shared == 512


def test_residency_by_exception_equals_the_plain_scan(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(residency, "_STEP", 1024 * PAGE_SIZE)
    specimen = bench.specimen
    area = specimen.map("anon", 16 * 1024)
    specimen.write(area)
    specimen.advise(area.part(3000, 3010), MADV_DONTNEED)
    specimen.advise(area.part(5000, 5200), MADV_DONTNEED)
    specimen.read(area.part(5000, 5100))
    specimen.protect(area.part(7000, 7100), PROT_NONE)  # three VMAs, all populated
    with Pagemap(bench.target) as pagemap:
        for what in ("whole", "hole", "past the end"):
            if what == "hole":  # nothing mapped: a scan for exceptions is silent there
                specimen.unmap(area.part(9000, 9100))
            end = area.end + (2000 * PAGE_SIZE if what == "past the end" else 0)
            found = residency.read(bench.target, pagemap, area.start, end)
            monkeypatch.setattr(residency, "_STEP", 1 << 40)
            plain = residency.read(bench.target, pagemap, area.start, end)
            monkeypatch.setattr(residency, "_STEP", 1024 * PAGE_SIZE)
            for one, other in zip(
                (found.start, found.end, found.categories),
                (plain.start, plain.end, plain.categories),
                strict=True,
            ):
                assert one.tolist() == other.tolist(), what


def varied(bench: Bench, directory: Path) -> list[PageSpan]:
    """Spans of many kinds: small and wide, apart and next to one another, and twice the same."""
    specimen = bench.specimen
    small = specimen.map("anon", 3000, offset_pages=5)
    specimen.write(small, step=3)
    specimen.read(small.part(100, 200))
    crumbs = [small.part(at, at + 1 + at % 7) for at in range(0, 2900, 10)]
    wide = specimen.map("anon", 20_000)
    specimen.write(wide, step=5)
    huge = specimen.map("anon", 4 * BLOCK_PAGES)
    specimen.advise(huge, MADV_HUGEPAGE)
    specimen.write(huge.part(0, BLOCK_PAGES), step=BLOCK_PAGES)
    specimen.read(huge.part(BLOCK_PAGES, 2 * BLOCK_PAGES), step=BLOCK_PAGES)
    forked = specimen.map("anon", 700)
    specimen.write(forked)
    child = specimen.fork()
    specimen.write(forked.part(0, 300), via=child)
    guarded = specimen.map("anon", 64)
    with suppress(OSError):  # a kernel without guard markers
        specimen.advise(guarded.part(10, 20), MADV_GUARD_INSTALL)
    locked = specimen.map("anon", 32)
    with suppress(OSError):  # RLIMIT_MEMLOCK
        specimen.lock(locked)
    file = specimen.map_file(world_file(directory, 64), 64, private=True)
    specimen.read(file.part(0, 40))
    specimen.write(file.part(0, 10))
    shared = specimen.map("shared", 128)
    specimen.write(shared, step=2)
    anon = [*crumbs, wide, small, huge, huge.part(7, 900), forked, guarded, small.part(0, 9)]
    return [
        *(PageSpan(area.start, area.end) for area in reversed(anon)),
        PageSpan(locked.start, locked.end, "anon", True),
        PageSpan(file.start, file.end, "file"),
        PageSpan(shared.start, shared.end, "shmem"),
        PageSpan(0xFFFF_FFFF_FF60_0000, 0xFFFF_FFFF_FF60_0000 + PAGE_SIZE, "special"),
    ]


def assert_alike(reader: PageReader, spans: Sequence[PageSpan], want_flags: bool) -> None:
    """Read together or one by one: the same states, counts and reasons."""
    together = reader.read_many(spans, want_flags=want_flags)
    assert len(together) == len(spans)
    for span, one in zip(spans, together, strict=True):
        alone = reader.read(
            span.start, span.end,
            mapping=span.mapping, locked=span.locked, want_flags=want_flags,
        )  # fmt: skip
        assert one.counts == alone.counts, span
        assert np.array_equal(one.states, alone.states), span
        assert dict(one.missing) == dict(alone.missing), span
        assert replace(one, states=alone.states, took_ns=0, missing={}) == replace(
            alone, took_ns=0, missing={}
        )
        assert not one.states.flags.writeable


@pytest.mark.parametrize("want_flags", [False, True])
@pytest.mark.parametrize("scan", [True, False])
def test_many_ranges_are_read_as_each_alone(
    bench: Bench, tmp_path: Path, scan: bool, want_flags: bool
) -> None:
    spans = varied(bench, tmp_path)
    bench.reader._pagemap.can_scan &= scan
    assert_alike(bench.reader, spans, want_flags)


@pytest.mark.usefixtures("swap")
def test_many_ranges_with_swap(bench: Bench) -> None:
    area = bench.specimen.map("anon", 512)
    bench.specimen.write(area)
    page_out(bench, area.part(100, 300))
    spans = [PageSpan(page.start, page.end) for page in map(area.part, range(512), range(1, 513))]
    assert_alike(bench.reader, spans, False)
    bench.reader._pagemap.knows_guard = False
    assert_alike(bench.reader, spans, False)


def test_no_ranges_at_all(bench: Bench) -> None:
    assert bench.reader.read_many([]) == []


def test_many_ranges_of_the_dead(bench: Bench) -> None:
    area = bench.specimen.map("anon", 4)
    bench.specimen.close()
    with pytest.raises(ProcessGone):
        bench.reader.read_many([PageSpan(area.start, area.end)])


def test_past_the_end_of_the_addresses(bench: Bench) -> None:
    """The kernel refuses to scan past them (EFAULT), which must not look like empty memory."""
    area = bench.specimen.map("anon", 64)
    bench.specimen.write(area)
    end = bench.reader.space_end
    assert area.end < end
    stack = int(smaps.read(bench.target).maps.start[-4])
    found = bench.reader.residency(area.start, 1 << 63)
    assert found.present == bench.reader.residency(area.start, end).present > 64
    assert bench.reader.residency(end, 1 << 63).present == 0
    with Pagemap(bench.target) as pagemap:
        if not pagemap.can_scan:
            pytest.skip("this kernel has no PAGEMAP_SCAN")
        assert pagemap.next_populated(stack, 1 << 63) < end
        assert pagemap.next_populated(end, 1 << 63) == 1 << 63


def test_a_program_that_becomes_another() -> None:
    """A held pagemap belongs to the memory before the execve: it would read as empty for ever."""
    program = f"import os, sys; input(); os.execv({sys.executable!r}, ['x', '-c', 'input()'])"
    with (
        subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, bufsize=0
        ) as process,
        Target(process.pid) as target,
        PageReader(target) as reader,
    ):
        assert process.stdin is not None
        while b"exec" not in target.read("cmdline"):
            time.sleep(0.001)
        assert reader.residency(0, reader.space_end).present > 0
        process.stdin.write(b"\n")
        while b"exec" in target.read("cmdline") or stat.read(target).state != "S":
            time.sleep(0.001)
        assert reader.residency(0, reader.space_end).present > 0
        row = next(row for row, name in enumerate(smaps.read(target).maps.names) if b"/" in name)
        maps = smaps.read(target).maps
        assert reader.read(int(maps.start[row]), int(maps.end[row]), mapping="file").counts.present
        process.stdin.close()


def test_without_pagemap_scan(bench: Bench) -> None:
    specimen, reader = bench.specimen, bench.reader
    reader._pagemap.can_scan = False
    area = specimen.map("anon", 4 * BLOCK_PAGES)
    specimen.write(area.part(0, 10))
    plain = bench.read(area)
    assert not plain.missing
    assert told(plain.counts) == {
        "pages": area.pages, "absent": area.pages - 10, "present": 10, "anon": 10, "exclusive": 10,
    }  # fmt: skip
    specimen.read(area.part(10, 20))
    counts = bench.read(area).counts
    if reader.pfns_visible:
        assert (counts.zero, counts.anon) == (10, 10)
    else:
        assert isinstance(counts.zero, Missing)
        assert counts.anon == 20
    thp_or_skip(specimen, area.part(BLOCK_PAGES, 4 * BLOCK_PAGES))
    specimen.read(area.part(BLOCK_PAGES, 2 * BLOCK_PAGES), step=BLOCK_PAGES)
    counts = bench.read(area.part(BLOCK_PAGES, 4 * BLOCK_PAGES)).counts
    assert counts.zero == counts.huge == BLOCK_PAGES  # bit 61 in private memory gives it away
    specimen.write(area.part(2 * BLOCK_PAGES, 3 * BLOCK_PAGES), step=BLOCK_PAGES)
    assert isinstance(bench.read(area).counts.huge, Missing)
    assert isinstance(reader.residency(area.start, area.end).huge, Missing)


def world_file(directory: Path, pages: int) -> Path:
    """A file on disk, its pages clean and in the cache."""
    path = directory / "file"
    with path.open("wb") as file:
        file.write(b"v" * pages * PAGE_SIZE)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o666)
    for above in (directory, *directory.parents):
        if above.stat().st_uid == os.geteuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)
    return path
