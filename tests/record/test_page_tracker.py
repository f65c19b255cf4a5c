"""What the tracker follows of a real process, against a read of every entry of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from tests.truth.specimen import MADV_DONTNEED, Area, Specimen
from vmtui.kernel import maps
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.vmas import Vmas
from vmtui.observe.page_reader import PageReader
from vmtui.observe.space_scan import SpaceScanner
from vmtui.record.page_tracker import PageTracker
from vmtui.record.pages import SpacePages, window_of

PAGES = 600
ALWAYS = 1e9
"""A duty with which nothing waits."""


@dataclass
class Followed:
    """A specimen, and a tracker that looks at it."""

    specimen: Specimen
    target: Target
    tracker: PageTracker
    scanner: SpaceScanner
    vmas: Vmas | None = None

    def look(self) -> SpacePages:
        """Look until nothing is pending."""
        self.specimen.at_rest()
        for _ in range(50):
            self.vmas = Vmas.of(maps.read(self.target))
            seen = self.tracker.look(self.vmas, self.scanner.scan(self.vmas))
            assert isinstance(seen, SpacePages)
            if not seen.pending_pages:
                return seen
        raise AssertionError("pages stayed pending")

    def assert_as_read(self, area: Area) -> None:
        """The window over the area is what reading its entries gives now."""
        seen = self.look()
        assert self.vmas is not None
        window = window_of(seen, self.vmas, area.start, area.end)
        vma = self.vmas[self.vmas.index_of(area.start) or 0]
        with PageReader(self.target) as reader:
            read = reader.read(
                area.start, area.end, mapping=vma.kind.mapping, want_flags=seen.want_flags
            )
        assert not isinstance(window, Missing)
        assert np.array_equal(window.states, read.states)
        assert window.counts == read.counts
        assert dict(window.missing) == dict(read.missing)


@pytest.fixture(name="followed")
def _followed() -> Iterator[Followed]:
    with Specimen() as specimen, Target(specimen.pid) as target:
        scanner, tracker = SpaceScanner(target), PageTracker(target, ALWAYS)
        try:
            yield Followed(specimen, target, tracker, scanner)
        finally:
            tracker.close()
            scanner.close()


def test_pages_come_and_go(followed: Followed) -> None:
    area = followed.specimen.map("anon", PAGES)
    followed.assert_as_read(area)
    followed.specimen.write(area, step=3)
    followed.assert_as_read(area)
    followed.specimen.write(area.part(100, 200))
    followed.assert_as_read(area)
    followed.specimen.advise(area.part(50, 150), MADV_DONTNEED)
    followed.assert_as_read(area)


def test_zero_pages_that_are_written_to(followed: Followed) -> None:
    area = followed.specimen.map("anon", PAGES)
    followed.specimen.read(area)
    followed.assert_as_read(area)
    followed.specimen.write(area, step=2)
    followed.assert_as_read(area)


def test_what_a_fork_shares_and_a_write_parts(followed: Followed) -> None:
    area = followed.specimen.map("anon", PAGES)
    followed.specimen.write(area)
    child = followed.specimen.fork()
    followed.tracker.close()
    followed.tracker = PageTracker(followed.target, ALWAYS)  # the scan tells nothing of sharing
    followed.assert_as_read(area)
    followed.specimen.write(area.part(0, 64), via=child)
    followed.specimen.write(area.part(32, 96))
    followed.tracker.close()
    followed.tracker = PageTracker(followed.target, ALWAYS)
    followed.assert_as_read(area)


def test_a_mapping_that_takes_the_place_of_another(followed: Followed) -> None:
    area = followed.specimen.map("anon", PAGES)
    followed.specimen.write(area)
    followed.assert_as_read(area)
    followed.specimen.unmap(area)
    seen = followed.look()
    assert not seen.facts.between(area.start // 4096, area.end // 4096).pages
    other = followed.specimen.map("shared", PAGES)
    followed.specimen.write(other, step=2)
    followed.assert_as_read(other)


def test_what_did_not_change_is_the_same_object(followed: Followed) -> None:
    area = followed.specimen.map("anon", PAGES)
    followed.specimen.write(area, step=2)
    before = followed.look()
    for _ in range(50):  # who else maps a library's page tells its entry, and others come and go
        after = followed.look()
        if after.facts.same_as(before.facts):
            break
        before = after
    assert after.facts is before.facts


def test_a_process_that_has_gone_is_missing_and_no_error(followed: Followed) -> None:
    followed.look()
    vmas = followed.vmas
    assert vmas is not None
    scan = followed.scanner.scan(vmas)
    followed.specimen.close()
    assert isinstance(followed.tracker.look(vmas, scan), (SpacePages, Missing))


def test_without_vmas_the_reason_is_told(followed: Followed) -> None:
    why = Missing("no maps")
    assert followed.tracker.look(why, why) is why
