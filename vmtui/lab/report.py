"""A finished run as people and as scripts read it: rows of a table, and the body of a document."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from vmtui.lab.experiment import Experiment
from vmtui.lab.figures import FIGURES
from vmtui.lab.moments import VERDICTS, Comparison, Result, StepResult
from vmtui.lab.text import Language, Text
from vmtui.missing import Missing
from vmtui.theory import Answer
from vmtui.units import MINUS

PROCESSES = {"parent": Text("parent", "親"), "child": Text("child", "子")}
"""Names that are translated; others are the script's own."""
SIGNS = {"as predicted": "=", "differs": "≠", "not measurable here": "–", "not predicted": " "}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table, in one language."""

    label: str
    predicted: str
    measured: str
    difference: str
    """With its sign: `=` exact, `≈` within the predicted range, `≠` neither."""
    why: str


def label(figure_id: str, process: str, language: Language) -> str:
    """«minor faults, child»."""
    words = FIGURES[figure_id].label.of(language)
    if not process:
        return words
    name = PROCESSES.get(process, Text(process, process)).of(language)
    return f"{words}（{name}）" if language == "ja" else f"{words}, {name}"


def answer(figure_id: str, predicted: Answer, language: Language = "en") -> str:
    """A prediction: 25,600, 0–8, or a dash."""
    shown = partial(FIGURES[figure_id].shown, language=language)
    if predicted.low is None and predicted.high is None:
        return "–"
    if predicted.exact and predicted.low is not None:
        return shown(predicted.low)
    if predicted.high is None and predicted.low is not None:
        return f"≥ {shown(predicted.low)}"
    assert predicted.high is not None
    if predicted.low is None:
        return f"≤ {shown(predicted.high)}"
    return f"{shown(predicted.low)}–{shown(predicted.high)}"


def row(line: Comparison, language: Language, *, several: bool = True) -> Row:
    """One comparison; its process is named where there are several."""
    figure = FIGURES[line.figure_id]
    measured = "–" if isinstance(line.measured, Missing) else figure.shown(line.measured, language)
    return Row(
        label(line.figure_id, line.process if several else "", language),
        answer(line.figure_id, line.predicted, language),
        measured,
        difference(line),
        line.why.of(language),
    )


def difference(line: Comparison) -> str:
    """How far it is off, with its sign."""
    sign = SIGNS[line.verdict]
    if line.verdict == "as predicted" and not line.predicted.exact:
        sign = "≈"
    if line.difference is None:
        return sign.strip()
    figure = FIGURES[line.figure_id]
    if figure.names:
        return sign
    plus = MINUS if line.difference < 0 else "+" if line.difference else ""
    return f"{plus}{figure.shown(abs(line.difference))} {sign}"


def verdict_line(result: Result, language: Language, *, short: bool = False) -> str:
    """The last line: what came of it; short for a line that it shares with the question."""
    if result.stopped is not None:
        stopped = Text("stopped: ", "中断：").of(language)
        return stopped + result.stopped.of(language)
    lines = [line for step in result.steps for line in step.comparisons]
    exact = [line for line in lines if line.predicted.exact and line.difference is not None]
    held = sum(line.verdict == "as predicted" for line in exact)
    if short:
        share = f"{held}/{len(exact)}"
        words = Text(f"{share} exact predictions held", f"確定的な予測 {share} が的中")
        return words.of(language)
    words = Text(
        f"{held} of {len(exact)} exact predictions held",
        f"確定的な予測 {len(exact)} 件のうち {held} 件が的中",
    )
    colon = "：" if language == "ja" else ": "
    return f"{VERDICTS[result.verdict].of(language)}{colon}{words.of(language)}"


def body(result: Result) -> dict[str, Any]:
    """The keys of the `lab run` document; the reasons of what is null are in each step."""
    return {
        "experiment": result.experiment,
        "parameters": dict(result.parameters),
        "steps": [_step(step) for step in result.steps],
        "verdict": result.verdict,
        "restored": result.restored,
        "stopped": None if result.stopped is None else result.stopped.en,
    }


def missing(result: Result) -> dict[str, Missing]:
    """Why figures could not be measured, by figure."""
    return {
        line.figure_id: line.measured
        for step in result.steps
        for line in step.comparisons
        if isinstance(line.measured, Missing)
    }


def _step(step: StepResult) -> dict[str, Any]:
    lines = step.comparisons
    return {
        "title": step.title,
        "predicted": {line.key: _plain(line) for line in lines},
        "measured": {
            line.key: None
            if isinstance(line.measured, Missing)
            else FIGURES[line.figure_id].plain(line.measured)
            for line in lines
        },
        "difference": {line.key: line.difference for line in lines},
        "verdict": step.verdict,
        "why": step.why.en,
    }


def _plain(line: Comparison) -> Any:
    """A number; two for a range; null where nothing is predicted."""
    plain, low, high = FIGURES[line.figure_id].plain, line.predicted.low, line.predicted.high
    if low is None and high is None:
        return None
    if low == high and low is not None:
        return plain(low)
    return [None if end is None else plain(end) for end in (low, high)]


def needs(experiment: Experiment, language: Language) -> str:
    """What it needs, and what it does without."""
    words = experiment.needs.of(language)
    without = experiment.without.of(language)
    if not without:
        return words
    return (
        f"{words}（なければ，{without}）" if language == "ja" else f"{words}; without it: {without}"
    )
