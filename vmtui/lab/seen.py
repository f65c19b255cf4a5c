"""What was seen of the kernel after a chunk; the measured half of every figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.vma_figures import VmaFigures
from vmtui.lab.codes import fault_number
from vmtui.lab.expected import count_marks
from vmtui.lab.hands import Poked
from vmtui.lab.kinship import Frames, Marks, how_many
from vmtui.lab.layout import Layout
from vmtui.lab.measure import ProcessLook, Smaps
from vmtui.lab.moments import Mark
from vmtui.missing import Missing

NOTHING_READ = Missing("nothing was read")
NOTHING_POKED = Missing("nothing was poked")
FROZEN = Missing("a copy of the process, frozen at its fault, shares the pages now")
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
    watched: int = 0
    wrong: int = 0
    errno: int = 0
    poked: Poked | None = None
    contents: int | Missing = NOTHING_READ
    committed: int | Missing = 0
    microseconds: int = 0


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
    def right(self) -> int:
        """Pages as predicted."""
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
        return self.sight.microseconds
