"""`vmtui cleanup`: puts back what an experiment left when it and its janitor were cut off."""

from __future__ import annotations

import argparse
import os

from vmtui.cli.output import lines_of, write
from vmtui.cli.progress import Progress
from vmtui.errors import NotPermitted
from vmtui.export.document import Absences, document
from vmtui.text import display

_LEFT = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--json", action="store_true", help="one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Say what was found and done; 1 when something is left.

    Raises:
        NotPermitted: there is something of root's, and this is not root.
    """
    from vmtui.lab.resources import journal, leftovers

    with Progress("putting back what an experiment left"):
        found = leftovers.clean_up()
    if arguments.json:
        body = {
            "journals": found.journals,
            "done": [str(display(one, None)) for one in found.done],
            "left": [str(display(one, None)) for one in found.left],
            "living": list(found.living),
        }
        write(lines_of(document("cleanup", body, Absences())))
    else:
        said = [*found.done, *(f"not put back: {one}" for one in found.left)]
        said += [f"an experiment of process {pid} goes on: left to it" for pid in found.living]
        write("\n".join(display(one, None) for one in said or ["there is nothing to clean up"]))
    if os.geteuid() and os.path.lexists(journal.ROOT_PLACE):
        raise NotPermitted(f"{journal.ROOT_PLACE} is root's", "run `vmtui cleanup` as root")
    return _LEFT if found.left else 0
