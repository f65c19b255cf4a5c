"""Sentences broken into lines by cells; Japanese breaks anywhere but before a closing mark."""

from __future__ import annotations

import re

from rich.cells import cell_len

_NOT_FIRST = frozenset(
    "、。，．・：；？！」』）】〉》ーァィゥェォッャュョぁぃぅぇぉっゃゅょ…,.:;?!)]}»’”"
)
_NOT_LAST = frozenset("「『（【〈《([{«‘“")
_PIECES = re.compile(r" +|[\x21-\u2e7f]+|.", re.DOTALL)


def paragraph(text: str, cells: int, most: int | None = None) -> list[str]:
    """The text in lines of at most `cells`.

    Args:
        text: display text.
        cells: width of a line.
        most: lines; what does not fit is cut with `…`.
    """
    lines, line = list[str](), ""
    for piece in pieces(text):
        if cell_len(line) + cell_len(piece.rstrip()) <= cells:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = piece.lstrip()
        while cell_len(line) > cells:
            cut = _cut(line, cells)
            lines.append(cut)
            line = line[len(cut) :]
    if line.strip():
        lines.append(line.rstrip())
    if most is not None and len(lines) > most:
        lines = lines[:most]
        if lines:
            lines[-1] = _cut(lines[-1] + " " * cells, cells - 1).rstrip() + "…"
    return lines


def pieces(text: str) -> list[str]:
    """What must stay on a line: words, or a character with the marks bound to it; and blanks."""
    made: list[str] = []
    for piece in _PIECES.findall(text):
        if made and (piece[0] in _NOT_FIRST or made[-1][-1] in _NOT_LAST):
            made[-1] += piece
        else:
            made.append(piece)
    return made


def _cut(text: str, cells: int) -> str:
    used = 0
    for at, char in enumerate(text):
        used += cell_len(char)
        if used > cells:
            return text[: max(1, at)]
    return text
