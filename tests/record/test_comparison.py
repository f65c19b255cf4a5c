"""Moments of recordings compared: which go together, and exact pages of what a real child did.

The children are real and recorded for real; a second host is the same kernel under another name,
for nothing but the name and the boot time tells hosts apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tests.record import tapes
from tests.record.test_recorder import until
from tests.truth.specimen import MADV_DONTNEED, MADV_NOHUGEPAGE, Area, Specimen
from vmtui.errors import NotSupported, VmtuiError
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.cause import Why
from vmtui.model.page_moves import PageMove
from vmtui.model.vma_difference import Difference, VmaDifference
from vmtui.record import recorder as recorders
from vmtui.record.comparison import MOST_BETWEEN, Comparison, Side, check, evenly, peak_in, side_of
from vmtui.record.reader import Recording
from vmtui.record.recorder import Recorder

INTERVAL = 0.1
SETTLES = 3
"""Ticks after which every source of a small process has been read anew."""


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every source at every tick, however busy the machine is."""
    monkeypatch.setattr(recorders, "SHARE", 1.0)


class Tape:
    """A recording of specimens that is made step by step; times are those of its samples."""

    def __init__(self, path: Path, *specimens: Specimen) -> None:
        self.path = path
        self.recorder = Recorder(path, [one.pid for one in specimens], interval=INTERVAL)
        self.recorder.start()

    def settled(self) -> int:
        """The index of a sample that knows all that was done till now."""
        ticks = self.recorder.progress.ticks
        until(lambda: self.recorder.progress.ticks >= ticks + SETTLES)
        return self.recorder.progress.ticks - 1

    def close(self) -> None:
        assert not self.recorder.stop().failure


@contextmanager
def recording(path: Path, *specimens: Specimen) -> Iterator[Tape]:
    tape = Tape(path, *specimens)
    try:
        yield tape
    finally:
        tape.close()


@contextmanager
def opened(*paths: Path) -> Iterator[list[Recording]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Recording(path)) for path in paths]


def side(of: Recording, index: int | None = None) -> Side:
    made = side_of(of, of.path)
    return made if index is None else replace(made, index=index)


def small(specimen: Specimen, pages: int, kind: str = "anon") -> Area:
    area = specimen.map(kind, pages)
    specimen.advise(area, MADV_NOHUGEPAGE)
    return area


def compared(found: Difference | Missing) -> Difference:
    assert isinstance(found, Difference), found
    return found


def row_at(difference: Difference, area: Area) -> VmaDifference:
    row = difference.at(area.start)
    assert row is not None
    return row


def rows_named(difference: Difference, name: str) -> list[VmaDifference]:
    return [row for row in difference if row.name == name]


def pages(nbytes: int | Missing) -> int:
    assert not isinstance(nbytes, Missing)
    assert nbytes % PAGE_SIZE == 0
    return nbytes // PAGE_SIZE


# Two moments of one recording


def test_two_moments_of_a_child_to_the_page(tmp_path: Path) -> None:
    with Specimen() as specimen:
        growing, shrinking, leaving = (small(specimen, 320) for _ in range(3))
        specimen.write(growing.part(0, 40))
        specimen.write(shrinking)
        specimen.write(leaving, step=2)
        with recording(tmp_path / "a.vmtui", specimen) as tape:
            first = tape.settled()
            specimen.write(growing, step=2)
            specimen.advise(shrinking.part(100, 320), MADV_DONTNEED)
            specimen.unmap(leaving)
            arriving = small(specimen, 77)
            specimen.write(arriving.part(7, 77))
            last = tape.settled()
    with opened(tape.path) as (one,):
        comparison = Comparison(side(one, first), side(one, last))
        assert comparison.same_recording and comparison.same_machine
        assert comparison.in_depth == [(specimen.pid, specimen.pid)]
        difference = compared(comparison.difference(specimen.pid, specimen.pid))
        back = compared(
            Comparison(side(one, last), side(one, first)).difference(specimen.pid, specimen.pid)
        )
    assert difference.same_process
    figures = {
        area: (row.change, pages(row.delta("rss")), row.pages(PageMove.APPEARED),
               row.pages(PageMove.DROPPED), row.pages(PageMove.UNMAPPED))
        for area in (growing, shrinking, leaving, arriving)
        for row in (row_at(difference, area),)
    }  # fmt: skip
    assert figures == {
        growing: ("grew", 140, 140, 0, 0),
        shrinking: ("shrank", -220, 0, 220, 0),
        leaving: ("removed", -160, 0, 0, 160),
        arriving: ("added", 70, 70, 0, 0),
    }
    assert [pages(row_at(back, area).delta("rss")) for area in figures] == [-140, 220, 160, -70]
    then, now = (pages(difference.total("rss", earlier=earlier)) for earlier in (True, False))
    assert sum(pages(row.delta("rss")) for row in difference) == now - then


def test_a_process_that_ends_and_one_that_comes_later(tmp_path: Path) -> None:
    """Both are of one name, but the one that comes later ran before: it is nobody's successor."""
    with (
        Specimen() as staying,
        Specimen() as later,
        Specimen() as leaving,
        recording(tmp_path / "a.vmtui", staying, leaving) as tape,
    ):
        first = tape.settled()
        leaving.close()
        tape.recorder.watch(later.pid)
        last = tape.settled()
    with opened(tape.path) as (one,):
        comparison = Comparison(side(one, first), side(one, last))
        rows = {row.pid: row for row in comparison.processes}
        assert (rows[leaving.pid].change, rows[leaving.pid].cause) == ("removed", "exited")
        assert isinstance(rows[leaving.pid].after, Missing)
        assert rows[later.pid].change != "added"  # it ran before, though not in depth
        assert comparison.in_depth == [(staying.pid, staying.pid)]
        assert isinstance(comparison.difference(later.pid, later.pid), Missing)
        assert isinstance(comparison.difference(2**22 - 1, 2**22 - 1), Missing)


# Two hosts


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes, float], None]:
    """Says what the host is called, and how much later it booted, for recordings from now on."""
    real = recorders.about

    def be(host: bytes, later: float) -> None:
        def about(*how: Any) -> Any:
            found = real(*how)
            return replace(found, host=host, boot_time=found.boot_time + later)

        monkeypatch.setattr(recorders, "about", about)

    return be


def called(name: str) -> Specimen:
    specimen = Specimen()
    specimen.tell("name", name=name)
    return specimen


def test_two_hosts_by_kind_and_path_to_the_page(
    tmp_path: Path, hosts: Callable[[bytes, float], None]
) -> None:
    path = tmp_path / "shop.index"
    path.write_bytes(bytes(512 * PAGE_SIZE))
    with ExitStack() as stack:
        ours, theirs = (stack.enter_context(called("shop")) for _ in range(2))
        retired = stack.enter_context(called("retired"))
        written = {ours: (64, 32, 16), theirs: (100, 50)}
        areas = dict[Specimen, list[Area]]()
        for specimen, each in written.items():
            areas[specimen] = [specimen.map_file(path, 128) for _ in each]
            for area, many in zip(areas[specimen], each, strict=True):
                specimen.write(area.part(0, many))  # a write fault maps one page, a read sixteen
            specimen.map_file(None, 8)
        shared = [one.map("shared", 300) for one in (ours, theirs)]
        ours.write(shared[0].part(0, 200))
        theirs.write(shared[1].part(0, 20))
        private = theirs.map("anon", 256)
        theirs.advise(private, MADV_NOHUGEPAGE)
        theirs.write(private)
        hosts(b"blue", 0.0)
        with recording(tmp_path / "a.vmtui", ours, retired) as a:
            a.settled()
        retired.close()
        arrived = stack.enter_context(called("arrived"))
        hosts(b"green", 86_400.0)
        with recording(tmp_path / "b.vmtui", theirs, arrived) as b:
            b.settled()
    with opened(a.path, b.path) as (one, other):
        comparison = Comparison(side(one), side(other))
        assert not comparison.same_recording and not comparison.same_machine
        assert (comparison.a.host, comparison.b.host) == ("blue", "green")
        assert comparison.in_depth == [(ours.pid, theirs.pid)]
        assert comparison.pairs("retired") == comparison.pairs("arrived") == []
        assert comparison.pairs("shop") == [(ours.pid, theirs.pid)]
        difference = compared(comparison.difference(ours.pid, theirs.pid))
        alone = {(row.comm, row.cause) for row in comparison.processes}
    assert not difference.same_process
    (row,) = rows_named(difference, str(path))
    assert row.count == (3, 2) and row.kind == "file"
    assert pages(row.before("rss")) == 112 and pages(row.after("rss")) == 150
    assert pages(row.delta("size")) == -128
    assert "2 mappings, 3 in A" in row.cause
    starts = [{area.start for area in areas[each]} for each in written]
    assert {vma.start for vma in row.was} == starts[0]
    assert {vma.start for vma in row.now} == starts[1]
    (memfd,) = [row for row in difference if "memfd:specimen" in row.name]
    assert memfd.count == (1, 1) and pages(memfd.delta("rss")) == 0
    (zero,) = [row for row in difference if "zero" in row.name]
    assert pages(zero.delta("rss")) == -180 and zero.change == "shrank"
    (anon,) = [row for row in difference if row.name == "[anon]" and row.perms.startswith("rw")]
    assert pages(anon.delta("rss")) >= 256
    (heap,) = rows_named(difference, "[heap]")
    assert heap.count == (1, 1)
    assert len({(row.kind, row.name, row.look) for row in difference}) == len(difference)
    assert {("retired", "only in A"), ("arrived", "only in B")} <= alone


def test_a_service_that_was_started_anew_goes_with_itself(tmp_path: Path) -> None:
    """The same machine since the same boot: others keep their PID, this one has another."""
    staying = called("still-here")
    with staying:
        files = []
        for number in range(2):
            with called("service") as service:
                area = small(service, 64)
                service.write(area.part(0, 16 * (number + 1)))
                with recording(tmp_path / f"{number}.vmtui", service, staying) as tape:
                    tape.settled()
                files.append((tape.path, service.pid))
        (before, old), (after, new) = files
    with opened(before, after) as (one, other):
        comparison = Comparison(side(one), side(other))
        assert comparison.same_machine and not comparison.same_recording
        assert set(comparison.in_depth) == {(staying.pid, staying.pid), (old, new)}
        assert comparison.pairs("service") == [(old, new)]
        causes = {row.pid: row.cause for row in comparison.processes}
        assert (causes[old], causes[new]) == ("exited", "started")
        kept = compared(comparison.difference(staying.pid, staying.pid))
        assert kept.same_process  # though of two recordings: nothing is known between them
        changed = compared(comparison.difference(old, new))
        assert not changed.same_process
        assert isinstance(changed.leaks(), Missing)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True), ({"boot_time": 2.5}, True), ({"boot_time": 3.5}, False),
        ({"host": b"elsewhere"}, False),
    ],
)  # fmt: skip
def test_one_pid_on_two_hosts_is_two_processes(
    tmp_path: Path, changes: dict[str, Any], same: bool
) -> None:
    ticks = tapes.moments(6)
    paths = [
        tapes.write(tmp_path / "a.vmtui", ticks),
        tapes.write(tmp_path / "b.vmtui", ticks, **changes),
    ]
    with opened(*paths) as (one, other):
        comparison = Comparison(side(one), side(other))
        assert comparison.same_machine is same
        difference = compared(comparison.difference(tapes.PID, tapes.PID))
        assert difference.same_process is difference.matching.by_address is same


def test_a_pid_that_was_given_anew_is_another_process(tmp_path: Path) -> None:
    def anew(tick: tapes.Recorded) -> tapes.Recorded:
        listed = tuple(
            replace(one, stat=one.stat._replace(start_ticks=one.stat.start_ticks + 1))
            if one.stat.pid == tapes.PID else one
            for one in tick.sample.processes
        )  # fmt: skip
        return replace(tick, sample=replace(tick.sample, processes=listed))

    ticks = tapes.moments(6)
    path = tapes.write(tmp_path / "a.vmtui", [*ticks[:3], *map(anew, ticks[3:])])
    with opened(path) as (one,):
        across, within = Comparison(side(one, 2), side(one, 5)), Comparison(side(one), side(one, 3))
        assert across.pairs() == [(tapes.PID, tapes.PID)]  # of one name: started anew
        assert not compared(across.difference(tapes.PID, tapes.PID)).same_process
        assert compared(within.difference(tapes.PID, tapes.PID)).same_process


# What lies between


def test_the_moments_between_are_read_evenly_and_told(tmp_path: Path) -> None:
    path = tapes.write(tmp_path / "a.vmtui", tapes.moments(20))
    with opened(path) as (one,):
        comparison = Comparison(side(one, 2), side(one, 18))
        told: list[tuple[int, int]] = []
        difference = compared(
            comparison.difference(tapes.PID, tapes.PID, lambda *far: told.append(far), most=4)
        )
        assert told == [(0, 4), (1, 4), (2, 4), (3, 4)]
        growth = difference.growth
        assert not isinstance(growth, Missing)
        seconds = [round(at - tapes.TAKEN_AT) for at in growth.times]
        assert seconds == [2, 3, 8, 12, 17, 18]
        everything = compared(comparison.difference(tapes.PID, tapes.PID))
        assert not isinstance(everything.growth, Missing)
        assert len(everything.growth.times) == 17


@pytest.mark.parametrize("count", [0, 1, 59, 60, 61, 1000])
def test_evenly(count: int) -> None:
    indices = range(10, 10 + count)
    chosen = list(evenly(indices, MOST_BETWEEN))
    assert len(chosen) == min(count, MOST_BETWEEN) == len(set(chosen))
    assert chosen == sorted(chosen) and set(chosen) <= set(indices)
    if chosen:
        assert (chosen[0], chosen[-1]) == (indices[0], indices[-1])
        gaps = [later - now for now, later in pairwise(chosen)]
        assert max(gaps, default=1) - min(gaps, default=1) <= 1


def test_a_leak_is_told_from_between(tmp_path: Path) -> None:
    with Specimen() as specimen:
        leaking, warm = small(specimen, 256), small(specimen, 256)
        with recording(tmp_path / "a.vmtui", specimen) as tape:
            first = tape.settled()
            specimen.write(warm)
            for step in range(8):
                specimen.write(leaking.part(0, 32 * (step + 1)))
                tape.settled()
            last = tape.settled() - SETTLES
    with opened(tape.path) as (one,):
        difference = compared(
            Comparison(side(one, first), side(one, last)).difference(specimen.pid, specimen.pid)
        )
        at_once = compared(
            Comparison(side(one, first), side(one, first + 1)).difference(
                specimen.pid, specimen.pid
            )
        )
    found = difference.leaks()
    if isinstance(difference.before.space, Missing):
        pytest.skip("this kernel has no PAGEMAP_SCAN (Linux 6.7)")
    assert not isinstance(found, Missing) and isinstance(at_once.leaks(), Missing)
    ((row, leak),) = found
    assert row.start == leaking.start and pages(leak.grown) == 256
    assert leak.rises == 8 and leak.steps == last - first
    assert row.causes[0].why is Why.LEAK


# Sides


def test_a_side_is_the_last_sample_at_or_before(tmp_path: Path) -> None:
    path = tapes.write(tmp_path / "a\x1b[2J.vmtui", tapes.moments(5))
    with opened(path) as (one,):
        for at, index in ((None, 4), (-9.0, 0), (0.0, 0), (1.5, 1), (3.0, 3), (99.0, 4)):
            found = side_of(one, str(path), None if at is None else tapes.TAKEN_AT + at)
            assert found.index == index and found.seconds == index
        assert "\x1b" not in side_of(one, str(path)).name


def test_nothing_recorded_yet_and_pages_of_another_size(tmp_path: Path) -> None:
    path = tapes.write(tmp_path / "a.vmtui", [])
    with opened(path) as (one,), pytest.raises(VmtuiError, match=r"a\.vmtui has no samples yet"):
        side_of(one, str(path))
    check(tapes.about())
    with pytest.raises(NotSupported, match="pages of 64 KiB"):
        check(tapes.about(page_size=65_536))


# The peak


class Played:
    """A recording of a process that has so many pages, and nothing else."""

    def __init__(self, *sizes: int | None, anew_at: int = -1, damaged: int = -1) -> None:
        self.ticks = list(range(len(sizes)))
        self._sizes, self._anew_at, self._damaged = sizes, anew_at, damaged

    def sample(self, index: int) -> Any:
        if index == self._damaged:
            raise VmtuiError("it is damaged there")
        size = self._sizes[index]
        started = 2 if 0 <= self._anew_at <= index else 1
        listed = [] if size is None else [factories.reading(7, size, start_ticks=started)]
        return factories.sample(index, listed)


@pytest.mark.parametrize(
    ("played", "at", "foot"),
    [
        (Played(5, 6, 80, 90, 20), 3, 1),
        (Played(None, None, 5, 90, None), 3, 2),
        (Played(5, 6, 300, 90, 20, damaged=2), 3, 1),
        (Played(5, 50, 20, 900, 20, anew_at=3), 1, 0),
    ],
    ids=["all of it", "it comes and goes", "damaged at its largest", "another one of that PID"],
)
def test_where_it_was_largest(played: Any, at: int, foot: int) -> None:
    told: list[tuple[int, int]] = []
    peak = peak_in(played, 7, lambda *far: told.append(far))
    assert peak is not None and (peak.at, peak.foot) == (at, foot)
    assert told == [(index, 5) for index in range(5)]


def test_who_was_never_there_has_no_peak() -> None:
    assert peak_in(Played(5, 6), 8) is None  # type: ignore[arg-type]


def test_the_peak_of_a_child(tmp_path: Path) -> None:
    with Specimen() as specimen:
        area = small(specimen, 4096)
        with recording(tmp_path / "a.vmtui", specimen) as tape:
            empty = tape.settled()
            specimen.write(area)
            tape.settled()
            specimen.advise(area.part(1000, 4096), MADV_DONTNEED)
            low = tape.settled()
    with opened(tape.path) as (one,):
        peak = peak_in(one, specimen.pid)
        assert peak is not None and empty < peak.at < low - SETTLES + 1
        sides = side(one, peak.foot), side(one, peak.at)
        difference = compared(Comparison(*sides).difference(specimen.pid, specimen.pid))
    (row,) = [row for row in difference if row.delta("rss")][:1]
    assert row.start == area.start and pages(row.delta("rss")) == 4096
