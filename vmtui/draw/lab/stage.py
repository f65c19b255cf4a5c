"""The whole stage in rows: question, script, picture, table and charts for any size."""

from __future__ import annotations

from rich.cells import cell_len

from vmtui.draw.beside import beside, equal_widths
from vmtui.draw.lab import (
    blocks,
    cliff,
    curves,
    fault,
    kill,
    machine,
    promises,
    script,
    tables,
    tiles,
)
from vmtui.draw.lab.prose import paragraph
from vmtui.draw.lab.scene import Scene
from vmtui.draw.lab.table import table
from vmtui.draw.paint import DIM, STRONG, Paint, Row, Run, fit, row, width

_RULE = Paint("rule")
_ALARM = Paint("alarm-ink", "alarm", bold=True)
WIDE = (112, 28)
"""From this size on the text has a column of its own."""
_MOST_LEFT = 54
_PAGES_BESIDE = 10
"""Lines that pages have under the table when the picture is about something else."""
_MOST_TOLD = 11
"""Lines of explanation; on a lower stage as many only until the first step."""
_LEAST_TILES = 5
"""Lines below another picture that pages are worth showing in."""


def is_wide(cells: int, lines: int) -> bool:
    """Whether everything told stands at the left and everything drawn at the right."""
    return cells >= WIDE[0] and lines >= WIDE[1]


def rows(scene: Scene, cells: int, lines: int) -> list[Row]:
    """Exactly `lines` rows of `cells`."""
    made = _wide(scene, cells, lines) if is_wide(cells, lines) else _small(scene, cells, lines)
    made += [()] * (lines - len(made))
    return [fit(line, cells) for line in made[:lines]]


# 80 × 24


def _small(scene: Scene, cells: int, lines: int) -> list[Row]:
    if scene.machine is not None:
        shown = machine.pane(scene, scene.machine, cells - 2, lines - 1)
        return [_question(scene, cells), *_indented(shown)]
    below = min(len(scene.figures) + 2, max(5, round(lines * 0.42)), max(0, lines - 9))
    if not scene.figures and not scene.curves:
        below = 0
    above = lines - 1 - below - (1 if below else 0)
    left = max(24, min(44, round(cells * 0.39)))
    right = cells - left - 3
    said = beside([_script(scene, left, above), picture(scene, right, above)], [left, right], 2)
    made = [_question(scene, cells), *said[:above]]
    made += [()] * (1 + above - len(made))
    if below:
        made.append((Run("─" * cells, _RULE),))
        made += _lower(scene, cells, below)
    return made


def _question(scene: Scene, cells: int) -> Row:
    line = (Run(" "), Run(scene.question, STRONG))
    if scene.message:
        return fit((*line, Run("  "), Run(f" {scene.message} ", _ALARM)), cells)
    after, short = scene.done or scene.answer, scene.done_short
    if scene.hidden:
        after, short = scene.words.hidden, scene.words.hidden_short
    if short and width(line) + 2 + cell_len(after) > cells:
        after = short
    return fit((*line, Run("  "), Run(after, DIM)), cells)


def _lower(scene: Scene, cells: int, lines: int) -> list[Row]:
    """The table, and one chart beside it."""
    if not scene.curves or scene.is_about_faults:
        return _indented(table(scene.figures, cells - 2, lines, scene.words, hidden=scene.hidden))
    left = min(cells - 24, max(46, round(cells * 0.59))) if cells >= 72 else round(cells * 0.62)
    right = cells - left - 4
    bar = tiles.saved_bar(scene, left - 1)[:1]
    told = table(scene.figures, left - 1, lines - len(bar), scene.words, hidden=scene.hidden)
    told += [()] * (lines - len(bar) - len(told)) + bar
    drawn = curves.chart(scene, scene.curves[0], right, lines)
    return _indented(beside([told, drawn], [left - 1, right], 3))


def _indented(lines: list[Row]) -> list[Row]:
    return [(Run(" "), *line) for line in lines]


def _script(scene: Scene, cells: int, lines: int) -> list[Row]:
    if scene.as_c:
        return script.c_listing(scene.steps, scene.step, scene.part, cells, lines)
    return script.listing(scene.steps, scene.step, scene.part, cells, lines, hidden=scene.hidden)


# 120 × 35 and larger


def _wide(scene: Scene, cells: int, lines: int) -> list[Row]:
    left = min(_MOST_LEFT, round(cells * 0.4))
    right = cells - left - 4
    bar = [(Run("│", _RULE),)] * lines
    return beside(
        [_told(scene, left, lines), bar, _drawn(scene, right, lines)], [left, 1, right], 1
    )


def _told(scene: Scene, cells: int, lines: int) -> list[Row]:
    """Question, why, script, table, frames, C: the last ones leave first."""
    inner = cells - 2
    loose = lines >= 40
    made: list[Row] = [()] if loose else []
    made += [row(Run(f" {line}", STRONG)) for line in paragraph(scene.question, inner)]
    if scene.message:
        made += [row(" ", Run(f" {line} ", _ALARM)) for line in paragraph(scene.message, inner - 2)]
    made.append(())
    said = scene.words.hidden if scene.hidden else scene.why
    most = 4 if scene.step >= 0 and not loose else _MOST_TOLD
    made += [row(Run(f" {line}", DIM)) for line in paragraph(said, inner, most)]
    if scene.done and not scene.hidden:
        made += [row(Run(f" {line}", STRONG)) for line in paragraph(scene.done, inner, 2)]
    made.append(())
    figures = len(scene.figures)
    free = lines - len(made)
    room_for_table = min(figures + 1, max(6, free // 2))
    pages = _PAGES_BESIDE if scene.cliff is not None and loose and scene.tiles else 0
    steps = _script(scene, cells, max(4, free - room_for_table - pages - 2))
    made += [*steps, (), (Run(" "), Run("─" * inner, _RULE))]
    free = lines - len(made)
    made += _indented(table(scene.figures, inner, free, scene.words, hidden=scene.hidden))
    saved = tiles.saved_bar(scene, inner)
    if saved and lines - len(made) >= len(saved) + 1:
        made += [(), *_indented(saved)]
    if pages and lines - len(made) > _LEAST_TILES:
        return [*made, (), *_indented(tiles.picture(scene, inner, lines - len(made) - 1))]
    if not scene.as_c and lines - len(made) >= 6:
        made += [(), row(Run(f" {scene.words.in_c}", DIM))]
        made += script.excerpt(scene.steps, scene.step, cells, min(14, lines - len(made)))
    return made[:lines]


def _drawn(scene: Scene, cells: int, lines: int) -> list[Row]:
    """The picture, and as many charts as there is room for."""
    pad: list[Row] = [()] if lines >= 40 else []
    if scene.machine is not None:
        return [*pad, *machine.pane(scene, scene.machine, cells, lines - len(pad))]
    if scene.trees or not scene.curves:
        return [*pad, *picture(scene, cells, lines - len(pad))]
    two = len(scene.curves) > 1 and lines >= 40
    first = 10 if lines >= 40 else 9 if lines >= 32 else 7
    second = 9 if two else 0
    above = lines - first - second - 1 - (1 if two else 0)
    made = [*pad, *picture(scene, cells, above - len(pad))]
    made += [()] * (above - len(made))
    made.append((Run("─" * cells, _RULE),))
    made += curves.chart(scene, scene.curves[0], cells, first)
    if two:
        shown = scene.curves[1:3]
        widths = equal_widths(len(shown), cells, 4)
        drawn = [curves.chart(scene, one, wide, second)
                 for one, wide in zip(shown, widths, strict=True)]  # fmt: skip
        made += [(), *beside(drawn, widths, 4)]
    return made[:lines]


def picture(scene: Scene, cells: int, lines: int) -> list[Row]:
    """What the experiment is about: pages, a tree, a fault, a kill, a cliff, free blocks …"""
    if scene.step < 0 and not scene.is_about_faults:
        return tiles.empty(scene, cells, lines)
    if scene.is_about_faults:
        made = fault.card(scene, scene.fault, cells, lines)
        made += [()] * bool(made)
        if lines - len(made) >= _LEAST_TILES and scene.tiles and scene.step >= 0:
            made += tiles.picture(scene, cells, lines - len(made))
        return made
    if scene.kill is not None:
        return _over_tiles(scene, _kill(scene, *scene.kill, cells, lines), cells, lines)
    if scene.blocks is not None:
        free, said = scene.blocks
        return blocks.picture(free, said, cells, lines, letters=scene.bars_by_letters)
    if scene.cliff is not None:
        return cliff.picture(*scene.cliff, cells, lines, hidden=scene.hidden)
    if scene.promises is not None:
        return promises.picture(scene, cells, lines)
    if scene.trees:
        return tables.picture(scene, cells, lines)
    return tiles.picture(scene, cells, lines)


def _kill(
    scene: Scene, view: kill.Kill, words: kill.KillWords, cells: int, lines: int
) -> list[Row]:
    return kill.picture(
        view, words, cells, lines,
        hidden=scene.hidden, letters=scene.bars_by_letters, page_bytes=scene.page_bytes,
    )  # fmt: skip


def _over_tiles(scene: Scene, made: list[Row], cells: int, lines: int) -> list[Row]:
    """A picture, and the pages in what is left below it."""
    room = lines - len(made) - 1
    if room < _LEAST_TILES or not scene.tiles:
        return made
    return [*made, (), *tiles.picture(scene, cells, room)]
