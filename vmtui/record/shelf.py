"""The recordings that there are: found by their suffix, each opened for what it says of itself."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vmtui.errors import VmtuiError
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit, by_id
from vmtui.observe.sample import Sample
from vmtui.record.place import SIDE_FILES, SUFFIX, default_directory
from vmtui.record.reader import Recording
from vmtui.record.records import About, Event
from vmtui.record.schema import STRETCH
from vmtui.text import DisplayText, display
from vmtui.told import Told, nobody

COURSE = 24
"""Moments of the small chart of each."""
MOST_FILES = 500
"""Of one directory that are listed."""
_RUNS_SECONDS = 5.0
"""A file that was written to so lately is still being recorded, unless it was finished."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file, and what it says; `about` is the reason where it cannot be replayed."""

    path: Path
    nbytes: int
    """With its write-ahead log."""
    changed: float
    """When it was last written to, wall clock."""
    about: About | Missing
    span: tuple[float, float] = (0.0, 0.0)
    """Wall clock of its first and last sample."""
    ticks: int = 0
    pids: tuple[int, ...] = ()
    """Processes that were recorded in depth."""
    events: tuple[Event, ...] = ()
    experiments: tuple[str, ...] = ()
    """Experiments that ran meanwhile, by id."""
    course: tuple[int, ...] = ()
    """Pages at moments evenly apart: resident ones of the processes in depth, or all in use."""

    @property
    def marks(self) -> int:
        """Moments that somebody marked."""
        return sum(event.kind == "mark" for event in self.events)

    @property
    def name(self) -> DisplayText:
        """The file's name."""
        return display(os.fsencode(self.path.name))


def places() -> tuple[Path, ...]:
    """The directories that are looked into: the current one, and the app's own."""
    return Path.cwd(), default_directory()


def found(given: Iterable[Path] = (), directories: Iterable[Path] | None = None) -> list[Path]:
    """Files that may be recordings, newest first.

    Args:
        given: files that were named, whatever their suffix.
        directories: where to look; `places` by default. What cannot be listed is passed over.
    """
    unique: dict[str, Path] = {}
    for path in given:
        unique.setdefault(os.path.realpath(path), path)
    for directory in places() if directories is None else directories:
        for path in _in(directory):
            unique.setdefault(os.path.realpath(path), path)
    return sorted(unique.values(), key=_changed, reverse=True)


def look(path: Path) -> Listed:
    """Open it for what it says of itself; never raises a VmtuiError."""
    nbytes, changed = _bytes(path), _changed(path)
    try:
        with Recording(path) as recording:
            return Listed(
                path, nbytes, changed, recording.about, recording.span, len(recording.ticks),
                tuple(recording.all_pids), tuple(recording.events),
                tuple(one.start.id for one in recording.experiments), _course(recording),
            )  # fmt: skip
    except VmtuiError as error:
        return Listed(path, nbytes, changed, _without_name(Missing.because(error), path))


class Shelf:
    """Remembers what files said that have not changed since. Belongs to one thread at a time."""

    def __init__(self) -> None:
        self._known: dict[Path, Listed] = {}

    def look(self, paths: Sequence[Path], told: Told = nobody) -> list[Listed]:
        """What each says; those that are gone are forgotten.

        Args:
            paths: of all of them.
            told: hears how many have been looked into; what it raises ends the look, and what was
                learned by then is remembered.
        """
        known = self._known
        self._known = {path: known[path] for path in paths if path in known}
        for number, path in enumerate(paths):
            told(number, len(paths))
            before = known.get(path)
            same = before is not None and (before.nbytes, before.changed) == (
                _bytes(path), _changed(path),
            )  # fmt: skip
            self._known[path] = before if before is not None and same else look(path)
        return [self._known[path] for path in paths]


def _course(recording: Recording) -> tuple[int, ...]:
    """A few moments of it, those that are cheap to read where it is long."""
    last, pids, found = len(recording) - 1, recording.all_pids, list[int]()
    if last < 1:
        return ()
    places = [round(last * step / (COURSE - 1)) for step in range(COURSE)]
    if last >= COURSE * STRETCH:
        places = [recording.whole_at(place) for place in places]
    try:
        for place in places:
            sample = recording.sample(place)
            found.append(_resident(sample, pids) if pids else _in_use(sample))
    except VmtuiError:
        return tuple(found)  # a place that is damaged; replaying says so
    return tuple(found)


def _resident(sample: Sample, pids: Iterable[int]) -> int:
    listed = map(sample.process, pids)
    return sum(one.resident_pages for one in listed if one is not None)


def _in_use(sample: Sample) -> int:
    memory = sample.machine.meminfo
    if isinstance(memory, Missing):
        return 0
    total, available = memory["MemTotal"], memory["MemAvailable"]
    if isinstance(total, Missing) or isinstance(available, Missing):
        return 0
    return (total - available) // PAGE_SIZE


def _without_name(why: Missing, path: Path) -> Missing:
    """The reason for somebody who has the file before his eyes."""
    shown = str(display(os.fsencode(os.path.abspath(path)), limit=None))
    return replace(why, reason=why.reason.replace(f"{shown} ", "it ", 1))


def _in(directory: Path) -> Iterator[Path]:
    try:
        with os.scandir(directory) as entries:
            names = [
                (entry.stat(follow_symlinks=False).st_mtime, entry.name)
                for entry in entries
                if entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False)
            ]
    except OSError:
        return
    for _, name in sorted(names, reverse=True)[:MOST_FILES]:
        yield directory / name


def _changed(path: Path) -> float:
    times = []
    for suffix in ("", *SIDE_FILES):
        try:
            times.append(os.stat(f"{path}{suffix}", follow_symlinks=False).st_mtime)
        except OSError:
            continue
    return max(times, default=0.0)


def _bytes(path: Path) -> int:
    total = 0
    for suffix in ("", *SIDE_FILES[:2]):
        try:
            status = os.stat(f"{path}{suffix}")
        except OSError:
            continue
        total += status.st_size if stat.S_ISREG(status.st_mode) else 0
    return total


def _of_about(name: str, listed: Listed) -> object:
    return listed.about if isinstance(listed.about, Missing) else getattr(listed.about, name)


def _host(listed: Listed) -> object:
    host = _of_about("host", listed)
    return display(host, 40) if isinstance(host, bytes) else host


def _if_read(value: object, listed: Listed) -> object:
    return listed.about if isinstance(listed.about, Missing) else value


FIELDS: tuple[Field[Listed], ...] = (
    Field(
        "name", "FILE", Unit.TEXT, "Name of the file.", "", "ls", lambda one: one.name, width=0
    ),
    Field(
        "host", "HOST", Unit.TEXT, "The machine that was recorded.", "uname -n", "",
        _host, width=12,
    ),
    Field(
        "began", "BEGAN", Unit.TIME, "When its first sample was taken.", "", "",
        lambda one: _if_read(one.span[0], one) if one.ticks else Missing("no samples yet"),
        width=16,
    ),
    Field(
        "span", "SPAN", Unit.DURATION, "From its first sample to its last.", "", "",
        lambda one: _if_read(one.span[1] - one.span[0], one), width=12,
    ),
    Field(
        "experiments", "EXPERIMENT", Unit.TEXT, "What was run in the laboratory meanwhile.", "", "",
        lambda one: _if_read(display(", ".join(one.experiments), 40), one), width=13,
        leaves_below=100,
    ),
    Field(
        "course", "MEMORY", Unit.SERIES,
        "Resident memory of the processes recorded in depth, or all that was in use.", "", "",
        lambda one: _if_read(one.course, one), width=12, leaves_below=100,
    ),
    Field(
        "processes", "DEPTH", Unit.COUNT, "Processes recorded with their VMAs and pages.", "", "",
        lambda one: _if_read(len(one.pids), one), width=5, leaves_below=100,
    ),
    Field(
        "marks", "MARKS", Unit.COUNT, "Moments that were marked.", "", "",
        lambda one: _if_read(one.marks, one), width=5, leaves_below=100,
    ),
    Field("size", "SIZE", Unit.BYTES, "Of the file on disk.", "", "du -b", lambda one: one.nbytes),
)  # fmt: skip
"""Columns of the list of recordings."""
FIELDS_BY_ID = by_id(FIELDS)
