"""Rows too wide for a card, broken between words; Japanese as `draw/lab/prose.py` breaks it."""

from __future__ import annotations

from rich.cells import cell_len, chop_cells

from vmtui.draw.lab.prose import pieces
from vmtui.draw.paint import Row, Run


def wrapped(line: Row, cells: int, indent: int = 0) -> list[Row]:
    """The row as one or more of at most `cells`; the later ones begin with `indent` blanks."""
    lines: list[list[Run]] = [[]]
    used = 0
    for text, paint in line:
        for word in pieces(text):
            if used + cell_len(word) > cells and used > indent:
                lines.append([Run(" " * indent)] if indent else [])
                used = indent
                if word.isspace():
                    continue
            for part in chop_cells(word, max(1, cells - indent)):
                if used + cell_len(part) > cells and used > indent:
                    lines.append([Run(" " * indent)] if indent else [])
                    used = indent
                lines[-1].append(Run(part, paint))
                used += cell_len(part)
    return [tuple(runs) for runs in lines]
