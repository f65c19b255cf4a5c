"""A moment as people type it: a time of day, an ISO time, so much earlier or later. Pure."""

from __future__ import annotations

import re
import time
from datetime import datetime

_AMOUNT = re.compile(r"([-+−]?)(\d+(?:\.\d+)?)(s|sec|m|min|h)?")
_UNITS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}
_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?")
_DAY = 86_400
FORMS = "14:03:22, +30s, −2m, 1h (from the beginning), 50% or 2025-11-24T14:03:22"
"""What may be typed, for a message."""


def moment(
    typed: str, first: float, last: float, now: float, *, bare_seconds: bool = False
) -> float | None:
    """The wall clock that was meant; None if the words are no time.

    Args:
        typed: `14:03:22`, `+30s`, `-2m`, `90s`, `50%`, an ISO time.
        first: wall clock of the beginning: what has no sign counts from there.
        last: of the end; a share is one of the time between.
        now: of the cursor: what has a sign counts from there.
        bare_seconds: whether a number without a unit is seconds; else it is no time.

    Returns:
        Seconds since 1970, not limited to what there is.
    """
    words = typed.strip()
    if words.endswith("%") and (share := _number(words[:-1])) is not None:
        return first + (last - first) * share / 100
    if found := _AMOUNT.fullmatch(words):
        sign, amount, unit = found.groups()
        if unit is None and not bare_seconds:
            return None
        seconds = float(amount) * _UNITS[unit or "s"]
        return now - seconds if sign in ("-", "−") else now + seconds if sign else first + seconds
    if found := _OF_DAY.fullmatch(words):
        return _on_a_day(words, first, last)
    if not re.match(r"\d{4}-\d{2}-\d{2}[T ]", words):
        return None
    try:
        return datetime.fromisoformat(words).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _number(words: str) -> float | None:
    return float(words) if re.fullmatch(r"\d+(?:\.\d+)?", words) else None


def _on_a_day(words: str, first: float, last: float) -> float:
    """That time of day on the first day on which it lies within; else on the day of the first."""
    hours, minutes, *rest = words.split(":")
    seconds = float(rest[0]) if rest else 0.0
    day = time.localtime(first)
    for later in range(int((last - first) // _DAY) + 2):
        at = time.mktime(
            (day.tm_year, day.tm_mon, day.tm_mday + later, int(hours), int(minutes), 0, 0, 0, -1)
        ) + seconds  # fmt: skip
        if first - 1 < at <= last:
            return at
        if later == 0:
            that_day = at
    return that_day
