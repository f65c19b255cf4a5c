"""Free blocks by size as bars of bytes: now, against a mark where they were at the start.

All bars are on one scale. What is free in blocks of 2 MiB and more can be so much that its bar is
cut, with `»`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from vmtui import units
from vmtui.draw.glyphs import EIGHTHS
from vmtui.draw.lab.blocks_shown import Blocks, BlocksWords
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, spread, width

_HUGE_ORDER = 9
_FULL = EIGHTHS[7]
"""The dark eighth keeps rows apart."""
_TITLE = Paint("text", bold=True)
_FREE = Paint("dim")
_LISTED = Paint("kernel-ink")
_GROUPS = {
    11: tuple((order,) for order in range(11)),
    7: ((0,), (1,), (2, 3), (4, 5), (6, 7), (8,), (9, 10)),
    5: ((0,), (1, 2), (3, 4, 5), (6, 7, 8), (9, 10)),
    3: ((0,), (1, 2, 3, 4, 5, 6, 7, 8), (9, 10)),
}
"""How orders share so many lines."""


def bars(view: Blocks, words: BlocksWords, cells: int, lines: int, *, letters: bool) -> list[Row]:
    """A heading, and a line for each order or a few together."""
    groups = _grouped(len(view.orders), lines - 1)
    sums = [[sum(blocks[order] << order for order in group) * view.page_bytes for group in groups]
            for blocks in (view.orders, view.before)]  # fmt: skip
    now, before = sums
    small = [max(pair) for pair, group in zip(zip(now, before, strict=True), groups, strict=True)
             if group[0] < _HUGE_ORDER]  # fmt: skip
    scale = max(1, *small)
    labels = [_label(group, view.page_bytes) for group in groups]
    gutter = max(map(len, labels)) + 1
    shares = cells >= 64
    tail = 14 + (10 if shares else 0)
    bar = cells - gutter - tail
    head = _heading(view, words, cells, tail, shares=shares, letters=letters)
    rows: list[Row] = [head]
    for group, label, has, had in zip(groups, labels, now, before, strict=True):
        listed = view.per_cpu * view.page_bytes if group == groups[0] else 0
        drawn = _bar(has, had, listed, scale, bar, letters=letters)
        change = units.change(has - had) if has != had else "0"
        figures = [Run(f" {units.size(has):>6}", STRONG),
                   Run(f" {change:>6}", TEXT if has != had else FAINT)]  # fmt: skip
        if shares:
            figures.append(Run(f"{_percent(view.unusable[group[0]]):>10}", DIM))
        rows.append((Run(label.rjust(gutter - 1) + " ", DIM), *drawn, *figures))
    return rows


def _heading(
    view: Blocks, words: BlocksWords, cells: int, tail: int, *, shares: bool, letters: bool
) -> Row:
    left: Row = (Run(words.free, _TITLE),)
    entries: list[Row] = [(Run("  │", STRONG), Run(words.at_first, DIM))]
    if view.per_cpu:
        swatch = "c " if letters else "■ "
        entries.insert(0, (Run(f"  {swatch}", _LISTED), Run(words.listed, DIM)))
    right = [_right(words.now, 7), _right(words.change, 7)]
    right += [_right(words.unusable_column, 10)] if shares else []
    for entry in entries:
        if width((*left, *entry)) < cells - tail:
            left += entry
    return spread(left, tuple(Run(text, FAINT) for text in right), cells)


def _right(text: str, cells: int) -> str:
    return " " * max(1, cells - width((Run(text),))) + text


def _bar(has: int, had: int, listed: int, scale: int, cells: int, *, letters: bool) -> Row:
    """What is free, the part on per-CPU lists apart, and a mark where it was at first."""
    filled = min(cells, round(has / scale * cells) or (1 if has else 0))
    apart = min(filled, round(listed / scale * cells) or (1 if listed else 0))
    line = [("f" if letters else _FULL, _FREE)] * (filled - apart)
    line += [("c" if letters else _FULL, _LISTED)] * apart
    line += [(" ", TEXT)] * (cells - filled)
    mark = round(had / scale * cells)
    if has > scale:
        line[-1] = ("»", STRONG)
    elif mark < cells:
        line[mark] = ("│", STRONG)
    return tuple(
        Run("".join(char for char, _ in part), paint)
        for paint, part in ((key, list(some)) for key, some in groupby(line, lambda one: one[1]))
    )


def _grouped(orders: int, lines: int) -> list[tuple[int, ...]]:
    """Which orders share a line."""
    chosen = next((groups for most, groups in _GROUPS.items() if lines >= most), _GROUPS[3])
    made = [tuple(order for order in group if order < orders) for group in chosen]
    made[-1] += tuple(range(max(chosen[-1]) + 1, orders))
    return [group for group in made if group]


def _label(group: Sequence[int], page_bytes: int) -> str:
    """4K, or 8K–64K."""
    ends = [_plain(page_bytes << order) for order in (group[0], group[-1])]
    return ends[0] if len(group) == 1 else f"{ends[0]}–{ends[1]}"


def _plain(nbytes: int) -> str:
    """A power of two without decimals."""
    for letter, step in (("M", 1 << 20), ("K", 1 << 10)):
        if nbytes >= step:
            return f"{nbytes // step}{letter}"
    return str(nbytes)


def unusable(view: Blocks, words: BlocksWords) -> Row:
    """The share of free memory that no page of 2 MiB can use."""
    order = min(_HUGE_ORDER, len(view.unusable) - 1)
    line: Row = (
        Run(f"{words.unusable} ", DIM),
        Run(_percent(view.unusable[order]), STRONG),
    )
    if view.unusable_before:
        line += (Run(f"  {words.was} {_percent(view.unusable_before[order])}", FAINT),)
    return line


def _percent(share: float) -> str:
    return units.percent(100 * share)
