"""Shorten a script that disagrees: halves first, then single actions, then numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.truth.differential.actions import Action

Script = list[Action]


def shortest(script: Script, disagrees: Callable[[Script], bool], most: int = 400) -> Script:
    """The shortest script found that still disagrees, each candidate tried twice.

    Args:
        script: one that does.
        disagrees: runs a script.
        most: how many candidates are tried.
    """
    tried = 0
    improved = True
    while improved and tried < most:
        improved = False
        for candidate in _smaller(script):
            tried += 1
            if tried > most:
                break
            if disagrees(candidate) and disagrees(candidate):
                script, improved = candidate, True
                break
    return script


def _smaller(script: Script) -> Iterator[Script]:
    part = len(script) // 2
    while part:
        for start in range(len(script) - part, -1, -part):
            yield script[:start] + script[start + part :]
        part //= 2
    for at, action in enumerate(script):
        for simpler in _simpler(action):
            yield [*script[:at], simpler, *script[at + 1 :]]


def _simpler(action: Action) -> Iterator[Action]:
    for pages in (1, 2, 4, action.pages // 2, action.pages - 1):
        if 0 < pages < action.pages:
            yield replace(action, pages=pages)
    for simpler in (
        replace(action, at=0),
        replace(action, offset=0),
        replace(action, low=0),
        replace(action, high=1000),
        replace(action, stride=1),
        replace(action, populate=False),
    ):
        if simpler != action:
            yield simpler
