"""The tree of page tables: a level is a row of vessels, its used entries lit, links between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmtui import units
from vmtui.draw.lab.scene import Scene, Tree
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, row, spread, width

_LEVELS = (("PGD", "512G", 27), ("PUD", "1G", 18), ("PMD", "2M", 9), ("PTE", "4K", 0))
"""Name of a table, what one entry of it spans, and how far a page number is shifted for it."""
_ENTRIES = 512
_LINK = Paint("dim")
_MOST = 16
_TABLE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class _Spot:
    """A drawn page: its number and its column."""

    page: int
    x: int
    fresh: bool


def large(scene: Scene, tree: Tree, cells: int, lines: int) -> list[Row]:
    """One tree over the whole width, with what it costs."""
    words = scene.words
    count = sum(tree.tables)
    memory = len(tree.pages) * scene.page_bytes
    head = row(
        Run(tree.title or tree.process, STRONG), Run("   PGD + ", DIM), Run(str(count), STRONG),
        Run(f" {words.tables} ", DIM), Run(f"= {units.size(count * _TABLE_BYTES)}", STRONG),
    )  # fmt: skip
    what_for = row(Run(f"  {words.over}", DIM), Run(units.size(memory), STRONG),
                   Run(f" {words.of_memory}", DIM))  # fmt: skip
    if width(head) + width(what_for) <= cells:
        head = (*head, *what_for)
    if not tree.pages:
        return [fit(head, cells), (), *_counted(tree, cells)][:lines]
    margin = 12 if cells >= 70 else 5
    tall = 2 if lines >= 16 else 1 if lines >= 10 else 0
    spots = _spots(tree, cells - margin, None)
    rows = [fit(head, cells), *([()] if lines > 6 else [])]
    for level in range(len(_LEVELS)):
        rows += _level(tree, spots, level, cells, margin, links=tall)
    rows += _pages(scene, tree, spots, cells, margin)
    return rows[:lines]


def small(scene: Scene, tree: Tree, cells: int, lines: int) -> list[Row]:
    """The same as a small multiple."""
    cost = units.size(sum(tree.tables) * _TABLE_BYTES)
    rows = [spread(row(Run(tree.title or tree.process, STRONG)), row(Run(cost, STRONG)), cells)]
    if not tree.pages:
        return [*rows, *_counted(tree, cells)][:lines]
    links = 1 if lines >= 10 else 0
    spots = _spots(tree, cells - 5, 3)
    for level in range(len(_LEVELS)):
        rows += _level(tree, spots, level, cells, 5, links=links, words=False)
    line = [Run("page ", DIM)]
    rows.append(_placed(line, [(spot.x, _leaf(spot)) for spot in spots], 5, cells))
    pte, pmd, pud = tree.tables
    rows.append(fit(row(Run(f"     {pte + pmd + pud} = {pud} + {pmd} + {pte}", DIM)), cells))
    return rows[:lines]


def _spots(tree: Tree, cells: int, step: int | None) -> list[_Spot]:
    """Columns of the pages: as far apart as there is room, or neighbours side by side."""
    pages = tree.pages[:_MOST]
    most = max(1, cells // max(1, len(pages)))
    if step is None:
        step = min(10, most)
    spots, x = [], 0
    for at, page in enumerate(pages):
        if at:
            near = page - pages[at - 1] == 1 and step <= 3
            x += 1 if near else min(step, most)
        spots.append(_Spot(page, x, page in tree.fresh))
    return spots


def _level(
    tree: Tree,
    spots: Sequence[_Spot],
    level: int,
    cells: int,
    margin: int,
    *,
    links: int,
    words: bool = True,
) -> list[Row]:
    """The tables of one level, and the links to the next."""
    name, span, shift = _LEVELS[level]
    tables: dict[int, list[_Spot]] = {}
    for spot in spots:
        tables.setdefault(spot.page >> (shift + 9), []).append(spot)
    count = 1 if level == 0 else tree.tables[3 - level]
    label = f"{name:<4}" if margin < 10 else f"{name} {span:>4}"
    pieces: list[tuple[int, Run]] = []
    keys = list(tables)
    below: list[int] = []
    under: list[tuple[int, str]] = []
    for at, key in enumerate(keys):
        mine = tables[key]
        stop = tables[keys[at + 1]][0].x - 1 if at + 1 < len(keys) else cells - margin
        least = mine[-1].x + (9 if words else 2)
        stop = min(stop, max(least, cells - margin if len(keys) == 1 else least))
        used: dict[int, _Spot] = {}
        for spot in mine:
            used.setdefault(spot.page >> shift, spot)
        fresh = {spot.page >> shift for spot in mine if spot.fresh}
        old = {spot.page >> shift for spot in mine if not spot.fresh}
        x = mine[0].x
        for entry, spot in used.items():
            if spot.x > x:
                pieces.append((x, Run(" " * (spot.x - x), Paint("text", "vessel"))))
            lit = "anon!100" if entry in fresh and entry not in old else "anon"
            pieces.append((spot.x, Run(" ", Paint("text", lit))))
            x = spot.x + 1
            below.append(spot.x)
            under.append((spot.x, str(entry % _ENTRIES)))
        text = f" {len(used)}/{_ENTRIES}" if words else ""
        text = text if len(text) + 1 <= stop - x else ""
        pieces.append((x, Run(text.ljust(max(0, stop - x)), Paint("dim", "vessel"))))
    rows = [_placed([Run(label[:3], STRONG if words else DIM), Run(label[3:], DIM)], pieces,
                    margin, cells)]  # fmt: skip
    for number in range(links):
        left = [Run(f"{count:,} × 512" if not number and margin >= 10 else "", FAINT)]
        if level == 0 and not number and words and links > 1:
            rows.append(_placed(left, _texts(under), margin, cells))
        else:
            rows.append(_placed(left, [(x, Run("│", _LINK)) for x in below], margin, cells))
    return rows


def _texts(places: Sequence[tuple[int, str]]) -> list[tuple[int, Run]]:
    kept: list[tuple[int, Run]] = []
    free = 0
    for x, text in places:
        if x >= free:
            kept.append((x, Run(text, DIM)))
            free = x + len(text) + 1
    return kept


def _pages(scene: Scene, tree: Tree, spots: Sequence[_Spot], cells: int, margin: int) -> list[Row]:
    """The pages themselves, with their addresses where there is room."""
    pieces: list[tuple[int, Run]] = []
    for at, spot in enumerate(spots):
        pieces.append((spot.x, _leaf(spot)))
        room = (spots[at + 1].x if at + 1 < len(spots) else cells - margin) - spot.x - 2
        text = _offset((spot.page - spots[0].page) * scene.page_bytes)
        if len(text) < room:
            pieces.append((spot.x + 1, Run(f" {text}", FAINT)))
    more = len(tree.pages) - len(spots)
    label = [Run(scene.words.pages if margin >= 10 else "page", STRONG)]
    rows = [_placed(label, pieces, margin, cells)]
    if margin >= 10:
        tail = f"{len(tree.pages)} × {units.size(scene.page_bytes, 1)}"
        rows.append(fit(row(Run(tail, FAINT), Run(f"   +{more}" if more else "", FAINT)), cells))
    return rows


def _leaf(spot: _Spot) -> Run:
    slot = "anon!100" if spot.fresh else "anon"
    return Run("a", Paint(f"{slot}-swatch", slot))


def _offset(nbytes: int) -> str:
    """From the first page on: +1G."""
    text = units.size(nbytes)
    number, letter = text[:-1], text[-1]
    return (
        "+0"
        if not nbytes
        else f"+{number.rstrip('0').rstrip('.')}{letter}"
        if ("." in number)
        else f"+{text}"
    )


def _placed(left: Sequence[Run], pieces: Sequence[tuple[int, Run]], margin: int, cells: int) -> Row:
    """Runs at their columns after the margin."""
    out = [*fit(tuple(run for run in left if run.text), margin)]
    x = 0
    for at, run in pieces:
        if at < x or not run.text:
            continue
        if at > x:
            out.append(Run(" " * (at - x)))
        out.append(run)
        x = at + width((run,))
    return fit(tuple(out), cells)


def _counted(tree: Tree, cells: int) -> list[Row]:
    """A tree of too many pages to draw: how many tables each level has, as bars."""
    from math import log2

    pte, pmd, pud = tree.tables
    rows: list[Row] = []
    for (name, _, _), count in zip(_LEVELS, (1, pud, pmd, pte), strict=True):
        size = max(1, round(min(1.0, (log2(max(1, count)) + 1) / 20) * (cells - 20)))
        rows.append(fit((Run(f"{name} ", STRONG if count else DIM),
                         Run(f"{count:>9,} ", TEXT), Run(" " * size, Paint("text", "anon"))),
                        cells))  # fmt: skip
    return rows
