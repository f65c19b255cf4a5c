"""The experiments: complete in both languages, their C compiles, and each runs for real."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.truth import machine_wide
from vmtui import theory
from vmtui.lab import operations
from vmtui.lab.comparing import told
from vmtui.lab.cprogram import program
from vmtui.lab.experiment import Experiment, ParameterError
from vmtui.lab.experiments import ALL, BY_ID
from vmtui.lab.figures import FIGURES
from vmtui.lab.limits import Limits
from vmtui.lab.moments import VERDICTS
from vmtui.lab.probe import probe
from vmtui.lab.report import PROCESSES
from vmtui.lab.run import Run
from vmtui.lab.script import parse
from vmtui.lab.spawner import Bench
from vmtui.lab.text import Text
from vmtui.lab.words import size_word
from vmtui.theory import Kernel

NAMES = [experiment.id for experiment in ALL]
VARIANTS = [
    pytest.param(one, values, id="-".join((one.id, *(values[key] for key in sorted(asked)))))
    for one in ALL
    for asked in [{name for line in one.lines for name, _ in line.conditions}]
    for values in one.variants()
]
LIMITS = Limits(256 << 20, 60.0)
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
_OTHER_STOPS = re.compile(r"[。、]")


def texts(experiment: Experiment) -> Iterator[Text]:
    yield from (experiment.title, experiment.question, experiment.answer, experiment.why)
    yield from (line.told for line in experiment.lines)
    yield from experiment.notes
    yield from (parameter.label for parameter in experiment.parameters)
    yield experiment.needs
    if experiment.without.en:
        yield experiment.without


def complete(text: Text) -> bool:
    """Both there, in the right language, in the notes' punctuation, without stray spaces."""
    return bool(
        text.en
        and text.ja
        and text.en == text.en.strip()
        and text.ja == text.ja.strip()
        and not _JAPANESE.search(text.en)
        and (_JAPANESE.search(text.ja) or text.en == text.ja)
        and not _OTHER_STOPS.search(text.ja)
    )


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(ALL)
    wanted = (
        "segv isolation mmap demand-paging zero-page filemap cow page-tables huge-pages overcommit"
    )
    assert NAMES[:10] == wanted.split()


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_complete_in_both_languages(name: str) -> None:
    experiment = BY_ID[name]
    assert [text for text in texts(experiment) if not complete(text)] == []
    ends = {text.en[-1] for text in (experiment.why, *experiment.notes)}
    assert ends <= {".", "?"}
    sentences = re.split(r"[.?:;] ", experiment.why.en)
    assert len(sentences) >= (2 if experiment.group else 3)


@pytest.mark.parametrize(("experiment", "values"), VARIANTS)
def test_figures_and_parameters_exist(experiment: Experiment, values: dict[str, str]) -> None:
    script = parse(experiment.script(values), values)
    processes = {"parent"} | {
        step.operation.name for step in script.steps
        if isinstance(step.operation, operations.ALL["fork"]) and hasattr(step.operation, "name")
    }  # fmt: skip
    for key in (*experiment.figures, *experiment.charts):
        figure, _, process = key.partition(".")
        assert figure in FIGURES
        assert not process or process in processes
    used = set(re.findall(r"{(\w+)}", "\n".join(line.source for line in experiment.lines)))
    used |= {name for line in experiment.lines for name, _ in line.conditions}
    assert used == {parameter.id for parameter in experiment.parameters}
    for parameter in experiment.parameters:
        default = parameter.suggest() if parameter.suggest else parameter.default
        assert parameter.checked(default) == default
    assert parse(script.source).source == script.source


def test_every_figure_and_verdict_is_told_in_both_languages() -> None:
    for figure in FIGURES.values():
        assert figure.label.en and figure.label.ja
        assert complete(figure.help)
        assert figure.help.en.endswith(".") and figure.help.ja.endswith("．")
    assert all(complete(text) for text in VERDICTS.values())
    assert all(complete(text) for text in PROCESSES.values())


def test_what_the_theory_is_unsure_of_is_told_in_both_languages() -> None:
    reasons = set[str]()
    for path in Path(theory.__file__).parent.glob("*.py"):
        reasons |= set(re.findall(r'(?:\.note\(|cause = )"([^"]+)"', path.read_text()))
    assert len(reasons) >= 5
    assert [reason for reason in reasons if told(reason).ja == reason] == []


@pytest.mark.parametrize(("experiment", "values"), VARIANTS)
def test_operations_tell_themselves(experiment: Experiment, values: dict[str, str]) -> None:
    for step in parse(experiment.script(values), values).steps:
        assert complete(step.told), step.told
        assert step.told.en.endswith(".") and step.told.ja.endswith("．")


@pytest.mark.parametrize(("experiment", "values"), VARIANTS)
def test_the_c_compiles(experiment: Experiment, values: dict[str, str], tmp_path: Path) -> None:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    source = tmp_path / "experiment.c"
    source.write_text(program(parse(experiment.script(values), values)))
    done = subprocess.run(
        [compiler, "-Wall", "-Werror", "-O1", "-fsyntax-only", str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_values_are_checked() -> None:
    cow = BY_ID["cow"]
    assert cow.values({"size": "2048K"}) == {"size": "2M", "stride": "10"}
    for chosen in ({"size": "2G"}, {"size": "100"}, {"stride": "0"}, {"stride": "x"}, {"hue": "1"}):
        with pytest.raises(ParameterError):
            cow.values(chosen)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench.open() as opened:
        yield opened


@pytest.fixture(scope="module")
def kernel(bench: Bench) -> Kernel:
    return probe(bench).kernel


@pytest.mark.parametrize("name", NAMES)
def test_every_prediction_holds_at_every_moment(name: str, bench: Bench, kernel: Kernel) -> None:
    experiment = BY_ID[name]
    known = {parameter.id for parameter in experiment.parameters}
    small = {"size": "2M", "rate": "8M", "order": "random"}
    least = {one.id: one.low for one in experiment.parameters if one.kind == "size"}
    small["size"] = size_word(max(2 << 20, least.get("size", 0)))
    values = experiment.values({key: value for key, value in small.items() if key in known})
    run = Run(experiment, values, bench, kernel, limits=LIMITS)
    try:
        with machine_wide.alone(60.0) if run.script.changes else nullcontext():
            check(run, bench)
    except machine_wide.NotBorrowed as error:
        pytest.skip(str(error))


def check(run: Run, bench: Bench) -> None:
    """Every moment of a run, and what is left of it."""
    last, name = -1, run.experiment.id
    for number, moment in enumerate(run.moments()):
        assert moment.number == number
        assert moment.step >= last
        last = moment.step
        wrong = [line for line in moment.comparisons if line.verdict == "differs"]
        assert wrong == [], moment
        assert moment.wrong == 0
        forecast = run.forecast[number]
        assert (forecast.step, forecast.part) == (moment.step, moment.part if number else 0.0)
        for line in moment.comparisons:
            as_it_goes = FIGURES[line.figure_id].as_it_goes
            if not as_it_goes and line.figure_id not in ("errno", "committed"):
                assert forecast.chart[line.key] == line.predicted
    result = run.result()
    assert result.stopped is None
    assert result.verdict == "as predicted"
    assert result.restored
    assert len(result.steps) == len(run.script.steps)
    assert not [hands for hands in bench.specimens() if hands.open]
    if os.geteuid() and name == "cow":
        assert any(line.verdict == "not measurable here" and line.why.ja != line.why.en
                   for step in result.steps for line in step.comparisons)  # fmt: skip
