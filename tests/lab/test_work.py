"""`work` and `swap`: their lines, their slices, and what a run counts of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vmtui.kernel import vmstat
from vmtui.lab.evidence import GroupView
from vmtui.lab.experiment import Experiment, Line
from vmtui.lab.experiments import BY_ID
from vmtui.lab.layout import Layout, Reservation
from vmtui.lab.limits import Limits
from vmtui.lab.operations.operation import Worked
from vmtui.lab.operations.swap import Swap
from vmtui.lab.operations.work import Work
from vmtui.lab.probe import probe
from vmtui.lab.run import Run
from vmtui.lab.script import ScriptError, parse, parse_line
from vmtui.lab.spawner import Bench
from vmtui.lab.text import NOTHING, same
from vmtui.lab.words import Unexpected
from vmtui.lab.working import WorkLog, at_least, reclaimed_kb
from vmtui.missing import Missing
from vmtui.theory import Answer, Kernel, Outcome, World
from vmtui.theory.views import Smaps

LAYOUT = Layout.of([Reservation("buf", 1000)])
NONE = Answer(0, 0)
GROUP = GroupView(
    "v1", "/group", 3 << 20, 3 << 20, None, 0, 0, 0, 0, 0, 0, 0, 0, Missing(""), Missing("")
)


def work(line: str) -> Work:
    operation = parse_line(line).operation
    assert isinstance(operation, Work)
    return operation


@pytest.mark.parametrize(
    ("line", "order", "write", "keep"),
    [
        ("work buf random write for 2", "random", True, 0),
        ("work buf cyclic for 0.5", "cyclic", True, 0),
        ("work buf cyclic read within 75% for 1.5", "cyclic", False, 750),
        ("work buf random read within 400K for 1", "random", False, 100),
    ],
)
def test_lines(line: str, order: str, keep: int, *, write: bool) -> None:
    operation = work(line)
    assert (operation.order, operation.write, operation.keep(LAYOUT)) == (order, write, keep)
    assert work(operation.source()) == operation
    assert operation.region() == "buf"


@pytest.mark.parametrize(
    "line",
    [
        "work buf", "work buf sideways for 1", "work buf random", "work buf random for",
        "work buf random for 0", "work buf random for 61", "work buf random for 1s",
        "work buf random within for 1", "work buf random within 0% for 1",
        "work buf random for 1 2", "swap", "swap disk 1M", "swap file", "swap zram 1M more",
    ],
)  # fmt: skip
def test_lines_that_are_none(line: str) -> None:
    with pytest.raises(Unexpected):
        parse_line(line)


def test_work_is_on_a_mapped_region_in_one_piece() -> None:
    with pytest.raises(ScriptError, match="mapped"):
        parse("work buf random for 1")
    with pytest.raises(ScriptError, match="one piece"):
        parse("map far 4K anon times 4 every 2M\nwork far random for 1")


def test_slices_are_short_and_as_long_as_the_whole_together() -> None:
    for seconds in ("0.1", "0.3", "2", "3.7"):
        operation = work(f"work buf random for {seconds}")
        slices = operation.chunks(LAYOUT, 40)
        lengths = [getattr(one, "seconds") for one in slices]  # noqa: B009  a protocol has no fields
        assert max(lengths) <= 0.25
        assert sum(lengths) == pytest.approx(float(seconds))
        assert operation.seconds(LAYOUT) == float(seconds)


def test_swap_says_what_it_changes() -> None:
    operation = parse_line("swap file 96M").operation
    assert isinstance(operation, Swap)
    (told,) = operation.changes()
    assert "swap file of 96M" in told.en and "96M" in told.ja
    (told,) = Swap("zram", 1 << 20).changes()
    assert "zram" in told.en
    world = World(Kernel(swap=False))
    operation.predict(world, LAYOUT, "parent")
    assert world.kernel.swap and not world.kernel.swap_is_memory


# What a run counts


def worked(touches: int, major: int, kept: int = 0) -> Worked:
    return Worked(touches, 0.5, 7, major, "random", 4 << 20, kept)


def outcome(low: int, high: int) -> Outcome:
    return Outcome(0, NONE, NONE, NONE, misses=Answer(low, high))


def test_a_step_of_work_is_one_point_and_its_slices_are_now() -> None:
    log = WorkLog()
    log.begin()
    assert log.view is None and isinstance(log.rate, Missing) and isinstance(log.misses, Missing)
    log.look(worked(1000, 100), outcome(50, 200), GROUP)
    log.look(worked(3000, 500), outcome(50, 200), GROUP)
    view = log.view
    assert view is not None and view.done == ()
    assert (view.now.touches, view.now.limit, view.now.work) == (3000, 3 << 20, 4 << 20)
    assert (log.rate, log.misses) == (4000, 150)
    log.finish(outcome(50, 200), GROUP)
    (point,) = log.view.done if log.view else ()
    assert (point.touches, point.major, point.misses, point.rate) == (4000, 600, 150, 4000)
    assert point.predicted == Answer(50, 200)
    log.begin()
    log.look(worked(500, 100), outcome(0, 0), GROUP)
    assert log.rate == 1000
    assert isinstance(log.misses, Missing)  # so few tell no share
    log.begin()
    log.look(None, outcome(0, 0), GROUP)
    log.finish(outcome(0, 0), GROUP)
    assert log.view is not None and log.view.now == point  # nothing new: the last one stands


def test_what_a_program_leaves_itself_is_its_limit() -> None:
    log = WorkLog()
    log.begin()
    log.look(worked(10, 1, kept=1 << 20), outcome(0, 9), None)
    assert log.view is not None and log.view.now.limit == 1 << 20
    log.look(worked(10, 1), outcome(0, 9), None)
    assert log.view.now.limit is None


def test_figures_of_pages_that_reclaim_decides_on() -> None:
    world = World(Kernel())
    world.limit_memory(500, None)
    there = Smaps(rss=4000, anonymous=4000, private=4000)
    rss, swap = (reclaimed_kb(world, name, there) for name in ("rss", "swap"))
    assert (rss.low, rss.high) == (0, 2000)
    assert (swap.low, swap.high) == (2000, 4000)
    assert reclaimed_kb(world, "private", there).low is None
    of_file = Smaps(rss=4000)
    assert reclaimed_kb(world, "swap", of_file) == Answer(0, 0)


def test_figures_of_the_whole_machine_have_no_upper_end() -> None:
    assert (at_least(7).low, at_least(7).high) == (7, None)
    assert (at_least(0).low, at_least(0).high) == (None, None)


# For real, as anybody

REFAULTS = ("workingset_refault_anon", "workingset_refault_file")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench.open() as opened:
        yield opened


@pytest.fixture(scope="module")
def kernel(bench: Bench) -> Kernel:
    return probe(bench).kernel


def test_work_in_a_script(bench: Bench, kernel: Kernel) -> None:
    lines = "map buf 2M anon", "touch buf write", "work buf random write for 0.3"
    figures = ("work_rate", "misses", "minor_faults", "rss", "pages_as_predicted")
    told = tuple(Line(line, NOTHING) for line in lines)
    experiment = Experiment("test", same("test"), NOTHING, NOTHING, NOTHING, told, figures, (), ())
    with Run(experiment, {}, bench, kernel, limits=Limits(64 << 20)) as run:
        moments = list(run.moments())
    last = moments[-1]
    assert last.work is not None and len(last.work.done) == 1
    assert last.work.done[0].misses == 0
    assert last.work.done[0].limit is None
    rate = last.comparison("work_rate")
    assert rate is not None and isinstance(rate.measured, int) and rate.measured > 1000
    assert sum(moment.step == 2 for moment in moments) == 2
    assert run.result().verdict == "as predicted"


def test_the_fallback_of_thrashing_needs_nobody(bench: Bench, kernel: Kernel) -> None:
    if isinstance(bench.directory, Missing):
        pytest.skip(bench.directory.reason)
    experiment = BY_ID["thrashing"]
    values = experiment.values({"size": "16M", "by": "pageout", "order": "cyclic"})
    since_boot = sum(vmstat.read().figures.get(name, 0) for name in REFAULTS)
    with Run(experiment, values, bench, kernel, limits=Limits(64 << 20)) as run:
        assert not run.script.changes
        first, *others = run.moments()
        (last,) = [moment for moment in others if moment.finished_step][-1:]
    assert first.chart["refaults"] < max(since_boot, 1000)
    assert run.result().verdict == "as predicted"
    assert last.work is not None
    shares = [(point.limit or 0) / point.work for point in last.work.done]
    assert shares == sorted(shares, reverse=True)
    assert [point.misses for point in last.work.done if point.limit is None] == []
    assert last.work.done[0].misses == 0
    assert last.work.done[-1].misses > 900
