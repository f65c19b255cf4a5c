"""Colour arithmetic of the palette: mixing, contrast, and the nearest of the 256 colours."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import atan2, cos, hypot, radians

Rgb = tuple[int, int, int]

_LEVELS = (0, 95, 135, 175, 215, 255)
_HUED = 0.03
"""Oklab chroma from which a colour has a hue that must not change."""
_HUE_SLACK = radians(35)


def from_hex(text: str) -> Rgb:
    """`rrggbb` as three bytes."""
    red, green, blue = bytes.fromhex(text)
    return red, green, blue


def of_256(number: int) -> Rgb:
    """The colour of xterm's number 16–255 (the first 16 depend on the terminal)."""
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return grey, grey, grey
    number -= 16
    return _LEVELS[number // 36], _LEVELS[number // 6 % 6], _LEVELS[number % 6]


def mix(base: Rgb, over: Rgb, share: float) -> Rgb:
    """`share` (0–1) of `over`, the rest of `base`."""
    red, green, blue = (round(b + (o - b) * share) for b, o in zip(base, over, strict=True))
    return red, green, blue


def luminance(rgb: Rgb) -> float:
    """Relative luminance, 0–1 (WCAG 2)."""
    red, green, blue = _linear(rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def lightness(rgb: Rgb) -> float:
    """Oklab lightness, 0–1."""
    return _oklab(rgb)[0]


def chroma(rgb: Rgb) -> float:
    """Oklab chroma: 0 for a grey, about 0.3 for the strongest colours."""
    _, a, b = _oklab(rgb)
    return hypot(a, b)


def same_hue(one: Rgb, other: Rgb) -> bool:
    """Whether both are greys, or both have a hue and it is nearly the same."""
    if chroma(one) < _HUED:
        return chroma(other) < _HUED
    _, a, b = _oklab(one)
    _, other_a, other_b = _oklab(other)
    turn = atan2(b, a) - atan2(other_b, other_a)
    return chroma(other) >= _HUED and cos(turn) >= cos(_HUE_SLACK)


def nearest_256(rgb: Rgb, among: Iterable[int]) -> int:
    """The number `among` those (16–255) whose colour is nearest in Oklab."""
    light, a, b = _oklab(rgb)

    def distance(number: int) -> float:
        other = _oklab_256()[number - 16]
        return (light - other[0]) ** 2 + (a - other[1]) ** 2 + (b - other[2]) ** 2

    return min(among, key=distance)


@cache
def _oklab_256() -> tuple[tuple[float, float, float], ...]:
    return tuple(_oklab(of_256(number)) for number in range(16, 256))


def _linear(rgb: Rgb) -> tuple[float, float, float]:
    red, green, blue = (
        c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb
    )
    return red, green, blue


@cache
def _oklab(rgb: Rgb) -> tuple[float, float, float]:
    """Björn Ottosson's Oklab: near enough to CIEDE2000 and a hundred times cheaper."""
    red, green, blue = _linear(rgb)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )
