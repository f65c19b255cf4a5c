"""From looks at the kernel, and the theory's pages, to what a moment shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.lab.codes import FAULT_NUMBERS, fault_number, fault_word
from vmtui.lab.expected import Theory
from vmtui.lab.kinship import Frames, Kinship, Marks, unlike
from vmtui.lab.layout import Layout, Region
from vmtui.lab.measure import ProcessLook
from vmtui.lab.moments import FaultView, Mark, RegionView, TablesView
from vmtui.lab.operations import Done
from vmtui.lab.operations.poke import FAMOUS, STACK, Poke
from vmtui.lab.scene import Scene
from vmtui.lab.script import Step
from vmtui.lab.seen import NEEDS_FRAMES, Counted
from vmtui.lab.text import Text
from vmtui.missing import Missing
from vmtui.model.pages import Bytes
from vmtui.theory import Outcome, views

Views: TypeAlias = dict[str, dict[str, Frames]]
Wrong: TypeAlias = dict[str, list[NDArray[np.bool_]]]
"""By process, one array a region."""

_EXCLUSIVE = 8
_MOST_TABLES = 4096
_MOST_PAGES = 64


class Viewer:
    """Compares every page, and keeps what has to be remembered between moments."""

    def __init__(self) -> None:
        self.counted: dict[str, Counted] = {}
        """Faults of this step by process."""
        self._kinship = Kinship()
        self._frames: Views = {}

    def begin(self, scene: Scene) -> None:
        """A step begins."""
        self.counted = {name: Counted() for name in scene.hands}

    def forked(self, parent: str, child: str) -> None:
        """A fork was done since the last look."""
        self._kinship.forked(parent, child, self._frames.get(parent, {}))
        self.counted[child] = Counted()

    def ended(self, process: str) -> None:
        """A process has gone."""
        self._kinship.ended(process)
        self._frames.pop(process, None)
        self.counted.pop(process, None)

    def count(self, process: str, look: ProcessLook, did: Done) -> None:
        """The faults of a chunk: of user mode by perf, those in system calls by getrusage(2)."""
        counted = self.counted.setdefault(process, Counted())
        if did.in_calls and not isinstance(look.minor, Missing):
            counted.add(look.minor, look.major)
            counted.add(did.minor, did.major)
        elif isinstance(look.minor, Missing):
            counted.add(did.minor, did.major)
        else:
            counted.add(look.minor, look.major)
        if did.poked is not None and did.poked.signal:
            counted.failed += 1

    def views(
        self, scene: Scene, theory: Theory, looks: Mapping[str, ProcessLook], *, thorough: bool
    ) -> tuple[tuple[RegionView, ...], Marks | Missing, Views | Missing]:
        """Every region of every process, the marks, and the frames where they are shown.

        `thorough`: every frame is compared, not only those that can have changed.
        """
        frames = self._measured_frames(theory, looks)
        wrong = self._wrong(theory, looks, frames, bool(scene.frozen), thorough)
        marks: Marks
        if isinstance(frames, Missing):
            marks = _believed(theory, looks)
        else:
            self._frames = frames
            marks = self._kinship.marks(frames)
        made = []
        for process, look in looks.items():
            mapped = [(vma.start >> 12, vma.end >> 12) for vma in look.vma_rows]
            for index, region in enumerate(theory.watched):
                there = any(lo <= region.first < hi or region.first <= lo < region.end
                            for lo, hi in mapped)  # fmt: skip
                bad = wrong[process][index]
                places = np.flatnonzero(bad)
                if not there and not len(places):
                    continue
                made.append(
                    RegionView(
                        process,
                        scene.hands[process].pid,
                        region.name,
                        region.first,
                        region.pages,
                        there,
                        look.states[index],
                        marks[process][region.name],
                        len(places),
                        int(places[0]) if len(places) else None,
                    )
                )
        return tuple(made), marks, frames

    def _measured_frames(self, theory: Theory, looks: Mapping[str, ProcessLook]) -> Views | Missing:
        found: Views = {}
        for process, look in looks.items():
            if look.pfns is None:
                return NEEDS_FRAMES
            found[process] = {
                region.name: pfns for region, pfns in zip(theory.watched, look.pfns, strict=True)
            }
        return found

    def _wrong(
        self,
        theory: Theory,
        looks: Mapping[str, ProcessLook],
        frames: Views | Missing,
        frozen: bool,
        thorough: bool,
    ) -> Wrong:
        """Which pages are not as predicted, by process and region."""
        kept = np.uint8(0xFF & ~_EXCLUSIVE) if frozen else np.uint8(0xFF)
        if theory.world.unsure:
            return {
                process: [np.zeros(region.pages, bool) for region in theory.watched]
                for process in looks
            }
        wrong = {
            process: [
                (theory.known[process][region.name].words ^ _bytes(words)) & kept != 0
                for region, words in zip(theory.watched, look.words, strict=True)
            ]
            for process, look in looks.items()
        }
        if not isinstance(frames, Missing):
            self._add_unlike(theory, frames, wrong, None if thorough else theory.pages.fresh)
        return wrong

    def _add_unlike(
        self,
        theory: Theory,
        frames: Views,
        wrong: Wrong,
        windows: Sequence[tuple[int, int]] | None,
    ) -> None:
        """Mark pages in some windows whose frames are shared otherwise than predicted."""
        places = [
            (process, index, part)
            for process in frames
            for index, region in enumerate(theory.watched)
            for part in _parts(region, windows)
        ]
        if not places:
            return
        names = [region.name for region in theory.watched]
        predicted = [theory.frames[process][names[index]][part] for process, index, part in places]
        measured = [frames[process][names[index]][part] for process, index, part in places]
        odd, start = unlike(np.concatenate(predicted), np.concatenate(measured)), 0
        for (process, index, part), pages in zip(places, measured, strict=True):
            wrong[process][index][part] |= odd[start : start + len(pages)]
            start += len(pages)


def _parts(region: Region, windows: Sequence[tuple[int, int]] | None) -> list[slice]:
    """The windows' parts inside a region, as slices of its arrays."""
    if windows is None:
        return [slice(0, region.pages)]
    return [
        slice(max(low, region.first) - region.first, min(high, region.end) - region.first)
        for low, high in windows
        if max(low, region.first) < min(high, region.end)
    ]


def _bytes(words: bytes) -> Bytes:
    return np.frombuffer(words, np.uint8)


def _believed(theory: Theory, looks: Mapping[str, ProcessLook]) -> Marks:
    """The theory's marks where bit 56 agrees: all there is without frame numbers."""
    marks: Marks = {}
    for process, look in looks.items():
        marks[process] = {}
        for region, words in zip(theory.watched, look.words, strict=True):
            said = theory.marks[process][region.name]
            alone = _bytes(words) & _EXCLUSIVE != 0
            agrees = np.where(said == Mark.SAME, ~alone, alone)
            for name, page in theory.world.maybe_copied:
                if name == process and region.first <= page < region.end:
                    agrees[page - region.first] = False
            marks[process][region.name] = np.where(agrees, said, Mark.NONE).astype(np.uint8)
    return marks


def fault_view(
    step: Step | None, scene: Scene, outcome: Outcome | None, did: Done
) -> FaultView | None:
    """A poke, predicted and measured."""
    if step is None or outcome is None or did.poked is None:
        return None
    operation, fault, poked = step.operation, outcome.fault, did.poked
    assert isinstance(operation, Poke)
    predicted = FAULT_NUMBERS[fault.code] if fault else 0
    measured: int | Missing
    where: int | Missing
    if not poked.signal:
        measured, where = 0, 0
    else:
        code, where = poked.code, poked.address
        measured = code if isinstance(code, Missing) else fault_number(poked.signal, code)
    return FaultView(
        process=step.process,
        pid=poked.pid,
        kind=operation.kind,
        address=operation.address(scene.layout),
        predicted=fault_word(predicted),
        measured=measured if isinstance(measured, Missing) else fault_word(measured),
        measured_address=where,
        lies_in=lies_in(operation, scene.layout, fault.lies_in if fault else "region"),
        as_predicted=isinstance(measured, Missing)
        or (measured == predicted and where == (fault.address if fault else 0)),
    )


def lies_in(operation: Poke, layout: Layout, what: str) -> Text:
    """What is at the address, in words."""
    name = operation.region()
    if operation.place in FAMOUS or operation.place == STACK:
        return _PLACES[operation.place]
    match what:
        case "gap":
            return Text(f"the gap beside {name}", f"{name} の隣の隙間")
        case "guard page":
            return Text(f"a guard page in {name}", f"{name} の中のガードページ")
        case "past the end of the file":
            return Text(f"{name}, past the end of its file", f"{name} の中，ファイルの終わりの先")
        case "region":
            return Text(f"{name}", f"{name} の中")
        case _:
            return Text("nothing is mapped there", "何もマップされていない")


_PLACES = {
    "null": Text("page 0, where nothing is ever mapped", "0 ページ．何もマップされない場所"),
    "kernel": Text("the kernel's half of the addresses", "アドレス空間のカーネル側"),
    "non-canonical": Text("no address of this processor", "この CPU のアドレスではない"),
    STACK: Text("below the lowest page the stack may have", "スタックが伸びてよい範囲の下"),
}


def tables_view(process: str, theory: Theory, look: ProcessLook) -> TablesView:
    """The tree above the regions' populated pages, as measured."""
    parts = [
        np.flatnonzero(_bytes(words)) + region.first
        for region, words in zip(theory.watched, look.words, strict=True)
    ]  # regions are in the order of their addresses, so all of it rises
    pages = np.concatenate(parts) if parts else np.zeros(0, np.int64)
    levels = [pages >> shift for shift in (9, 18, 27)]
    levels = [level[np.diff(level, prepend=-1) != 0] for level in levels]
    pte, pmd, pud = (tuple(level[:_MOST_TABLES].tolist()) for level in levels)
    return TablesView(
        process,
        pte,
        pmd,
        pud,
        tuple(pages.tolist()) if len(pages) <= _MOST_PAGES else (),
        (len(levels[0]), len(levels[1]), len(levels[2])),
        views.tables(theory.world, process).bytes,
    )
