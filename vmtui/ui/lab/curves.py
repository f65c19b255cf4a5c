"""The charts of an experiment: what was measured so far beside what the theory expects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vmtui.draw.lab import scene
from vmtui.draw.lab.timeline import Timeline
from vmtui.lab import report
from vmtui.lab.figures import FIGURES
from vmtui.lab.moments import Moment
from vmtui.lab.text import Language
from vmtui.model.fields.field import Unit
from vmtui.theory import Answer
from vmtui.ui.lab.run import Past
from vmtui.ui.lab.staged_run import StagedRun
from vmtui.ui.lab.words import process_word

_SLOTS = {
    "major_faults": "swapped", "swap": "swapped", "minor_faults": "strong", "faults": "strong",
    "failed_faults": "swapped", "page_tables": "kernel", "anon_huge": "huge", "shared": "cow",
    "vsz": "kernel", "committed": "shmem", "time": "strong", "vmas": "strong",
}  # fmt: skip
"""The slot of a curve that stands alone; the others are `anon`."""
_SEVERAL = ("strong", "ksm", "shmem", "file", "huge", "dirty")
"""One process each."""


def charts(
    run: StagedRun, line: Timeline, language: Language, first: int, before: tuple[Past, ...]
) -> Iterator[scene.Curves]:
    """The curves of a run, the one at `first` first, over those of the run before."""
    keys_shown = run.experiment.charts
    first %= max(1, len(keys_shown))
    for chart in (*keys_shown[first:], *keys_shown[:first]):
        name, _, process = chart.partition(".")
        figure = FIGURES[name]
        keys = [chart] if process else _keys(run, name)
        several = len(keys) > 1
        title = report.label(name, process, language)
        yield scene.Curves(
            title,
            Unit.COUNT if figure.unit is Unit.PAGES else figure.unit,
            tuple(
                scene.Line(
                    process_word(key.partition(".")[2], language) if several else "",
                    _SEVERAL[at % len(_SEVERAL)] if several else _SLOTS.get(name, "anon"),
                    [*_measured(run.past, key, line), *_glanced(run, key, line)],
                    _expected(run, key, line),
                    _measured(before, key, line),
                )
                for at, key in enumerate(keys)
            ),
        )


def _keys(run: StagedRun, name: str) -> list[str]:
    """Every key of a figure, in the order the processes come."""
    found = dict[str, None]()
    for each in run.forecast:
        for key in each.chart:
            if key.partition(".")[0] == name:
                found[key] = None
    return list(found)


def _measured(past: tuple[Past, ...], key: str, line: Timeline) -> scene.Points:
    return _until_gone((line.begin(one.step, one.part), one.chart.get(key)) for one in past)


def _until_gone(values: Iterable[tuple[float, float | None]]) -> scene.Points:
    """The points there are; where a process has ended, its curve ends."""
    points: list[tuple[float, float]] = []
    for at, value in values:
        if value is not None:
            points.append((at, float(value)))
        elif points and points[-1][1] is not scene.GONE:
            points.append((at, scene.GONE))
    return points


def here(run: StagedRun, moment: Moment) -> tuple[int, float]:
    """The step the run is at, and the part of it that is done, as far as one can tell."""
    glances = run.glances
    return (glances[-1].step, glances[-1].part) if glances else (moment.step, moment.part)


def _glanced(run: StagedRun, key: str, line: Timeline) -> scene.Points:
    return [
        (line.at(one.step, one.since), float(one.chart[key]))
        for one in run.glances
        if key in one.chart
    ]


def _expected(run: StagedRun, key: str, line: Timeline) -> scene.Points:
    return _until_gone(
        (line.begin(one.step, one.part), _drawn(one.chart.get(key))) for one in run.forecast
    )


def _drawn(answer: Answer | None) -> float | None:
    """What is drawn of a prediction: the number, the middle of its range, or «at most»."""
    if answer is None or answer.low is None or answer.high is None:
        return None
    return (answer.low + answer.high) / 2 if answer.low else answer.high
