"""Refreshing what is known of pages is the same as reading them anew, on the real kernel."""

from __future__ import annotations

import errno
from collections.abc import Callable

import numpy as np
import pytest

from tests.truth.page_bench import (
    AS_ROOT,
    Bench,
    acting_as_nobody,
    page_out,
)
from tests.truth.specimen import (
    BLOCK_PAGES,
    MADV_COLLAPSE,
    MADV_DONTNEED,
    MADV_GUARD_INSTALL,
    MADV_GUARD_REMOVE,
    MADV_HUGEPAGE,
    PROT_NONE,
)
from vmtui.kernel import residency
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.observe.page_reader import PageReader


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
