"""A screen as an SVG: every cell in its place, wide characters two cells wide, no hairlines.

Grounds, blocks and lines are rectangles on whole units with crisp edges, one path a colour; only
letters are text. What stands in it is display text, so it holds nothing but plain characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from vmtui.draw.shapes import HEIGHT, WIDTH, Rectangle, dots, is_shape, rectangles

_FONTS = (
    "'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK JP', 'VL Gothic', 'IPAGothic', "
    "monospace"
)
_FONT_SIZE = 20
_BASELINE = 18
_DOT = 3
_PIECES = re.compile(r"[!-~]+(?: [!-~]+)*|[^\x00-\x7f]")
"""What is written as one piece: plain words with single blanks between, or one other character."""


class _Ink(NamedTuple):
    colour: str
    bold: bool


class _Piece(NamedTuple):
    x: int
    y: int
    cells: int
    text: str


def picture(
    lines: Iterable[Sequence[Segment]], *, ink: str, ground: str, title: str = "vmtui"
) -> str:
    """The lines as a picture.

    Args:
        lines: segments from left to right, one sequence a line.
        ink: `#rrggbb` of text without a colour.
        ground: `#rrggbb` of what is not painted.
        title: what a reader that cannot see it is told.
    """
    sheet = _Sheet(ink, ground)
    for line in lines:
        sheet.add(line)
    return sheet.text(title)


class _Sheet:
    """Gathers shapes and pieces of text by their colours."""

    def __init__(self, ink: str, ground: str) -> None:
        self._ink, self._ground = ink, ground
        self._grounds: dict[str, list[Rectangle]] = {}
        self._shapes: dict[str, list[Rectangle]] = {}
        self._dots: dict[str, list[tuple[int, int]]] = {}
        self._written: dict[_Ink, list[_Piece]] = {}
        self._columns = self._lines = 0

    def add(self, line: Sequence[Segment]) -> None:
        """One more line."""
        x, y = 0, self._lines
        for segment in line:
            if segment.control:
                continue
            cells = cell_len(segment.text)
            ink, ground, style = self._colours(segment.style)
            if ground != self._ground:
                place = (x * WIDTH, y * HEIGHT, cells * WIDTH, HEIGHT)
                _joined(self._grounds.setdefault(ground, []), place)
            if style.underline:
                place = (x * WIDTH, (y + 1) * HEIGHT - 2, cells * WIDTH, 1)
                self._shapes.setdefault(ink, []).append(place)
            self._draw(segment.text, x, y, ink)
            self._write(segment.text, x, y, _Ink(ink, bool(style.bold)))
            x += cells
        self._columns, self._lines = max(self._columns, x), y + 1

    def _colours(self, style: Style | None) -> tuple[str, str, Style]:
        style = style or Style()
        ink = _hex(style, "color", self._ink)
        ground = _hex(style, "bgcolor", self._ground)
        return (ground, ink, style) if style.reverse else (ink, ground, style)

    def _draw(self, text: str, x: int, y: int, ink: str) -> None:
        for char in text:
            if char > "\x7f":
                left, top = x * WIDTH, y * HEIGHT
                for one in rectangles(char):
                    place = (left + one[0], top + one[1], one[2], one[3])
                    _joined(self._shapes.setdefault(ink, []), place)
                for dot in dots(char):
                    self._dots.setdefault(ink, []).append((left + dot[0], top + dot[1]))
            x += cell_len(char)

    def _write(self, text: str, x: int, y: int, ink: _Ink) -> None:
        plain = text.isascii()
        for found in _PIECES.finditer(text):
            piece = found[0]
            if not plain and not piece.isascii() and is_shape(piece):
                continue
            before = found.start() if plain else cell_len(text[: found.start()])
            cells = len(piece) if piece.isascii() else cell_len(piece)
            self._written.setdefault(ink, []).append(_Piece(x + before, y, cells, piece))

    def text(self, title: str) -> str:
        """The document."""
        width, height = self._columns * WIDTH, self._lines * HEIGHT
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="{self._ground}"/>',
            '<g shape-rendering="crispEdges">',
            *(_path(colour, places) for colour, places in self._grounds.items()),
            *(_path(colour, places) for colour, places in self._shapes.items()),
            "</g>",
            f'<g fill="none" stroke-width="{_DOT}" stroke-linecap="round">',
            *(
                f'<path stroke="{colour}" d="{"".join(f"M{x} {y}h0" for x, y in places)}"/>'
                for colour, places in self._dots.items()
            ),
            "</g>",
            f'<g font-family="{_FONTS}" font-size="{_FONT_SIZE}">',
            *(_group(ink, pieces) for ink, pieces in self._written.items()),
            "</g>",
            "</svg>",
        ]
        return "\n".join(parts) + "\n"


def _group(ink: _Ink, pieces: Sequence[_Piece]) -> str:
    weight = ' font-weight="bold"' if ink.bold else ""
    return f'<g fill="{ink.colour}"{weight}>{"".join(map(_text, pieces))}</g>'


def _text(piece: _Piece) -> str:
    """A piece in its cells: words as long as those are, a wide character in the middle of two."""
    x, y = piece.x * WIDTH, piece.y * HEIGHT + _BASELINE
    if piece.cells == 2 and len(piece.text) == 1:
        return f'<text x="{x + WIDTH}" y="{y}" text-anchor="middle">{escape(piece.text)}</text>'
    length = f'textLength="{piece.cells * WIDTH}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{x}" y="{y}" {length}>{escape(piece.text)}</text>'


def _path(colour: str, places: Sequence[Rectangle]) -> str:
    made = "".join(f"M{x} {y}h{width}v{height}h{-width}z" for x, y, width, height in places)
    return f'<path fill="{colour}" d="{made}"/>'


def _joined(places: list[Rectangle], new: Rectangle) -> None:
    """Add it, as one with its left neighbour where they are alike."""
    if places:
        x, y, width, height = places[-1]
        if (x + width, y, height) == (new[0], new[1], new[3]):
            places[-1] = (x, y, width + new[2], height)
            return
    places.append(new)


def _hex(style: Style, which: str, default: str) -> str:
    colour = style.color if which == "color" else style.bgcolor
    if colour is None or colour.is_default:
        return default
    return colour.get_truecolor().hex
