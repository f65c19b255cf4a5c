"""How an address finds its page, drawn: index by index from table to table to the frame.

Each table is a column: the index with its bits, the entries around the address's own, how many of
all entries are used, and the whole table as one line of heights. An entry is a vessel, filled by
how much of the addresses below it is populated. The tables are derived, and the drawing says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmtui import units
from vmtui.draw import braille
from vmtui.draw.beside import beside
from vmtui.draw.glyphs import EIGHTHS
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, row, spread
from vmtui.draw.sentences import figure, words
from vmtui.draw.slots import STATE_SLOTS
from vmtui.draw.strip import level
from vmtui.missing import Missing
from vmtui.model.page_walk import Derived, Ending, TableOnWay, Walk
from vmtui.model.states import PageState

_BLOCK = "▇"
_FULL = 7
_MARGIN = 14
_BIT_1, _BIT_0 = Paint("strong", "vessel", bold=True), Paint("faint", "vessel")
_NOTHING = {
    Ending.EMPTY: ("nothing", "no page yet"),
    Ending.SWAPPED: ("in swap", "no frame"),
    Ending.GUARD: ("guard", "faults"),
}


@dataclass(frozen=True, slots=True)
class Box:
    """What the walk comes to: a filled box at its end."""

    slot: str
    lines: tuple[str, ...]
    """At most three."""


def box_of(walk: Walk, state: PageState, pfn: int | Missing) -> Box:
    """The box of a page.

    Args:
        walk: of its address.
        state: what the page is drawn as.
        pfn: its frame, or why it is not known.
    """
    if walk.ending is not Ending.PAGE:
        slot = {Ending.EMPTY: "absent", Ending.SWAPPED: "swapped", Ending.GUARD: "guard"}
        return Box(slot[walk.ending], _NOTHING[walk.ending])
    size = units.size(walk.mapped_bytes, 1)
    number = "number hidden" if isinstance(pfn, Missing) else f"{pfn:x}"
    return Box(state.slot, ("frame", number, f"{size} {state.slot}"))


def state_of(walk: Walk) -> PageState:
    """What the page is drawn as, by the walk alone."""
    if walk.neighbours:
        return PageState(walk.neighbours[walk.tables[-1].index])
    return PageState.HUGE if walk.ending is Ending.PAGE else PageState.ABSENT


def rows(walk: Walk, box: Box, cells: int, lines: int) -> list[Row]:
    """The whole drawing, in at most `lines`.

    Args:
        walk: of the address.
        box: what stands at its end.
        cells: width.
        lines: 10 for the smallest, 17 for all of it.
    """
    wide = cells >= 100
    margin = _MARGIN if wide else 1
    count = len(walk.tables) + 1
    each = (cells - margin - (1 if wide else 0)) // count
    around = min(7, max(1, (lines - (10 if wide else 7)) | 1))
    columns = [_column(walk, table, box, each, around) for table in walk.tables]
    columns.append(_end(walk, box, each, around, wide=wide))
    columns.insert(0, _labels(around, wide=wide))
    body = beside(columns, [margin] + [each] * count, 0)
    if wide:
        head = row(Run(f" {walk.address:012x}", STRONG), Run(f"  {_how_split(walk)}", DIM))
        drawn = [fit(head, cells), (), *body]
    else:
        head = row(Run(f" {walk.address:012x}", STRONG))
        said = row(Run("tables derived; their contents cannot be read ", FAINT))
        drawn = [spread(head, said, cells), *body]
    return [fit(line, cells) for line in drawn[:lines]]


def without_colour(picture: Sequence[Row]) -> list[Row]:
    """What an entry's vessel lacks is told by its colour alone: here by points."""
    return [
        tuple(
            Run("·" * len(run.text), run.paint) if run.paint.ink == "vessel" else run
            for run in line
        )
        for line in picture
    ]  # fmt: skip


def _how_split(walk: Walk) -> str:
    geometry = walk.geometry
    bits = geometry.shift(0) + geometry.index_bits
    parts = len(walk.tables) + 1
    return f"{bits} bits used of 64; {_NUMBERS.get(parts, str(parts))} parts, read left to right"


_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def _labels(around: int, *, wide: bool) -> list[Row]:
    """What the lines are, left of the first table."""
    if not wide:
        return []
    middle = around // 2
    walked: list[Row] = [()] * around
    walked[0] = row(Run(" walk", DIM))
    walked[middle] = row(Run(" root ", DIM), Run("───────▸", DIM))
    return [(), row(Run(" bits", DIM)), (), *walked, row(Run(" derived", FAINT)), (),
            row(Run(" whole table", DIM))]  # fmt: skip


def _column(walk: Walk, table: TableOnWay, box: Box, cells: int, around: int) -> list[Row]:
    """One table: name, bits, the entries around the index, and how full it is."""
    geometry = walk.geometry
    low = geometry.shift(table.level)
    high = low + geometry.index_bits - 1
    entry = table.index
    room = cells - 2
    bits = _bits(entry, geometry.index_bits)
    spare = room >= geometry.index_bits + 5
    name = row(Run(table.name, STRONG), Run(f" {high}–{low}" if spare else f" {entry}",
                                            DIM if spare else STRONG))  # fmt: skip
    index = row(*bits, Run(f" {entry}" if spare else "", STRONG))
    drawn = [name, index, ()]
    first = max(0, min(entry - around // 2, geometry.entries - around))
    vessel = max(3, min(6, room - 8))
    for at in range(first, first + around):
        drawn.append(_entry(table, at, _slot_of(walk, table, at, box), vessel, room))
    spans = units.size(table.entry_span, 1)
    used = f"{table.used} of {geometry.entries} used"
    if len(used) + 4 > room:
        used = f"{table.used}/{geometry.entries}"
    if not table.needed:
        used = "not needed"
    drawn.append(row(Run(f"    each {spans}", DIM)))
    drawn.append(row(Run(f"    {used}", DIM)))
    drawn.append(_whole(table, box, min(room, 22)))
    return drawn


def _bits(value: int, count: int) -> list[Run]:
    """The bits of an index, ones strong."""
    text = f"{value:0{count}b}"
    runs: list[Run] = []
    for bit in text:
        paint = _BIT_1 if bit == "1" else _BIT_0
        if runs and runs[-1].paint == paint:
            runs[-1] = Run(runs[-1].text + bit, paint)
        else:
            runs.append(Run(bit, paint))
    return runs


def _entry(table: TableOnWay, at: int, slot: str, vessel: int, room: int) -> Row:
    """One entry: number, vessel, and the arrow onwards from the address's own."""
    own = at == table.index
    share = float(table.shares[at])
    number = Run(f"{at:>3} ", STRONG if own else FAINT)
    if share <= 0:
        cells = [Run("·" * vessel, TEXT if own else FAINT)]
    else:
        full = max(1, round(share * vessel))
        cells = [Run(_BLOCK * full, Paint(slot)), Run(_BLOCK * (vessel - full), Paint("vessel"))]
    if not own:
        return row(number, *cells)
    length = room - 4 - vessel - 1
    leads = share > 0
    arrow = "─" * max(0, length - 1) + "▸" if leads else "╌" * max(0, length)
    return row(number, *cells, Run(" "), Run(arrow, STRONG if leads else FAINT))


def _slot_of(walk: Walk, table: TableOnWay, at: int, box: Box) -> str:
    """A page's own colour in the last table; above it entries lead to pages of all kinds."""
    if at == table.index:
        return box.slot
    if walk.neighbours and table is walk.tables[-1]:
        return f"{STATE_SLOTS[walk.neighbours[at]]}/50"
    return "kernel/50"


def _whole(table: TableOnWay, box: Box, cells: int) -> Row:
    """All entries of a table as heights, the group of the address's own lit."""
    shares, count = table.shares, len(table.shares)
    marks = []
    for column in range(cells):
        first, last = column * count // cells, (column + 1) * count // cells
        part = shares[first:last]
        height = level(float((part > 0).mean()), _FULL)
        own = first <= table.index < last
        ink = box.slot if own and table.needed else "kernel"
        marks.append((EIGHTHS[height], Paint(ink, "vessel" if not own else "cursor")))
    return braille.runs(marks)


def _end(walk: Walk, box: Box, cells: int, around: int, *, wide: bool) -> list[Row]:
    """The offset, and the box that the last arrow points to."""
    last = walk.tables[-1]
    bits = last.entry_span.bit_length() - 1
    offset = walk.address & last.entry_span - 1
    shown = _bits(offset, bits)
    if bits + (7 if wide else 0) > cells:
        shown = []
    name = row(Run("offset", STRONG), Run(f" {bits - 1}–0" if wide else f" {offset:#x}",
                                          DIM if wide else STRONG))  # fmt: skip
    if wide:
        shown.append(Run(f" {offset:#x}", STRONG))
    index = row(*shown)
    room = min(cells - 1, 18)
    inside = min(around, 5 if around >= 5 else 3)
    top = (around - inside) // 2
    text_top = (inside - len(box.lines)) // 2
    block: list[Row] = [()] * top
    for line in range(inside):
        at = line - text_top
        text = box.lines[at] if 0 <= at < len(box.lines) else ""
        paint = Paint(f"{box.slot}-label", box.slot, bold=at == 1)
        block.append((Run(f" {text}".ljust(room)[:room], paint),))
    block += [()] * (around - len(block))
    return [name, index, (), *block, _physical(walk, box, cells), (), ()]


def _physical(walk: Walk, box: Box, cells: int) -> Row:
    """The physical address, where the frame is known."""
    if walk.ending is not Ending.PAGE or len(box.lines) < 2 or not _is_hex(box.lines[1]):
        return ()
    size = walk.geometry.page_size
    address = int(box.lines[1], 16) * size + walk.address % size
    text = f"physical {address:x}"
    return row(Run(text if len(text) < cells else f"= {address:x}", DIM))


def _is_hex(text: str) -> bool:
    return bool(text) and all(letter in "0123456789abcdef" for letter in text)


def tables_row(tables: Derived | Missing, names: Sequence[str]) -> Row:
    """All tables of the process, derived, against VmPTE."""
    if isinstance(tables, Missing):
        return row(Run("tables ", STRONG), words(tables.reason))
    parts: list[Run] = [Run("tables  ", STRONG)]
    for place, (name, count) in enumerate(zip(names, tables.counts, strict=True)):
        parts += [words(" + " if place else ""), figure(f"{count:,}"), words(f" {name}")]
    size = units.size(tables.derived_bytes)
    parts += [words("; without the topmost "), figure(size), words(" derived, ")]
    if isinstance(tables.read_bytes, Missing):
        return row(*parts, words(tables.read_bytes.reason))
    parts.append(words("VmPTE "))
    parts.append(figure(units.size(tables.read_bytes)))
    if not tables.difference:
        return row(*parts, figure(" ="))
    return row(*parts, figure(" ≠"), words(f": {tables.why}"))
