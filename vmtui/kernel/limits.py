"""A process's resource limits: /proc/PID/limits (setrlimit(2), fs/proc/base.c).

Readable by anyone. Fixed columns: the name holds spaces and fills the first 26 bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.errors import ParseError
from vmtui.kernel.target import Target

_NAME_WIDTH = 26


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit. None is «unlimited»: the kernel did say, so it is not Missing."""

    name: str
    """As the kernel prints it: «Max locked memory»."""
    soft: int | None
    """What is enforced."""
    hard: int | None
    """How far the process itself may raise it."""
    unit: str
    """`bytes`, `seconds`, `files`, …; empty for priorities."""


def parse(raw: bytes) -> tuple[Limit, ...]:
    """The limits in file order.

    Raises:
        ParseError: the header or a line is not as documented.
    """
    header, *lines = raw.split(b"\n")
    if not header.startswith(b"Limit "):
        raise ParseError("/proc/PID/limits: it does not begin with its header")
    try:
        return tuple(_limit(line) for line in lines if line)
    except ValueError as error:
        raise ParseError("/proc/PID/limits: a line is not as documented") from error


def _limit(line: bytes) -> Limit:
    soft, hard, *unit = line[_NAME_WIDTH:].split()
    return Limit(
        line[:_NAME_WIDTH].strip().decode("ascii"),
        None if soft == b"unlimited" else int(soft),
        None if hard == b"unlimited" else int(hard),
        b" ".join(unit).decode("ascii"),
    )


def read(target: Target) -> tuple[Limit, ...]:
    """The target's limits now.

    Raises:
        ProcessGone, NotPermitted, ParseError: as named.
    """
    return parse(target.read("limits"))
