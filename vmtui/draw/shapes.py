"""What blocks, lines and braille look like in a cell of 12 × 24: rectangles and dots.

Drawn as shapes on whole units they meet without hairlines, whatever font there is. Pure.
"""

from __future__ import annotations

from functools import lru_cache

WIDTH, HEIGHT = 12, 24
Rectangle = tuple[int, int, int, int]
"""Left, top, width, height."""
Dot = tuple[int, int]
"""The middle of a dot."""

_DOTS = ((3, 3), (3, 9), (3, 15), (9, 3), (9, 9), (9, 15), (3, 21), (9, 21))
"""By the bits of a braille character."""
_GLYPHS: dict[str, tuple[Rectangle, ...]] = {
    "▀": ((0, 0, WIDTH, HEIGHT // 2),),
    "▔": ((0, 0, WIDTH, HEIGHT // 8),),
    "▌": ((0, 0, WIDTH // 2, HEIGHT),),
    "▐": ((WIDTH // 2, 0, WIDTH // 2, HEIGHT),),
    "■": ((1, 7, 10, 10),),
    "─": ((0, 12, WIDTH, 1),),
    "━": ((0, 11, WIDTH, 3),),
    "│": ((6, 0, 1, HEIGHT),),
    "╌": ((0, 12, 4, 1), (6, 12, 4, 1)),
    "╎": ((6, 1, 1, 9), (6, 13, 1, 9)),
}


@lru_cache(maxsize=512)
def rectangles(char: str) -> tuple[Rectangle, ...]:
    """The rectangles of a block or line; none for what is text."""
    eighths = ord(char) - 0x2580
    if 1 <= eighths <= 8:
        rise = HEIGHT * eighths // 8
        return ((0, HEIGHT - rise, WIDTH, rise),)
    return _GLYPHS.get(char, ())


@lru_cache(maxsize=512)
def dots(char: str) -> tuple[Dot, ...]:
    """The dots of a braille character; none for others."""
    bits = ord(char) - 0x2800
    if not 0 <= bits < 256:
        return ()
    return tuple(place for bit, place in enumerate(_DOTS) if bits >> bit & 1)


def is_shape(char: str) -> bool:
    """Whether it is drawn, rather than written."""
    return bool(rectangles(char)) or 0x2800 <= ord(char) < 0x2900
