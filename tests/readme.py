"""The parts of README.md that list things, made from the code: `python -m tests.readme --write`.

Each stands between `<!-- generated: NAME -->` and `<!-- end -->`; `PARTS` says what makes it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from vmtui.cli.arguments import COMMANDS, Parser, app_parser
from vmtui.cli.fields import REGISTRY
from vmtui.lab.experiment import Experiment
from vmtui.lab.experiments import ALL as EXPERIMENTS
from vmtui.lab.operations import ALL as OPERATIONS
from vmtui.lab.script import changes_of
from vmtui.model.accounting import PARTS as ACCOUNTING
from vmtui.model.fields.field import Field
from vmtui.model.frames import FrameKind
from vmtui.model.states import PageState
from vmtui.ui.keymap import GROUPS, KEYS, key_words

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
_PART = re.compile(r"(<!-- generated: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_BOUND = re.compile(r"\bbind\(\s*\"([a-z_.]+)\"")
_COMMON = {"help", "json", "jsonl", "csv", "interval", "count"}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(map(_cell, line)) + " |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def fields(of: str) -> str:
    """The registry's fields of one kind."""
    registered: tuple[Field[Any], ...] = REGISTRY[of]
    return table(
        ("field", "column", "means", "comes from"),
        ((f"`{field.id}`", field.title, field.help, field.source) for field in registered),
    )


def accounting() -> str:
    """The parts of MemTotal."""
    return table(
        ("part", "is"),
        ((f"`{name}`", about) for name, (_slot, _title, about) in ACCOUNTING.items()),
    )


def frames() -> str:
    """The kinds of frames."""
    return table(
        ("glyph", "kind", "means"), ((kind.letter, kind.title, kind.meaning) for kind in FrameKind)
    )


def states() -> str:
    """The legend."""
    return table(
        ("glyph", "state", "means"),
        ((f"`{state.letter}`", state.slot, state.meaning) for state in PageState),
    )


def options() -> str:
    """The app's own options."""
    return table(("option", "does"), _options(app_parser(), without={"help", "version", "pid"}))


def commands() -> str:
    """Every command with the options that it alone has."""
    rows = []
    for name, summary in COMMANDS.items():
        parser = Parser(prog=f"vmtui {name}", description=summary)
        import_module(f"vmtui.cli.{name}").arguments(parser)
        places = " ".join(
            str(action.metavar) + ("…" if action.nargs in ("*", "+") else "")
            for action in parser._actions
            if not action.option_strings
        )
        rows.append((f"`vmtui {name} {places}".rstrip() + "`", summary))
        rows += [(f"   {option}", about) for option, about in _options(parser, without=_COMMON)]
    return table(("command", "prints"), rows)


def _options(parser: argparse.ArgumentParser, without: set[str]) -> list[tuple[str, str]]:
    return [
        (
            "`" + ", ".join(action.option_strings)
            + (f" {action.metavar}" if action.metavar else "") + "`",
            str(action.help).replace("%%", "%"),
        )
        for action in parser._actions
        if action.option_strings and action.dest not in without
    ]  # fmt: skip


def keys() -> str:
    """The keys that something is bound to, by what they are about."""
    bound = set()
    for path in sorted((ROOT / "vmtui" / "ui").rglob("*.py")):
        bound |= set(_BOUND.findall(path.read_text("utf-8")))
    rows = [
        (" ".join(f"`{key_words(name)}`" for name in key.keys.split(",")), key.words, f"`{key.id}`")
        for group in GROUPS
        for key in KEYS
        if key.group == group and key.id in bound
    ]
    return table(("keys", "do", "id"), rows)


def experiments() -> str:
    """What the laboratory has."""
    return table(
        ("experiment", "asks", "answer", "needs", "changes outside its processes"),
        (
            (f"`{one.id}`", one.question.en, one.answer.en, one.needs.en, changes(one))
            for one in EXPERIMENTS
        ),
    )


def changes(experiment: Experiment) -> str:
    """What any of its variants changes, whatever this machine would choose."""
    said = [
        change.en
        for values in experiment.variants()
        for change in changes_of(experiment, values)
    ]  # fmt: skip
    return "; ".join(dict.fromkeys(said)) or "nothing"


def operations() -> str:
    """The vocabulary of scripts."""
    return table(
        ("operation", "is"),
        ((f"`{one.usage}`", (one.__doc__ or "").partition("\n")[0]) for one in OPERATIONS.values()),
    )


PARTS: dict[str, Callable[[], str]] = {
    "options": options,
    "keys": keys,
    "states": states,
    "frames": frames,
    "commands": commands,
    "accounting": accounting,
    "experiments": experiments,
    "operations": operations,
    **{
        of: partial(fields, of)
        for of in (
            "process",
            "vma",
            "pages",
            "object",
            "section",
            "machine",
            "file",
            "candidate",
            "group",
        )
    },
}


def generated(text: str) -> str:
    """README text with every part as the code has it now."""
    return _PART.sub(lambda match: match[1] + "\n" + PARTS[match[2]]() + "\n" + match[3], text)


def main() -> int:
    """Say whether README.md is true; with --write make it so."""
    text = README.read_text("utf-8")
    true = generated(text)
    if "--write" in sys.argv[1:]:
        README.write_text(true, "utf-8")
        return 0
    return int(text != true)


if __name__ == "__main__":
    sys.exit(main())
