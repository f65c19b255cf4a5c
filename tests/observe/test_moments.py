"""Samples as moments to compare: what is known of the process, its group and its machine."""

from __future__ import annotations

from tests import factories
from vmtui.kernel.cgroup import MemoryCgroup, MemoryEvents
from vmtui.missing import NOT_READ, Missing
from vmtui.model.process_moment import ProcessMoment
from vmtui.observe.moments import moment_of, same_process

NONE = Missing("not here")


def test_all_that_a_difference_needs() -> None:
    group = MemoryCgroup(1 << 30, 1 << 20, 0, MemoryEvents(0, 0, 0, 0), 1 << 19)
    stat = factories.stat(100, threads=3, utime_ticks=4, stime_ticks=5, minflt=6, majflt=7)
    target = factories.target(100, cgroup=group, stat=stat)
    processes = [factories.reading(100), factories.reading(7, ppid=100), factories.reading(8)]
    moment = moment_of(factories.sample(3, processes, target=target))
    assert isinstance(moment, ProcessMoment)
    assert (moment.at, moment.pid, moment.comm) == (1_000_003.0, 100, b"worker")
    assert (moment.threads, moment.work, moment.children) == (3, (9, 13), frozenset({7}))
    assert (moment.usage, moment.limit, moment.left) == (1 << 20, 1 << 30, 1 << 19)
    assert moment.available == (23_000_000 + 1_997_148) << 10
    assert moment.vmas is target.vmas and moment.space is target.space


def test_what_is_not_known_says_why() -> None:
    assert moment_of(factories.sample(0)) is NOT_READ
    assert moment_of(factories.sample(0, target=factories.target(vmas=NONE))) is NONE
    moment = moment_of(factories.sample(0, target=factories.target(stat=NONE, cgroup=NONE)))
    assert isinstance(moment, ProcessMoment)
    assert moment.threads is moment.work is moment.limit is NONE and moment.comm == b""


def test_a_process_is_its_pid_and_its_start() -> None:
    one = factories.sample(0, [factories.reading(100)])
    other = factories.sample(1, [factories.reading(100)], target=factories.target())
    anew = factories.sample(2, [factories.reading(100, start_ticks=9)])
    assert same_process(one, other, 100)
    assert not same_process(one, anew, 100) and not same_process(one, other, 5)
