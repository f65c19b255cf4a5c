"""`vmtui lab list|show|run`: experiments of the laboratory without the stage."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vmtui.cli.arguments import Parser, WrongUsage
from vmtui.cli.output import line_width, lines_of, write
from vmtui.cli.progress import Progress
from vmtui.cli.table import Table, column, lines
from vmtui.export.document import Absences, document
from vmtui.model.fields.field import Unit
from vmtui.text import display

if TYPE_CHECKING:
    from vmtui.lab.course import Plan
    from vmtui.lab.experiment import Experiment
    from vmtui.lab.moments import Forecast, Moment, Result
    from vmtui.lab.run import Run
    from vmtui.lab.script import Script
    from vmtui.lab.text import Language
    from vmtui.record.run_recording import RunRecording

_DIFFERS = _FAILED = 1
_ACTIONS = {
    "list": "the experiments: what each asks and what it needs",
    "show": "one experiment: its question, its script line by line, and the predictions",
    "run": "predict, run on this kernel, and compare after every step",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="list|show|run", parser_class=Parser
    )
    listing, showing, running = (
        actions.add_parser(action, help=about, description=f"{about[0].upper()}{about[1:]}.")
        for action, about in _ACTIONS.items()
    )
    for each in (showing, running):
        each.add_argument(
            "name",
            metavar="NAME|FILE.toml",
            help="an experiment of the list, or a file of your own",
        )
        each.add_argument("--size", metavar="SIZE", help="short for --set size=SIZE")
        each.add_argument(
            "--set",
            metavar="KEY=VALUE",
            action="append",
            default=[],
            help="change a parameter; may be given several times",
        )
    showing.add_argument("--c", action="store_true", help="the whole script as a C program")
    running.add_argument(
        "--yes", action="store_true", help="do not ask before changing the machine"
    )
    running.add_argument(
        "--limit", metavar="SIZE", help="memory it may use, if more than the usual limit"
    )
    running.add_argument(
        "--record", metavar="FILE", help="record the run into a new file, for vmtui replay"
    )
    for each in (listing, showing, running):
        each.add_argument("--json", action="store_true", help="one JSON document")
        each.add_argument(
            "--lang", choices=("en", "ja"), default="en", help="language (default en)"
        )


def run(arguments: argparse.Namespace) -> int:
    """List, show or run; 1 when a prediction did not hold."""
    match arguments.action:
        case "list":
            return _list(arguments)
        case "show":
            return _show(arguments)
        case _:
            return _run(arguments)


def _list(arguments: argparse.Namespace) -> int:
    from vmtui.lab.experiments import ALL
    from vmtui.lab.script import changes_of

    language: Language = arguments.lang
    columns = (
        column("NAME", Unit.TEXT, lambda one: one.id),
        column("QUESTION", Unit.TEXT, lambda one: one.question.of(language), width=0),
        column("NEEDS", Unit.TEXT, lambda one: one.needs.of(language), width=0),
    )
    if arguments.json:
        found = [
            {
                "name": one.id,
                "group": one.group,
                "title": one.title.of(language),
                "question": one.question.of(language),
                "needs": one.needs.of(language),
                "without": one.without.of(language),
                "changes": [change.of(language) for change in changes_of(one, one.values())],
                "parameters": {each.id: each.default for each in one.parameters},
            }
            for one in ALL
        ]
        write(lines_of(document("lab", {"experiments": found}, Absences())))
    else:
        write("\n".join(lines(Table(columns, ALL), line_width())))
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from vmtui.lab import report
    from vmtui.lab.cprogram import program
    from vmtui.lab.script import parse

    experiment, values = _chosen(arguments)
    script = parse(experiment.script(values), values)
    if arguments.c:
        write(program(script))
        return 0
    language: Language = arguments.lang
    forecast = _predicted(experiment, script)
    if arguments.json:
        body = {
            "experiment": experiment.id,
            "parameters": values,
            "title": experiment.title.of(language),
            "question": experiment.question.of(language),
            "why": experiment.why.of(language),
            "needs": report.needs(experiment, language),
            "changes": [change.of(language) for change in script.changes],
            "steps": [
                {
                    "title": step.source,
                    "told": _told(experiment, script, index, values).of(language),
                    "c": list(step.c_lines(script.layout)),
                    "predicted": {
                        key: answer.low if answer.exact else [answer.low, answer.high]
                        for key, answer in forecast[index].chart.items()
                    },
                }
                for index, step in enumerate(script.steps)
            ],
        }
        write(lines_of(document("lab", body, Absences())))
        return 0
    write("\n".join(_page(experiment, script, values, forecast, language)))
    return 0


def _page(
    experiment: Experiment,
    script: Script,
    values: Mapping[str, str],
    forecast: list[Forecast],
    language: Language,
) -> Iterator[str]:
    from vmtui.lab import report

    yield f"{experiment.id}: {experiment.title.of(language)}"
    yield experiment.question.of(language)
    yield ""
    yield experiment.why.of(language)
    yield ""
    needs = "必要なもの：" if language == "ja" else "needs: "
    yield needs + report.needs(experiment, language)
    if script.changes:
        yield "終わるまで変えるもの：" if language == "ja" else "changes until its end:"
        yield from (f"  • {change.of(language)}" for change in script.changes)
    for parameter in experiment.parameters:
        yield f"--set {parameter.id}={values[parameter.id]}  {parameter.label.of(language)}"
    for index, step in enumerate(script.steps):
        yield ""
        yield f"{index + 1:3} {step.source}"
        yield f"    {_told(experiment, script, index, values).of(language)}"
        yield from (f"        {line}" for line in step.c_lines(script.layout))
        predicted = [
            f"{report.label(*_parts(key, script), language)} "
            f"{report.answer(_parts(key, script)[0], answer, language)}"
            for key, answer in forecast[index].chart.items()
        ]
        yield f"    → {' · '.join(predicted)}"


def _parts(key: str, script: Script) -> tuple[str, str]:
    figure, _, process = key.partition(".")
    return figure, process if script.several else ""


def _run(arguments: argparse.Namespace) -> int:
    from vmtui.cli.consent import agreed
    from vmtui.lab import report
    from vmtui.lab.limits import of_this_machine
    from vmtui.lab.probe import probe
    from vmtui.lab.resources.leftovers import clean_up_at_start
    from vmtui.lab.run import Run
    from vmtui.lab.spawner import Bench

    experiment, values = _chosen(arguments)
    if said := clean_up_at_start():
        sys.stderr.write(f"vmtui lab: {display(said, None)}\n")
    limits = of_this_machine(_size(arguments.limit))
    with Bench.open() as bench:
        running = Run(experiment, values, bench, probe(bench).kernel, limits=limits)
        changes = running.script.changes
        if not agreed(display(experiment.id), changes, arguments.lang, yes=arguments.yes):
            return _FAILED
        with (
            contextlib.closing(_Recorder(arguments.record, running)) as recorder,
            Progress("running", len(running.script.steps)) as progress,
        ):
            for moment in running.moments():
                recorder.take(moment)
                progress.at(max(0, moment.step))
                if moment.finished_step and moment.step >= 0 and not arguments.json:
                    with progress.away():
                        write("\n".join(_step(running, moment, arguments.lang)))
                        sys.stdout.flush()
            result = running.result()
            recorder.finish(result)
    for sentence in running.left:
        sys.stderr.write(f"vmtui lab: not put back: {display(sentence, None)}\n")
    if arguments.json:
        absences = Absences()
        for figure, why in report.missing(result).items():
            absences.note(figure, why)
        write(lines_of(document("lab run", report.body(result), absences)))
    else:
        write(report.verdict_line(result, arguments.lang))
    if recorder.failure:
        sys.stderr.write(f"vmtui lab: {recorder.failure}\n")
    held = (
        not recorder.failure
        and result.verdict != "differs"
        and result.stopped is None
        and result.restored
    )
    return 0 if held else _DIFFERS


class _Recorder:
    """The file of a run, if one is wanted: that it cannot go on does not end the run."""

    def __init__(self, path: str | None, running: Run) -> None:
        from vmtui.record.run_recording import RunRecording

        self._recording = None if path is None else RunRecording(path, running)
        self.failure = ""
        """Why the recording ended early, in a sentence."""

    def take(self, moment: Moment) -> None:
        self._do(lambda recording: recording.take(moment))

    def finish(self, result: Result) -> None:
        self._do(lambda recording: recording.finish(result))

    def close(self) -> None:
        if self._recording is not None:
            self._recording.close()

    def _do(self, act: Callable[[RunRecording], None]) -> None:
        from vmtui.record.writer import CannotRecord

        if self._recording is not None and not self.failure:
            try:
                act(self._recording)
            except CannotRecord as error:
                self.failure = str(error)


def _step(running: Run, moment: Moment, language: Language) -> list[str]:
    """A finished step: its line, its sentence, its table."""
    from vmtui.lab.report import Row, row

    def get(name: str) -> Any:
        return lambda row: getattr(row, name)

    heads = {
        "en": ("", "PREDICTED", "MEASURED", "DIFFERENCE", "WHY"),
        "ja": ("", "予測", "実測", "差", "理由"),
    }[language]
    units = (Unit.TEXT, Unit.ID, Unit.ID, Unit.ID, Unit.TEXT)
    names = ("label", "predicted", "measured", "difference", "why")
    columns = tuple(
        column(head, unit, get(name), width=0 if name == "why" else 6)
        for head, unit, name in zip(heads, units, names, strict=True)
    )
    several = running.script.several
    rows: list[Row] = [row(line, language, several=several) for line in moment.comparisons]
    step = running.script.steps[moment.step]
    title = f"{moment.step + 1} {step.source}\n  {running.told(moment.step).of(language)}"
    return [*title.split("\n"), *lines(Table(columns, rows), line_width()), ""]


def _chosen(arguments: argparse.Namespace) -> tuple[Experiment, dict[str, str]]:
    """The experiment and its parameters."""
    from vmtui.lab.experiment import ParameterError
    from vmtui.lab.experiments import BY_ID
    from vmtui.lab.userfile import load

    if arguments.name in BY_ID:
        experiment = BY_ID[arguments.name]
    elif arguments.name.endswith(".toml"):
        experiment = load(arguments.name)
    else:
        shown = display(arguments.name, 40)
        raise WrongUsage(f"there is no experiment «{shown}»; `vmtui lab list` names them")
    chosen = {}
    for word in arguments.set:
        name, equals, value = word.partition("=")
        if not equals:
            raise WrongUsage(f"--set takes KEY=VALUE, not «{display(word, 40)}»")
        chosen[name] = value
    if arguments.size is not None:
        chosen["size"] = arguments.size
    try:
        return experiment, experiment.values(chosen)
    except ParameterError as error:
        raise WrongUsage(str(error)) from error


def _told(experiment: Experiment, script: Script, index: int, values: Mapping[str, str]) -> Any:
    step = script.steps[index]
    own = experiment.lines[step.line - 1].told
    return own.filled(values) if own.en else step.told


def _predicted(experiment: Experiment, script: Script) -> list[Forecast]:
    """What the theory says at the end of every step, on this machine's kernel."""
    from vmtui.lab.course import forecasts
    from vmtui.lab.probe import probe
    from vmtui.lab.spawner import Bench
    from vmtui.lab.surroundings import on_this_machine

    with Progress("predicting", len(script.steps)) as progress:
        with Bench.open() as bench:
            kernel, script = probe(bench).kernel, on_this_machine(script, bench)
        whole: Plan = tuple((step.operation,) for step in script.steps)
        made = []
        for one in forecasts(script, whole, kernel, experiment.figures):
            progress.at(one.step + 1)
            made.append(one)
    return [one for one in made if one.step >= 0]


def _size(word: str | None) -> int | None:
    from vmtui.lab.words import size_of

    if word is None:
        return None
    nbytes = size_of(word)
    if nbytes is None:
        raise WrongUsage(f"--limit takes a size such as 2G, not «{display(word, 40)}»")
    return nbytes
