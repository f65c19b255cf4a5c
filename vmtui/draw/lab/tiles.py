"""The regions of all processes: a row for each region, its processes side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vmtui import units
from vmtui.draw import grid as grids
from vmtui.draw import legend, pagegrid
from vmtui.draw.beside import beside
from vmtui.draw.lab import cells
from vmtui.draw.lab.scene import COPY, ORIGINAL, SAME, Scene, Tile
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, row, spread, width
from vmtui.model.states import PageState

_HUGE = 2 << 20
_MOST_PROCESSES = 4
_LEAST_LINES = 3
_SHORT = 80
"""Below so many cells addresses lose the digits they share."""
_WIDE = 36
"""Cells of a tile from which it has room for its figures."""


def picture(scene: Scene, width_cells: int, lines: int) -> list[Row]:
    """All tiles that fit, and the legend under them."""
    if not scene.tiles:
        return empty(scene, width_cells, lines)
    names = list(dict.fromkeys(tile.name for tile in scene.tiles))
    legends = _legend(scene, width_cells) if lines >= 6 else []
    room = lines - len(legends)
    shown = names[-max(1, room // _LEAST_LINES) :]
    if len(names) > len(shown):
        room -= 1
    rows: list[Row] = []
    needs = [_need(scene, name, width_cells) for name in shown]
    for name, share in zip(shown, _shares(needs, room), strict=True):
        tiles = [tile for tile in scene.tiles if tile.name == name][:_MOST_PROCESSES]
        drawn = _band(scene, tiles, width_cells, share)
        rows += [fit(line, width_cells) for line in drawn[:share]]
    if len(names) > len(shown):
        hidden = ", ".join(names[: len(names) - len(shown)])
        rows.append(fit(row(Run(f"{scene.words.more}: {hidden}", FAINT)), width_cells))
    return [*rows, *legends]


def empty(scene: Scene, cells_wide: int, lines: int) -> list[Row]:
    """Where there is nothing to draw: what to press before the first step, later just that."""
    if scene.step >= 0:
        return [(), row(Run(f" {scene.words.nothing_yet}", FAINT))][:lines]
    rows: list[Row] = [()] * min(3, max(0, lines // 4))
    for key, does in scene.words.begin:
        rows += [fit(row(Run(f"  {key:>6}  ", STRONG), Run(does, DIM)), cells_wide), ()]
    if len(rows) > lines:
        rows = [line for line in rows if line]
    return rows[:lines]


def _shares(needs: Sequence[int], room: int) -> list[int]:
    """Lines for each band: what it needs, the large ones giving way."""
    shares = list(needs)
    while sum(shares) > room and max(shares) > _LEAST_LINES:
        shares[shares.index(max(shares))] -= 1
    return shares


def _need(scene: Scene, name: str, cells_wide: int) -> int:
    """Lines a band can use: title, ruler or overview, and its pages."""
    tiles = [tile for tile in scene.tiles if tile.name == name]
    pages = max(tile.pages for tile in tiles)
    if not any(len(tile.states) for tile in tiles):
        return 2
    columns = (
        _alone_columns(tiles[0], scene, cells_wide)
        if len(tiles) == 1
        else (cells.columns_in(cells_wide // len(tiles)))
    )
    lines = -(-pages // columns)
    return min(200, lines + (2 if lines <= 12 else 4))


def _band(scene: Scene, tiles: Sequence[Tile], cells_wide: int, lines: int) -> list[Row]:
    if len(tiles) == 1:
        return _alone(scene, tiles[0], cells_wide, lines)
    return _pair(scene, tiles, cells_wide, lines)


# One process


def _alone(scene: Scene, tile: Tile, cells_wide: int, lines: int) -> list[Row]:
    """With the addresses beside it, all of the region."""
    nbytes = scene.page_bytes
    start = tile.start * nbytes
    many = f"{tile.pages:,} {scene.words.pages}"
    name: Row = (Run(tile.name, STRONG), Run(f" {units.size(tile.pages * nbytes)}, {many}", DIM))
    facts: Row = (
        Run(f"{tile.process} {tile.pid}  " if cells_wide >= 60 else "", FAINT),
        Run(tile.facts, DIM),
    )
    if not len(tile.states):
        return [spread(name, facts, cells_wide), fit(row(Run(" " * 8, Paint("text", "vessel"))), 9)]
    short = cells_wide < _SHORT
    columns = _alone_columns(tile, scene, cells_wide)
    room = lines - 2
    if room < 1:
        return [spread(name, facts, cells_wide)]
    letters = tile.pages <= columns * room or scene.letters
    grid = grids.fitting(start, start + tile.pages * nbytes, nbytes, columns, room,
                         halves=not letters, short=short)  # fmt: skip
    if grid.pages_per_cell > 1:
        cell = f"{scene.words.one_cell} = {grid.pages_per_cell}"
        wide_enough = width(name) + len(cell) + width(facts) + 4 <= cells_wide
        name = (*name, Run(f", {cell}" if wide_enough else "", DIM))
    drawn = pagegrid.rows(tile.states, grid, age=tile.age, huge_bytes=_HUGE)
    used = 1 + -(-(start + tile.pages * nbytes - grid.top) // grid.line_bytes)
    return [spread(name, facts, cells_wide), *drawn[:used]]


def _alone_columns(tile: Tile, scene: Scene, cells_wide: int) -> int:
    """Columns of cells beside the addresses."""
    room = cells_wide - _gutter(tile.start * scene.page_bytes, cells_wide < _SHORT)
    return next((n for n in (128, 64, 32) if n * 17 // 16 <= room), 16)


def _gutter(start: int, short: bool) -> int:
    return 2 + (8 if short else max(12, len(f"{start:x}")))


# Several processes


def _pair(scene: Scene, tiles: Sequence[Tile], cells_wide: int, lines: int) -> list[Row]:
    count = len(tiles)
    gap = 5 if cells_wide // count >= _WIDE else 3
    each = (cells_wide - gap * (count - 1)) // count
    columns = cells.columns_in(each)
    wide = min(each, cells.width_of(columns))
    columns = min(columns, wide)
    pages = max(tile.pages for tile in tiles)
    room = lines - 1
    if not any(len(tile.states) for tile in tiles) or room < 1:
        return [beside([[_title(tile, wide)] for tile in tiles], [wide] * count, gap)[0]]
    fits = -(-pages // columns) <= room
    overview = not fits and not scene.whole and room >= 8
    room -= 2 if overview else 0
    top = _window(scene.focus.get(tiles[0].name, 0), pages, columns, room)
    per_cell = cells.fitting(pages, columns, room, halves=not scene.letters)
    drawings: list[list[Row]] = []
    for tile in tiles:
        rows = [_title(tile, wide)]
        if overview:
            rows += cells.overview(tile, wide, range(top, min(pages, top + columns * room)))
        if fits or not scene.whole:
            rows += cells.letters(tile, columns, room, 0 if fits else top)
        else:
            rows += cells.blocks(tile, columns, room, per_cell, halves=not scene.letters)
        drawings.append(rows)
    made = beside(drawings, [wide] * count, gap)
    if count == 2 and (fits or not scene.whole):
        head = 3 if overview else 1
        signs = cells.differs(tiles[0], tiles[1], columns, room, 0 if fits else top)
        for at, sign in enumerate(signs):
            if head + at < len(made):
                made[head + at] = _between(made[head + at], wide, gap, sign)
    return made


def _window(focus: int, pages: int, columns: int, lines: int) -> int:
    """The first page of a window in which `focus` stands in the last third."""
    wanted = focus // columns - lines * 2 // 3
    return max(0, min(wanted, -(-pages // columns) - lines)) * columns


def _between(line: Row, wide: int, gap: int, sign: str) -> Row:
    """The sign in the middle of the gap after the first tile."""
    before: list[Run] = []
    used = 0
    for at, run in enumerate(line):
        if used == wide and run.text == " " * gap:
            side = (gap - 1) // 2
            mark = Run(sign, TEXT if sign == "≠" else DIM)
            return (*before, Run(" " * side), mark, Run(" " * (gap - 1 - side)), *line[at + 1 :])
        before.append(run)
        used += width((run,))
    return line


def _title(tile: Tile, cells_wide: int) -> Row:
    left = row(Run(tile.process, STRONG), Run(f" {tile.pid}", DIM))
    right = row(Run(tile.facts, DIM))
    if width(left) + width(right) + 2 > cells_wide:
        right = row(Run(tile.name, FAINT))
    if width(left) + width(right) + 2 > cells_wide:
        return fit(left, cells_wide)
    return spread(left, right, cells_wide)


# The legend


def _legend(scene: Scene, cells_wide: int) -> list[Row]:
    """Marks where relatives are compared, else states; one line."""
    marks = np.zeros(4, np.int64)
    states = np.zeros(len(PageState), np.int64)
    for tile in scene.tiles:
        if len(tile.marks):
            marks += np.bincount(tile.marks, minlength=4)[:4]
        if len(tile.states):
            states += np.bincount(tile.states, minlength=len(PageState))
    if not marks[1:].any():
        return [(), legend.legend_line(states.tolist(), scene.page_bytes, cells_wide)]
    words = scene.words
    many = cells_wide >= 80
    entries = [
        (Run("=", Paint("cow-swatch", "cow")), words.same_frame, int(marks[SAME]) // 2),
        (Run("1", Paint("anon-swatch", "anon")), words.original, int(marks[ORIGINAL])),
        (Run("2", Paint("anon-swatch", "anon")), words.copy, int(marks[COPY])),
        (
            Run(" ", Paint("anon!100-letter", "anon!100")),
            words.just_written if many else words.now,
            -1,
        ),
    ]
    line: Row = ()
    for swatch, name, count in entries:
        figure = (Run(f" {units.pages(count)}", TEXT),) if many and count >= 0 else ()
        entry = (swatch, Run(f" {name}", DIM), *figure)
        gap = (Run("   "),) if line else ()
        if width((*line, *gap, *entry)) > cells_wide:
            break
        line = (*line, *gap, *entry)
    return [(), line] if many else [line]


def saved_bar(scene: Scene, cells_wide: int) -> list[Row]:
    """«26,931 frames instead of 51,200», and a bar of what is shared and what is saved."""
    saved = scene.saved
    if saved is None:
        return []
    words = scene.words
    said = row(Run(units.pages(saved.frames), STRONG), Run(words.frames[0], DIM),
               Run(units.pages(saved.instead), TEXT), Run(words.frames[1], DIM))  # fmt: skip
    total = max(1, saved.instead)
    parts = [("shared", words.shared, "cow", saved.shared),
             ("own", "", "anon", max(0, saved.frames - saved.shared))]  # fmt: skip
    line: Row = ()
    used = 0
    for _, label, slot, value in parts:
        cells_of = min(cells_wide - used, round(cells_wide * value / total))
        if value and cells_of < 1:
            cells_of = 1
        text = f" {label} {units.pages(value)}" if label else ""
        text = text if len(text) + 1 <= cells_of and width(row(Run(text))) < cells_of else ""
        fill = text + " " * (cells_of - width(row(Run(text))))
        line = (*line, Run(fill, Paint(f"{slot}-label", slot)))
        used += cells_of
    left = cells_wide - used
    text = f"{units.pages(saved.instead - saved.frames)} {words.saved} "
    text = text if width(row(Run(text))) + 1 <= left else ""
    rest = Run(" " * (left - width(row(Run(text)))) + text, Paint("dim", "vessel"))
    return [said, (*line, rest)]
