"""The table: predicted, measured, difference, and why where they are not the same."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from vmtui.draw.lab.prose import paragraph
from vmtui.draw.lab.scene import Figure
from vmtui.draw.lab.words import Words
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, row

_ALARM = Paint("alarm-ink", "alarm", bold=True)
_LEAST_LABEL = 9


def table(
    figures: Sequence[Figure], cells: int, lines: int, words: Words, *, hidden: bool = False
) -> list[Row]:
    """A header and at most `lines` − 1 figures; the least telling leave first.

    Args:
        figures: in their order.
        cells: width.
        lines: height, the header included.
        words: the language.
        hidden: predictions are `?`, and so is what would give them away.
    """
    if not figures or lines < 2:
        return []
    shown = _most_telling(figures, lines - 1)
    spare = lines - 1 - len(shown)
    wide = _widths(shown, cells, words)
    rows = [_header(words, wide, cells)]
    for figure in shown:
        rows.append(_line(figure, wide, cells, hidden))
        reason = figure.why and not hidden and (figure.differs or figure.measured == "–")
        if reason and spare > 0:
            said = paragraph(figure.why, cells - 4, min(spare, 2))
            rows += [fit(row(Run(f"   {line}", FAINT)), cells) for line in said]
            spare -= len(said)
    return rows


def _most_telling(figures: Sequence[Figure], most: int) -> list[Figure]:
    order = sorted(
        range(len(figures)), key=lambda at: (not figures[at].differs, figures[at].rank, at)
    )
    kept = sorted(order[:most])
    return [figures[at] for at in kept]


def _widths(figures: Sequence[Figure], cells: int, words: Words) -> tuple[int, int, int, int]:
    """Label, predicted, measured, difference: what they need, the label what is left."""

    def need(texts: Sequence[str]) -> int:
        return max(map(cell_len, texts))

    predicted = need([words.predicted, *(figure.predicted for figure in figures)])
    measured = need([words.measured, *(figure.measured for figure in figures)])
    off = need([words.diff, *(figure.difference for figure in figures)])
    label = need([figure.label for figure in figures]) + 1
    both = cells - off - _LEAST_LABEL - 6
    if predicted + measured > both:
        predicted, measured = min(predicted, both // 2), min(measured, both - both // 2)
    gap = 2
    room = cells - predicted - measured - off - 3 * gap
    if room < label:
        gap = 1
        room = cells - predicted - measured - off - 3 * gap
    whole = cell_len(words.difference)
    if room - label >= whole - off > 0:
        room -= whole - off
        off = whole
    return max(_LEAST_LABEL, room), predicted + gap, measured + gap, off + gap


def _header(words: Words, wide: tuple[int, int, int, int], cells: int) -> Row:
    label, predicted, measured, off = wide
    last = words.difference if cell_len(words.difference) <= off - 1 else words.diff
    return fit(
        (
            Run(" " * label),
            Run(_right(words.predicted, predicted), DIM),
            Run(_right(words.measured, measured), DIM),
            Run(_right(last, off), DIM),
        ),
        cells,
    )


def _line(figure: Figure, wide: tuple[int, int, int, int], cells: int, hidden: bool) -> Row:
    label, predicted, measured, off = wide
    shown = _label(figure.label, label)
    name = fit((Run(shown, STRONG if figure.strong else TEXT),), label)
    missing = figure.measured == "–"
    said = "?" if hidden else figure.predicted
    differs = figure.differs and not hidden
    gone = "" if hidden else figure.difference
    tone = _ALARM if differs else TEXT if gone.startswith("0 ") else DIM
    lead = " " * max(0, off - cell_len(gone) - (1 if differs else 0))
    return fit(
        (
            *name,
            Run(_right(_short(said, predicted), predicted), DIM if said != "–" else FAINT),
            Run(_right(_short(figure.measured, measured), measured), FAINT if missing else STRONG),
            Run(lead[: off - cell_len(gone)]),
            Run(f" {gone}" if differs else gone, tone),
        ),
        cells,
    )


def _label(text: str, cells: int) -> str:
    """A label that keeps its process: «private pa…, parent»."""
    at = max(text.rfind(", "), text.rfind("（"))
    over = cell_len(text) - cells
    if over < 0 or at < 0 or cell_len(text[:at]) - over < 4:
        return text
    head = set_cell_size(text[:at], cell_len(text[:at]) - over - 2).rstrip()
    return f"{head}…{text[at:]}"


def _short(text: str, cells: int) -> str:
    """A text of several words without the first ones, or cut, where it does not fit."""
    while cell_len(text) >= cells and " " in text:
        text = text.partition(" ")[2]
    return text if cell_len(text) < cells else f"{set_cell_size(text, cells - 2)}…"


def _right(text: str, cells: int) -> str:
    return " " * max(0, cells - cell_len(text)) + text
