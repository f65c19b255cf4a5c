"""Several drawings side by side in one."""

from __future__ import annotations

from collections.abc import Sequence

from vmtui.draw.paint import Row, Run, fit


def beside(drawings: Sequence[Sequence[Row]], widths: Sequence[int], gap: int = 2) -> list[Row]:
    """The drawings next to each other, each cut or filled to its width, as tall as the tallest."""
    height = max((len(drawing) for drawing in drawings), default=0)
    rows = []
    for y in range(height):
        line: Row = ()
        for index, (drawing, width) in enumerate(zip(drawings, widths, strict=True)):
            if index:
                line += (Run(" " * gap),)
            line += fit(drawing[y] if y < len(drawing) else (), width)
        rows.append(line)
    return rows


def equal_widths(count: int, width: int, gap: int = 2) -> list[int]:
    """`count` widths that fill `width` with gaps between them."""
    room = max(count, width - gap * (count - 1))
    return [room * (i + 1) // count - room * i // count for i in range(count)]
