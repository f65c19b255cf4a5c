"""An experiment of a recording made ready to be shown again: its script, its words, its moments.

Nothing of this machine is asked. A recording says everything itself; what an experiment of that
name knows beyond it (notes for the lecturer, names of parameters) is taken from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

from vmtui.lab.experiment import Experiment, Line, Picture
from vmtui.lab.experiments import BY_ID
from vmtui.lab.figures import FIGURES
from vmtui.lab.moments import Forecast, Moment
from vmtui.lab.script import Script, ScriptError, parse
from vmtui.lab.text import Text
from vmtui.record.records import ExperimentStart
from vmtui.record.tags import Damaged

if TYPE_CHECKING:
    from vmtui.lab.run import Run

_MOST_CHUNKS = 100_000
_ADDRESSES = 1 << 64


@dataclass(frozen=True, slots=True)
class Retold:
    """What the stage needs of a run that is over; a `Played`."""

    experiment: Experiment
    values: Mapping[str, str]
    script: Script
    chunk_counts: tuple[int, ...]
    ram_bytes: int
    forecast: tuple[Forecast, ...]
    sentences: tuple[Text, ...]

    def told(self, index: int) -> Text:
        """The sentence that tells step `index`."""
        return self.sentences[index]


def start_of(run: Run, forecast: Iterable[Forecast] = ()) -> ExperimentStart:
    """What a recording says of a run before its first moment."""
    experiment, steps = run.experiment, run.script.steps
    return ExperimentStart(
        id=experiment.id,
        script=experiment.script(run.values).encode(),
        parameters=dict(run.values),
        predictions=tuple(forecast),
        chunks=run.chunk_counts,
        title=experiment.title,
        question=experiment.question,
        answer=experiment.answer,
        why=experiment.why,
        told=tuple(run.told(index) for index in range(len(steps))),
        figures=experiment.figures,
        charts=experiment.charts,
        picture=experiment.picture,
        largest_bytes=run.script.layout.largest_bytes,
        stack=run.script.layout.stack,
    )


def retold(start: ExperimentStart, ram_bytes: int) -> Retold:
    """The run as it can be shown.

    Args:
        start: what the recording says of it.
        ram_bytes: MemTotal of the machine that was recorded.

    Raises:
        Damaged: its parts do not fit each other.
    """
    values = dict(start.parameters)
    text = start.script.decode("utf-8", "replace")
    try:
        script = parse(text, values)
    except ScriptError as error:
        raise Damaged(f"the script of its experiment makes no sense in line {error.line}") from None
    steps = len(script.steps)
    if not (
        len(start.chunks) == len(start.told) == steps
        and all(0 < count <= _MOST_CHUNKS for count in start.chunks)
        and 0 <= start.stack < _ADDRESSES
        and (start.largest_bytes is None or 0 <= start.largest_bytes < _ADDRESSES)
    ):
        raise Damaged("the steps of its experiment do not fit its script")
    layout = replace(script.layout, largest_bytes=start.largest_bytes, stack=start.stack)
    return Retold(
        experiment=_experiment(start, text),
        values=values,
        script=replace(script, layout=layout),
        chunk_counts=start.chunks,
        ram_bytes=ram_bytes,
        forecast=tuple(one for one in start.predictions if _fits(one.step, one.part, steps)),
        sentences=start.told,
    )


def check(moment: Moment, told: Retold) -> None:
    """Nothing, if the stage of that run can show the moment.

    Raises:
        Damaged: it belongs to another script, or compares what nobody knows.
    """
    known = all(line.figure_id in FIGURES for line in moment.comparisons)
    if not known or not _fits(moment.step, moment.part, len(told.script.steps)):
        raise Damaged("a moment of its experiment makes no sense")


def _fits(step: int, part: float, steps: int) -> bool:
    return -1 <= step < steps and 0 <= part <= 1


def _experiment(start: ExperimentStart, text: str) -> Experiment:
    here = BY_ID.get(start.id)
    picture: Picture = next((one for one in get_args(Picture) if one == start.picture), "pages")
    return Experiment(
        id=start.id,
        title=start.title,
        question=start.question,
        answer=start.answer,
        why=start.why,
        lines=tuple(Line(line, Text("", "")) for line in text.splitlines()),
        figures=_known(start.figures),
        charts=_known(start.charts),
        notes=here.notes if here else (),
        parameters=here.parameters if here else (),
        picture=picture,
    )


def _known(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for key in keys if key.partition(".")[0] in FIGURES)
