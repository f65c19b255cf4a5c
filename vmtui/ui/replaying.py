"""A recording in the place of the kernel: the session over it, and the line to scrub along."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vmtui.draw.scrub import Happened, Scrub
from vmtui.errors import VmtuiError
from vmtui.observe.clock import Clock
from vmtui.observe.sample import Sample
from vmtui.text import display
from vmtui.ui.session import Session

if TYPE_CHECKING:
    from vmtui.record.feed import ReplayFeed
    from vmtui.record.reader import RecordedExperiment, Recording
    from vmtui.record.records import Event
    from vmtui.ui.settings import Settings

_HOST_CELLS = 16
NOT_IN_REPLAY = "this is a recording: {what} needs the live machine"
"""What a key says that would ask the kernel something."""


def session_over(feed: ReplayFeed, settings: Settings) -> Session:
    """A session in which everything comes from the recording."""
    about = feed.about
    release = ".".join(about.kernel.split(".")[:2])
    return Session(
        feed=feed,
        tape=feed,
        host=display(about.host),
        kernel=display(f"Linux {release}", 40),
        memory_bytes=about.memory_bytes,
        user=display(about.user),
        uid=about.uid,
        privileged=about.privileged,
        boot_time=about.boot_time,
        hides_processes=about.hides_processes,
        readonly=True,
        interval=about.interval,
        history_minutes=feed.minutes,
        process_columns=settings.process_columns,
        vma_columns=settings.vma_columns,
    )


def feed_of(path: Path, at: float | None = None, speed: float = 1.0) -> ReplayFeed:
    """A recording opened to be shown, standing at a moment.

    Raises:
        VmtuiError: it is no recording, is damaged at the beginning, or has no samples yet.
    """
    from vmtui.record.comparison import check
    from vmtui.record.feed import ReplayFeed
    from vmtui.record.reader import Recording

    recording = Recording(path)
    try:
        check(recording.about)
        if not recording.ticks:
            raise VmtuiError(f"{display(os.fsencode(path))} has no samples yet")
        recording.sample(0 if at is None else recording.at(at))
    except BaseException:
        recording.close()
        raise
    return ReplayFeed(
        recording, lambda: Recording(path), experiments=_experiments(recording), at=at, speed=speed
    )


def _experiments(recording: Recording) -> tuple[RecordedExperiment, ...]:
    """Those in it; none where they cannot be read: the samples can still be seen."""
    try:
        return recording.experiments
    except VmtuiError:
        return ()


def replay_words(session: Session) -> str:
    """What the first line calls it: `replay db-1`."""
    host = session.host
    return f"replay {host if len(host) <= _HOST_CELLS else host[: _HOST_CELLS - 1] + '…'}"


def scrub_of(tape: ReplayFeed, clock: Clock, now: Sample) -> Scrub:
    """The line as it is now."""
    return Scrub(
        first=tape.ticks[0],
        last=tape.last_at,
        now=now.taken_at,
        playing=tape.playing,
        speed=tape.speed,
        happened=happened(tape.events),
        mark=None if clock.mark is None else clock.mark.taken_at,
        reading=tape.reading_past,
    )


def happened(events: Sequence[Event]) -> list[Happened]:
    """Events as points on the line."""
    return [Happened(one.at, display(_words(one), 80), one.kind == "mark") for one in events]


def _words(event: Event) -> bytes:
    if not event.text:
        return b"marked" if event.kind == "mark" else event.kind.encode("utf-8", "surrogateescape")
    return f"{event.pid}: ".encode() + event.text if event.kind == "missing" else event.text
