"""What the theory expects after a chunk; the predicted half of every figure.

Everything is worked out when a figure first asks for it, so a forecast costs only what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.codes import FAULT_NUMBERS, names_code
from vmtui.lab.kinship import Frames, Kinship, Marks, how_many
from vmtui.lab.layout import Layout, Region
from vmtui.lab.moments import Mark
from vmtui.lab.operations.operation import added
from vmtui.lab.pages import Known, PredictedPages
from vmtui.lab.quicksmaps import quick_smaps
from vmtui.lab.working import RECLAIM, at_least, reclaimed_kb
from vmtui.theory import Answer, Fault, Outcome, World, views
from vmtui.theory.oom import charged_range

NO_OUTCOME = Outcome(0, Answer(0, 0), Answer(0, 0), Answer(0, 0))


@dataclass(slots=True)
class Totals:
    """Predicted events of one process since the step began."""

    outcomes: list[Outcome] = field(default_factory=list)

    def sum(self, name: str) -> Answer:
        """Of minor, major or faults."""
        return (
            added([getattr(one, name) for one in self.outcomes]) if self.outcomes else Answer(0, 0)
        )


@dataclass(eq=False)
class Theory:
    """The predicted state of everything after a chunk."""

    world: World
    layout: Layout
    kinship: Kinship
    totals: Mapping[str, Totals]
    pages: PredictedPages
    last: Outcome | None = None
    contents_expected: int | None = None
    plain: bool = False
    """Whether the script has nothing that only a full look at smaps would tell."""
    blocks: Mapping[str, Answer] = field(default_factory=dict)
    """What is predicted of free blocks and frames, from those that were seen before the step."""
    killed: tuple[str, ...] = ()
    """In this step."""
    kills: int = 0
    """Since the beginning."""
    doubt: str = ""
    """Why it may be others."""

    @property
    def watched(self) -> tuple[Region, ...]:
        """Regions whose pages are looked at."""
        return self.layout.watched

    @cached_property
    def span(self) -> tuple[int, int]:
        """First page and number of pages that all regions lie in."""
        regions = self.layout.regions()
        if not regions:
            return 0, 0
        first = min(region.first for region in regions)
        return first, max(region.end for region in regions) - first

    @cached_property
    def known(self) -> dict[str, dict[str, Known]]:
        """Every page of every region of every process."""
        return self.pages.known()

    @cached_property
    def frames(self) -> dict[str, dict[str, Frames]]:
        """Frame ids by process and region."""
        return {
            process: {name: known.frames for name, known in regions.items()}
            for process, regions in self.known.items()
        }

    @cached_property
    def marks(self) -> Marks:
        """What relatives share."""
        return self.kinship.marks(self.frames)


@dataclass(eq=False)
class Expected:
    """What the theory says of one process; of the whole experiment with process ""."""

    theory: Theory
    process: str

    def _sum(self, name: str) -> Answer:
        totals = self.theory.totals.get(self.process)
        return totals.sum(name) if totals else Answer(0, 0)

    @property
    def minor(self) -> Answer:
        """Of this step."""
        return self._sum("minor")

    @property
    def major(self) -> Answer:
        """Of this step."""
        return self._sum("major")

    @property
    def faults(self) -> Answer:
        """Of this step."""
        return self._sum("faults")

    @property
    def failed(self) -> int:
        """Of this step."""
        totals = self.theory.totals.get(self.process)
        return sum(one.failed for one in totals.outcomes) if totals else 0

    def smaps_kb(self, name: str) -> int:
        """A figure of smaps over all regions."""
        figure: int = getattr(self._quick or self._smaps, name)
        return figure

    def of_smaps(self, name: str) -> Answer:
        """The same, kB, as sure as it is."""
        world = self.theory.world
        if not world.unsure:
            return Answer.exactly(self.smaps_kb(name))
        return reclaimed_kb(world, name, self._smaps)

    def if_sure(self, number: int) -> Answer:
        """A number that depends on which pages are in memory."""
        unsure = self.theory.world.unsure
        return Answer.unknown(RECLAIM) if unsure else Answer.exactly(number)

    @property
    def misses(self) -> Answer:
        """Major faults of a thousand touches of this step's work."""
        return self.theory.last.misses if self.theory.last else NO_OUTCOME.misses

    @property
    def swapped_in(self) -> Answer:
        """Pages read from swap in this step, by whomever."""
        return at_least(self._of_all("swapped_in"))

    @property
    def swapped_out(self) -> Answer:
        """Pages written to swap in this step, by whomever."""
        return at_least(self._of_all("swapped_out"))

    def _of_all(self, name: str) -> int:
        every = self.theory.totals.values()
        return sum(getattr(one, name) for totals in every for one in totals.outcomes)

    @cached_property
    def _smaps(self) -> views.Smaps:
        return views.smaps(self.theory.world, self.process, *self.theory.span)

    @cached_property
    def _quick(self) -> views.Smaps | None:
        """The same from the arrays, where nothing is in swap, locked, lazy, or unwatched."""
        return quick_smaps(self.theory.known[self.process], self.theory.watched, self._whole_vmas)

    @property
    def _whole_vmas(self) -> list[tuple[int, int]] | None:
        """The VMAs in the regions as first page and size; None where that does not do."""
        theory = self.theory
        plain = theory.plain and len(theory.watched) == len(theory.layout.regions())
        return self._vmas if plain else None

    @property
    def table_bytes(self) -> int:
        """Tables above the regions."""
        return views.tables(self.theory.world, self.process).bytes

    @cached_property
    def _vmas(self) -> list[tuple[int, int]]:
        found = views.vmas(self.theory.world, self.process, *self.theory.span)
        regions = self.theory.layout.regions()
        return [
            (vma[0], vma[1])
            for vma in found
            if any(region.first <= vma[0] < region.end for region in regions)
        ]

    @property
    def mapped_bytes(self) -> int:
        """Address space of the regions."""
        return sum(pages for _, pages in self._vmas) * PAGE_SIZE

    @property
    def vmas(self) -> int:
        """How many lie in the regions."""
        return len(self._vmas)

    @property
    def copied(self) -> Answer:
        """Pages it took a copy of."""
        copies = count_marks(self.theory.marks, self.process, Mark.COPY)
        maybe = [page for name, page in self.theory.world.maybe_copied if name == self.process]
        cause = "a page in a batch of its CPU is copied, though nobody else has it"
        return Answer.between(copies, copies + len(maybe), cause)

    @property
    def frames(self) -> int:
        """Of all processes."""
        theory = self.theory
        if len(theory.watched) < len(theory.layout.regions()):
            return views.used_frames(theory.world)
        every = [frames for theirs in theory.frames.values() for frames in theirs.values()]
        together = np.concatenate(every) if every else np.zeros(0, np.int64)
        return how_many(together)

    @property
    def watched(self) -> int:
        """Pages that are compared."""
        pages = sum(region.pages for region in self.theory.watched)
        return pages * len(self.theory.world.processes)

    @property
    def contents(self) -> Answer:
        """The word that should be read."""
        found = self.theory.contents_expected
        return Answer.unknown("nothing was read") if found is None else Answer(found, found)

    @property
    def killed(self) -> Answer:
        """In this step, as a number."""
        doubt, code = self.theory.doubt, names_code(self.theory.killed)
        return Answer.unknown(doubt) if doubt else Answer.exactly(code)

    @property
    def kills(self) -> Answer:
        """Since the beginning."""
        doubt, kills = self.theory.doubt, self.theory.kills
        return Answer.unknown(doubt) if doubt else Answer.exactly(kills)

    @property
    def group_bytes(self) -> Answer:
        """Charged to the group."""
        world = self.theory.world
        if world.limit_pages is None:
            return Answer.unknown("there is no memory cgroup yet")
        if world.unsure:
            return Answer(None, world.limit_pages * PAGE_SIZE, RECLAIM)
        if world.kernel.swap and world.limit_swap_pages != 0:
            return Answer.unknown("what is in swap is not charged as memory")
        low, high = charged_range(world)
        cause = "pages are charged 64 at a time, and the programs' own with them"
        return Answer.between(low * PAGE_SIZE, high * PAGE_SIZE, cause)

    @property
    def _fault(self) -> Fault | None:
        return self.theory.last.fault if self.theory.last else None

    @property
    def signal(self) -> Answer:
        """Signal and code as one number; 0 for none."""
        number = FAULT_NUMBERS[self._fault.code] if self._fault else 0
        return Answer(number, number)

    @property
    def fault_address(self) -> Answer:
        """What the signal says."""
        fault = self._fault
        return Answer(fault.address, fault.address) if fault else Answer(0, 0)

    @property
    def errno(self) -> Answer:
        """Of the last call."""
        number = self.theory.last.errno if self.theory.last else 0
        return Answer(number, number)

    @property
    def hugetlb_bytes(self) -> int:
        """HugetlbPages."""
        return views.hugetlb_pages(self.theory.world, self.process) * PAGE_SIZE

    def of_blocks(self, name: str) -> Answer:
        """A figure of free blocks and frames; unknown before the frames are."""
        return self.theory.blocks.get(name) or Answer.unknown("the kernel takes frames")


def count_marks(marks: Marks, process: str, mark: Mark) -> int:
    """Pages of a process with that mark."""
    return sum(int(np.count_nonzero(found == mark)) for found in marks.get(process, {}).values())
