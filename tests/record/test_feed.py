"""A recording as a feed: which sample comes when, and what is read for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.record import tapes
from vmtui.model.page_survey import PageSurvey
from vmtui.observe.clock import Clock, Found
from vmtui.observe.journal import Journal
from vmtui.observe.plan import Plan
from vmtui.record.feed import ReplayFeed
from vmtui.record.pace import AT_ONCE, LONGEST_WAIT, SPEEDS, Pace
from vmtui.record.reader import Recording
from vmtui.record.writer import Writer

TICKS = 90


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tapes.write(tmp_path / "a.vmtui", tapes.moments(TICKS))


@pytest.fixture(name="feed")
def _feed(path: Path) -> Iterator[ReplayFeed]:
    feed = ReplayFeed(Recording(path), lambda: Recording(path))
    feed.begin()
    yield feed
    feed.stop()


def until(happened: Callable[[], object]) -> None:
    """Wait for the feed's thread."""
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def clock_of(feed: ReplayFeed) -> Clock:
    """What the screens have; told of everything that was found."""
    clock = Clock(Journal(10, 1.0), feed)

    def told(_sample: object) -> None: ...

    def failed(error: BaseException) -> None:
        raise error

    feed.start(told, failed)
    return clock


def shown(feed: ReplayFeed, clock: Clock) -> int:
    """The number of the sample under the cursor, once all was read."""

    def taken() -> bool:
        clock._take(feed)
        return feed.caught_up

    until(taken)
    assert clock.current is not None
    return clock.current.number


def test_it_stands_at_the_first_and_goes_anywhere(feed: ReplayFeed) -> None:
    clock = clock_of(feed)
    assert shown(feed, clock) == 0
    for seek, number in ((30.0, 30), (1e12, TICKS - 1), (-5.0, 0), (12.7, 12)):
        clock.seek(tapes.TAKEN_AT + seek)
        assert shown(feed, clock) == number
    clock.step(10)
    assert shown(feed, clock) == 22
    clock.step(-1)
    assert shown(feed, clock) == 21
    assert clock.previous is not None and clock.previous.number == 20
    clock.last()
    assert shown(feed, clock) == TICKS - 1
    assert [one.number for one in clock.window(5)] == list(range(TICKS - 6, TICKS))
    clock.first()
    assert shown(feed, clock) == 0


def test_the_nearest_sample_is_gone_to(feed: ReplayFeed) -> None:
    clock = clock_of(feed)
    feed.seek_nearest(tapes.TAKEN_AT + 7.6)
    assert shown(feed, clock) == 8
    feed.seek_nearest(tapes.TAKEN_AT + 7.4)
    assert shown(feed, clock) == 7
    feed.seek_nearest(1e12)
    assert shown(feed, clock) == TICKS - 1


def test_what_is_looked_into_comes_with_every_sample(feed: ReplayFeed) -> None:
    clock = clock_of(feed)
    assert shown(feed, clock) == 0
    assert clock.current is not None and clock.current.target is None
    feed.follow(Plan(target=tapes.PID, window=tapes.WINDOW))
    clock.seek(tapes.TAKEN_AT + 40)

    def has_pages() -> bool:
        clock._take(feed)
        now = clock.current
        return now is not None and now.target is not None and now.number == 40

    until(has_pages)
    assert clock.current is not None and clock.current.target is not None
    assert isinstance(clock.current.target.pages, PageSurvey)


def test_a_recording_that_is_being_made_grows(tmp_path: Path) -> None:
    ticks, at = tapes.moments(8), Time()
    with Writer(tmp_path / "a.vmtui", tapes.about()) as writer:
        for tick in ticks[:3]:
            writer.add(tick.sample, tick.targets)
        feed = ReplayFeed(Recording(writer.path), lambda: Recording(writer.path), clock=at)
        clock = clock_of(feed)
        clock.last()
        assert shown(feed, clock) == 2
        for tick in ticks[3:]:
            writer.add(tick.sample, tick.targets)
        at.now += 10
        feed.step(0)
        until(lambda: len(feed.ticks) == 8)
        clock.last()
        assert shown(feed, clock) == 7
        feed.stop()


def test_a_place_that_is_damaged_leaves_what_was_shown(tmp_path: Path) -> None:
    import sqlite3

    path = tapes.write(tmp_path / "a.vmtui", tapes.moments(70))
    with sqlite3.connect(path) as file:
        file.execute("UPDATE parts SET data = x'00' WHERE tick >= 64")
    file.close()
    errors: list[BaseException] = []
    heard = threading.Event()

    def failed(error: BaseException) -> None:
        errors.append(error)
        heard.set()

    feed = ReplayFeed(Recording(path), lambda: Recording(path))
    clock = Clock(Journal(10, 1.0), feed)
    feed.start(lambda _sample: None, failed)
    assert shown(feed, clock) == 0
    clock.last()
    assert heard.wait(20)
    assert "is damaged" in str(errors[0])
    assert shown(feed, clock) == 0
    clock.seek(tapes.TAKEN_AT + 50)
    assert shown(feed, clock) == 50
    feed.stop()


def test_a_found_moment_is_taken_once(feed: ReplayFeed) -> None:
    feed.start(lambda _sample: None, lambda _error: None)
    until(lambda: feed._found is not None)
    assert isinstance(feed.collect(), Found)


def test_the_pace_is_that_of_the_recording() -> None:
    pace, ticks = Pace(playing=True), [0.0, 1.0, 1.5, 100.0]
    pace.restart(ticks, 0, now=10.0)
    assert [pace.advanced(ticks, 0, now) for now in (10.9, 11.0)] == [0, 1]
    assert [pace.advanced(ticks, 1, now) for now in (11.4, 11.5)] == [1, 2]
    assert pace.advanced(ticks, 2, 11.5 + LONGEST_WAIT) == 3
    assert pace.advanced(ticks, 3, 1000.0) == 3


def test_what_cannot_be_read_as_fast_is_played_slower() -> None:
    pace, ticks = Pace(speed=64.0, playing=True), [float(at) for at in range(1000)]
    pace.restart(ticks, 0, now=0.0)
    assert pace.advanced(ticks, 0, now=1000.0) == AT_ONCE
    pace.playing = False
    assert pace.advanced(ticks, 5, now=9999.0) == 5


def test_speeds_end_at_both_ends() -> None:
    pace = Pace()
    for _ in SPEEDS:
        pace.change(1)
    assert pace.speed == SPEEDS[-1]
    for _ in SPEEDS:
        pace.change(-1)
    assert pace.speed == SPEEDS[0]
