"""Free blocks and scattered frames from moment to moment: what is predicted of them, and seen.

The frames a page gets cannot be known beforehand. But once they are seen, what a step makes of
them can be: giving pages back moves no other frame, so the stretches that stay are known exactly,
and a free frame whose buddy is in use cannot merge with anything. What the rest of the machine does
meanwhile is bounded by its own count of allocations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab import free_memory, scatter
from vmtui.lab.evidence import BlocksView
from vmtui.lab.expected import Theory
from vmtui.lab.free_memory import FreeMemory
from vmtui.lab.kinship import Frames
from vmtui.lab.kinship import Views as FramesOf
from vmtui.lab.layout import Layout
from vmtui.lab.neighbourhood import Neighbourhood
from vmtui.lab.scatter import Scatter
from vmtui.lab.seen import NEEDS_FRAMES
from vmtui.missing import Missing
from vmtui.model.distinct import distinct
from vmtui.model.free_memory import unusable
from vmtui.theory import Answer

_ON_THE_WAY = 1024
"""Single pages that may be between two lists, or set aside by compaction, at any moment."""
_SET_ASIDE = 32 << 10
"""The same in blocks: so many of 4 MiB are off the lists while a guest tells its host that they
are free (mm/page_reporting.c)."""
_HUGE_ORDER = 9
"""Blocks of 2 MiB."""
_PLACED = "the kernel takes frames where it has them"
_MOVED = "compaction has moved frames meanwhile"
_OTHERS = "other processes take and give back free pages too"


@dataclass(frozen=True, slots=True)
class Found:
    """Both halves of the figures about blocks and frames, by their ids, and the picture."""

    answers: Mapping[str, Answer]
    measured: Mapping[str, int | Missing]
    view: BlocksView


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """What there was at the end of the step before."""

    ids: FramesOf
    """The theory's frames, by process and region."""
    frames: FramesOf | None
    """The kernel's, where they are shown."""
    given: Frames
    """Frames that were ours and were given back."""
    free: FreeMemory
    migrated: int
    """Counted before `frames` were looked at."""


class Blocks:
    """Remembers what it must to predict the next step."""

    def __init__(self) -> None:
        """Looks at the free blocks: this is what later ones are compared with.

        Raises:
            NotPermitted, NotSupported, ParseError: the kernel does not say.
        """
        self._start = self._latest = free_memory.read()
        self._now = self._then = _Past({}, None, scatter.NONE, self._start, self._start.migrated)
        self._since = self._start.allocated_before
        """Pages allocated when the first of the frames that are given back was."""
        self._neighbourhood = Neighbourhood()

    def begin(self) -> None:
        """A step begins."""
        self._then = self._now
        if not len(self._then.given):
            self._since = self._then.free.allocated_before

    def look(self, theory: Theory, frames: FramesOf | Missing) -> Found:
        """What is there after a chunk, and what was predicted of it at the step's beginning."""
        free, before = free_memory.read(), self._latest
        self._latest = free
        ids = {process: {name: each.copy() for name, each in theirs.items()}
               for process, theirs in theory.frames.items()}  # fmt: skip
        answers = {"free_memory": self._free_memory(theory, ids, free)}
        measured: dict[str, int | Missing] = {
            "free_memory": free.pages * PAGE_SIZE,
            "single_pages": free.orders[0],
            "small_free": free.smaller_than(_HUGE_ORDER) * PAGE_SIZE,
        }
        if isinstance(frames, Missing):
            measured |= dict.fromkeys(
                ("frame_runs", "longest_run", "holes", "from_holes"), NEEDS_FRAMES
            )
            self._now = _Past(ids, None, scatter.NONE, free, before.migrated)
            return Found(answers, measured, self._view(free, theory.layout, None, {}))
        answers |= self._predicted(ids, free)
        past = _ever(self._now)
        used = _all(frames)
        seen = Scatter(used, scatter.without(past, used))
        measured |= {
            "frame_runs": seen.runs,
            "longest_run": seen.longest,
            "holes": seen.holes,
            "from_holes": int(np.isin(used, self._then.given, assume_unique=True).sum()),
        }
        self._now = _Past(ids, _copied(frames), seen.given, free, before.migrated)
        return Found(answers, measured, self._view(free, theory.layout, seen, frames))

    def _predicted(self, ids: FramesOf, free: FreeMemory) -> dict[str, Answer]:
        """Of the frames: those that stay are known, those that come are not."""
        then = self._then
        stay, new = _staying(ids, then)
        moved = free.migrated - then.migrated
        held = Scatter(stay, scatter.without(_ever(then), stay))
        total, off = len(stay) + new, new + 2 * moved
        cause = _PLACED if new else _MOVED
        least = min(1, total)
        certain = held.holes - 2 * moved - (free.allocated - self._since) - _ON_THE_WAY
        some = Answer(certain, None, _OTHERS) if certain > 0 else Answer.unknown(_OTHERS)
        return {
            "frame_runs": Answer.between(
                max(least, held.runs - off), min(total, held.runs + off), cause
            ),
            "longest_run": Answer.between(
                least if moved else max(least, held.longest), total, cause
            ) if off else Answer.exactly(held.longest),
            "holes": Answer.between(max(0, held.holes - off), held.holes + off, cause),
            "from_holes": Answer.between(0, min(off, len(then.given)), cause),
            "single_pages": some,
            "small_free": Answer(None if some.low is None else some.low * PAGE_SIZE, None, _OTHERS),
        }  # fmt: skip

    def _free_memory(self, theory: Theory, ids: FramesOf, free: FreeMemory) -> Answer:
        """At least what was free, and what the step gave back, less all that anybody took."""
        if theory.world.objects:
            return Answer.unknown(_OTHERS)  # pages of files stay when nobody maps them
        gone = scatter.without(_all(self._then.ids), _all(ids))
        taken = free.allocated - self._then.free.allocated_before
        least = self._then.free.pages + len(gone) - taken - _SET_ASIDE
        return Answer(max(0, least) * PAGE_SIZE, None, _OTHERS)

    def _view(
        self, free: FreeMemory, layout: Layout, seen: Scatter | None, frames: FramesOf
    ) -> BlocksView:
        return BlocksView(
            orders=free.orders,
            before=self._start.orders,
            per_cpu=free.per_cpu,
            unusable=unusable(free.orders),
            runs=NEEDS_FRAMES if seen is None else seen.runs,
            longest=NEEDS_FRAMES if seen is None else seen.longest,
            unusable_before=unusable(self._start.orders),
            frames=None if seen is None else self._neighbourhood.look(layout, seen, frames),
        )


def _all(frames: FramesOf) -> Frames:
    """Every frame of every process once."""
    every = [each for theirs in frames.values() for each in theirs.values()]
    return scatter.known(np.concatenate(every)) if every else scatter.NONE


def _ever(past: _Past) -> Frames:
    """The frames that were in use then, and those given back before."""
    return distinct(np.concatenate((past.given, _all(past.frames or {}))))


def _copied(frames: FramesOf) -> FramesOf:
    return {process: dict(theirs) for process, theirs in frames.items()}


def _staying(ids: FramesOf, then: _Past) -> tuple[Frames, int]:
    """The frames of pages that the theory says are still the same, and how many others come."""
    stay, same = [scatter.NONE], [scatter.NONE]
    for process, theirs in (then.frames or {}).items():
        for name, frames in theirs.items():
            if process in ids and name in ids[process]:
                kept = (ids[process][name] == then.ids[process][name]) & (frames > 0)
                kept &= ids[process][name] > 0
                stay.append(frames[kept])
                same.append(ids[process][name][kept])
    new = scatter.without(_all(ids), scatter.known(np.concatenate(same)))
    return scatter.known(np.concatenate(stay)), len(new)
