"""How work tells whoever shows it how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Told: TypeAlias = Callable[[int, int], None]
"""Hears how far something is: so many of so many; 0 of them when nobody knows how many.

What it raises ends the work.
"""


def nobody(_done: int, _total: int) -> None:
    """A `Told` for work that nobody watches."""
