"""The clock's cursor over the journal, and what the journal forgets."""

from __future__ import annotations

import pytest

from tests.factories import reading, sample
from vmtui.observe import journal as journals
from vmtui.observe.clock import Clock
from vmtui.observe.journal import Journal
from vmtui.observe.sample import Sample


def clock_with(count: int, minutes: float = 10.0) -> Clock:
    clock = Clock(Journal(minutes))
    for number in range(count):
        clock.add(sample(number))
    return clock


def number(of: Sample | None) -> int | None:
    return None if of is None else of.number


def test_live_follows_the_newest() -> None:
    clock = clock_with(3)
    assert clock.live
    assert number(clock.current) == 2
    clock.add(sample(3))
    assert (number(clock.current), number(clock.previous)) == (3, 2)


def test_paused_stands_still_while_samples_arrive() -> None:
    clock = clock_with(3)
    clock.pause()
    clock.add(sample(3))
    assert not clock.live
    assert number(clock.current) == 2
    assert clock.behind == 1.0
    clock.resume()
    assert number(clock.current) == 3


def test_steps_stop_at_both_ends() -> None:
    clock = clock_with(5)
    clock.step(-2)
    assert number(clock.current) == 2
    clock.step(-10)
    assert (number(clock.current), clock.previous) == (0, None)
    clock.step(100)
    assert number(clock.current) == 4
    assert not clock.live


def test_a_paused_cursor_moves_with_what_falls_off() -> None:
    clock = clock_with(60, minutes=1)
    clock.step(-5)
    seen = number(clock.current)
    clock.add(sample(60))
    clock.add(sample(61))
    assert len(clock.journal) == 61
    assert number(clock.current) == seen


def test_a_cursor_on_the_oldest_sample_is_pushed_on() -> None:
    clock = clock_with(61, minutes=1)
    clock.first()
    clock.add(sample(100))
    assert number(clock.current) == clock.journal[0].number == 40


def test_previous_is_another_process_list() -> None:
    clock = Clock(Journal())
    clock.add(sample(0, process_tick=1))
    clock.add(sample(1, process_tick=2, seconds=1.0))
    clock.add(sample(2, process_tick=2, seconds=1.25))
    assert number(clock.previous) == 0
    assert number(clock.previous_tick) == 1


def test_window_ends_at_the_cursor() -> None:
    clock = clock_with(10)
    clock.step(-3)
    assert [s.number for s in clock.window(2.0)] == [4, 5, 6]


def test_series_are_cut_at_the_cursor_and_start_with_the_process() -> None:
    journal = Journal()
    for tick in range(5):
        young = [reading(7, 50 + tick)] if tick >= 3 else []
        journal.append(sample(tick, [reading(5, 100 + tick), *young]))
    key, young_key = reading(5).key, reading(7).key
    assert list(journal.series.window(key, 4, 3)) == [102, 103, 104]
    assert list(journal.series.window(key, 2, 99)) == [100, 101, 102]
    assert list(journal.series.window(young_key, 4, 99)) == [53, 54]
    assert list(journal.series.window(young_key, 2, 99)) == []
    assert journal.series.ticks_back(4, 2.0) == 2
    assert journal.series.ticks_back(4, 1000.0) == 4


def test_series_of_the_dead_are_forgotten() -> None:
    journal = Journal(minutes=1)
    journal.append(sample(0, [reading(5, 1)]))
    for tick in range(1, 200):
        journal.append(sample(tick, [reading(6, 1)]))
    assert list(journal.series.window(reading(5).key, 0, 9)) == []
    assert len(journal.series.window(reading(6).key, 199, 999)) <= 60 + 64


def test_busy_lists_of_the_past_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "LIST_BYTES", 1 << 20)
    journal = Journal()
    for tick in range(300):
        dropped = journal.append(sample(tick, [reading(pid, tick) for pid in range(1, 101)]))
    assert 2 < len(journal) < 20
    assert dropped == 1
    assert journal[-1].number == 299


def test_quiet_lists_are_kept_for_their_time() -> None:
    journal, same = Journal(), [reading(pid) for pid in range(1, 101)]
    for tick in range(700):
        journal.append(sample(tick, same))
    assert len(journal) == 601
