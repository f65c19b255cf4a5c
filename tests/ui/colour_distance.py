"""How far apart two colours look: CIEDE2000, for four kinds of colour vision, and contrast.

CIEDE2000 after Sharma, Wu and Dalal 2005; colour blindness after Machado, Oliveira and Fernandes
2009 at full severity, applied to linear RGB.
"""

from __future__ import annotations

from functools import cache
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

Rgb = tuple[int, int, int]
Lab = tuple[float, float, float]
Matrix = tuple[tuple[float, float, float], ...]

VISIONS: dict[str, Matrix] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(rgb: Rgb) -> tuple[float, ...]:
    """sRGB bytes as linear light."""
    return tuple(
        c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """The WCAG contrast ratio, 1–21."""
    weights = (0.2126, 0.7152, 0.0722)
    lights = sorted(
        sum(w * c for w, c in zip(weights, linear(rgb), strict=True)) for rgb in (one, other)
    )
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@cache
def lab(rgb: Rgb, vision: str) -> Lab:
    """CIE L*a*b* (D65) of a colour as that vision sees it."""
    seen = [
        min(1.0, max(0.0, sum(m * c for m, c in zip(line, linear(rgb), strict=True))))
        for line in VISIONS[vision]
    ]
    to_xyz = (
        (0.4124564, 0.3575761, 0.1804375),
        (0.2126729, 0.7151522, 0.0721750),
        (0.0193339, 0.1191920, 0.9503041),
    )
    white = (0.95047, 1.0, 1.08883)
    x, y, z = (
        _cube_root(sum(m * c for m, c in zip(line, seen, strict=True)) / w)
        for line, w in zip(to_xyz, white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _cube_root(t: float) -> float:
    return float(t ** (1 / 3)) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29


@cache
def distance(one: Rgb, other: Rgb, vision: str = "normal") -> float:
    """CIEDE2000 between two sRGB colours."""
    return ciede2000(lab(one, vision), lab(other, vision))


def ciede2000(one: Lab, other: Lab) -> float:
    """The distance between two colours in CIE L*a*b*."""
    l1, a1, b1 = one
    l2, a2, b2 = other
    mean = (hypot(a1, b1) + hypot(a2, b2)) / 2
    g = 0.5 * (1 - sqrt(mean**7 / (mean**7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = hypot(a1, b1), hypot(a2, b2)
    h1 = degrees(atan2(b1, a1)) % 360 if c1 else 0.0
    h2 = degrees(atan2(b2, a2)) % 360 if c2 else 0.0
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    d_light, d_chroma = l2 - l1, c2 - c1
    d_hue = 2 * sqrt(c1 * c2) * sin(radians(turn / 2))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    hue = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    t = (
        1
        - 0.17 * cos(radians(hue - 30))
        + 0.24 * cos(radians(2 * hue))
        + 0.32 * cos(radians(3 * hue + 6))
        - 0.20 * cos(radians(4 * hue - 63))
    )
    s_light = 1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2)
    s_chroma, s_hue = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    twist = -sin(radians(60 * exp(-(((hue - 275) / 25) ** 2))))
    twist *= 2 * sqrt(chroma**7 / (chroma**7 + 25**7))
    return sqrt(
        (d_light / s_light) ** 2
        + (d_chroma / s_chroma) ** 2
        + (d_hue / s_hue) ** 2
        + twist * (d_chroma / s_chroma) * (d_hue / s_hue)
    )


def worst(one: Rgb, other: Rgb) -> float:
    """The smallest distance over the four visions."""
    return min(distance(one, other, vision) for vision in VISIONS)
