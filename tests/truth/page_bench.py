"""A specimen beside a reader of its pages with the rights of one user, and states it is put in."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from tests.truth.specimen import (
    MADV_GUARD_INSTALL,
    MADV_HUGEPAGE,
    MADV_PAGEOUT,
    NOBODY,
    Area,
    Specimen,
)
from vmtui.kernel import smaps
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.pages import MappingKind, PageCounts
from vmtui.observe.page_reader import PageReader, PageSurvey

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
