"""Free blocks and scattered frames: what is predicted of them from what was seen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.truth import machine_wide
from vmtui.kernel import buddyinfo, flags
from vmtui.lab import free_memory, scatter
from vmtui.lab.experiments import BY_ID
from vmtui.lab.figures import FIGURES
from vmtui.lab.kinship import Frames
from vmtui.lab.layout import Region
from vmtui.lab.limits import Limits
from vmtui.lab.moments import Moment
from vmtui.lab.operations.compact import Compact
from vmtui.lab.probe import probe
from vmtui.lab.region_pages import RegionPages
from vmtui.lab.run import Run
from vmtui.lab.scatter import NONE, Scatter
from vmtui.lab.script import ScriptError, parse, parse_line
from vmtui.lab.spawner import Bench
from vmtui.missing import Missing
from vmtui.theory import Kernel, World

LIMITS = Limits(64 << 20, 60.0)
FRAMES = st.sets(st.integers(1, 300)).map(lambda some: np.array(sorted(some), np.int64))


def test_per_cpu_lists_are_in_order_0() -> None:
    found = free_memory.read()
    assert len(found.orders) == len(buddyinfo.read()[0].orders)
    assert found.orders[0] >= found.per_cpu >= 0
    assert found.pages == found.smaller_than(len(found.orders)) > 0
    assert found.allocated >= found.allocated_before > 0


@given(FRAMES, FRAMES)
def test_runs_and_holes(used: Frames, others: Frames) -> None:
    given_back = scatter.without(others, used)
    seen = Scatter(used, given_back)
    members = set(used.tolist())
    starts = [frame for frame in members if frame - 1 not in members]
    assert seen.runs == len(starts)
    assert seen.holes == sum(frame ^ 1 in members for frame in given_back.tolist())
    assert seen.runs <= seen.longest * seen.runs == (seen.longest * len(starts))
    assert Scatter(NONE).longest == Scatter(NONE).holes == 0


@given(FRAMES, st.data())
def test_a_frame_changes_the_runs_by_one_at_most(used: Frames, data: st.DataObject) -> None:
    """What the ranges rest on: k new frames, k runs more or fewer; a moved one counts twice."""
    frame = data.draw(st.integers(1, 300))
    more = np.union1d(used, [frame])
    assert abs(Scatter(more).runs - Scatter(used).runs) <= 1
    assert Scatter(more).longest >= Scatter(used).longest


class Moving:
    """A pagemap in which compaction is moving a frame at first."""

    can_scan = False

    def __init__(self) -> None:
        self.asked = 0

    def entries(
        self, first: int, count: int, out: np.ndarray[tuple[int], np.dtype[np.uint64]]
    ) -> None:
        self.asked += 1
        out[:count] = flags.PM_PRESENT | flags.PM_EXCLUSIVE | 7
        if self.asked < 3:
            out[1] = flags.PM_SWAPPED | 29


def test_a_frame_that_is_being_moved_is_waited_for() -> None:
    pagemap = Moving()
    pages = RegionPages(pagemap, [Region("buf", 512, 4)], in_swap=0)  # type: ignore[arg-type]
    assert pages.frames().tolist() == [7] * 4
    assert pagemap.asked == 3
    swapped = Moving()
    RegionPages(swapped, [Region("buf", 512, 4)], in_swap=1)  # type: ignore[arg-type]
    assert swapped.asked == 1


def test_the_pool_is_predicted() -> None:
    world = World(Kernel(hugetlb_pages=1))
    script = parse("pool 3M\nmap buf 6M anon hugetlb\nmap more 2M anon hugetlb")
    wanted = [0, 0, 12]
    for step, errno in zip(script.steps, wanted, strict=True):
        assert step.operation.predict(world, script.layout, "parent").errno == errno
    assert parse_line("pool 3M").operation.source() == "pool 3M"
    with pytest.raises(ScriptError, match="a multiple of 2M for hugetlb, found 3M"):
        parse("map buf 3M anon hugetlb")


def test_both_say_what_they_change_and_who_may() -> None:
    for line in ("pool 2M", "compact"):
        operation = parse_line(line).operation
        (changed,) = operation.changes()
        assert changed.en and changed.ja
        why = operation.refused()
        if os.geteuid() and why is not None:
            assert "root" in why.en and "root" in why.ja
    assert Compact().source() == "compact"


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench.open() as opened:
        yield opened


@pytest.fixture(scope="module")
def kernel(bench: Bench) -> Kernel:
    return probe(bench).kernel


def run_of(name: str, bench: Bench, kernel: Kernel, **chosen: str) -> tuple[Run, list[Moment]]:
    experiment = BY_ID[name]
    run = Run(experiment, experiment.values(chosen), bench, kernel, limits=LIMITS)
    return run, list(run.moments())


def test_compaction_changes_the_machine_and_says_so(bench: Bench, kernel: Kernel) -> None:
    if why := parse_line("compact").operation.refused():
        pytest.skip(why.en)
    try:
        with machine_wide.alone(5.0):
            run, _ = run_of("fragmentation", bench, kernel, size="4M", compaction="yes")
    except machine_wide.NotBorrowed as error:
        pytest.skip(str(error))
    assert len(run.script.changes) == 1
    assert run.result().verdict == "as predicted" and run.result().restored


def at_end(run: Run, moments: list[Moment], source: str) -> Moment:
    index = next(n for n, step in enumerate(run.script.steps) if step.source == source)
    return next(one for one in moments if one.step == index and one.finished_step)


def test_holes_that_cannot_merge(bench: Bench, kernel: Kernel) -> None:
    run, moments = run_of("fragmentation", bench, kernel, size="8M", buffer="4M", compaction="no")
    assert run.result().verdict == "as predicted"
    assert not run.script.changes
    holed = at_end(run, moments, "advise wall dontneed ::2")
    view = holed.blocks
    assert view is not None
    assert len(view.before) == len(view.orders) == len(view.unusable)
    assert view.orders[0] >= view.per_cpu
    holes = holed.comparison("holes")
    assert holes is not None
    if os.geteuid():
        assert holes.verdict == "not measurable here"
        assert isinstance(view.runs, Missing) and view.frames is None
        return
    assert isinstance(holes.measured, int) and 0 < holes.measured <= 1024
    assert isinstance(view.runs, int) and view.runs > 512  # no two neighbours are left side by side
    assert view.frames is not None
    assert view.frames.region == "wall"
    assert set(view.frames.pages[:512:2]) == {0} and set(view.frames.pages[1:512:2]) == {1}
    assert view.frames.GIVEN in view.frames.around and 1 in view.frames.around
    filled = at_end(run, moments, "touch buf write")
    assert filled.blocks is not None and filled.blocks.frames is not None
    assert filled.blocks.frames.region == "buf"
    assert filled.comparisons[0].measured == 1024


def test_predictions_that_need_what_was_seen_have_no_forecast(bench: Bench, kernel: Kernel) -> None:
    run, _ = run_of("fragmentation", bench, kernel, size="1M", buffer="1M", compaction="no")
    goes = [name for name, figure in FIGURES.items() if figure.as_it_goes]
    for forecast in run.forecast:
        for name in goes:
            if name in forecast.chart:
                assert forecast.chart[name].low is None and forecast.chart[name].high is None


POOL = Path("/proc/sys/vm/nr_hugepages")


@pytest.fixture
def foreign_pool() -> Iterator[int]:
    """Eight huge pages that somebody else asked for."""
    try:
        with machine_wide.huge_pool(8):
            yield 8
    except machine_wide.NotBorrowed as error:
        pytest.skip(str(error))


def test_hugetlb_beside_thp(foreign_pool: int, bench: Bench) -> None:
    """Exact beside a pool of somebody else's, which is as it was afterwards."""
    kernel = probe(bench).kernel
    assert kernel.hugetlb_pages == foreign_pool
    run, moments = run_of("huge-pages", bench, kernel, size="8M", by="hugetlb")
    assert run.result().verdict == "as predicted" and run.result().restored
    assert POOL.read_text().strip() == str(foreign_pool)
    figures = {}
    for name in ("small", "huge", "pooled"):
        chart = at_end(run, moments, f"touch {name} write").chart
        figures[name] = (
            chart["minor_faults.parent"],
            chart["anon_huge.parent"] >> 20,
            chart["hugetlb.parent"] >> 20,
            chart["rss.parent"] >> 20,
            chart["page_tables.parent"] >> 12,
        )
    if kernel.huge_mode != "never":
        assert figures["huge"] == (4, 8, 0, 8, figures["small"][4])
    assert figures["small"][:4] == (2048, 0, 0, 8)
    assert figures["pooled"] == (4, 0, 8, 0, figures["small"][4] - 4)


def test_times_have_a_spread(bench: Bench, kernel: Kernel) -> None:
    run, moments = run_of("huge-pages", bench, kernel, size="4M", by="thp")
    moment = at_end(run, moments, "touch small write")
    time = moment.comparison("time")
    assert time is not None and time.verdict == "not predicted"
    assert "parts took" in time.why.en and "回に分けて" in time.why.ja
