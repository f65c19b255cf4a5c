"""Pages of files that leave the page cache while nobody maps them, because DAMON runs here.

A scheme that pages out looks at frames, not at files: a page that was written a moment ago may lie
in a stretch of frames that has long been idle, and goes with it: one in some thousand, in ten
seconds. What is read soon after is exact; of a large file, or later, some may come from the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from vmtui.kernel import damon
from vmtui.lab.layout import Run
from vmtui.lab.operations import Operation
from vmtui.lab.writeback import Place, up_to
from vmtui.theory import Answer, Outcome, World

FEW_PAGE_SECONDS = 1 << 16
"""Pages times seconds for which a file stays whole, as far as was seen: 256 MiB for a second."""
CAUSE = "DAMON, which runs on this machine, takes pages of files that nobody maps"


class Eviction:
    """Since when each file has been cached."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Nothing is cached; the clock has seconds, those included in which one only looked."""
        self._clock = clock
        self._since: dict[str, float] = {}
        self._takes: bool | None = None

    def exposed(self, operation: Operation, runs: Iterable[Run], world: World, where: Place) -> int:
        """How many pages it is about to use that may have gone; asked before it is done.

        Args:
            operation: what is to be done.
            runs: the pages that it touches.
            world: as it is before it.
            where: the process, and the layout of the script.
        """
        process, layout = where
        region = operation.region()
        if not region or process not in world.processes:
            return 0
        user = world.processes[process]
        vma = user.vma(layout.places[region][0].first)
        if vma is None or vma.object is None or vma.object.kind != "file":
            return 0
        seconds = self._clock() - self._since.get(vma.object.name, self._clock())
        if seconds * vma.object.pages < FEW_PAGE_SECONDS:
            return 0
        if self._takes is None:
            self._takes = damon.takes_pages()
        if not self._takes:
            return 0
        return sum(page not in user.ptes for run in runs for page in run.pages())

    def look(self, world: World) -> None:
        """Note the files that are new."""
        for name, found in world.objects.items():
            if found.kind == "file":
                self._since.setdefault(name, self._clock())

    @staticmethod
    def widened(outcome: Outcome, exposed: int) -> Outcome:
        """What it may cost where so many of its pages have to be read again."""
        if not exposed or outcome.faults == Answer.exactly(0):
            return outcome
        minor, major, faults = (
            replace(up_to(answer, exposed, CAUSE), low=0, cause=CAUSE)
            for answer in (outcome.minor, outcome.major, outcome.faults)
        )
        return replace(outcome, minor=minor, major=major, faults=faults)
