"""What the large pictures of the stage take from a moment: trees, faults, promises, frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from vmtui.draw.lab import scene
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.figures import FIGURES
from vmtui.lab.moments import FaultView, Moment
from vmtui.lab.operations.map import Map
from vmtui.lab.operations.unmap import Unmap
from vmtui.lab.played import Played
from vmtui.lab.text import Language, Text
from vmtui.lab.words import size_word
from vmtui.missing import Missing
from vmtui.model.states import PageState
from vmtui.theory import tree
from vmtui.ui.lab.glow import Glow
from vmtui.ui.lab.words import process_word

_RESIDENT = np.array(
    [state not in (PageState.ABSENT, PageState.ZERO, PageState.SWAPPED, PageState.GUARD)
     for state in PageState]
)  # fmt: skip
_NEAR = 3
"""Mapped stretches shown on each side of an address."""


def trees(moment: Moment, glow: Glow, language: Language) -> Iterator[scene.Tree]:
    """The page tables of every process that has some."""
    for view in moment.tables:
        if any(view.counts):
            fresh = glow.fresh_pages(moment, view.process)
            yield scene.Tree(
                process_word(view.process, language),
                _apart(view.pages, language), view.pages, view.counts, fresh,
            )  # fmt: skip


def fault(view: FaultView | None, moment: Moment, language: Language) -> scene.Fault | None:
    """The access that was tried, if this moment is about one."""
    if view is None:
        return None
    measured = view.measured.reason if isinstance(view.measured, Missing) else view.measured
    where = view.measured_address
    said = where.reason if isinstance(where, Missing) else f"{where:#x}"
    return scene.Fault(
        view.kind, view.address, process_word(view.process, language), view.pid,
        "" if measured == "none" else measured, view.predicted, said,
        view.lies_in.of(language), view.as_predicted, _near(moment, view),
    )  # fmt: skip


def promises(finished: Sequence[Moment], run: Played, moment: Moment) -> scene.Promises:
    """What is mapped now, beside what there is."""
    refusals = {each.step for each in (*finished, moment) if errno_of(each)}
    parts: dict[str, int] = {}
    unpromised: dict[str, int] = {}
    for index, step in enumerate(run.script.steps[: moment.step + 1]):
        operation = step.operation
        if isinstance(operation, Map) and index not in refusals:
            kind = unpromised if operation.noreserve else parts
            kind[operation.name] = run.script.layout.pages(operation.name) * PAGE_SIZE
        elif isinstance(operation, Unmap):
            parts.pop(operation.name, None)
            unpromised.pop(operation.name, None)
    touched = sum(value for key, value in moment.chart.items() if key.startswith("rss."))
    refused, error = "", errno_of(moment)
    if error:
        refused = f"{run.script.steps[moment.step].source}: {FIGURES['errno'].shown(error)}"
    return scene.Promises(
        tuple(parts.items()), run.ram_bytes, touched, refused, tuple(unpromised.items())
    )


def saved(moment: Moment) -> scene.Saved | None:
    """Frames that several processes share; None when there are none."""
    frames = moment.comparison("frames")
    if frames is None or len(moment.pids) < 2:
        return None
    used = frames.measured if isinstance(frames.measured, int) else frames.predicted.low
    instead = sum(int(_RESIDENT[view.states].sum()) for view in moment.regions if len(view.states))
    if not used or instead <= used:
        return None
    return scene.Saved(used, instead, instead - used)


def errno_of(moment: Moment) -> int:
    """What the system call of a step failed with; 0 for success, or without one."""
    line = moment.comparison("errno")
    return line.measured if line is not None and isinstance(line.measured, int) else 0


def _apart(pages: tuple[int, ...], language: Language) -> str:
    """«8 × 4K, 512G apart»."""
    if len(pages) < 2:
        return ""
    strides = {after - before for before, after in pairwise(pages)}
    if len(strides) != 1:
        return Text(f"{len(pages)} pages", f"{len(pages)} ページ").of(language)
    many = f"{len(pages)} × {size_word(PAGE_SIZE)}"
    apart = size_word(strides.pop() * PAGE_SIZE)
    return Text(f"{many}, {apart} apart", f"{many}，{apart} おき").of(language)


def _near(moment: Moment, fault: FaultView) -> tuple[scene.Neighbour, ...]:
    """The mapped regions around an address, nearest first cut, then by address."""
    mapped = sorted(
        (view.start, view.start + view.pages, view.name)
        for view in moment.regions if view.mapped and view.process == fault.process
    )  # fmt: skip
    page = fault.address // PAGE_SIZE
    below = [one for one in mapped if one[0] <= page][-_NEAR:]
    above = [one for one in mapped if one[0] > page][:_NEAR]
    return tuple(
        scene.Neighbour(start * PAGE_SIZE, stop * PAGE_SIZE - 1, name)
        for start, stop, name in (*below, *above)
    )


def map_cost() -> scene.MapCost:
    """Page tables for dense memory of every size."""
    mapped = tuple(1 << (12 + at // 4) for at in range(0, 4 * 35, 2))
    mapped = tuple(dict.fromkeys((*mapped, tree.crossing_bytes(), 1 << tree.ADDRESS_BITS)))
    costs = tuple(tree.tree_bytes(size // PAGE_SIZE) for size in mapped)
    return scene.MapCost(mapped, costs, tree.flat_table_bytes(), tree.crossing_bytes())
