"""The process list as a pure function of samples: rates, growth, order, filter, tree."""

from __future__ import annotations

import pytest

from tests.factories import reading, rollup, sample, status
from vmtui.kernel.flags import PF_KTHREAD
from vmtui.missing import Missing
from vmtui.model.fields.process import PROCESS_FIELDS_BY_ID as FIELDS
from vmtui.model.filter import Filter, FilterError, parse
from vmtui.model.processes import ProcessRow
from vmtui.observe.clock import Clock
from vmtui.observe.journal import Journal
from vmtui.observe.listing import Order, SortKeys, rows_at

EVERYTHING: Filter[ProcessRow] = parse("", FIELDS)


def clock_of(*lists: list[object]) -> Clock:
    clock = Clock(Journal())
    for tick, readings in enumerate(lists):
        clock.add(sample(tick, readings))  # type: ignore[arg-type]  # built by `reading`
    return clock


def shown(
    clock: Clock, order: str = "rss", text: str = "", *, down: bool = True, tree: bool = False
) -> list[int]:
    rows, _ = rows_at(clock, 0.0, Order(FIELDS[order], down), parse(text, FIELDS), tree=tree)
    return [row.pid for row in rows]


def test_rates_need_two_readings_of_one_process() -> None:
    clock = clock_of(
        [reading(1, minflt=100, stat_at=10.0), reading(2, minflt=5, stat_at=10.0)],
        [reading(1, minflt=300, stat_at=12.0), reading(2, minflt=9, stat_at=12.0, start_ticks=9)],
    )
    rows, _ = rows_at(clock, 0.0, Order(FIELDS["pid"], False), EVERYTHING)
    assert rows[0].minflt_rate == 100.0
    assert isinstance(rows[1].minflt_rate, Missing)  # the number was reused
    clock.step(-1)
    rows, _ = rows_at(clock, 0.0, Order(FIELDS["pid"], False), EVERYTHING)
    assert isinstance(rows[0].minflt_rate, Missing)


def test_a_rate_counts_from_when_the_figures_before_were_last_seen() -> None:
    clock = clock_of(
        [reading(1, minflt=100, stat_at=10.0)],
        [reading(1, minflt=300, stat_at=30.0, stat_before_at=29.0)],  # unchanged until 29
    )
    rows, _ = rows_at(clock, 0.0, Order(FIELDS["pid"], False), EVERYTHING)
    assert rows[0].minflt_rate == 200.0


def test_sort_keys_that_are_kept_make_no_difference() -> None:
    first = [reading(1, 10), reading(2, 30), reading(3, 20)]
    clock, keys = Clock(Journal()), SortKeys()
    for tick, readings in enumerate((first, [first[0], reading(2, 5), first[2]], first[1:])):
        clock.add(sample(tick, readings))
        for name in ("rss", "pid", "growth", "rss"):
            order = Order(FIELDS[name])
            kept, _ = rows_at(clock, 0.0, order, keys=keys)
            fresh, _ = rows_at(clock, 0.0, order)
            assert [row.pid for row in kept] == [row.pid for row in fresh]


def test_growth_counts_from_a_minute_ago_and_follows_the_cursor() -> None:
    clock = Clock(Journal())
    for tick in range(91):
        clock.add(sample(tick, [reading(1, 1000 + tick)]))
    rows, _ = rows_at(clock, 0.0, Order(FIELDS["rss"]), EVERYTHING)
    assert rows[0].growth == 60 * 4096
    clock.step(-60)
    rows, _ = rows_at(clock, 0.0, Order(FIELDS["rss"]), EVERYTHING)
    assert rows[0].growth == 30 * 4096
    assert list(rows[0].trend) == [1000 + tick for tick in range(31)]


def test_a_kernel_thread_has_no_memory_rather_than_none() -> None:
    clock = clock_of([reading(2, flags=PF_KTHREAD), reading(3, state="Z")])
    rows, _ = rows_at(clock, 0.0, Order(FIELDS["rss"]), EVERYTHING)
    for row in rows:
        for name in ("rss", "pss", "uss", "swap", "page_tables", "growth", "vsize", "shared"):
            assert isinstance(FIELDS[name].get(row), Missing), name


def test_what_is_not_known_sorts_last_both_ways() -> None:
    clock = clock_of(
        [reading(1, rollup=rollup(10, 1)), reading(2), reading(3, rollup=rollup(30, 1))]
    )
    assert shown(clock, "pss") == [3, 1, 2]
    assert shown(clock, "pss", down=False) == [1, 3, 2]


def test_text_sorts_without_case() -> None:
    clock = clock_of([reading(1, command="b"), reading(2, command="A"), reading(3, command="c")])
    assert shown(clock, "command", down=False) == [2, 1, 3]
    assert shown(clock, "command", down=True) == [3, 1, 2]


@pytest.mark.parametrize(
    ("text", "pids"),
    [
        ("", [3, 2, 1]),
        ("postg", [2]),
        ("POSTG writer", [2]),
        ("pid:3", [3]),
        ("user:root", [3]),
        ("rss>1M", [3, 2]),
        ("rss>=1M rss<3M", [2]),
        ("swap>0", [1]),
        ("swap=0", []),
        ("rss>", [3, 2, 1]),
        ("http://x", []),
    ],
)
def test_filters(text: str, pids: list[int]) -> None:
    clock = clock_of(
        [
            reading(1, 10, command="bash", status=status(1, swap_kib=5)),
            reading(2, 512, command="postgres: writer"),
            reading(3, 1024, command="node", user="root"),
        ]
    )
    assert shown(clock, "rss", text) == pids


@pytest.mark.parametrize("text", ["nothing>3", "rss>much", "user>3"])
def test_a_filter_that_makes_no_sense_says_what_was_expected(text: str) -> None:
    with pytest.raises(FilterError) as error:
        parse(text, FIELDS)
    assert len(str(error.value).splitlines()) == 1


def test_a_filter_says_what_it_needs_of_every_process() -> None:
    assert parse("pss>1M", FIELDS).needs == {FIELDS["pss"].cost}


def test_the_tree_keeps_parents_of_what_is_shown_and_sums_pss() -> None:
    clock = clock_of(
        [
            reading(1, 100, ppid=0, rollup=rollup(100, 1), command="init"),
            reading(2, 200, ppid=1, rollup=rollup(200, 1), command="sshd"),
            reading(3, 300, ppid=2, rollup=rollup(300, 1), command="bash"),
            reading(4, 400, ppid=1, rollup=rollup(400, 1), command="node"),
            reading(5, 1, ppid=77, flags=PF_KTHREAD, command="[k]"),
        ]
    )
    rows, total = rows_at(clock, 0.0, Order(FIELDS["rss"]), parse("bash", FIELDS), tree=True)
    assert total == 5
    assert [(row.pid, row.depth) for row in rows] == [(1, 0), (2, 1), (3, 2)]
    assert rows[0].subtree_pss == 1000 << 10
    assert rows[0].subtree_rss == 1000 * 4096
    assert rows[0].descendants == 3


def test_a_tree_sum_with_an_unread_part_is_missing() -> None:
    clock = clock_of([reading(1, ppid=0, rollup=rollup(100, 1)), reading(2, ppid=1)])
    rows, _ = rows_at(clock, 0.0, Order(FIELDS["rss"]), EVERYTHING, tree=True)
    assert isinstance(rows[0].subtree_pss, Missing)


def test_a_deep_chain_is_no_problem() -> None:
    clock = clock_of([reading(pid, ppid=pid - 1) for pid in range(1, 3000)])
    rows, _ = rows_at(clock, 0.0, Order(FIELDS["rss"]), EVERYTHING, tree=True)
    assert rows[-1].depth == 2998
