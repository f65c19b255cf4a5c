"""Files that have been dirty for so long that the kernel may write them to the disk by itself.

Then it write-protects their pages, to hear of the next write: a fault each that nobody asked for.
It begins no earlier than dirty_expire_centisecs after the first write to a clean file, so a script
that runs through is exact, and one that was left standing for half a minute is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from vmtui.errors import VmtuiError
from vmtui.kernel import memory_settings
from vmtui.lab.layout import Layout
from vmtui.lab.operations import Operation
from vmtui.lab.operations.contents import Put
from vmtui.lab.operations.touch import Touch
from vmtui.theory import Answer, Outcome, World

Place: TypeAlias = tuple[str, Layout]
_USUAL_SECONDS = 30.0
CAUSE = "the kernel writes back by itself what has long been dirty"


class Writeback:
    """Since when each file has been dirty."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Nothing is dirty; the clock has seconds, those included in which one only looked."""
        self._clock = clock
        self._expires = _expire_seconds()
        self._since: dict[str, float] = {}

    def widened(
        self, operation: Operation, outcome: Outcome, pages: int, world: World, where: Place
    ) -> Outcome:
        """What the operation may cost, with the faults that writing back may have added.

        Args:
            operation: what is done.
            outcome: what it costs otherwise.
            pages: how many it touches: there is at most one fault for each.
            world: as it is after it.
            where: the process, and the layout of the script.
        """
        if operation.file():  # written and clean, or shorter: whatever, it begins anew
            self._since.pop(operation.file(), None)
        name = _shared_file(operation, world, where)
        if not name:
            return outcome
        since = self._since.setdefault(name, self._clock())
        if self._clock() - since < self._expires:
            return outcome
        minor, faults = (up_to(answer, pages, CAUSE) for answer in (outcome.minor, outcome.faults))
        return replace(outcome, minor=minor, faults=faults)


def _expire_seconds() -> float:
    try:
        return memory_settings.dirty_expire_seconds()
    except VmtuiError:
        return _USUAL_SECONDS


def _shared_file(operation: Operation, world: World, where: Place) -> str:
    """The file that a write goes into."""
    writes = isinstance(operation, Put) or (isinstance(operation, Touch) and operation.write)
    process, layout = where
    if not writes or process not in world.processes:
        return ""
    vma = world.processes[process].vma(layout.places[operation.region()][0].first)
    if vma is None or not vma.shared or vma.object is None or vma.object.kind != "file":
        return ""
    return vma.object.name


def up_to(answer: Answer, most: int, cause: str) -> Answer:
    """The same, or so many more; what was as many or unknown stays."""
    if answer.low is None or answer.high is None or answer.high >= most:
        return answer
    return Answer.between(answer.low, most, cause)
