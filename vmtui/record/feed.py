"""A recording as a feed: the samples of any moment, with whatever the screens look into.

A thread of its own reads. It hands out the moment that was asked for at once, then reads what came
before it, so that charts and trends are those of that moment: a stretch of five minutes behind the
cursor. The screens own what was handed out; the thread never touches it again.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vmtui.errors import VmtuiError
from vmtui.observe.clock import Found
from vmtui.observe.feed import OnFailure, OnSample
from vmtui.observe.journal import Journal
from vmtui.observe.plan import IDLE, Plan
from vmtui.observe.sample import Sample
from vmtui.record.pace import AT_ONCE, Pace
from vmtui.record.records import About, Event
from vmtui.record.tape_reader import Recorded, TapeReader, View, view_of

if TYPE_CHECKING:
    from vmtui.record.reader import RecordedExperiment, Recording

_PAST_SECONDS = 310.0
"""What charts and trends look back, at one sample a second."""
_PAST_TICKS = 190
_SPARE_SECONDS = 120.0
"""What is read beyond that: so far one may step back before it is read again."""
_GROWS_SECONDS = 1.0
"""Between two looks whether a recording that is still being made has grown."""
_SOON_SECONDS = 2.0
"""An experiment that began so soon after the first sample is what was to be recorded."""
_PATIENCE_SECONDS = 4.0
"""How long it plays on at the end of one that no longer grows."""


class ReplayFeed:
    """Feed and tape in one: `Feed` for the screens' wishes, `Tape` for the clock."""

    def __init__(
        self,
        recording: Recorded,
        again: Callable[[], Recording] | None = None,
        *,
        experiments: Sequence[RecordedExperiment] = (),
        at: float | None = None,
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """A feed that stands still.

        Args:
            recording: read by this feed's thread alone from now on, and closed by it.
            again: opens the same one a second time, to read the past while another moment is read.
            experiments: those that ran while it was recorded.
            at: wall clock of the moment to begin with; None for the first.
            speed: seconds of the recording in one second.
            clock: seconds, for tests.
        """
        self._recording, self.again = recording, again
        self.experiments = experiments
        self._clock = clock
        self.about: About = recording.about
        self.events: Sequence[Event] = recording.events
        """What happened while it was recorded, oldest first."""
        self.ticks: Sequence[float] = tuple(recording.ticks)
        """Wall clock of every sample."""
        self._pace = Pace(speed)
        self.marked: int | None = None
        """The sample that is marked."""
        self.reading_past = False
        """Whether charts still lack what came before the moment that is shown."""
        self._stopping = False
        self._wanted = 0 if at is None else self.index_at(at)
        self._plan = IDLE
        self._mark_wanted: int | None = None
        self._changed = threading.Condition()
        self._found: Found | None = None
        self._sampled = threading.Event()
        self._listener: tuple[OnSample, OnFailure] | None = None
        self._failure: BaseException | None = None
        self._first: Sample | None = None
        self._thread: threading.Thread | None = None
        # what the clock has; all of it belongs to the thread, `_reach` under the lock
        self._view: View | None = None
        self._stretch = range(0)
        self._reach = 0
        self._shown = -1
        self._past: _Past | None = None
        self._reader: TapeReader
        self._second: TapeReader
        self._grown_at = self._looked_at = float("-inf")

    # The feed

    def begin(self) -> None:
        """Start to read before anybody listens; harmless twice."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="vmtui-replay", daemon=True)
            self._thread.start()

    def first(self, seconds: float) -> Sample | None:
        """The sample it begins with, if it comes within that time."""
        self.begin()
        self._sampled.wait(seconds)
        return self._first

    def start(self, on_sample: OnSample, on_failure: OnFailure) -> None:
        """Deliver from now on; `on_sample` says that `collect` has something."""
        with self._changed:
            self._listener = on_sample, on_failure
            if self._failure is not None:
                on_failure(self._failure)
            elif self._found is not None and self._first is not None:
                on_sample(self._first)
        self.begin()

    def follow(self, plan: Plan) -> None:
        """What the screens look into."""
        with self._changed:
            self._plan = plan
            self._changed.notify()

    def stop(self) -> None:
        """End; the thread closes the file."""
        with self._changed:
            self._stopping = True
            self._changed.notify()

    # The tape

    @property
    def playing(self) -> bool:
        """Whether it moves by itself."""
        return self._pace.playing

    @property
    def speed(self) -> float:
        """Seconds of the recording in one second."""
        return self._pace.speed

    @property
    def last_at(self) -> float:
        """Wall clock of the last sample."""
        return self.ticks[-1]

    @property
    def begins_with_experiment(self) -> bool:
        """Whether it was made of an experiment, rather than one having run at some time."""
        return bool(self.experiments) and self.experiments[0].began <= self.ticks[0] + _SOON_SECONDS

    @property
    def caught_up(self) -> bool:
        """Whether all that was asked for has been handed out and taken."""
        with self._changed:
            return self._found is None and self._rest(view_of(self._plan)) is not None

    def index_at(self, at: float) -> int:
        """The last sample at or before that wall clock; the first one for what is earlier."""
        return max(0, bisect_right(self.ticks, at) - 1)

    def play(self) -> None:
        """Move on by itself; at the end of one that no longer grows, from the beginning."""
        with self._changed:
            grows = self._clock() - self._grown_at < _PATIENCE_SECONDS
            self._pace.playing = True
            self._grown_at = self._clock()
            self._go(0 if self._wanted >= len(self.ticks) - 1 and not grows else self._wanted)

    def pause(self) -> None:
        """Stand still."""
        with self._changed:
            self._pace.playing = False
            self._changed.notify()

    def step(self, ticks: int) -> None:
        """Move by so many samples; pauses."""
        with self._changed:
            self._pace.playing = False
            self._go(self._wanted + ticks)

    def seek(self, at: float) -> None:
        """Go to a wall clock; goes on playing from there."""
        with self._changed:
            self._go(self.index_at(at))

    def seek_nearest(self, at: float) -> None:
        """Go to the sample nearest to a wall clock, and stand still there."""
        with self._changed:
            self._pace.playing = False
            index = self.index_at(at)
            after = min(index + 1, len(self.ticks) - 1)
            nearer = abs(self.ticks[after] - at) < abs(self.ticks[index] - at)
            self._go(after if nearer else index)

    def change_speed(self, step: int) -> float:
        """One speed slower (−1) or faster (1); what it is now."""
        with self._changed:
            self._pace.change(step)
            self._go(self._wanted)
        return self.speed

    def mark(self, number: int) -> None:
        """Remember a moment."""
        with self._changed:
            self.marked = number

    def collect(self) -> Found | None:
        """What was read since the last call."""
        with self._changed:
            found, self._found = self._found, None
        return found

    def kept_from(self, number: int) -> None:
        """The clock's journal has forgotten what came before."""
        with self._changed:
            self._stretch = range(max(number, self._stretch.start), self._stretch.stop)
            self._reach = max(self._reach, number)

    def _go(self, index: int) -> None:
        self._wanted = min(max(0, index), len(self.ticks) - 1)
        self._pace.restart(self.ticks, self._wanted, self._clock())
        self._changed.notify()

    # The thread

    def _run(self) -> None:
        self._reader = self._second = TapeReader(self._recording)
        try:
            if self.again is not None:
                self._second = TapeReader(self.again())
            while self._do_one_thing():
                pass
        except BaseException as error:
            with self._changed:
                self._failure = error
                if not self._stopping and self._listener is not None:
                    self._listener[1](error)
            self._sampled.set()
        finally:
            self._reader.close()
            if self._second is not self._reader:
                self._second.close()

    def _do_one_thing(self) -> bool:
        """Read a sample, hand one out, or wait; False at the end."""
        with self._changed:
            self._advance()
            if self._stopping:
                return False
            wanted, view = self._wanted, view_of(self._plan)
            idle = self._rest(view)
            if idle is not None:
                self._changed.wait(idle)
                return True
        try:
            self._read(wanted, view)
        except VmtuiError as error:  # a damaged place: the rest can still be seen
            self._stumble(wanted, error)
        return True

    def _read(self, wanted: int, view: View) -> None:
        if view != self._view or wanted not in self._stretch:
            if view == self._view and 0 <= wanted - self._stretch.stop < AT_ONCE:
                self._follow_on(wanted, view)
            else:
                self._past, self.reading_past = None, False
                self._jump(wanted, view)
        elif wanted != self._shown:
            self._hand_out(wanted)
        elif self._past is None:
            begin = self._past_begins
            self._past = _Past(Journal(self.minutes), begin, begin)
            self.reading_past = True
        else:
            self._read_past(self._past, view)

    def _stumble(self, wanted: int, error: VmtuiError) -> None:
        """Stay where one can be, and say why."""
        with self._changed:
            self._pace.playing = False
            if self._past is not None and wanted == self._shown:  # charts do without
                self._reach = 0
            elif self._shown < 0:
                raise error
            else:
                self._wanted, self._view = self._shown, view_of(self._plan)
            self._past, self.reading_past = None, False
            if self._listener is not None:
                self._listener[1](error)

    def _advance(self) -> None:
        """Move on by what has become due; at the end, look whether it has grown."""
        now = self._clock()
        self._wanted = self._pace.advanced(self.ticks, self._wanted, now)
        if self._wanted < len(self.ticks) - 1 or now < self._looked_at + _GROWS_SECONDS:
            return
        self._looked_at = now
        if self._reader.refresh():
            self._grow()
            self._grown_at = self._pace.due = now
            self._tell()
        elif self._pace.playing and now - self._grown_at > _PATIENCE_SECONDS:
            self._pace.playing = False
            self._tell()

    def _grow(self) -> None:
        """The file has grown; a ring has dropped its oldest samples, and places have moved."""
        if self._second is not self._reader:
            self._second.refresh()
        first = self.ticks[0]
        self.ticks, self.events = tuple(self._recording.ticks), self._recording.events
        if self.ticks[0] != first:
            self._view = self.marked = self._past = None
            self._wanted = max(0, len(self.ticks) - 2)

    @property
    def _reach_wanted(self) -> int:
        """The first sample that charts of the wanted moment need."""
        seconds = max(_PAST_SECONDS, _PAST_TICKS * self.about.interval)
        return self.index_at(self.ticks[self._wanted] - seconds)

    @property
    def _past_begins(self) -> int:
        """The first sample to read of the past: with something to step back over."""
        return self.index_at(self.ticks[self._reach_wanted] - _SPARE_SECONDS)

    def _rest(self, view: View) -> float | None:
        """How long there is nothing to do; None when there is something."""
        if view != self._view or self._wanted != self._shown or self._wanted not in self._stretch:
            return None
        if self._past is not None or self._reach_wanted < self._reach:
            return None
        if self._wanted >= len(self.ticks) - 1:
            return _GROWS_SECONDS
        return max(0.001, self._pace.due - self._clock()) if self._pace.playing else 3600.0

    def _jump(self, wanted: int, view: View) -> None:
        """Another moment, or something else is looked into: that moment first."""
        journal = Journal(self.minutes)
        begin = max(0, wanted - 2)
        for index in range(begin, wanted + 1):
            journal.append(self._reader.sample(index, view))
        mark = None
        if view != self._view and self.marked is not None:
            mark = self._reader.sample(self.marked, view)
        with self._changed:
            self._view = view
            self._stretch, self._reach = range(begin, wanted + 1), begin
        self._hand_out(wanted, journal=journal, mark=mark)

    @property
    def minutes(self) -> float:
        """What a stretch keeps."""
        seconds = max(_PAST_SECONDS, _PAST_TICKS * self.about.interval)
        return (seconds + _SPARE_SECONDS) / 60 + 10

    def _follow_on(self, wanted: int, view: View) -> None:
        """The next samples of the stretch."""
        samples = tuple(
            self._reader.sample(index, view) for index in range(self._stretch.stop, wanted + 1)
        )
        with self._changed:
            self._stretch = range(self._stretch.start, wanted + 1)
        self._hand_out(wanted, samples=samples)

    def _read_past(self, past: _Past, view: View) -> None:
        """One more sample of the past; all of it is handed out together."""
        if past.next < self._stretch.stop:
            past.journal.append(self._second.sample(past.next, view))
            past.next += 1
            return
        begin = past.journal[0].number
        with self._changed:
            self._stretch, self._reach = range(begin, self._stretch.stop), past.begin
        self._past, self.reading_past = None, False
        self._hand_out(self._shown, journal=past.journal)

    def _hand_out(
        self,
        number: int,
        *,
        journal: Journal | None = None,
        samples: tuple[Sample, ...] = (),
        mark: Sample | None = None,
    ) -> None:
        with self._changed:
            before = self._found
            if before is not None and journal is None:
                journal, samples = before.journal, (*before.samples, *samples)
            if before is not None and mark is None:
                mark = before.mark
            self._shown = number
            self._found = Found(number, journal, samples, mark)
            if self._first is None and journal is not None:
                self._first = journal[-1]
            self._tell()
        self._sampled.set()

    def _tell(self) -> None:
        if self._listener is not None and self._first is not None:
            self._listener[0](self._first)


@dataclass(slots=True)
class _Past:
    """What came before the moment that is shown, while it is read."""

    journal: Journal
    begin: int
    next: int
