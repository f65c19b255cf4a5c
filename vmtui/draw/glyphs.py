"""Every glyph the drawings use, and the 7-bit character that stands for it under `--ascii`.

Drawings are always made of the Unicode glyphs; a `Glyphs` set turns finished text and rows into
what the terminal can show. A replacement is exactly as wide as what it replaces.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from rich.cells import cell_len

from vmtui.draw.paint import Row, Run

EIGHTHS = " ▁▂▃▄▅▆▇█"
"""A cell filled to n eighths from below."""
UPPER_HALF, LOWER_HALF = "▀", "▄"
BRAILLE = 0x2800
"""The braille cell without dots; the dots are added as bits."""

_MARKS = {
    "▸": ">",
    "▼": "v",
    "▲": "^",
    "◂": "<",
    "●": "*",
    "◆": "*",
    "‖": "|",
    "■": "#",
    "…": "~",
    "─": "-",
    "╌": "-",
    "━": "=",
    "│": "|",
    "╎": "|",
    "╭": "+",
    "├": "|",
    "└": "`",
    "▔": "^",
    "−": "-",
    "–": "-",
    "—": "-",
    "·": ".",
    "•": "*",
    "×": "x",
    "≈": "~",
    "≠": "#",
    "≤": "<",
    "≥": ">",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "«": '"',
    "»": '"',
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "Δ": "d",
    "µ": "u",
    "°": "o",
    "²": "2",
    "ⁿ": "n",
    "₂": "2",
    "▀": '"',
    "▄": "_",
    "▌": "|",
    "▐": "|",
    "✓": "+",
    "✗": "x",
}
_BARS = dict(zip(EIGHTHS[1:], "_.:-=+*#", strict=True))
_ROWS_OF_DOTS = (0x09, 0x12, 0x24, 0xC0)
_ROW_MARKS = "'-._"


class _ToAscii(dict[int, str]):
    """`str.translate` table that finds a stand-in for any character once."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        stand_in = self[code] = char if code < 0x80 else _stand_in(char)
        return stand_in


def _stand_in(char: str) -> str:
    if char in _MARKS:
        return _MARKS[char]
    if char in _BARS:
        return _BARS[char]
    dots = ord(char) - BRAILLE
    if 0 <= dots < 256:
        return _dots_as_ascii(dots)
    cells = cell_len(char)
    plain = unicodedata.normalize("NFKD", char)[:1]
    return plain if cells == 1 and plain.isascii() else "?" * cells


def _dots_as_ascii(dots: int) -> str:
    """One mark for a braille cell: its height for a line, `|` for a steep one."""
    filled = [mark for mark, row in zip(_ROW_MARKS, _ROWS_OF_DOTS, strict=True) if dots & row]
    if not filled:
        return " "
    if len(filled) == 1:
        return filled[0]
    if len(filled) == 2:
        return ":" if filled != ["-", "."] else "-"
    return "|"


_TABLE = _ToAscii()


def to_ascii(text: str) -> str:
    """The text in 7-bit characters, as wide as before; other scripts become `?`."""
    return text if text.isascii() else text.translate(_TABLE)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """What the terminal's character set can show."""

    ascii: bool = False

    @property
    def half_blocks(self) -> bool:
        """Whether one line can hold two rows of cells."""
        return not self.ascii

    def text(self, text: str) -> str:
        """The text as this set shows it."""
        return to_ascii(text) if self.ascii else text

    def row(self, line: Row) -> Row:
        """The row as this set shows it, exactly as wide."""
        if not self.ascii:
            return line
        return tuple(Run(to_ascii(run.text), run.paint) for run in line)

    def rows(self, lines: list[Row]) -> list[Row]:
        """The drawing as this set shows it."""
        return [self.row(line) for line in lines] if self.ascii else lines


UNICODE = Glyphs()
ASCII = Glyphs(ascii=True)
