"""When something was largest, and from where it had climbed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_FOOT = 0.1
"""The climb begins at the last moment with less than this share of it."""


@dataclass(frozen=True, slots=True)
class Peak:
    """Places in a series."""

    at: int
    """Where it was largest; the first of several equal ones."""
    foot: int
    """Where the climb to it began; `at` itself where there was none."""


def peak_of(amounts: Sequence[int]) -> Peak | None:
    """Peak and foot of a series; None of an empty one.

    The foot is the last moment before the peak that had not climbed a tenth of the way from the
    lowest one: the steep part is what a difference between the two explains.
    """
    if not amounts:
        return None
    at = max(range(len(amounts)), key=lambda place: (amounts[place], -place))
    if at == 0:
        return Peak(0, 0)
    lowest = min(amounts[: at + 1])
    foothill = lowest + _FOOT * (amounts[at] - lowest)
    foot = max(place for place in range(at + 1) if amounts[place] <= foothill or place == 0)
    return Peak(at, foot)
