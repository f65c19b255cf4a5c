"""Cells to pictures: text through a font, blocks, braille and lines as shapes without hairlines.

An SVG of a terminal shows seams between block rows in browsers, and converters misplace leading
blanks; drawn cell by cell on whole pixels there are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from vmtui.draw.paint import Paint, Row
from vmtui.ui.palette import Palette

Rgb = tuple[int, int, int]
Box = tuple[int, int, int, int]

FONTS = ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf")
"""Regular and bold, found where Debian's fonts-dejavu-core puts them."""
WIDE_FONTS = ("VL-Gothic-Regular.ttf", "ipag.ttf", "NotoSansCJK-Regular.ttc")
"""For wide characters, the first that is there: fonts-vlgothic, fonts-ipafont-gothic, …"""
_ANSI = (
    *("000000", "cd0000", "00cd00", "cdcd00", "0000ee", "cd00cd", "00cdcd", "e5e5e5"),
    *("7f7f7f", "ff0000", "00ff00", "ffff00", "5c5cff", "ff00ff", "00ffff", "ffffff"),
)
"""xterm's first sixteen."""
_BRAILLE_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
_LINES = {"─": "h", "━": "H", "│": "v", "╌": "d", "╎": "e"}


def rasterise(
    strips: Iterable[Sequence[Segment]],
    path: Path | str,
    cell: tuple[int, int] = (10, 20),
    default: tuple[str, str] = ("c8c8c8", "000000"),
) -> None:
    """Writes a PNG of the strips a compositor made.

    Args:
        strips: one sequence of segments per line.
        path: where to.
        cell: pixels of one cell.
        default: the terminal's own foreground and ground, `rrggbb`.
    """
    lines = [list(strip) for strip in strips]
    columns = max((sum(cell_len(s.text) for s in line) for line in lines), default=1)
    ink, ground = (_rgb(value) for value in default)
    image = Image.new("RGB", (max(1, columns) * cell[0], max(1, len(lines)) * cell[1]), ground)
    draw = ImageDraw.Draw(image)
    for y, line in enumerate(lines):
        x = 0
        for segment in line:
            if segment.control:
                continue
            look = _Look(segment.style, ink, ground)
            for char in segment.text:
                wide = cell_len(char)
                box = (x * cell[0], y * cell[1], (x + wide) * cell[0] - 1, (y + 1) * cell[1] - 1)
                _paint(draw, char, box, look)
                x += wide
    image.save(path)


def rasterise_rows(
    rows: Iterable[Row], palette: Palette, path: Path | str, cell: tuple[int, int] = (10, 20)
) -> None:
    """Writes a PNG of a drawing as that palette shows it; short rows end in the ground."""
    lines = [[Segment(run.text, palette.style(run.paint)) for run in row] for row in rows]
    columns = max((sum(cell_len(s.text) for s in line) for line in lines), default=1)
    ground = palette.style(Paint())
    for line in lines:
        line.append(Segment(" " * (columns - sum(cell_len(s.text) for s in line)), ground))
    rasterise(lines, path, cell, ("c8c8c8", "000000") if palette.dark else ("202020", "ffffff"))


class _Look:
    """A style as colours."""

    def __init__(self, style: Style | None, ink: Rgb, ground: Rgb) -> None:
        style = style or Style()
        self.ink = _colour(style, "color", ink)
        self.ground = _colour(style, "bgcolor", ground)
        if style.reverse:
            self.ink, self.ground = self.ground, self.ink
        self.bold = bool(style.bold)
        self.underline = bool(style.underline)


def _colour(style: Style, which: str, default: Rgb) -> Rgb:
    colour = style.color if which == "color" else style.bgcolor
    if colour is None or colour.is_default:
        return default
    if colour.number is not None and colour.number < 16:
        return _rgb(_ANSI[colour.number])
    return tuple(colour.get_truecolor())  # type: ignore[return-value]  # a ColorTriplet is three


def _rgb(text: str) -> Rgb:
    red, green, blue = bytes.fromhex(text)
    return red, green, blue


@lru_cache(maxsize=8)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS[bold], size)


@lru_cache(maxsize=8)
def _wide_font(size: int) -> ImageFont.FreeTypeFont:
    for name in WIDE_FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return _font(size, False)


def _paint(draw: ImageDraw.ImageDraw, char: str, box: Box, look: _Look) -> None:
    draw.rectangle(box, look.ground)
    if not (_block(draw, char, box, look.ink) or _line(draw, char, box, look.ink)) and char != " ":
        left, top, right, bottom = box
        height = bottom - top + 1
        size = round(height * 0.82)
        wide = right - left + 1 > height * 0.8
        font = _wide_font(size) if wide else _font(size, look.bold)
        stroke = 0.4 if wide and look.bold else 0
        base = top + round(height * 0.78)
        draw.text(((left + right + 1) / 2, base), char, look.ink, font, anchor="ms",
                  stroke_width=stroke)  # fmt: skip
    if look.underline:
        draw.rectangle((box[0], box[3] - 1, box[2], box[3] - 1), look.ink)


def _block(draw: ImageDraw.ImageDraw, char: str, box: Box, ink: Rgb) -> bool:
    """Block elements and braille."""
    left, top, right, bottom = box
    width, height = right - left + 1, bottom - top + 1
    code = ord(char)
    if 0x2581 <= code <= 0x2588:
        rise = round(height * (code - 0x2580) / 8)
        draw.rectangle((left, bottom + 1 - rise, right, bottom), ink)
    elif char == "▀":
        draw.rectangle((left, top, right, top + height // 2 - 1), ink)
    elif char == "▔":
        draw.rectangle((left, top, right, top + max(1, height // 8) - 1), ink)
    elif char == "▌":
        draw.rectangle((left, top, left + width // 2 - 1, bottom), ink)
    elif char == "▐":
        draw.rectangle((left + width // 2, top, right, bottom), ink)
    elif char == "■":
        side = min(width, height) * 4 // 5
        at = left + (width - side) // 2, top + (height - side) // 2
        draw.rectangle((*at, at[0] + side - 1, at[1] + side - 1), ink)
    elif 0x2800 <= code <= 0x28FF:
        radius = max(1.0, width * 0.14)
        for bit, (x, y) in enumerate(_BRAILLE_DOTS):
            if code - 0x2800 >> bit & 1:
                cx, cy = left + width * (0.25 + 0.5 * x), top + height * (0.125 + 0.25 * y)
                draw.ellipse((cx - radius, cy - radius, cx + radius, cy + radius), ink)
    else:
        return False
    return True


def _line(draw: ImageDraw.ImageDraw, char: str, box: Box, ink: Rgb) -> bool:
    """The few box-drawing lines the interface uses."""
    left, top, right, bottom = box
    middle, centre = (top + bottom) // 2, (left + right) // 2
    match _LINES.get(char):
        case "h":
            draw.rectangle((left, middle, right, middle), ink)
        case "H":
            draw.rectangle((left, middle, right, middle + 2), ink)
        case "v":
            draw.rectangle((centre, top, centre, bottom), ink)
        case "d":
            third = (right - left + 1) // 2
            for x in (left, left + third):
                draw.rectangle((x, middle, x + third - 3, middle), ink)
        case "e":
            half = (bottom - top + 1) // 2
            for y in (top, top + half):
                draw.rectangle((centre, y + 1, centre, y + half - 3), ink)
        case _:
            return False
    return True
