"""Asking before something outside an experiment's processes is changed."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from vmtui.cli.arguments import WrongUsage
from vmtui.lab.text import Language, Text
from vmtui.text import display

_YES = ("y", "yes", "はい")


def agreed(name: str, changes: Sequence[Text], language: Language, *, yes: bool) -> bool:
    """Whether it may be run; asked on a terminal, on stderr, when there is anything to ask.

    Args:
        name: of the experiment; display text.
        changes: what it changes outside its processes.
        language: of the question.
        yes: the answer, given beforehand.

    Raises:
        WrongUsage: nobody can be asked.
    """
    if not changes or yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUsage(
            f"{name} changes something outside its processes, which `vmtui lab show` lists; "
            "--yes agrees to that"
        )
    japanese = language == "ja"
    lead = "終わるまで変えるもの：" if japanese else "changes until its end, then put back:"
    listed = [f"  • {display(change.of(language), limit=None)}" for change in changes]
    question = "実行しますか [y/N] " if japanese else "run it? [y/N] "
    sys.stderr.write("\n".join([f"{name}: {lead}", *listed, question]))
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() in _YES:
        return True
    sys.stderr.write("何も変えていません\n" if japanese else "nothing was changed\n")
    return False
