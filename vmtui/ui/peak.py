"""To the moment when a process was largest; where it began to climb is marked on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vmtui import units
from vmtui.errors import VmtuiError
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.told import Told
from vmtui.ui.aside import aside

if TYPE_CHECKING:
    from vmtui.model.peak import Peak
    from vmtui.observe.sample import Sample
    from vmtui.record.feed import ReplayFeed
    from vmtui.ui.screens.observe import ObserveScreen

NEVER = "no sample at hand has this process with memory of its own"


@dataclass(frozen=True, slots=True)
class _Found:
    peak_at: float
    pages: int
    foot: Sample


def go_to_peak(screen: ObserveScreen, pid: int) -> None:
    """Move the clock of that screen to the largest moment of a process.

    Live, the samples at hand are looked through; of a recording all of them, in a thread.
    """
    tape = screen.session.tape
    if tape is None:
        _go_live(screen, pid)
        return

    def look(told: Told) -> _Found | None:
        return _in_recording(tape, screen, pid, told)

    def take(found: _Found | VmtuiError | None) -> None:
        if isinstance(found, _Found):
            _stand_at(screen, found, tape)
        else:
            screen.notify(NEVER if found is None else str(found), timeout=4)

    aside(screen, "looking for the largest moment", look, take, group="peak")


def _in_recording(tape: ReplayFeed, screen: ObserveScreen, pid: int, told: Told) -> _Found | None:
    from vmtui.record.comparison import peak_in
    from vmtui.record.tape_reader import TapeReader, view_of

    recording = None if tape.again is None else tape.again()
    if recording is None:
        return None
    try:
        peak: Peak | None = peak_in(recording, pid, told)
        if peak is None:
            return None
        reader = TapeReader(recording)
        foot = reader.sample(peak.foot, view_of(screen.session.plan))
        largest = recording.sample(peak.at).process(pid)
        pages = 0 if largest is None else largest.resident_pages
        return _Found(recording.ticks[peak.at], pages, foot)
    finally:
        recording.close()


def _go_live(screen: ObserveScreen, pid: int) -> None:
    from vmtui.model.peak import peak_of

    journal = screen.session.clock.journal
    places = [
        (at, pages)
        for at in range(len(journal))
        if (pages := _pages_in(journal[at], pid)) is not None
    ]
    peak = peak_of([pages for _, pages in places])
    if peak is None:
        screen.notify(NEVER, timeout=4)
        return
    largest, foot = journal[places[peak.at][0]], journal[places[peak.foot][0]]
    _stand_at(screen, _Found(largest.taken_at, places[peak.at][1], foot), None)


def _pages_in(sample: Sample, pid: int) -> int | None:
    """Resident pages; of the process that is open they are newer than those of the list."""
    target = sample.target
    if target is not None and target.pid == pid and not isinstance(target.statm, Missing):
        return target.statm.resident_pages
    listed = sample.process(pid)
    return None if listed is None else listed.resident_pages


def _stand_at(screen: ObserveScreen, found: _Found, tape: ReplayFeed | None) -> None:
    """Cursor at the peak, mark at the foot, and a sentence that says so."""
    clock = screen.session.clock
    clock.seek(found.peak_at)
    size = units.size(found.pages * PAGE_SIZE)
    if found.foot.taken_at < found.peak_at:
        clock.mark = found.foot
        if tape is not None:
            tape.mark(found.foot.number)
        climb = units.duration(found.peak_at - found.foot.taken_at)
        said = f"largest here: {size}, after a climb of {climb}; d shows what grew"
    else:
        said = f"largest here, in the first sample: {size}"
    screen.notify(said, timeout=5, markup=False)
    screen.look()
