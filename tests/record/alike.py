"""Whether two records say the same, down to the last array."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def unlike(one: Any, other: Any, where: str = "") -> str:
    """Where the first difference is; empty if there is none."""
    if one is other:
        return ""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        if list(one) != list(other):
            return f"{where}: other keys"
        return _first(unlike(one[key], other[key], f"{where}[{key!r}]") for key in one)
    if type(one) is not type(other):
        return f"{where}: {type(one).__name__} and {type(other).__name__}"
    if isinstance(one, np.ndarray):
        same = one.dtype == other.dtype and np.array_equal(one, other)
        return "" if same else f"{where}: other arrays"
    if is_dataclass(one):
        return _first(
            unlike(getattr(one, field.name), getattr(other, field.name), f"{where}.{field.name}")
            for field in fields(one)
        )
    if isinstance(one, (tuple, list)):
        if len(one) != len(other):
            return f"{where}: {len(one)} and {len(other)} items"
        pairs = enumerate(zip(one, other, strict=True))
        return _first(unlike(a, b, f"{where}[{index}]") for index, (a, b) in pairs)
    return "" if one == other else f"{where}: {one!r} and {other!r}"


def _first(found: Any) -> str:
    return next((each for each in found if each), "")
