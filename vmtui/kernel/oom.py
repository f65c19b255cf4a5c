"""Whom the OOM killer would take: /proc/PID/oom_score and oom_score_adj (filesystems/proc.rst).

Readable by anyone; oom_score costs a few µs, for it sums the process's memory each time.
"""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.errors import ParseError
from vmtui.kernel.target import Target


@dataclass(frozen=True, slots=True)
class Oom:
    """The two files together."""

    score: int
    """0–2000: the highest is killed first."""
    score_adj: int
    """−1000 (never) to 1000 (first); anyone may raise it, inherited by fork."""


def parse(raw: bytes) -> int:
    """The number of either file.

    Raises:
        ParseError: not a number.
    """
    try:
        return int(raw)
    except ValueError as error:
        raise ParseError("/proc/PID/oom_score: not a number") from error


def read(target: Target) -> Oom:
    """The target's score now.

    Raises:
        ProcessGone, NotPermitted, ParseError: as named.
    """
    return Oom(parse(target.read("oom_score")), parse(target.read("oom_score_adj")))
