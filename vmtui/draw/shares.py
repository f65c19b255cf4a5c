"""Dividing whole cells by shares so that they add up: the largest remainders get what is left."""

from __future__ import annotations

from collections.abc import Sequence

_SMALL = 0.25
"""A share of at least this part of a cell is given a cell where there is room."""


def divide(shares: Sequence[float], cells: int) -> list[int]:
    """Whole cells per share; their sum is exactly `cells`.

    A share of a quarter cell or more gets one if a share with at least two can give it.
    """
    total = sum(shares)
    if total <= 0:
        return [0] * (len(shares) - 1) + [cells] if shares else []
    exact = [share / total * cells for share in shares]
    whole = [int(part) for part in exact]
    by_rest = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_rest[: cells - sum(whole)]:
        whole[i] += 1
    for i, part in enumerate(exact):
        if whole[i] == 0 and part >= _SMALL:
            giver = max(range(len(whole)), key=whole.__getitem__)
            if whole[giver] >= 2:
                whole[giver] -= 1
                whole[i] = 1
    return whole
