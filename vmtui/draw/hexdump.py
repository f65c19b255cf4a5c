"""Bytes in hex and as text: zeros faint, what can be printed strong, the rest dim."""

from __future__ import annotations

from vmtui.draw.paint import DIM, FAINT, TEXT, Paint, Row, Run

_STRONG = TEXT._replace(ink="strong")
_HERE = Paint("strong", "cursor", bold=True)


def rows(raw: bytes, address: int, cells: int, lines: int, cursor: int | None = None) -> list[Row]:
    """As many lines as there are bytes for, each with its place within the page.

    Args:
        raw: the bytes.
        address: of the first one; lines begin at multiples of their length.
        cells: width; 16 bytes a line from 72 cells on, 8 from 44, else 4.
        lines: at most.
        cursor: an address whose byte is marked.
    """
    each = 16 if cells >= 72 else 8 if cells >= 44 else 4
    base = address // each * each
    drawn: list[Row] = []
    while len(drawn) < lines and base < address + len(raw):
        places = range(base, base + each)
        line = [Run(f"{base & 0xFFF:03x} ", FAINT)]
        text = []
        for at in places:
            if at % 4 == 0 or each <= 8:
                line.append(Run(" "))
            if not address <= at < address + len(raw):
                line.append(Run("  "))
                text.append(Run(" "))
                continue
            byte = raw[at - address]
            paint = _HERE if at == cursor else _paint(byte)
            line.append(Run(f"{byte:02x}", paint))
            text.append(Run(chr(byte) if 0x20 <= byte < 0x7F else "·", paint))
        drawn.append(_merged([*line, Run("  "), *text]))
        base += each
    return drawn


def _paint(byte: int) -> Paint:
    if not byte:
        return FAINT
    return _STRONG if 0x20 <= byte < 0x7F else DIM


def _merged(runs: list[Run]) -> Row:
    """Neighbours of one paint as one run."""
    merged: list[Run] = []
    for run in runs:
        if merged and merged[-1].paint == run.paint:
            merged[-1] = Run(merged[-1].text + run.text, run.paint)
        else:
            merged.append(run)
    return tuple(merged)
