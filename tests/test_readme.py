"""README.md lists what is there: parts made from the code are up to date, files it shows exist."""

from __future__ import annotations

import re

from tests.readme import PARTS, README, ROOT, generated
from vmtui.cli import main
from vmtui.cli.arguments import COMMANDS

TEXT = README.read_text("utf-8")


def test_generated_parts_are_up_to_date() -> None:
    assert generated(TEXT) == TEXT, "run `python -m tests.readme --write`"


def test_every_part_is_used_once() -> None:
    assert sorted(re.findall(r"<!-- generated: ([a-z]+) -->", TEXT)) == sorted(PARTS)
    assert TEXT.count("<!-- end -->") == len(PARTS)


def test_pictures_exist() -> None:
    shown = re.findall(r"!\[[^]]*\]\(([^)]+)\)", TEXT)
    assert shown
    assert [path for path in shown if not (ROOT / path).is_file()] == []


def test_files_it_names_exist() -> None:
    named = re.findall(r"`((?:vmtui|tests|\.ci)/[a-z_/.]*)`", TEXT)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_examples_use_commands_that_exist() -> None:
    used = set(re.findall(r"^    vmtui ([a-z]+) ", TEXT, re.MULTILINE))
    assert used <= set(COMMANDS)
    assert main(["--help"]) == 0
