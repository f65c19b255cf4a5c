"""A user's own experiment: a TOML file of the same operations, within the same limits.

    name = "twice"
    question = "Does writing twice fault twice?"

    [parameters]
    size = "4M"          # a size, a number, or a list of choices

and `script`, a text with an operation a line: the only key that is needed.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from vmtui.errors import VmtuiError
from vmtui.lab import figures
from vmtui.lab.experiment import Experiment, Line, Parameter
from vmtui.lab.script import parse
from vmtui.lab.text import NOTHING, Text, same
from vmtui.lab.words import size_of
from vmtui.text import display

_MOST_BYTES = 1 << 16
_KEYS = {"name", "question", "answer", "why", "parameters", "script", "figures"}
_FIGURES = ("minor_faults", "major_faults", "rss", "pss", "private", "shared", "page_tables")


class FileError(VmtuiError):
    """A user's file is no experiment; the message says what was expected."""


def load(path: str) -> Experiment:
    """The experiment in a file, its script checked with the parameters' defaults.

    Raises:
        FileError: it cannot be read, or is no experiment.
        ScriptError: a line of its script makes no sense.
    """
    shown = display(path)
    try:
        with Path(path).open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise FileError(f"{shown}: {error.strerror}") from error
    if len(raw) > _MOST_BYTES:
        raise FileError(f"{shown}: expected at most {_MOST_BYTES:,} bytes")
    try:
        found = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(f"{shown}: expected TOML: {display(str(error), None)}") from error
    experiment = read(found, shown)
    values = experiment.values()
    parse(experiment.script(values), values)
    return experiment


def read(found: dict[str, Any], shown: str) -> Experiment:
    """The experiment in a parsed file; `shown` names it in messages.

    Raises:
        FileError: it is none.
    """
    if unknown := sorted(found.keys() - _KEYS):
        known, first = ", ".join(sorted(_KEYS)), display(unknown[0])
        raise FileError(f"{shown}: expected {known}, found «{first}»")
    script = _string(found, "script", shown)
    if not script.strip():
        raise FileError(f"{shown}: expected script = a text with an operation a line")
    lines = tuple(Line(line, NOTHING) for line in script.splitlines())
    stem = "".join(c if c.isalnum() else "-" for c in Path(shown).stem.lower()) or "own"
    chosen = found.get("figures", list(_FIGURES))
    if not isinstance(chosen, list) or not all(
        isinstance(name, str) and name.partition(".")[0] in figures.FIGURES for name in chosen
    ):
        raise FileError(f"{shown}: expected figures = a list of {', '.join(figures.FIGURES)}")
    return Experiment(
        id=stem,
        title=same(_string(found, "name", shown) or stem),
        question=same(_string(found, "question", shown)),
        answer=same(_string(found, "answer", shown)),
        why=same(_string(found, "why", shown)),
        lines=lines,
        figures=tuple(chosen),
        charts=("rss", "minor_faults"),
        notes=(),
        parameters=_parameters(found.get("parameters", {}), shown),
        needs=Text("what its operations need", "操作が必要とするもの"),
        user_file=shown,
    )


def _string(found: dict[str, Any], key: str, shown: str) -> str:
    value = found.get(key, "")
    if not isinstance(value, str):
        raise FileError(f"{shown}: expected {key} = a text")
    return value if key == "script" else str(display(value, None))


def _parameters(found: Any, shown: str) -> tuple[Parameter, ...]:
    if not isinstance(found, dict):
        raise FileError(f'{shown}: expected [parameters] with a line such as size = "64M"')
    made = []
    for name, value in found.items():
        label = same(display(name))
        match value:
            case bool():
                raise FileError(f"{shown}: expected {label.en} to be a size, a number or a list")
            case str() if size_of(value):
                made.append(Parameter(name, label, value))
            case int() if value > 0:
                made.append(Parameter(name, label, str(value), "count", 1, 1 << 40))
            case [str(), *_] if all(isinstance(each, str) for each in value):
                made.append(Parameter(name, label, value[0], "choice", choices=tuple(value)))
            case _:
                raise FileError(f"{shown}: expected {label.en} to be a size, a number or a list")
    return tuple(made)
