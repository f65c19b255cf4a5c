"""Ten changes that a process makes, and whether the difference of two moments names each of them.

Each is looked at with a scan of the page tables and without one, as where PAGEMAP_SCAN is missing:
then the sums of smaps have to do.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests import factories
from tests.truth.specimen import (
    BLOCK_PAGES,
    MADV_COLLAPSE,
    MADV_DONTNEED,
    MADV_HUGEPAGE,
    MADV_NOHUGEPAGE,
    MADV_PAGEOUT,
    PROT_READ,
    Area,
    Specimen,
)
from tests.truth.swap_file import NoSwap, swap_available
from vmtui.cli import main
from vmtui.kernel import maps
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.cause import Why
from vmtui.model.process_moment import ProcessMoment
from vmtui.model.vma_difference import Difference, VmaDifference
from vmtui.observe.budget import Budget
from vmtui.observe.moments import moment_of
from vmtui.observe.plan import Plan
from vmtui.observe.target_sampler import TargetSampler
from vmtui.record.recorder import Recorder

HEAP_BYTES = 3 << 20


class _Always(Budget):
    """Everything at every look."""

    def due(self, source: str, now: float) -> bool:
        return True


class Witness:
    """Looks at a specimen as the recorder does."""

    def __init__(self, specimen: Specimen, scans: bool) -> None:
        self.specimen = specimen
        self.scans = scans
        self._sampler = TargetSampler(Target(specimen.pid), _Always())
        self._number = 0
        self.children: tuple[int, ...] = ()

    def look(self) -> ProcessMoment:
        """The specimen now; time passes by a second from look to look."""
        self._number += 1
        reading = self._sampler.read(Plan(target=self.specimen.pid), slow=True)
        processes = [factories.reading(pid, ppid=self.specimen.pid) for pid in self.children]
        moment = moment_of(factories.sample(self._number, processes), reading)
        assert isinstance(moment, ProcessMoment)
        if self.scans:
            assert not isinstance(moment.space, Missing), moment.space
            return moment
        vmas = replace(moment.vmas, resident_pages=None, swapped_pages=None)
        return replace(moment, vmas=vmas, space=Missing("no scan"))

    def close(self) -> None:
        self._sampler.close()


def _scans(specimen: Specimen) -> bool:
    with Target(specimen.pid) as target:
        pagemap = Pagemap(target)
        try:
            return pagemap.can_scan
        finally:
            pagemap.close()


@pytest.fixture(params=["scanned", "summed"])
def witness(request: pytest.FixtureRequest) -> Iterator[Witness]:
    with Specimen() as specimen:
        if request.param == "scanned" and not _scans(specimen):
            pytest.skip("this kernel has no PAGEMAP_SCAN (Linux 6.7)")
        made = Witness(specimen, request.param == "scanned")
        try:
            yield made
        finally:
            made.close()


def small(specimen: Specimen, pages: int, kind: str = "anon") -> Area:
    """An area without huge pages, so that pages are touched one by one."""
    area = specimen.map(kind, pages)
    specimen.advise(area, MADV_NOHUGEPAGE)
    return area


def row_at(difference: Difference, address: int) -> VmaDifference:
    """The row of whatever covers that address at either moment."""
    row = difference.at(address)
    assert row is not None, f"nothing covers {address:#x}"
    return row


def whys(row: VmaDifference) -> list[Why]:
    return [cause.why for cause in row.causes]


def seen(witness: Witness, act: Callable[[], object]) -> Difference:
    """What is different once that was done."""
    before = witness.look()
    act()
    witness.look()  # a scan tells who shares pages once smaps has said where to look
    return Difference(before, witness.look())


def test_heap_growth(witness: Witness) -> None:
    specimen = witness.specimen

    def grow() -> None:
        old = int(specimen.tell("sbrk", increment=HEAP_BYTES)) & 0xFFFF_FFFF
        with Target(specimen.pid) as target:
            table = maps.read(target)
        end = int(table.end[table.names.index(b"[heap]")])
        assert (end - HEAP_BYTES) & 0xFFFF_FFFF == old
        start = -(-(end - HEAP_BYTES) // PAGE_SIZE) * PAGE_SIZE
        specimen.write(Area(start, (end - start) // PAGE_SIZE))

    row = next(row for row in seen(witness, grow) if row.kind == "heap")
    assert row.change == "grew"
    assert whys(row)[0] is Why.HEAP and Why.TOUCHED in whys(row)
    assert row.delta("size") == HEAP_BYTES
    assert row.cause.startswith("+3.0M in [heap], break raised by 3.00M, ")
    assert "private dirty" in row.cause


def test_stacks_of_new_threads(witness: Witness) -> None:
    difference = seen(witness, lambda: witness.specimen.tell("threads", count=2))
    stacks = [row for row in difference if whys(row)[:1] == [Why.THREAD]]
    assert [row.change for row in stacks] == ["added", "added"]
    assert all("stack of a new thread (of 3, 1 before)" in row.cause for row in stacks)
    assert all(row.delta("rss") for row in stacks)
    guards = [row for row in difference if whys(row)[:1] == [Why.GUARD]]
    assert len(guards) == 2


def test_a_mapped_file(witness: Witness, tmp_path: Path) -> None:
    path = tmp_path / "file of data"
    path.write_bytes(bytes(64 * PAGE_SIZE))
    area: list[Area] = []

    def use() -> None:
        area.append(witness.specimen.map_file(path, 64))
        witness.specimen.read(area[0])

    row = row_at(seen(witness, use), area[0].start)
    assert row.change == "added" and whys(row)[0] is Why.FILE
    assert f"in {path}, file mapped, shared, all in memory" in row.cause


def test_a_leak(witness: Witness) -> None:
    specimen = witness.specimen
    leaking, cached, breathing = (small(specimen, 256) for _ in range(3))
    specimen.write(cached.part(0, 8))
    moments = [witness.look()]
    specimen.write(cached)  # it warms up once, and is never more
    for step in range(8):
        specimen.write(leaking.part(0, 32 * (step + 1)))
        specimen.write(breathing.part(0, 8 * (step + 1)))
        if step == 4:
            specimen.advise(breathing, MADV_DONTNEED)
        moments.append(witness.look())
    difference = Difference(moments[0], moments[-1], moments[1:-1])
    found = difference.leaks()
    if not witness.scans:
        assert isinstance(found, Missing)
        return
    assert not isinstance(found, Missing)
    (row, leak), *others = found
    assert row.start == leaking.start and not others
    assert leak.grown == 256 * PAGE_SIZE and leak.rises == leak.steps == 8
    assert leak.bytes_per_second == pytest.approx(256 * PAGE_SIZE / 8)
    assert whys(row)[0] is Why.LEAK
    assert "looks like a leak: only grows, 7.50M a minute, machine full in " in row.cause
    assert Why.LEAK not in whys(row_at(difference, cached.start))
    assert "private dirty, no page more for 7.0 s" in row_at(difference, cached.start).cause


def test_page_out(witness: Witness) -> None:
    with ExitStack() as stack:
        try:
            stack.enter_context(swap_available())
        except NoSwap as error:
            pytest.skip(str(error))
        specimen = witness.specimen
        area = small(specimen, 256)
        specimen.write(area)
        difference = seen(witness, lambda: specimen.advise(area, MADV_PAGEOUT))
        row = row_at(difference, area.start)
        swapped = row.delta("swap")
        assert isinstance(swapped, int) and swapped >= 200 * PAGE_SIZE
        assert row.change == "shrank" and whys(row) == [Why.PAGED_OUT]
        specimen.write(area)
        back = row_at(Difference(difference.after, witness.look()), area.start)
        assert back.change == "grew" and whys(back)[0] is Why.PAGED_IN


def test_collapse_into_huge_pages(witness: Witness) -> None:
    specimen = witness.specimen
    area = small(specimen, 2 * BLOCK_PAGES)
    specimen.write(area)

    def collapse() -> None:
        specimen.advise(area, MADV_HUGEPAGE)  # not before: khugepaged may be quick
        try:
            specimen.advise(area, MADV_COLLAPSE)
        except OSError as error:
            pytest.skip(f"MADV_COLLAPSE: {error.strerror}")

    row = row_at(seen(witness, collapse), area.start)
    assert row.delta("anon_huge_pages") == 2 * BLOCK_PAGES * PAGE_SIZE
    assert row.change == "same" and whys(row)[0] is Why.COLLAPSED
    assert "4.00M became 2 huge pages" in row.cause


def test_a_fork(witness: Witness) -> None:
    specimen = witness.specimen
    area = small(specimen, 512)
    specimen.write(area)

    def fork() -> None:
        witness.children = (specimen.fork(),)

    difference = seen(witness, fork)
    row = row_at(difference, area.start)
    child = witness.children[0]
    assert row.change == "same" and whys(row) == [Why.FORKED]
    assert f"2.00M shared since the fork of {child}" in row.cause
    specimen.write(area.part(0, 128), via=child)
    witness.look()
    row = row_at(Difference(difference.after, witness.look()), area.start)
    assert whys(row) == [Why.UNSHARED] and "512K no longer shared" in row.cause


def test_unmapped(witness: Witness) -> None:
    specimen = witness.specimen
    whole, part = small(specimen, 64), small(specimen, 64)
    specimen.write(whole.part(0, 40))
    specimen.write(part)

    def unmap() -> None:
        specimen.unmap(whole)
        specimen.unmap(part.part(16, 64))

    difference = seen(witness, unmap)
    gone = row_at(difference, whole.start)
    assert gone.change == "removed" and whys(gone) == [Why.UNMAPPED]
    assert gone.cause == "−160K in [anon], unmapped: 160K of it was in memory"
    less = row_at(difference, part.start)
    assert less.change == "shrank" and whys(less)[0] is Why.UNMAPPED
    assert "unmapped: 192K" in less.cause


def test_mprotect(witness: Witness) -> None:
    specimen = witness.specimen
    area = small(specimen, 64)
    specimen.write(area)
    difference = seen(witness, lambda: specimen.protect(area.part(16, 32), PROT_READ))
    row = row_at(difference, area.start)
    assert row.count == (1, 3) and row.change == "same"
    assert whys(row) == [Why.PROTECTED]
    assert row.cause == "no more and no less in [anon], mprotect turned 64.0K from rw-p to r--p"


def test_given_back_with_dontneed(witness: Witness) -> None:
    specimen = witness.specimen
    area = small(specimen, 256)
    specimen.write(area)
    difference = seen(witness, lambda: specimen.advise(area.part(0, 192), MADV_DONTNEED))
    row = row_at(difference, area.start)
    assert row.change == "shrank" and whys(row) == [Why.GIVEN_BACK]
    assert row.cause.startswith("−768K in [anon], given back but still mapped")


def test_recorded_and_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole way: a file is recorded while memory is used, and `vmtui diff` names the causes."""
    path = tmp_path / "made.vmtui"
    with Specimen() as specimen:
        area = small(specimen, 512)
        specimen.write(area.part(0, 8))
        recorder = Recorder(path, [specimen.pid], interval=0.1)
        recorder.start()
        try:
            _until(lambda: recorder.progress.ticks >= 2)
            specimen.write(area)
            specimen.protect(area.part(500, 512), PROT_READ)
            ticks = recorder.progress.ticks
            _until(lambda: recorder.progress.ticks >= ticks + 3)
        finally:
            done = recorder.stop()
        assert not done.failure
        assert main(["diff", str(path), "--json", "--pid", str(specimen.pid)]) == 0
        document = json.loads(capsys.readouterr().out)
        (row,) = [row for row in document["vmas"] if row["start"] == f"{area.start:#x}"]
        assert row["change"] == "grew" and row["rss_delta"] == 504 * PAGE_SIZE
        assert {"touched", "protected"} <= set(row["causes"])
        assert "mprotect turned 48.0K from rw-p to r--p" in row["cause"]
        assert main(["diff", str(path), "--peak", "--json"]) == 0
        peak = json.loads(capsys.readouterr().out)["peak"]
        assert peak["pid"] == specimen.pid and peak["rss"] > peak["climbed_from"]
        assert peak["vm_hwm"] >= 0.95 * peak["rss"]  # counted per CPU: a little behind


def _until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end, "it was not recorded"
        time.sleep(0.02)


def test_nothing(witness: Witness) -> None:
    """A process that sleeps is as it was, down to the last VMA."""
    small(witness.specimen, 16)
    difference = Difference(witness.look(), witness.look())
    assert difference.changed() == []
    assert {row.change for row in difference} == {"same"}


def test_only_moments_of_one_process_have_pages_to_compare() -> None:
    with Specimen() as one, Specimen() as other:
        if not _scans(one):
            pytest.skip("this kernel has no PAGEMAP_SCAN (Linux 6.7)")
        area = small(other, 256)
        other.write(area)
        witnesses = [Witness(each, scans=True) for each in (one, other)]
        try:
            before, after = (each.look() for each in witnesses)
            difference = Difference(before, after, same_process=False)
        finally:
            for each in witnesses:
                each.close()
        assert isinstance(difference.moves, Missing)
        row = next(row for row in difference if row.name == "[anon]")
        delta = row.delta("rss")
        assert isinstance(delta, int) and delta >= 256 * PAGE_SIZE
        assert "private dirty" in row.cause
        heap = next(row for row in difference if row.kind == "heap")
        assert len(heap.was) == len(heap.now) == 1
