"""What a recording says beside the samples: of host, events, processes, experiments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from vmtui.missing import Missing
from vmtui.observe.target_reading import TargetReading
from vmtui.record.pages import SpacePages

if TYPE_CHECKING:  # the laboratory is loaded by recordings that have experiments
    from vmtui.lab.moments import Forecast
    from vmtui.lab.text import Text

EventKind: TypeAlias = Literal["mark", "ended", "missing", "late", "step", "note", "stopped"]
"""mark: set by the user. ended: a process exited. missing: something could not be read, and why.
late: a tick came long after its time. step: of an experiment. stopped: why the recording ended."""


@dataclass(frozen=True, slots=True)
class About:
    """Where and how a recording was made. Bytes are raw: untrusted."""

    vmtui: str
    """The version that recorded."""
    host: bytes
    kernel: str
    """As uname -r."""
    machine: str
    """The architecture."""
    page_size: int
    ticks_per_second: int
    cpus: int
    memory_bytes: int
    """MemTotal; 0 when it was not known."""
    user: bytes
    uid: int
    privileged: bool
    """Whether frame numbers were visible."""
    hides_processes: bool
    boot_time: float
    began: float
    """Wall clock, seconds since 1970."""
    interval: float
    """Seconds between two ticks."""
    keep: float
    """Seconds that a ring keeps; 0 for everything."""
    command: bytes
    """The command line that recorded, arguments separated by NUL."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened while it was recorded."""

    at: float
    """Wall clock, seconds since 1970."""
    kind: str
    """An `EventKind`, or one that this vmtui does not know."""
    text: bytes
    """In UTF-8; untrusted."""
    pid: int = 0
    """Whom it concerns; 0 for nobody."""


@dataclass(frozen=True, slots=True)
class RecordedTarget:
    """A process at one tick, with the pages of all its VMAs."""

    reading: TargetReading
    """Its `pages` are None: those of any window are made from the runs."""
    pages: SpacePages | Missing


@dataclass(frozen=True, slots=True)
class ExperimentStart:
    """An experiment that ran while it was recorded, in its own words: it is told without others."""

    id: str
    """Of the experiment."""
    script: bytes
    """In UTF-8, with `{name}` where a parameter's value belongs; untrusted."""
    parameters: Mapping[str, str]
    predictions: tuple[Forecast, ...]
    chunks: tuple[int, ...]
    """How many moments each step has."""
    title: Text
    question: Text
    answer: Text
    why: Text
    told: tuple[Text, ...]
    """What each step does, a sentence."""
    figures: tuple[str, ...]
    """Keys of what was compared; so the charts."""
    charts: tuple[str, ...]
    picture: str
    largest_bytes: int | None
    """The largest mapping that the kernel granted, and the lowest address that was the stack's."""
    stack: int
