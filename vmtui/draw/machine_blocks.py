"""Free memory by size of block, and what else is made of large blocks or of less than they hold.

A line for each order, or for a few together where there are few lines; the share that is unusable
for a block of that size is what lies in smaller ones. Beside or below it swap, pools, KSM.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmtui import units
from vmtui.draw.beside import beside
from vmtui.draw.machine_stores import huge_pages, merging, swap
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, row, width
from vmtui.draw.sentences import figure, words
from vmtui.draw.table import magnitude
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.free_memory import ZoneBlocks, by_zone, together
from vmtui.model.machine import MachineRow
from vmtui.model.machine_parts import BlockDetail, OverviewDetail

HUGE_ORDER = 9
"""Blocks of 2 MiB."""
_TITLE = Paint("text", bold=True)
_FREE, _LISTED = Paint("dim", "vessel"), Paint("kernel-ink", "vessel")
_TWO_COLUMNS = 112
_ZONE = 9
_GROUPS = ((0,), (1,), (2, 3), (4, 5), (6, 7), (8,), (9, 10))
"""How orders share lines where there are few."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """What the page says."""

    row: MachineRow
    detail: BlockDetail | None
    overview: OverviewDetail | None

    @property
    def zones(self) -> tuple[ZoneBlocks, ...] | Missing:
        """What is free in each zone."""
        now = self.row.now
        if isinstance(now.free_blocks, Missing):
            return now.free_blocks
        return by_zone(now.free_blocks, now.zones)


def page(one: Blocks, cells: int, lines: int) -> list[Row]:
    """All of it: in two columns where there is room, else as few lines as are needed.

    Args:
        one: the reading.
        cells: width of every row.
        lines: on screen; there may be more rows, which are scrolled to.
    """
    if cells >= _TWO_COLUMNS:
        left = min(86, cells * 5 // 9)
        right = cells - left - 4
        stores = _spaced(_stores(one, right, roomy=lines >= 30), roomy=True)
        return [
            fit(line, cells) for line in beside([[(), *free(one, left)], stores], [left, right], 4)
        ]
    below = _spaced(_stores(one, cells, roomy=False), roomy=False)
    tight = lines < len(below) + 16
    return [fit(line, cells) for line in (*free(one, cells, tight=tight), *below)]


def _stores(one: Blocks, cells: int, *, roomy: bool) -> list[list[Row]]:
    return [
        swap(one.row, one.overview, cells, roomy=roomy),
        huge_pages(one.row, one.detail, cells, roomy=roomy),
        merging(one.detail, cells, roomy=roomy),
    ]


def _spaced(sections: Sequence[Sequence[Row]], *, roomy: bool) -> list[Row]:
    rows: list[Row] = []
    for section in sections:
        rows += [(), *section] if roomy else section
    return rows


# Free blocks


def free(one: Blocks, cells: int, *, tight: bool = False) -> list[Row]:
    """Heading, a line for each order, the sum, the watermarks."""
    zones = one.zones
    if isinstance(zones, Missing):
        return [row(Run("free blocks  ", _TITLE), words(zones.reason))]
    whole = together(zones)
    shown = [zone for zone in zones if zone.pages]
    fixed = 10 + 7 + 7 + 10 + 1 + 8
    columns = shown if fixed + _ZONE * len(shown) <= cells else []
    bar = max(8, cells - fixed + 8 - _ZONE * len(columns) - 1)
    rows = [_header(columns)]
    listed = whole.per_cpu_pages
    if not isinstance(listed, Missing):
        line = _line("per CPU", [_listed(zone) for zone in columns], listed, None)
        rows.append((*line, Run(" "), *_bar(listed, whole.pages, bar, _LISTED)))
    for group in _groups(len(whole.orders), tight=tight):
        rows.append(_of_group(group, whole, columns, bar))
    sums = [units.size(zone.pages * PAGE_SIZE) for zone in columns]
    line = _line("all", sums, whole.pages, None)
    rows.append(tuple(Run(run.text, STRONG) for run in line))
    if not tight:
        rows += [(), *_watermarks(shown, cells)]
    return [fit(line, cells) for line in rows]


def _header(zones: Sequence[ZoneBlocks]) -> Row:
    several = len({zone.node for zone in zones}) > 1
    names = [f"{zone.node} {zone.zone}" if several else zone.zone for zone in zones]
    titles = "".join(name[: _ZONE - 1].rjust(_ZONE) for name in names)
    return row(
        Run(f"{'blocks of':<10}", _TITLE),
        Run(f"{titles}{'FREE':>7}{'SHARE':>7}{'UNUSABLE':>10}", DIM),
    )


def _of_group(
    group: Sequence[int], whole: ZoneBlocks, columns: Sequence[ZoneBlocks], bar: int
) -> Row:
    counts = [sum(_blocks(zone, order) for order in group) for zone in columns]
    pages = sum(whole.orders[order] << order for order in group)
    label = block_size(group[0])
    if len(group) > 1:
        label += f"–{block_size(group[-1])}"
    line = _line(label, [units.pages(count) for count in counts], pages, whole)
    share = whole.unusable[group[0]]
    loud = STRONG if group[0] <= HUGE_ORDER <= group[-1] else TEXT if share else FAINT
    return (
        *line, Run(f"{units.percent(100 * share):>10}", loud),
        Run(" "), *_bar(pages, whole.pages, bar, _FREE),
    )  # fmt: skip


def _line(label: str, figures: Sequence[str], pages: int, whole: ZoneBlocks | None) -> Row:
    """Label, a figure for each zone, all of them in bytes, and their share of what is free."""
    line = [Run(f"{label:<10}", TEXT)]
    line += [Run(text.rjust(_ZONE), FAINT if text == "0" else TEXT) for text in figures]
    line.append(Run(f"{units.size(pages * PAGE_SIZE):>7}", magnitude(pages * PAGE_SIZE)))
    if whole is None:
        return (*line, Run(" " * 7 + " " * 10))
    share = 100 * pages / whole.pages if whole.pages else 0.0
    return (*line, Run(f"{units.percent(share):>7}", DIM))


def _blocks(zone: ZoneBlocks, order: int) -> int:
    return zone.orders[order] if order < len(zone.orders) else 0


def _listed(zone: ZoneBlocks) -> str:
    return "–" if isinstance(zone.per_cpu_pages, Missing) else units.pages(zone.per_cpu_pages)


def _bar(pages: int, whole: int, cells: int, paint: Paint) -> Row:
    filled = min(cells, round(pages / max(1, whole) * cells) or (1 if pages else 0))
    return (Run("▇" * filled, paint), Run(" " * (cells - filled), Paint(ground="vessel")))


def _groups(orders: int, *, tight: bool) -> list[tuple[int, ...]]:
    if not tight:
        return [(order,) for order in range(orders)]
    made = [tuple(order for order in group if order < orders) for group in _GROUPS]
    made[-1] += tuple(range(_GROUPS[-1][-1] + 1, orders))
    return [group for group in made if group]


def block_size(order: int) -> str:
    """4K, 2M: a power of two without decimals."""
    nbytes = PAGE_SIZE << order
    for letter, step in (("M", 1 << 20), ("K", 1 << 10)):
        if nbytes >= step:
            return f"{nbytes // step}{letter}"
    return str(nbytes)


def _watermarks(zones: Sequence[ZoneBlocks], cells: int) -> list[Row]:
    """Below what kswapd wakes, as far as there is room."""
    line = [words("kswapd wakes below")]
    for zone in zones:
        if isinstance(zone.low_pages, Missing):
            continue
        more = [figure(f"  {units.size(zone.low_pages * PAGE_SIZE)}"), words(f" in {zone.zone}")]
        if width((*line, *more)) <= cells:
            line += more
    return [tuple(line)] if len(line) > 1 else []


# In a sentence


def about(one: Blocks) -> Row:
    """How much is free, and what of it is in pieces too small for a huge page."""
    zones = one.zones
    if isinstance(zones, Missing):
        return row(words(f"nothing is known of free blocks: {zones.reason}"))
    whole = together(zones)
    order = min(HUGE_ORDER, len(whole.orders) - 1)
    blocks = sum(whole.orders)
    line = [
        figure(units.size(whole.pages * PAGE_SIZE)), words(f" free in {blocks:,} blocks; "),
        figure(units.percent(100 * whole.unusable[order])),
        words(f" of it lies in pieces smaller than {block_size(order)}, of no use for a huge page"),
    ]  # fmt: skip
    if not isinstance(whole.per_cpu_pages, Missing):
        listed = units.size(whole.per_cpu_pages * PAGE_SIZE)
        line += [words("; "), figure(listed), words(" wait on per-CPU lists")]
    return row(*line)
