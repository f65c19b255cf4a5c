"""Bytes, pages, rates and durations as text. No colour: tone is the palette's business.

Sizes take five columns at most: three figures, binary, unit letter glued (`1.24G`, `12.4M`,
`398M`). A true minus sign and a plus mark changes. Page counts are always in full.
"""

from __future__ import annotations

_LETTERS = "BKMGTPE"
MINUS = "−"


def size(nbytes: float, figures: int = 3) -> str:
    """Bytes in at most five columns: 0, 4.00K, 12.4M, 1.24G, 128T."""
    value, step = abs(float(nbytes)), 0
    if value == 0:
        return "0"
    while step < len(_LETTERS) - 1 and value >= 999.5:
        value /= 1024
        step += 1
    digits = min(figures - 1, max(0, figures - 1 - _exponent(value, figures)))
    text = f"{value:.{digits}f}" if step else f"{value:.0f}"
    return (MINUS if nbytes < 0 else "") + text + (_LETTERS[step] if step else "B")


def _exponent(value: float, figures: int) -> int:
    """The power of ten `value` has once rounded to that many figures."""
    return int(f"{value:.{figures - 1}e}".partition("e")[2])


def change(nbytes: float) -> str:
    """A signed change with two figures: +31M, −2.0M, 0."""
    if nbytes == 0:
        return "0"
    return ("+" if nbytes > 0 else MINUS) + size(abs(nbytes), 2)


def count(number: float) -> str:
    """Commas below 10,000, then three figures and a decimal letter: 1,204, 12.4k, 3.10M."""
    value = abs(round(number))
    sign = MINUS if number < 0 and value else ""
    if value < 10_000:
        return f"{sign}{value:,}"
    scaled = float(value)
    for letter in "kMGTPE":
        scaled /= 1000
        if scaled < 999.5 or letter == "E":
            break
    digits = max(0, 2 - _exponent(scaled, 3))
    return f"{sign}{scaled:.{digits}f}{letter}"


def pages(number: int) -> str:
    """A page count, always in full: 105,472."""
    return f"{number:,}"


def rate(per_second: float) -> str:
    """Events a second; slow ones keep a decimal: 0.3, 12, 1,204, 12.4k."""
    if 0 < abs(per_second) < 9.95:
        return f"{per_second:.1f}".replace("-", MINUS).removesuffix(".0")
    return count(per_second)


def percent(share: float) -> str:
    """A percentage (0–100) with one decimal below 10."""
    return f"{share:.1f}%" if share < 9.95 else f"{share:.0f}%"


def duration(seconds: float) -> str:
    """A time span in its two largest units: 0.4 s, 12 s, 3 min 05 s, 2 h 10 min, 4 d 3 h."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


def address(value: int) -> str:
    """An address as the kernel prints it: twelve hex digits or more, no 0x."""
    return f"{value:012x}"
