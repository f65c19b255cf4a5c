"""Scales of charts: 1-2-5 ticks, binary for sizes, and the words on the axes."""

from __future__ import annotations

from vmtui import units
from vmtui.model.fields.field import Unit

_SIZES = (Unit.BYTES, Unit.CHANGE)
_LEAST = 1e-9
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def ceiling(top: float, unit: Unit) -> float:
    """The smallest 1-2-5 step that is not below `top`; in units of 1024ⁿ for sizes."""
    if top <= 0:
        return 100.0 if unit is Unit.PERCENT else 1024.0 if unit in _SIZES else 1.0
    decade = 1024.0 if unit in _SIZES else 1000.0
    base = 1.0
    while top > base * 500 and top > base * decade / 2:
        base *= decade
    while unit not in _SIZES and top <= base / 2 and base > _LEAST:
        base /= decade
    return next((base * step for step in _STEPS if top <= base * step), base * decade)


def tick(value: float, unit: Unit) -> str:
    """A short round figure: 512M, 2.5k, 20%, 0."""
    if value == 0:
        return "0"
    if unit in _SIZES:
        text = units.size(value)
    elif unit is Unit.PERCENT:
        return f"{value:g}%"
    elif abs(value) < 1000:
        return f"{value:g}"
    else:
        step, letter = next(
            (s, name) for s, name in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")) if value >= s
        )
        return f"{value / step:g}{letter}"
    number, letter = text[:-1], text[-1]
    return (number.rstrip("0").rstrip(".") if "." in number else number) + letter


def live(value: float | None, unit: Unit) -> str:
    """The newest value as its figure; `–` when the kernel did not say."""
    if value is None:
        return "–"
    match unit:
        case Unit.BYTES:
            return units.size(value)
        case Unit.CHANGE:
            return units.change(value)
        case Unit.RATE:
            return units.rate(value)
        case Unit.PERCENT:
            return units.percent(value)
        case Unit.PAGES:
            return units.pages(round(value))
        case Unit.DURATION:
            return units.duration(value)
        case _:
            return units.count(value)


def ago(seconds: float) -> str:
    """How long before now an axis begins: −45 s, −3 min, −2 h."""
    whole = round(seconds)
    if whole < 120 and whole % 60:
        return f"{units.MINUS}{whole} s"
    if whole < 7200:
        minutes, rest = divmod(whole, 60)
        return f"{units.MINUS}{minutes} min" + (f" {rest} s" if rest else "")
    hours, rest = divmod(whole // 60, 60)
    return f"{units.MINUS}{hours} h" + (f" {rest} min" if rest else "")
