"""A child that leaks in a memory cgroup: what a recording of it says against what the kernel does.

The group is made by what makes those of the laboratory, limited to 128 MiB, and removed whatever
happens. The child grows by a known amount at every tick, so that rate and time are those of bytes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.record.test_recorder import until
from tests.truth.machine_wide import NotBorrowed, alone
from tests.truth.specimen import MADV_NOHUGEPAGE, Area, Specimen
from vmtui.cli import main
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.resources import memcg
from vmtui.lab.resources.memcg import MemoryGroup
from vmtui.lab.resources.memcg_v1 import V1Group
from vmtui.lab.resources.memcg_v2 import V2Group
from vmtui.missing import Missing
from vmtui.model.leak_report import LeakReport, leak_report
from vmtui.model.page_moves import PageMove
from vmtui.model.vma_difference import Difference
from vmtui.record import recorder as recorders
from vmtui.record.comparison import Comparison, peak_in, side_of
from vmtui.record.reader import Recording
from vmtui.record.recorder import Recorder

MIB = 1 << 20
LIMIT = 128 * MIB
STEP_PAGES = 8 * MIB // PAGE_SIZE
STEPS = 8
OTHERS = 32 * MIB
INTERVAL = 0.1
_LOCK_SECONDS = 60.0
_PATIENCE_TICKS = 300


def _charged_ahead() -> int:
    """What a group's account may be ahead of its pages: 64 pages a CPU, and page tables."""
    return 64 * PAGE_SIZE * (os.cpu_count() or 1) + MIB


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scans at every tick: how old they may be on a busy machine is not what is tested here."""
    monkeypatch.setattr(recorders, "SHARE", 1.0)


@pytest.fixture
def group() -> Iterator[MemoryGroup]:
    """A memory cgroup of the test's own."""
    why = memcg.refusal()
    if why is not None:
        pytest.skip(why.en)
    try:
        with alone(_LOCK_SECONDS):
            made = memcg.choose(f"vmtui-{os.getpid()}-leak")
            made.make()
            try:
                yield made
            finally:
                made.remove()
                assert not any(os.path.exists(directory) for directory in made.directories)
    except NotBorrowed as error:
        pytest.skip(str(error))


class Leak:
    """A specimen in a group that is recorded while it grows by a step at every tick."""

    def __init__(self, specimen: Specimen, group: MemoryGroup, path: Path) -> None:
        group.add(specimen.pid)
        self.group, self.path = group, path
        self.area: Area = specimen.map("anon", 2 * LIMIT // PAGE_SIZE)
        specimen.advise(self.area, MADV_NOHUGEPAGE)
        self.specimen = specimen
        self.written = 0
        self.recorder = Recorder(path, [specimen.pid], interval=INTERVAL)

    def step(self) -> None:
        """So many pages more."""
        self.specimen.write(self.area.part(self.written, self.written + STEP_PAGES))
        self.written += STEP_PAGES

    def grow(self, steps: int) -> int:
        """Step by step, each when the one before was scanned; the index of a sample after all."""
        for _ in range(steps):
            self.step()
            for _ in range(_PATIENCE_TICKS):
                self._after(1)
                if self._scanned() == self.written:
                    break
            else:
                pytest.fail("the recorder never saw what was written")
        return self.recorder.progress.ticks - 1

    def _scanned(self) -> int | Missing:
        """Pages of the area that the newest sample knows."""
        with Recording(self.path) as recording:
            found = difference_of(self, recording, len(recording) - 1)
        row = found.at(self.area.start)
        assert row is not None
        return row.pages(PageMove.APPEARED)

    def _after(self, ticks: int) -> None:
        there = self.recorder.progress.ticks
        until(lambda: self.recorder.progress.ticks >= there + ticks)


@pytest.fixture
def leak(group: MemoryGroup, tmp_path: Path) -> Iterator[Leak]:
    with Specimen() as specimen:
        made = Leak(specimen, group, tmp_path / "leak.vmtui")
        made.recorder.start()
        made._after(1)
        try:
            yield made
        finally:
            made.recorder.stop()


def difference_of(leak: Leak, recording: Recording, last: int) -> Difference:
    """From the first sample to that one."""
    sides = [side_of(recording, leak.recorder.path, recording.ticks[at]) for at in (0, last)]
    found = Comparison(*sides).difference(leak.specimen.pid, leak.specimen.pid)
    assert not isinstance(found, Missing)
    if isinstance(found.before.space, Missing):
        pytest.skip("this kernel has no PAGEMAP_SCAN (Linux 6.7)")
    return found


def reported(leak: Leak, last: int) -> tuple[LeakReport, float]:
    """The report from the first sample to that one, and the seconds between."""
    with Recording(leak.path) as recording:
        report = leak_report(difference_of(leak, recording, last))
        assert isinstance(report, LeakReport)
        return report, recording.ticks[last] - recording.ticks[0]


def test_rate_and_time_to_the_limit_are_the_kernels(
    leak: Leak, capsys: pytest.CaptureFixture[str]
) -> None:
    leak.group.limit(LIMIT, 0)
    last = leak.grow(STEPS)
    used = leak.group.reading().usage
    assert not isinstance(used, Missing)
    report, seconds = reported(leak, last)
    (one,) = report.rows
    assert one.row.start == leak.area.start
    assert one.leak.grown == STEPS * STEP_PAGES * PAGE_SIZE
    assert one.leak.rises >= STEPS // 2 and report.bytes_per_second == one.leak.grown / seconds
    room, left = report.room, report.seconds_left
    assert not isinstance(room, Missing) and not isinstance(left, Missing)
    assert room.of == "cgroup" and abs(room.left - (LIMIT - used)) <= _charged_ahead()
    assert left == pytest.approx(room.left / report.bytes_per_second)
    assert "at its cgroup's limit in " in one.row.cause

    leak.recorder.stop()
    with suppress(RuntimeError):  # the kernel ends it, where there is nobody else in its group
        while leak.group.reading().oom_kills == 0:
            leak.step()
    grown = leak.written * PAGE_SIZE - one.leak.grown
    step = STEP_PAGES * PAGE_SIZE
    assert grown <= room.left + _charged_ahead()
    assert grown >= room.left - step - _charged_ahead()

    assert main(["diff", f"{leak.path}@0", f"@{seconds + 0.001:.3f}", "--leaks", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["leaks"]
    assert told["limit_of"] == "cgroup" and told["grown"] == one.leak.grown
    assert told["seconds_to_limit"] == pytest.approx(left, abs=0.1)
    with Recording(leak.path) as recording:
        peak = peak_in(recording, leak.specimen.pid)
        assert peak is not None and peak.foot < peak.at
        largest, first = (recording.sample(at).process(leak.specimen.pid) for at in (peak.at, 0))
        assert largest is not None and first is not None
        climbed = (largest.resident_pages - first.resident_pages) * PAGE_SIZE
        assert abs(climbed - one.leak.grown) <= _charged_ahead()


def test_a_limit_above_is_met_by_what_others_use(group: MemoryGroup, tmp_path: Path) -> None:
    """The group has all of its limit left, the one above, which has the same, has not."""
    inner = _inside(group)
    group.limit(LIMIT, 0)
    inner.make()
    try:
        with Specimen() as other, Specimen() as specimen:
            group_of_others = _inside(group, "others")
            group_of_others.make()
            try:
                group_of_others.add(other.pid)
                theirs = other.map("anon", OTHERS // PAGE_SIZE)
                other.write(theirs)
                leak = Leak(specimen, inner, tmp_path / "leak.vmtui")
                leak.recorder.start()
                leak._after(1)
                last = leak.grow(STEPS)
                leak.recorder.stop()
                used = group.reading().usage
            finally:
                group_of_others.remove()
        report, _ = reported(leak, last)
        room = report.room
        assert not isinstance(used, Missing) and not isinstance(room, Missing)
        assert room.of == "cgroup" and abs(room.left - (LIMIT - used)) <= _charged_ahead()
        assert room.left <= LIMIT - OTHERS - STEPS * STEP_PAGES * PAGE_SIZE + _charged_ahead()
    finally:
        inner.remove()


def _inside(group: MemoryGroup, name: str = "leaking") -> MemoryGroup:
    """A group below that one."""
    if group.kind == "v1":
        return V1Group(f"{group.path}/{name}")
    if group.kind == "v2":
        Path(group.path, "cgroup.subtree_control").write_text("+memory")
        return V2Group(f"{group.path}/{name}")
    pytest.skip("a scope of systemd's has no group below the one of an experiment")
