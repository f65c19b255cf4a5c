"""What only ever grows is told from its shape; peaks, and processes and machines compared."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tests.model.test_vma_difference import moment
from tests.model.test_vmas import PAGE, vma
from vmtui.kernel.vmstat import parse as parse_vmstat
from vmtui.missing import NOT_READ, Missing
from vmtui.model.growth import NO_PAST, TOO_FEW, Room, room_of
from vmtui.model.leak_report import LeakReport, leak_report
from vmtui.model.machine_difference import machine_differences
from vmtui.model.peak import peak_of
from vmtui.model.process_difference import process_differences
from vmtui.model.vma_difference import Difference

SPAN = 64
ANON = vma(100, SPAN)
FILE = vma(300, SPAN, name=b"/data", inode=4)


def of_sizes(sizes: list[int], name: bytes = b"", letter: str = "a") -> Difference:
    """A VMA that has so many pages, a second apart."""
    one = replace(FILE if name else ANON, name=name)
    moments = [
        moment((one, letter * size + "." * (SPAN - size)), at=float(at), limit=1 << 20,
               usage=1 << 19)
        for at, size in enumerate(sizes)
    ]  # fmt: skip
    return Difference(moments[0], moments[-1], moments[1:-1])


def report(difference: Difference) -> LeakReport:
    found = leak_report(difference)
    assert isinstance(found, LeakReport)
    return found


def test_a_leak_with_rate_and_time_to_the_limit() -> None:
    found = report(of_sizes([0, 8, 16, 24, 32, 40]))
    (one,) = found.rows
    assert one.leak.grown == 40 * PAGE and (one.leak.rises, one.leak.steps) == (5, 5)
    assert found.bytes_per_second == 8 * PAGE
    assert found.room == Room(1 << 19, "cgroup")
    assert found.seconds_left == pytest.approx((1 << 19) / (8 * PAGE))
    assert one.row.words == (
        "looks like a leak: only grows, 1.88M a minute, at its cgroup's limit in 16 s, touched, "
        "private dirty"
    )


@pytest.mark.parametrize(
    ("sizes", "why"),
    [
        ([0, 8, 16, 12, 32, 40], "it gave some back"),
        ([0, 8, 16, 24, 24, 24, 24, 24, 24], "it stopped"),
        ([0, 0, 0, 0, 0, 0, 8, 16, 24], "it began late"),
        ([0, 40, 40, 40, 40, 40], "it warmed up"),
        ([0, 2, 4, 6, 8, 10], "it is too little"),
        ([9, 9, 9, 9, 9, 9], "it stands still"),
    ],
)
def test_what_is_no_leak(sizes: list[int], why: str) -> None:
    assert report(of_sizes(sizes)).rows == (), why


def test_file_pages_do_not_leak_and_swap_is_not_given_back() -> None:
    sizes = [0, 8, 16, 24, 32, 40]
    assert report(of_sizes(sizes, b"/data", "f")).rows == ()
    assert len(report(of_sizes(sizes, letter="W")).rows) == 1


def test_too_little_is_known() -> None:
    assert leak_report(of_sizes([0, 8, 16])) is TOO_FEW
    one, other = moment((ANON, "a" * SPAN)), moment((ANON, "a" * SPAN))
    assert leak_report(Difference(one, other, same_process=False)) is NO_PAST


@given(st.lists(st.integers(0, SPAN), min_size=5, max_size=30))
def test_a_leak_never_shrank(sizes: list[int]) -> None:
    leaks = report(of_sizes(sizes)).rows
    rises = [later - now for now, later in pairwise(sizes)]
    if leaks:
        assert min(rises) >= 0 and sum(rises) >= 16
        assert leaks[0].leak.rises == sum(rise > 0 for rise in rises)
    elif min(rises) >= 0 and sum(rises) >= 16:
        third = len(rises) / 3
        grew = [at for at, rise in enumerate(rises) if rise]
        assert len(grew) < 3 or grew[0] >= third or grew[-1] < len(rises) - third


def test_room_without_a_limit_is_the_machine() -> None:
    none = Missing("no limit is set")
    assert room_of(moment((ANON, ""), limit=none, available=5)) == Room(5, "machine")
    assert room_of(moment((ANON, ""), limit=9, usage=NOT_READ)) is NOT_READ
    above = moment((ANON, ""), limit=9, usage=1, left=3, available=5)
    assert room_of(above) == Room(3, "cgroup")
    assert room_of(moment((ANON, ""), limit=9, usage=1)) == Room(8, "cgroup")
    assert Room(-4, "cgroup").seconds(1.0) == 0 and Room(4, "cgroup").seconds(0) == float("inf")


# Peaks


@pytest.mark.parametrize(
    ("amounts", "at", "foot"),
    [
        ([5], 0, 0),
        ([9, 5, 5], 0, 0),
        ([5, 5, 5, 50, 7], 3, 2),
        ([10, 60, 20, 12, 11, 90, 100, 30], 6, 4),
        ([1, 1, 100, 100], 2, 1),
    ],
)
def test_peak_and_foot(amounts: list[int], at: int, foot: int) -> None:
    peak = peak_of(amounts)
    assert peak is not None and (peak.at, peak.foot) == (at, foot)


def test_nothing_has_no_peak() -> None:
    assert peak_of([]) is None


@given(st.lists(st.integers(0, 1000), min_size=1))
def test_the_peak_is_the_first_largest_and_the_foot_no_later(amounts: list[int]) -> None:
    peak = peak_of(amounts)
    assert peak is not None
    assert peak.at == amounts.index(max(amounts)) and 0 <= peak.foot <= peak.at
    assert amounts[peak.foot] <= amounts[peak.at]


# Processes and the machine


def test_processes_of_one_machine_by_pid_and_start() -> None:
    before = [factories.reading(1, 100), factories.reading(2, 50, comm=b"old"),
              factories.reading(3, 9, start_ticks=1)]  # fmt: skip
    after = [factories.reading(1, 140, threads=3), factories.reading(3, 9, start_ticks=2),
             factories.reading(4, 9, flags=0x200000)]  # fmt: skip
    rows = process_differences(before, after)
    assert [(row.pid, row.change, row.cause, row.delta // PAGE) for row in rows] == [
        (2, "removed", "exited", -50), (1, "grew", "2 threads more", 40),
        (3, "removed", "exited", -9), (3, "added", "started", 9),
    ]  # fmt: skip


def test_a_zombie_has_exited() -> None:
    (row,) = process_differences([factories.reading(1, 9)], [factories.reading(1, 0, state="Z")])
    assert row.change == "shrank" and row.cause == "exited, and its parent has not waited for it"


def test_processes_of_two_machines_by_name() -> None:
    before = [factories.reading(1, 100), factories.reading(2, 30), factories.reading(9, 5)]
    after = [factories.reading(71, 20), factories.reading(72, 90),
             factories.reading(73, 1, comm=b"new")]  # fmt: skip
    rows = process_differences(before, after, same_machine=False)
    pairs = {(row.was and row.was.stat.pid, row.now and row.now.stat.pid) for row in rows}
    assert pairs == {(1, 72), (2, 71), (9, None), (None, 73)}
    assert {row.cause for row in rows} == {"only in A", "only in B", "PID 1 in A", "PID 2 in A"}


def test_the_machine_in_parts_and_events() -> None:
    before, after = factories.machine(), factories.machine(1.0, 5000)
    after = replace(after, vmstat=parse_vmstat(b"pgfault 5000\npswpout 7\npgmajfault 0\n"))
    rows = {row.name: row for row in machine_differences(before, after)}
    assert rows["anon"].delta == 0 and rows["swap_used"].before == 100_000 << 10
    assert (rows["pgfault"].delta, rows["pswpout"].delta) == (5000, 7)
    two = {row.name for row in machine_differences(before, after, same_machine=False)}
    assert "pgfault" not in two and "anon" in two
