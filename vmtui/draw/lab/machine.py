"""The whole machine beside an experiment: memory, swap, faults and pressure, the experiment apart.

What is the experiment's own is yellow in every part, as one of two runs is elsewhere; the rest of
the machine is white, or has the hue of its kind of memory.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from vmtui import units
from vmtui.draw import bar
from vmtui.draw.beside import beside, equal_widths
from vmtui.draw.lab import curves
from vmtui.draw.lab.scene import Curves, Machine, Scene, Swap
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, row, spread, width

OWN, REST = "ksm", "strong"
"""Slots of the experiment and of all others."""
_OWN = Paint("ksm-ink")
_GAP = 3
_LEAST_CHART = 5
_NAME = 20
"""Cells of a swap device's name; a path loses its head."""
_BEST_CHART = 7


def pane(scene: Scene, machine: Machine, cells: int, lines: int) -> list[Row]:
    """Exactly `lines` rows: the bar, swap, the charts, and the figures in sar's words."""
    head = _head(scene, machine, cells)
    figures = _sar(machine.sar, cells)
    room = lines - len(head)
    if room - len(figures) - 1 < 2 * _BEST_CHART:
        figures = []
    charts = _charts(scene, machine.curves, cells, room - len(figures) - (1 if figures else 0))
    made = [*head, *charts]
    if figures:
        made += [()] * (lines - len(figures) - len(made)) + figures
    made += [()] * (lines - len(made))
    return [fit(line, cells) for line in made[:lines]]


def _head(scene: Scene, machine: Machine, cells: int) -> list[Row]:
    """The swap devices, the bar with its legend, the group."""
    total = sum(part.value for part in machine.parts)
    title = row(Run(scene.words.whole_machine, STRONG), Run(f"  {units.size(total)}   ", DIM))
    rows: list[Row] = [spread(title, _swaps(scene, machine.swaps, cells - width(title)), cells)]
    if total:
        rows.append(_bar(machine.parts, total, cells, letters=scene.bars_by_letters))
        rows += bar.legend(machine.parts, cells, letters=scene.bars_by_letters)[:1]
    if machine.group:
        rows.append(row(Run("■ ", _OWN), Run(machine.group, DIM)))
    return [*rows, ()]


def _bar(parts: Sequence[bar.Segment], total: float, cells: int, *, letters: bool) -> Row:
    """As every bar, but what is the experiment's own is never too small to be seen."""
    least = total / max(1, cells)
    first = parts[0]
    if 0 < first.value < least:
        own = bar.bar([bar.Segment("", first.slot, 1)], 1, 1, labels=False, letters=letters)
        return (*own, *bar.bar(parts[1:], total - first.value, cells - 1, letters=letters))
    return bar.bar(parts, total, cells, letters=letters)


def _swaps(scene: Scene, swaps: Sequence[Swap], cells: int) -> Row:
    """The experiment's own first; what there is no room for is left out."""
    words, line = scene.words, row(Run("SWAP", DIM))
    if not swaps:
        return row(Run(words.no_swap, FAINT))
    for swap in sorted(swaps, key=lambda swap: not swap.own):
        entry = row(
            Run("  ■ " if swap.own else "  ", _OWN),
            Run(f"{words.this_experiment if swap.own else _tail(swap.name, _NAME)} ",
                TEXT if swap.own else DIM),
            Run(units.size(swap.used), Paint("swapped-ink", bold=True) if swap.used else FAINT),
            Run(f"/{units.size(swap.size)}", DIM),
        )  # fmt: skip
        if width((*line, *entry)) > cells:
            return (*line, Run(" …", FAINT))
        line = (*line, *entry)
    return line


def _tail(name: str, cells: int) -> str:
    """A path loses its head."""
    return name if cell_len(name) <= cells else "…" + name[1 - cells :]


def _charts(scene: Scene, shown: Sequence[Curves], cells: int, lines: int) -> list[Row]:
    """Two beside each other, as many rows of them as stay readable."""
    across = 2 if cells >= 56 else 1
    down = max(1, min(-(-len(shown) // across), (lines + 1) // (_BEST_CHART + 1)))
    if lines < _LEAST_CHART:
        return []
    widths = equal_widths(across, cells, _GAP)
    height = (lines - (down - 1)) // down
    made: list[Row] = []
    for line in range(down):
        here = shown[line * across : (line + 1) * across]
        drawn = [curves.chart(scene, one, wide, height)
                 for one, wide in zip(here, widths, strict=False)]  # fmt: skip
        made += [()] * bool(made)
        made += beside(drawn, widths[: len(drawn)], _GAP)
    return made


def _sar(tables: Sequence[tuple[str, tuple[tuple[str, str], ...]]], cells: int) -> list[Row]:
    """Two lines for each: sar's column heads and the figures under them; the last leave first."""
    rows: list[Row] = []
    for option, columns in tables:
        heads, figures = Run(f"{option}  ", DIM), Run(" " * (len(option) + 2))
        head, line, used = [heads], [figures], len(option) + 2
        for name, figure in columns:
            wide = max(len(name), len(figure)) + 1
            if used + wide > cells:
                break
            head.append(Run(name.rjust(wide), FAINT))
            line.append(Run(figure.rjust(wide), TEXT if figure.strip("0.–") else FAINT))
            used += wide
        rows += [tuple(head), tuple(line)]
    return rows
