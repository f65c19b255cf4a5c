"""A moment of a run as the plain values the stage draws, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vmtui import units
from vmtui.draw.lab import scene
from vmtui.draw.lab.timeline import Timeline
from vmtui.draw.lab.words import EN, JA
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab import report
from vmtui.lab.figures import FIGURES
from vmtui.lab.moments import FaultView, Moment, RegionView
from vmtui.lab.operations.map import Map
from vmtui.lab.operations.unmap import Unmap
from vmtui.lab.run import Run
from vmtui.lab.text import Language
from vmtui.missing import Missing
from vmtui.model.fields.field import Unit
from vmtui.model.states import PageState
from vmtui.theory import Answer, tree
from vmtui.ui.lab_run import LabRun, Past, State

_RESIDENT = np.array(
    [state not in (PageState.ABSENT, PageState.ZERO, PageState.SWAPPED, PageState.GUARD)
     for state in PageState]
)  # fmt: skip
_SLOTS = {
    "major_faults": "swapped", "swap": "swapped", "minor_faults": "strong", "faults": "strong",
    "failed_faults": "swapped", "page_tables": "kernel", "anon_huge": "huge", "shared": "cow",
    "vsz": "kernel", "committed": "shmem", "time": "strong", "vmas": "strong",
}  # fmt: skip
"""The slot of a curve that stands alone; the others are `anon`."""
_SEVERAL = ("strong", "ksm", "shmem", "file", "huge", "dirty")
"""One process each."""
_FADED = 4
"""The age from which a change is not shown any more."""
_NEAR_PAGES = 80
"""So far before the focus of a window a change does not move it."""
_NEAR = 3
"""Mapped stretches shown on each side of an address."""


class Glow:
    """When each page changed, in painted moments: 1 just now, 2 and 3 after it, 0 not lately."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, str], tuple[NDArray[np.uint8], NDArray[np.uint8]]] = {}
        self._ages: dict[tuple[int, str], NDArray[np.uint8]] = {}
        self._number = -1

    def look(self, moment: Moment) -> None:
        """Another moment is painted; the same one again changes nothing."""
        if moment.number == self._number:
            return
        first = self._number < 0
        self._number = moment.number
        seen, ages = {}, {}
        for view in moment.regions:
            key = view.pid, view.name
            before = self._seen.get(key)
            seen[key] = view.states, view.marks
            age = self._ages.get(key)
            if age is None or len(age) != len(view.states):
                age = np.zeros(len(view.states), np.uint8)
            age = np.where((age > 0) & (age < _FADED - 1), age + 1, 0).astype(np.uint8)
            if before is None and not first:
                relative = any(other == view.name for _, other in self._seen)
                if not relative:
                    age[view.states != PageState.ABSENT] = 1
            elif before is not None and len(before[0]) == len(view.states):
                changed = before[0] != view.states
                if len(before[1]) == len(view.marks):
                    changed |= (before[1] != view.marks) & (view.marks > scene.SAME)
                age[changed] = 1
            ages[key] = age
        self._seen, self._ages = seen, ages

    def of(self, view: RegionView) -> NDArray[np.uint8] | None:
        """The ages of a region's pages."""
        return self._ages.get((view.pid, view.name))

    def fresh(self, name: str) -> NDArray[np.intp]:
        """Indices of the pages of a region that changed just now in any process."""
        hot = [np.flatnonzero(age == 1) for (_, of), age in self._ages.items() if of == name]
        return np.unique(np.concatenate(hot)) if hot else np.zeros(0, np.intp)


class SceneMaker:
    """Keeps what must stay the same from one painting to the next."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.hidden = self.as_c = self.whole = False
        self.first_chart = 0
        """Which chart stands first."""
        self.before: tuple[Past, ...] = ()
        """The run before, to be drawn under this one."""
        self._glow = Glow()
        self._focus: dict[str, int] = {}

    def reset(self) -> None:
        """Another run begins."""
        self._glow = Glow()
        self._focus = {}

    def make(self, run: LabRun, *, letters: bool, bars_by_letters: bool) -> scene.Scene:
        """What the stage shows of a run now."""
        experiment, language, moment = run.experiment, self.language, run.latest
        words = JA if language == "ja" else EN
        done = ""
        if run.result is not None:
            done = report.verdict_line(run.result, language)
        if run.run is None or moment is None:
            return scene.Scene(
                experiment.question.of(language), "", experiment.why.of(language),
                self._lines_before(run), words, hidden=self.hidden, message=run.error,
            )  # fmt: skip
        self._glow.look(moment)
        line = Timeline([len(chunks) for chunks in run.run.plan])
        self._follow(moment)
        return scene.Scene(
            question=experiment.question.of(language),
            answer=experiment.answer.of(language),
            why=experiment.why.of(language),
            steps=self._steps(run, run.run),
            words=words,
            step=moment.step,
            part=moment.part,
            hidden=self.hidden,
            as_c=self.as_c,
            letters=letters,
            bars_by_letters=bars_by_letters,
            whole=self.whole,
            figures=tuple(self._figures(run.run, moment)),
            tiles=tuple(self._tiles(moment)) if experiment.picture != "tables" else (),
            curves=tuple(self._curves(run, line)),
            trees=tuple(self._trees(moment)) if experiment.picture == "tables" else (),
            cost=_map_cost() if experiment.picture == "tables" else None,
            fault=self._fault(moment.fault, moment),
            is_about_faults=experiment.picture == "fault",
            promises=self._promises(run, run.run, moment)
            if experiment.picture == "commit"
            else None,
            saved=self._saved(moment),
            starts=tuple(line.starts),
            now=line.at(moment.step, moment.part),
            message=run.error if run.state is State.OVER else "",
            done=done,
            page_bytes=PAGE_SIZE,
            focus=dict(self._focus),
        )

    # The script

    def _lines_before(self, run: LabRun) -> tuple[scene.Operation, ...]:
        """The script before anything is known but its lines."""
        return tuple(
            scene.Operation(_filled(line.source, run.values))
            for line in run.experiment.lines
            if line.applies(run.values)
        )

    def _steps(self, run: LabRun, course: Run) -> tuple[scene.Operation, ...]:
        before: Mapping[str, int] = run.past[0].chart if run.past else {}
        did: list[str] = []
        for moment in run.finished:
            did.append(self._did(before, moment))
            before = moment.chart
        return tuple(
            scene.Operation(
                step.source,
                course.told(index).of(self.language),
                step.c_lines(course.script.layout),
                did[index] if index < len(did) else "",
            )
            for index, step in enumerate(course.script.steps)
        )

    def _did(self, before: Mapping[str, int], moment: Moment) -> str:
        """What a step did: its faults, and how much memory came or went."""
        faults = sum(
            value for key, value in moment.chart.items()
            if key.partition(".")[0] in ("minor_faults", "major_faults")
        )  # fmt: skip
        grown = sum(value for key, value in moment.chart.items() if key.startswith("rss."))
        grown -= sum(value for key, value in before.items() if key.startswith("rss."))
        said = []
        if faults:
            said.append(f"フォルト {faults:,}" if self.language == "ja" else f"{faults:,} faults")
        if grown:
            said.append(f"Rss {units.change(grown)}")
        if error := _errno(moment):
            said.append(FIGURES["errno"].shown(error))
        if moment.fault is not None and not isinstance(moment.fault.measured, Missing):
            said = [moment.fault.measured.partition(" ")[2] or moment.fault.measured]
        return ", ".join(said)

    # The table

    def _figures(self, run: Run, moment: Moment) -> Iterator[scene.Figure]:
        acting = run.script.steps[moment.step].process if moment.step >= 0 else ""
        for line in moment.comparisons:
            row = report.row(line, self.language)
            last = line.figure_id == "pages_as_predicted"
            rank = -1 if last else 0 if line.process in ("", acting) else 1
            yield scene.Figure(
                row.label, row.predicted, row.measured, row.difference,
                differs=line.verdict == "differs", why=row.why, rank=rank, strong=last,
            )  # fmt: skip

    # Pages

    def _tiles(self, moment: Moment) -> Iterator[scene.Tile]:
        for view in moment.regions:
            if view.mapped:
                process = process_word(view.process, self.language)
                yield scene.Tile(
                    process, view.pid, view.name, view.start, view.states, view.marks,
                    self._glow.of(view), view.pages, self._facts(moment, view.process),
                )  # fmt: skip

    def _facts(self, moment: Moment, process: str) -> str:
        said = []
        for figure in ("rss", "pss"):
            line = moment.comparison(figure, process)
            if line is not None and not isinstance(line.measured, Missing):
                said.append(
                    f"{FIGURES[figure].label.of(self.language)} {units.size(line.measured)}"
                )
        return "  ".join(said)

    def _follow(self, moment: Moment) -> None:
        """Look where something happened; a little way on is no reason to move."""
        for view in moment.regions:
            fresh = self._glow.fresh(view.name)
            if not len(fresh):
                continue
            last, before = int(fresh[-1]), self._focus.get(view.name, 0)
            if not 0 <= before - last < _NEAR_PAGES:
                self._focus[view.name] = min(view.pages - 1, last + _NEAR_PAGES // 4)

    def _saved(self, moment: Moment) -> scene.Saved | None:
        frames = moment.comparison("frames")
        if frames is None or len(moment.pids) < 2:
            return None
        used = frames.measured if isinstance(frames.measured, int) else frames.predicted.low
        instead = sum(
            int(_RESIDENT[view.states].sum()) for view in moment.regions if len(view.states)
        )
        if not used or instead <= used:
            return None
        return scene.Saved(used, instead, instead - used)

    # Curves

    def _curves(self, run: LabRun, line: Timeline) -> Iterator[scene.Curves]:
        charts = run.experiment.charts
        first = self.first_chart % max(1, len(charts))
        for chart in (*charts[first:], *charts[:first]):
            name, _, process = chart.partition(".")
            figure = FIGURES[name]
            keys = [chart] if process else self._keys(run, name)
            several = len(keys) > 1
            title = report.label(name, process, self.language)
            yield scene.Curves(
                title,
                Unit.COUNT if figure.unit is Unit.PAGES else figure.unit,
                tuple(
                    scene.Line(
                        process_word(key.partition(".")[2], self.language) if several else "",
                        _SEVERAL[at % len(_SEVERAL)] if several else _SLOTS.get(name, "anon"),
                        _measured(run.past, key, line),
                        _expected(run, key, line),
                        _measured(self.before, key, line),
                    )
                    for at, key in enumerate(keys)
                ),
            )

    def _keys(self, run: LabRun, name: str) -> list[str]:
        """Every key of a figure, in the order the processes come."""
        found = dict[str, None]()
        for each in run.forecast:
            for key in each.chart:
                if key.partition(".")[0] == name:
                    found[key] = None
        return list(found)

    # The other pictures

    def _trees(self, moment: Moment) -> Iterator[scene.Tree]:
        for view in moment.tables:
            if any(view.counts):
                fresh = _fresh_pages(self._glow, moment, view.process)
                yield scene.Tree(
                    process_word(view.process, self.language),
                    _apart(view.pages), view.pages, view.counts, fresh,
                )  # fmt: skip

    def _fault(self, view: FaultView | None, moment: Moment) -> scene.Fault | None:
        if view is None:
            return None
        language = self.language
        measured = view.measured.reason if isinstance(view.measured, Missing) else view.measured
        where = view.measured_address
        said = where.reason if isinstance(where, Missing) else f"{where:#x}"
        return scene.Fault(
            view.kind, view.address, process_word(view.process, language), view.pid,
            "" if measured == "none" else measured, view.predicted, said,
            view.lies_in.of(language), view.as_predicted, _near(moment, view),
        )  # fmt: skip

    def _promises(self, lab_run: LabRun, run: Run, moment: Moment) -> scene.Promises:
        from vmtui.lab.commitment import ram_bytes

        refusals = {each.step for each in (*lab_run.finished, moment) if _errno(each)}
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
        refused, error = "", _errno(moment)
        if error:
            refused = f"{run.script.steps[moment.step].source}: {FIGURES['errno'].shown(error)}"
        return scene.Promises(
            tuple(parts.items()), ram_bytes(), touched, refused, tuple(unpromised.items())
        )


def _errno(moment: Moment) -> int:
    """What the system call of a step failed with; 0 for success, or without one."""
    line = moment.comparison("errno")
    return line.measured if line is not None and isinstance(line.measured, int) else 0


def process_word(process: str, language: Language) -> str:
    """A process as it is called on the stage."""
    word = report.PROCESSES.get(process)
    return word.of(language) if word else process


def _measured(past: tuple[Past, ...], key: str, line: Timeline) -> scene.Points:
    return [
        (line.begin(one.step, one.part), float(one.chart[key])) for one in past if key in one.chart
    ]


def _expected(run: LabRun, key: str, line: Timeline) -> scene.Points:
    found = []
    for one in run.forecast:
        answer = one.chart.get(key)
        if answer is not None and (value := _middle(answer)) is not None:
            found.append((line.begin(one.step, one.part), value))
    return found


def _middle(answer: Answer) -> float | None:
    """What is drawn of a prediction: the number, or the middle of its range."""
    if answer.low is None or answer.high is None:
        return None
    return (answer.low + answer.high) / 2


def _fresh_pages(glow: Glow, moment: Moment, process: str) -> frozenset[int]:
    pages: set[int] = set()
    for view in moment.regions:
        age = glow.of(view) if view.process == process else None
        if age is not None:
            pages |= {view.start + int(at) for at in np.flatnonzero(age == 1)}
    return frozenset(pages)


def _apart(pages: tuple[int, ...]) -> str:
    """«8 pages, 512G apart»."""
    if len(pages) < 2:
        return ""
    strides = {after - before for before, after in pairwise(pages)}
    if len(strides) != 1:
        return f"{len(pages)} pages"
    size = units.size(strides.pop() * PAGE_SIZE)
    number, letter = size[:-1], size[-1]
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return f"{len(pages)} × 4K, {number}{letter} apart"


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


def _filled(source: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        source = source.replace(f"{{{name}}}", value)
    return source


def _map_cost() -> scene.MapCost:
    mapped = tuple(1 << (12 + at // 4) for at in range(0, 4 * 35, 2))
    mapped = tuple(dict.fromkeys((*mapped, tree.crossing_bytes(), 1 << tree.ADDRESS_BITS)))
    costs = tuple(tree.tree_bytes(size // PAGE_SIZE) for size in mapped)
    return scene.MapCost(mapped, costs, tree.flat_table_bytes(), tree.crossing_bytes())
