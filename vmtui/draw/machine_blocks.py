"""Free memory by size of block, and what else is made of large blocks or of less than they hold.

A line for each order, or for a few together where there are few lines; the share that is unusable
for a block of that size is what lies in smaller ones. Beside or below it swap, pools, KSM.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vmtui import units
from vmtui.draw.beside import beside, equal_widths
from vmtui.draw.chart import Series, chart
from vmtui.draw.machine_stores import huge_pages, merging, swap
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, row, width
from vmtui.draw.sentences import figure, words
from vmtui.draw.table import magnitude
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.fields.field import Unit
from vmtui.model.free_memory import HUGE_ORDER, ZoneBlocks, by_zone, together
from vmtui.model.machine import MachineRow
from vmtui.model.machine_parts import BlockDetail, OverviewDetail

_TITLE = Paint("text", bold=True)
_FREE, _LISTED = Paint("dim", "vessel"), Paint("kernel-ink", "vessel")
_TWO_COLUMNS = 112
_ZONE = 9
_FIXED = 10 + 7 + 7 + 10 + 1
"""Cells of label, FREE, SHARE, UNUSABLE and a blank."""
_LEAST_CHARTS = 6
_CHARTS = (
    ("free", Unit.BYTES,
     (("2M+", "free_for_huge", "strong"), ("all", "mem_free", "dim"))),
    ("unusable for 2M", Unit.PERCENT, (("", "unusable_for_huge", "strong"),)),
    ("huge pages", Unit.BYTES, (("", "huge_anon", "huge"),)),
    ("swap", Unit.BYTES, (("", "swap_used", "swapped"),)),
)  # fmt: skip
"""(title, unit, (name, machine field, slot) of each line)"""
FIELDS = tuple(name for _, _, lines in _CHARTS for _, name, _ in lines)
"""Ids of the machine fields that are charted."""
_GROUPS = ((0,), (1,), (2, 3), (4, 5), (6, 7), (8,), (9, 10))
"""How orders share lines where there are few."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """What the page says."""

    row: MachineRow
    detail: BlockDetail | None
    overview: OverviewDetail | None
    series: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    """By machine field, for the charts."""
    seconds: float = 180.0
    """How long they reach back."""

    @property
    def zones(self) -> tuple[ZoneBlocks, ...] | Missing:
        """What is free in each zone."""
        now = self.row.now
        if isinstance(now.free_blocks, Missing):
            return now.free_blocks
        return by_zone(now.free_blocks, now.zones)


def page(one: Blocks, cells: int, lines: int) -> list[Row]:
    """All of it: in two columns and with charts where there is room, else as few lines as needed.

    Args:
        one: the reading.
        cells: width of every row.
        lines: on screen; there may be more rows, which are scrolled to.
    """
    if cells >= _TWO_COLUMNS:
        left = min(90, cells * 4 // 7)
        right = cells - left - 4
        stores = _spaced(_stores(one, right, roomy=lines >= 30), roomy=True)
        rows = beside([[(), *free(one, left)], stores], [left, right], 4)
        if (room := lines - len(rows) - 2) >= _LEAST_CHARTS:
            rows += [(), (Run("─" * cells, Paint("rule")),), *charts(one, cells, min(room, 14))]
    else:
        below = _spaced(_stores(one, cells, roomy=False), roomy=False)
        rows = [*free(one, cells, tight=lines < len(below) + 16), *below]
    return [fit(line, cells) for line in rows]


def charts(one: Blocks, cells: int, lines: int) -> list[Row]:
    """What is free for huge pages, what is not, what they are used for, swap."""
    widths = equal_widths(len(_CHARTS), cells, 3)
    drawn = []
    for (title, unit, lines_of), wide in zip(_CHARTS, widths, strict=True):
        series = [
            Series(name, slot, one.series.get(field, ()), steps=unit is Unit.BYTES)
            for name, field, slot in lines_of
        ]
        drawn.append(chart(title, series, wide, lines, unit=unit, span_seconds=one.seconds))
    return beside(drawn, widths, 3)


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
    """Heading, a line for each order, the sum, the watermarks.

    The bars are on the scale of the blocks below 2 MiB; one that is longer is cut, with `»`.
    """
    zones = one.zones
    if isinstance(zones, Missing):
        return [row(Run("free blocks  ", _TITLE), words(zones.reason))]
    whole = together(zones)
    shown = [zone for zone in zones if zone.pages]
    columns = shown if _FIXED + _ZONE * len(shown) + 8 <= cells else []
    groups = _groups(len(whole.orders), tight=tight)
    listed = whole.per_cpu_pages
    sizes = [sum(whole.orders[order] << order for order in group) for group in groups]
    small = [size for size, group in zip(sizes, groups, strict=True) if group[0] < HUGE_ORDER - 1]
    scale = max(1, *small, 0 if isinstance(listed, Missing) else listed)
    room = cells - _FIXED - _ZONE * len(columns)
    rows = [_header(columns)]
    if not isinstance(listed, Missing):
        line = _line("per CPU", [_listed(zone) for zone in columns], listed, whole)
        rows.append((*line, Run(" " * 11), *_bar(listed, scale, room, _LISTED)))
    for group, pages in zip(groups, sizes, strict=True):
        line = _of_group(group, pages, whole, columns)
        rows.append((*line, Run(" "), *_bar(pages, scale, room, _FREE)))
    sums = [units.size(zone.pages * PAGE_SIZE) for zone in columns]
    rows.append(tuple(Run(run.text, STRONG) for run in _line("all", sums, whole.pages, whole)))
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
    group: Sequence[int], pages: int, whole: ZoneBlocks, columns: Sequence[ZoneBlocks]
) -> Row:
    counts = [sum(_blocks(zone, order) for order in group) for zone in columns]
    label = block_size(group[0])
    if len(group) > 1:
        label += f"–{block_size(group[-1])}"
    line = _line(label, [units.pages(count) for count in counts], pages, whole)
    share = whole.unusable[group[0]]
    loud = STRONG if group[0] <= HUGE_ORDER <= group[-1] else TEXT if share else FAINT
    return (*line, Run(f"{units.percent(100 * share):>10}", loud))


def _line(label: str, figures: Sequence[str], pages: int, whole: ZoneBlocks) -> Row:
    """Label, a figure for each zone, all of them in bytes, and their share of what is free."""
    line = [Run(f"{label:<10}", TEXT)]
    line += [Run(text.rjust(_ZONE), FAINT if text == "0" else TEXT) for text in figures]
    line.append(Run(f"{units.size(pages * PAGE_SIZE):>7}", magnitude(pages * PAGE_SIZE)))
    share = 100 * pages / whole.pages if whole.pages else 0.0
    return (*line, Run(f"{units.percent(share):>7}", DIM))


def _blocks(zone: ZoneBlocks, order: int) -> int:
    return zone.orders[order] if order < len(zone.orders) else 0


def _listed(zone: ZoneBlocks) -> str:
    return "–" if isinstance(zone.per_cpu_pages, Missing) else units.pages(zone.per_cpu_pages)


def _bar(pages: int, scale: int, cells: int, paint: Paint) -> Row:
    if pages > scale:
        return (Run("▇" * (cells - 1), paint), Run("»", STRONG._replace(ground="vessel")))
    filled = min(cells, round(pages / scale * cells) or (1 if pages else 0))
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


def about(one: Blocks, *, wide: bool) -> Row:
    """How much is free, and what of it is in pieces too small for a huge page."""
    zones = one.zones
    if isinstance(zones, Missing):
        return row(words(f"nothing is known of free blocks: {zones.reason}"))
    whole = together(zones)
    order = min(HUGE_ORDER, len(whole.orders) - 1)
    blocks = f" in {sum(whole.orders):,} blocks" if wide else ""
    why = ", of no use for a huge page" if wide else ""
    line = [
        figure(units.size(whole.pages * PAGE_SIZE)), words(f" free{blocks}; "),
        figure(units.percent(100 * whole.unusable[order])),
        words(f" in pieces below {block_size(order)}{why}"),
    ]  # fmt: skip
    if not isinstance(whole.per_cpu_pages, Missing):
        listed = units.size(whole.per_cpu_pages * PAGE_SIZE)
        line += [words("; "), figure(listed), words(" on per-CPU lists")]
    return row(*line)
