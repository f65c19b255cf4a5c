"""The picture of `page-tables`: the newest tree large, the others small under it, the cost."""

from __future__ import annotations

from vmtui.draw.beside import beside, equal_widths
from vmtui.draw.lab import curves, tiles, tree
from vmtui.draw.lab.scene import Scene
from vmtui.draw.paint import DIM, Paint, Row, Run, fit, row

_SMALL = 30
"""Cells of a small multiple."""


def picture(scene: Scene, cells: int, lines: int) -> list[Row]:
    """As much of it as there is room for, the newest tree first."""
    if not scene.trees:
        return tiles.empty(scene, cells, lines)
    *others, newest = scene.trees
    if lines < 20:
        return tree.large(scene, newest, cells, lines)
    cost = 7 if lines >= 40 else 5 if lines >= 34 and scene.cost else 0
    below = 13 if others and lines >= 30 else 0
    rows = tree.large(scene, newest, cells, lines - cost - below)
    if below:
        fitting = max(1, (cells + 3) // (_SMALL + 3))
        shown = others[-fitting:]
        widths = equal_widths(max(2, len(shown)), cells, 3)[: len(shown)]
        rows += [_rule(cells), row(Run(scene.words.others, DIM))]
        drawn = [tree.small(scene, one, wide, below - 2)
                 for one, wide in zip(shown, widths, strict=True)]  # fmt: skip
        rows += [fit(line, cells) for line in beside(drawn, widths, 3)]
    if cost and scene.cost is not None:
        cost = max(cost, min(16, lines - len(rows) - 2))
        rows += [()] * max(0, lines - cost - len(rows))
        rows.append(_rule(cells))
        rows += curves.map_cost(scene.cost, scene.words, cells, cost - 1)
    return rows[:lines]


def _rule(cells: int) -> Row:
    return (Run("─" * cells, Paint("rule")),)
