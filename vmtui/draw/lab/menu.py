"""The list of experiments: the question each asks, and beside it what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from vmtui.draw.beside import beside
from vmtui.draw.lab.prose import paragraph
from vmtui.draw.lab.words import Words
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, on, row, spread

_PREVIEW_FROM = 112
"""Columns from which what is under the cursor is told beside the list, otherwise below it."""
_BELOW_FROM = 20


@dataclass(frozen=True, slots=True)
class Item:
    """One experiment, display text."""

    id: str
    title: str
    question: str
    why: str
    needs: str
    needs_nothing: bool
    lines: tuple[str, ...]
    """Its script, parameters filled in."""
    group: str = ""
    """The heading it stands under; empty for the first ones."""
    parameters: str = ""
    """«size 100M, stride 10»."""
    changes: tuple[str, ...] = ()
    """What it changes outside its processes, a sentence each."""


def rows(
    items: Sequence[Item], cursor: int, cells: int, lines: int, words: Words
) -> tuple[list[Row], dict[int, int]]:
    """Exactly `lines` rows, and which item stands on which of them."""
    if cells >= _PREVIEW_FROM:
        left = max(62, cells * 55 // 100)
        told, places = _list(items, cursor, left, lines, words)
        right = cells - left - 4
        bar = [(Run("│", Paint("rule")),)] * lines
        drawn = beside([told, bar, _preview(items[cursor], right, lines, words)],
                       [left, 1, right], 1)  # fmt: skip
        return _filled(drawn, cells, lines), places
    below = 10 if lines >= _BELOW_FROM else 3 if lines >= 14 else 0
    told, places = _list(items, cursor, cells, lines - below, words)
    made = [*told, *[()] * (lines - below - len(told))]
    if below:
        made.append((Run("─" * cells, Paint("rule")),))
        item = items[cursor]
        room = 2 if lines >= _BELOW_FROM else 1
        about = _labelled(words.needs, item.needs, cells, room)
        if item.changes:
            about += _labelled(words.changes, "; ".join(item.changes), cells, room)
        said = paragraph(item.why, cells - 2, max(0, below - 1 - len(about)))
        made += [row(Run(f" {line}", DIM)) for line in said]
        made += about
    return _filled(made, cells, lines), places


def _labelled(label: str, text: str, cells: int, most: int) -> list[Row]:
    """A text of at most that many lines behind its label, the label fainter."""
    first, *others = paragraph(f"{label}{text}", cells - 2, most)
    after = first.removeprefix(label)
    return [
        row(" ", Run(first[: len(first) - len(after)], FAINT), Run(after, DIM)),
        *(row(Run(f" {line}", DIM)) for line in others),
    ]


def _list(
    items: Sequence[Item], cursor: int, cells: int, lines: int, words: Words
) -> tuple[list[Row], dict[int, int]]:
    """The list around the cursor, a heading before each group."""
    titles = max(cell_len(item.title) for item in items)
    titles = min(titles, max(14, cells * 2 // 5))
    entries: list[tuple[int, Row]] = []
    group = None
    for at, item in enumerate(items):
        if item.group != group:
            if entries:
                entries.append((-1, ()))
            if item.group:
                entries.append((-1, row(Run(f"   {item.group}", DIM))))
            group = item.group
        entries.append((at, _entry(item, at == cursor, titles, cells)))
    here = next(y for y, (at, _) in enumerate(entries) if at == cursor)
    room = max(1, lines - 1)
    top = max(0, min(here - room // 2, len(entries) - room))
    shown = entries[top : top + room]
    head = fit(row(Run("   "), Run(words.experiment, DIM),
                   Run(" " * max(1, titles + 2 - cell_len(words.experiment))),
                   Run(words.question, DIM)), cells)  # fmt: skip
    places = {y + 1: at for y, (at, _) in enumerate(shown) if at >= 0}
    return [head, *(fit(line, cells) for _, line in shown)], places


def _entry(item: Item, here: bool, titles: int, cells: int) -> Row:
    name = fit((Run(item.title, STRONG if here else TEXT),), titles)
    left = (Run(" ▸ " if here else "   ", STRONG), *name, Run("  "),
            Run(item.question, STRONG if here else DIM))  # fmt: skip
    right = () if item.needs_nothing else (Run(item.needs, FAINT), Run(" "))
    used = sum(cell_len(run.text) for run in (*left, *right)) + 2
    line = spread(left, right if used <= cells else (), cells)
    return on(line, "cursor") if here else line


def _preview(item: Item, cells: int, lines: int, words: Words) -> list[Row]:
    """Question, why, script, what it needs, what it changes."""
    made: list[Row] = [(), row(Run(item.question, STRONG)), ()]
    made += [row(Run(line, DIM)) for line in paragraph(item.why, cells - 1)]
    made.append(())
    about: list[Row] = [()]
    if item.parameters:
        about += [row(Run(line, DIM)) for line in paragraph(item.parameters, cells - 1)]
    said = paragraph(f"{words.needs}{item.needs}", cells - 1)
    about += [row(Run(line, DIM)) for line in said]
    if item.changes:
        about += [(), row(Run(words.changes.rstrip(), DIM))]
        for change in item.changes:
            said = paragraph(change, cells - 3)
            about += [row(Run("  " if at else "• ", FAINT), Run(line, TEXT))
                      for at, line in enumerate(said)]  # fmt: skip
    room = lines - len(made) - len(about)
    for number, line in enumerate(item.lines[:room], 1):
        if number == room and len(item.lines) > room:
            made.append(row(Run("    …", FAINT)))
            break
        made.append(row(Run(f"{number:>3} ", FAINT), Run(line, TEXT)))
    return [*made, *about][:lines]


def _filled(made: list[Row], cells: int, lines: int) -> list[Row]:
    made = [*made, *[()] * (lines - len(made))]
    return [fit(line, cells) for line in made[:lines]]
