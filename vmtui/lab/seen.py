"""What was seen of the kernel after a chunk; the measured half of every figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.vma_figures import VmaFigures
from vmtui.lab.codes import fault_number
from vmtui.lab.evidence import GroupView, KillView
from vmtui.lab.expected import count_marks
from vmtui.lab.hands import Poked
from vmtui.lab.kinship import Frames, Marks, how_many
from vmtui.lab.layout import Layout
from vmtui.lab.measure import ProcessLook, Smaps
from vmtui.lab.moments import Mark
from vmtui.lab.text import NOTHING, Text
from vmtui.lab.working import RECLAIM, WorkLog
from vmtui.missing import Missing

UNSURE = Missing(RECLAIM)
NOTHING_READ = Missing("nothing was read")
NOTHING_POKED = Missing("nothing was poked")
NOT_LOOKED_AT = Missing("free blocks are not looked at")
FROZEN = Missing("a copy of the process, frozen at its fault, shares the pages now")
NOT_GROUPED = Missing("there is no memory cgroup yet")
_OF_SHARERS = ("pss", "private", "shared", "swap_pss", "locked")
"""Figures that depend on who else maps a page."""
NEEDS_FRAMES = Missing("frame numbers are shown to root only", "run vmtui as root")


@dataclass(slots=True)
class Counted:
    """Measured events of one process since the step began."""

    minor: int | Missing = 0
    major: int | Missing = 0
    failed: int = 0

    def add(self, minor: int | Missing, major: int | Missing) -> None:
        """One chunk more."""
        self.minor = _plus(self.minor, minor)
        self.major = _plus(self.major, major)


def _plus(one: int | Missing, other: int | Missing) -> int | Missing:
    if isinstance(one, Missing):
        return one
    return other if isinstance(other, Missing) else one + other


@dataclass(eq=False)
class Sight:
    """What was seen of everything after a chunk."""

    layout: Layout
    looks: Mapping[str, ProcessLook]
    counted: Mapping[str, Counted]
    marks: Marks | Missing
    frames: Mapping[str, Mapping[str, Frames]] | Missing
    frozen: bool = False
    """Whether a copy of a process is frozen at a fault, which shares all its pages."""
    copies_unsure: bool = False
    """Whether only frame numbers tell a copy from a page that was written in place."""
    watched: int = 0
    wrong: int = 0
    unsure: bool = False
    """Whether pages are not compared, since reclaim decides which are in memory."""
    errno: int = 0
    poked: Poked | None = None
    contents: int | Missing = NOTHING_READ
    committed: int | Missing = 0
    microseconds: tuple[int, ...] = ()
    """What each part of the step took."""
    group: GroupView | None = None
    kill: KillView | None = None
    work: WorkLog = field(default_factory=WorkLog)
    """What work did in this step, and what was swapped meanwhile."""
    killed: tuple[str, ...] = ()
    """In this step."""
    blocks: Mapping[str, int | Missing] = field(default_factory=dict)
    """Figures of free blocks and frames, where the experiment asks for them."""


@dataclass(eq=False)
class Seen:
    """What was seen of one process; of the whole experiment with process ""."""

    sight: Sight
    process: str

    @property
    def _look(self) -> ProcessLook:
        return self.sight.looks[self.process]

    @property
    def _counted(self) -> Counted:
        return self.sight.counted.get(self.process, Counted())

    @property
    def minor(self) -> int | Missing:
        """Of this step."""
        return self._counted.minor

    @property
    def major(self) -> int | Missing:
        """Of this step."""
        return self._counted.major

    @property
    def faults(self) -> int | Missing:
        """Of this step."""
        return _plus(self._counted.minor, self._counted.major)

    @property
    def failed(self) -> int:
        """Of this step."""
        return self._counted.failed

    @cached_property
    def _rows(self) -> tuple[VmaFigures, ...]:
        """The VMAs in the regions, those that are too large to look at included."""
        spans = [(region.address, region.end * PAGE_SIZE) for region in self.sight.layout.regions()]
        return tuple(
            vma for vma in self._look.vma_rows if any(lo <= vma.start < hi for lo, hi in spans)
        )

    def smaps_kb(self, name: str) -> int | Missing:
        """A figure of smaps over all regions."""
        if self.sight.frozen and name in _OF_SHARERS:
            return FROZEN
        figure: int = getattr(self._smaps, name)
        return figure

    @cached_property
    def _smaps(self) -> Smaps:
        return Smaps.of(self._rows)

    @property
    def table_bytes(self) -> int | Missing:
        """VmPTE less the tables of the rest."""
        return self._look.region_table_bytes

    @property
    def mapped_bytes(self) -> int:
        """Address space of the regions."""
        return sum(vma.end - vma.start for vma in self._rows)

    @property
    def vmas(self) -> int:
        """How many lie in the regions."""
        return len(self._rows)

    @property
    def copied(self) -> int | Missing:
        """Pages it took a copy of."""
        if self.sight.copies_unsure and isinstance(self.sight.frames, Missing):
            return self.sight.frames
        if isinstance(self.sight.marks, Missing):
            return self.sight.marks
        return count_marks(self.sight.marks, self.process, Mark.COPY)

    @property
    def frames(self) -> int | Missing:
        """Of all processes."""
        if isinstance(self.sight.frames, Missing):
            return self.sight.frames
        every = [frames for theirs in self.sight.frames.values() for frames in theirs.values()]
        if not every:
            return 0
        together = np.concatenate(every)
        return how_many(together)

    @property
    def right(self) -> int | Missing:
        """Pages as predicted."""
        if self.sight.unsure:
            return UNSURE
        return self.sight.watched - self.sight.wrong

    @property
    def contents(self) -> int | Missing:
        """The word that was read."""
        return self.sight.contents

    @property
    def signal(self) -> int | Missing:
        """Signal and code as one number; 0 for none."""
        poked = self.sight.poked
        if poked is None or not poked.signal:
            return NOTHING_POKED if poked is None else 0
        if isinstance(poked.code, Missing):
            return poked.code
        return fault_number(poked.signal, poked.code)

    @property
    def fault_address(self) -> int | Missing:
        """What the signal says."""
        poked = self.sight.poked
        return NOTHING_POKED if poked is None else poked.address if poked.signal else 0

    @property
    def errno(self) -> int:
        """Of the last call."""
        return self.sight.errno

    @property
    def committed(self) -> int | Missing:
        """Growth of Committed_AS."""
        return self.sight.committed

    @property
    def microseconds(self) -> int:
        """Of the operations of this step."""
        return sum(self.sight.microseconds)

    @property
    def spread(self) -> Text:
        """How long the parts of this step took, where there are several."""
        parts = self.sight.microseconds
        if len(parts) < 2:
            return NOTHING
        span = f"{min(parts) / 1000:,.1f}–{max(parts) / 1000:,.1f} ms"
        return Text(
            f"not predicted; its {len(parts)} parts took {span} each",
            f"予測しない．{len(parts)} 回に分けて，それぞれ {span}",
        )

    @property
    def hugetlb_bytes(self) -> int | Missing:
        """HugetlbPages."""
        return self._look.hugetlb_bytes

    def of_blocks(self, name: str) -> int | Missing:
        """A figure of free blocks and frames."""
        return self.sight.blocks.get(name, NOT_LOOKED_AT)

    @property
    def killed(self) -> tuple[str, ...]:
        """Processes that ended in this step without being told to."""
        return self.sight.killed

    @property
    def oom_kills(self) -> int | Missing:
        """By the group's own counter."""
        kill = self.sight.kill
        return NOT_GROUPED if kill is None else kill.oom_kills

    @property
    def group_bytes(self) -> int | Missing:
        """Charged to the group."""
        return NOT_GROUPED if self.sight.group is None else self.sight.group.usage
