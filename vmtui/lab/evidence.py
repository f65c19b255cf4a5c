"""What a moment shows of things outside the pages: the group, the work, the kill, the blocks.

Each record is None in a `Moment` unless the script has an operation that it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from vmtui.lab.text import Text
from vmtui.missing import Missing
from vmtui.theory import Answer

_NO_GROUP = Missing("the experiment has no memory group of its own")
Order: TypeAlias = Literal["random", "cyclic"]
GroupKind: TypeAlias = Literal["v1", "v2", "scope"]
"""Versions of cgroups, and a systemd scope on version 2."""


@dataclass(frozen=True, slots=True)
class GroupView:
    """The memory cgroup of the experiment, as its own files tell. Bytes and event counts."""

    kind: GroupKind
    path: str
    limit: int | None
    """None without one."""
    usage: int
    swap_limit: int | Missing | None
    swap: int | Missing
    anon: int | Missing
    file: int | Missing
    failures: int | Missing
    """How often the limit stood in the way (v1 failcnt, v2 memory.events max)."""
    oom_kills: int | Missing
    major_faults: int | Missing
    refaults_anon: int | Missing
    refaults_file: int | Missing
    some_avg10: float | Missing
    """Pressure of the group alone, per cent."""
    full_avg10: float | Missing


@dataclass(frozen=True, slots=True)
class WorkPoint:
    """Work at one limit: a stretch of touches in the order of the operation."""

    limit: int | None
    """Bytes of memory that the group may have; None without a group."""
    work: int
    """Bytes of the working set."""
    order: Order
    touches: int
    seconds: float
    minor: int
    major: int
    swapped_in: int
    """Pages, of the whole machine (vmstat pswpin); swapped_out likewise."""
    swapped_out: int
    refaults: int
    predicted: Answer
    """Major faults of 1,000 touches."""
    together: int = 1
    """Pages that one of these brings in at most, when they are wanted in a row."""

    @property
    def rate(self) -> float:
        """Touches a second."""
        return self.touches / self.seconds if self.seconds else 0.0

    @property
    def misses(self) -> float:
        """Major faults of 1,000 touches."""
        return 1000 * self.major / self.touches if self.touches else 0.0


@dataclass(frozen=True, slots=True)
class WorkView:
    """The work that goes on, and every stretch that is done: the cliff as it is measured."""

    now: WorkPoint
    """The slice since the last moment."""
    done: tuple[WorkPoint, ...]
    """One point a finished `work` step."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A process of the group, as the OOM killer weighs it. Pages."""

    process: str
    pid: int
    rss: int
    swap: int
    tables: int
    score_adj: int
    points: int
    """rss + swap + tables + score_adj · total / 1000 (mm/oom_kill.c, oom_badness)."""


@dataclass(frozen=True, slots=True)
class KillView:
    """Who would die, by arithmetic, and who died, with the evidence."""

    total: int
    """Pages the arithmetic counts as all: the group's limit with its swap."""
    candidates: tuple[Candidate, ...]
    """The one with the most points first."""
    predicted: str
    """The process that would be chosen now."""
    killed: str
    """The process that was; "" while nobody was."""
    signal: int
    oom_kills: int | Missing
    """Of the group, since the experiment began."""
    verdict: Text
    """«SIGKILL, and the group's own counter rose by 1: the OOM killer»; empty before."""
    dead: tuple[Candidate, ...] = ()
    """Those that were killed, as they were last seen, the last one last."""


@dataclass(frozen=True, slots=True)
class FramesView:
    """A piece of physical memory, and which frames a piece of a region has (root)."""

    GIVEN: ClassVar[int] = 255

    region: str
    """The one that was filled last."""
    first_page: int
    """Where its frames are the most scattered; a multiple of 512."""
    pages: bytes
    """From there on: 0 no frame, 1 a frame, 2 the one that follows that of the page before."""
    first_frame: int
    around: bytes
    """Frames from there on: n of the nth region, 0 somebody else's or free, GIVEN given back."""
    names: tuple[str, ...]
    """Of the regions, from the first on."""


@dataclass(frozen=True, slots=True)
class BlocksView:
    """Free memory by size of block, and how scattered the frames behind a region are."""

    orders: tuple[int, ...]
    """Free blocks of 2^i pages, per-CPU lists counted in order 0."""
    before: tuple[int, ...]
    """The same when the experiment began."""
    per_cpu: int
    """Pages in per-CPU lists, part of orders[0]."""
    unusable: tuple[float, ...]
    """For each order the share of free memory that lies in smaller blocks, 0 to 1."""
    runs: int | Missing
    """Stretches of contiguous frames behind the regions (root)."""
    longest: int | Missing
    """Pages of the longest one."""
    unusable_before: tuple[float, ...] = ()
    """`unusable` when the experiment began."""
    frames: FramesView | None = None
    """None where frames are not shown, or none is in use."""


@dataclass(frozen=True, slots=True)
class MachineView:
    """The whole machine beside the experiment: sar -r, -B and -W in one record.

    Rates are per second between two readings, at least a fifth of a second apart.
    """

    total: int | Missing
    """kB of memory; what is neither free, used, buffers nor cached of it is slab."""
    memory: Mapping[str, int | Missing]
    """kbmemfree, kbavail, kbmemused, kbbuffers, kbcached, kbcommit, kbactive, kbinact, kbdirty,
    in kB, as `sar -r` has them."""
    paging: Mapping[str, float | Missing]
    """pgpgin/s, pgpgout/s (kB), fault/s, majflt/s, pgfree/s, pgscank/s, pgscand/s, pgsteal/s, as
    `sar -B` has them."""
    swapping: Mapping[str, float | Missing]
    """pswpin/s, pswpout/s, pages."""
    some_avg10: float | Missing
    full_avg10: float | Missing
    swaps: tuple[tuple[str, int, int], ...]
    """Name, size and use in bytes of every swap device."""
    own: frozenset[str] = frozenset()
    """Names of those that the experiment made."""
    own_major: float | Missing = _NO_GROUP
    """Major faults a second of the experiment's own group."""
