"""Many ranges read at once are as each alone; and processes that end, change or refuse."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.truth.page_bench import (
    Bench,
    page_out,
    thp_or_skip,
    told,
    world_file,
)
from tests.truth.specimen import (
    BLOCK_PAGES,
    MADV_GUARD_INSTALL,
    MADV_HUGEPAGE,
)
from vmtui.errors import ProcessGone
from vmtui.kernel import smaps, stat
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.observe.page_reader import PageReader, PageSpan


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
