"""The first frame: the process list as it will look, on screen before Textual is imported.

Half a second of the start is that import. The sampler runs already, the drawings know no Textual:
so the list is painted at once, and Textual's first frame falls into the same place.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import Any

from rich.color import ColorSystem

from vmtui.draw import columns, machine_strip
from vmtui.draw.edges import AREAS, Heading, heading_row
from vmtui.draw.glyphs import to_ascii
from vmtui.draw.paint import Row, fit, on
from vmtui.model.fields.field import Unit
from vmtui.model.fields.process import PROCESS_FIELDS, PROCESS_FIELDS_BY_ID
from vmtui.observe.listing import Order, rows_at
from vmtui.observe.sample import Sample
from vmtui.ui.palette import Depth, Palette
from vmtui.ui.session import Session
from vmtui.ui.settings import Settings
from vmtui.ui.terminal import Terminal, is_too_small

TALL = 34
"""Lines from which the list has air around it and charts above it."""
PATIENCE_SECONDS = 1.0
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[H"
_SYSTEMS = {
    Depth.TRUE: ColorSystem.TRUECOLOR,
    Depth.C256: ColorSystem.EIGHT_BIT,
    Depth.C16: ColorSystem.STANDARD,
    Depth.MONO: None,
}


def fitted(cells: int, chosen: tuple[str, ...]) -> tuple[columns.Column[Any], ...]:
    """The columns of the process list in a table of that width."""
    fields = [PROCESS_FIELDS_BY_ID[name] for name in chosen if name in PROCESS_FIELDS_BY_ID]
    fields = fields or [field for field in PROCESS_FIELDS if field.default]
    narrow = [
        replace(field, width=8) if field.unit is Unit.SERIES and cells < 151 else field
        for field in fields
    ]
    return columns.fitted(narrow, cells, chosen=frozenset(chosen))


def rows(sample: Sample, session: Session, cells: int, lines: int) -> list[Row]:
    """The screen's lines, from the header to the last process that fits."""
    when = time.strftime("%H:%M:%S", time.localtime(sample.taken_at))
    heading = Heading(
        crumbs=(session.host, "processes"),
        facts=f"{len(sample.processes)} processes · {session.user}",
        clock=when,
        modes=AREAS,
    )
    tall = lines >= TALL
    strip = machine_strip.strip(
        sample.machine, machine_strip.rates_of([sample.machine]), cells, 7 if tall else 2
    )
    table = fitted(cells - 1, session.process_columns)
    order = Order(PROCESS_FIELDS_BY_ID["rss"], True)
    listed, _ = rows_at(session.clock, session.boot_time, order)
    made = [on(heading_row(heading, cells), "bar"), *([()] if tall else []), *strip]
    made += [()] if tall else []
    made.append(columns.header(table, cells - 1, sorted_by="rss"))
    for index in range(min(len(listed), lines - len(made) - 4)):
        made.append(columns.line(table, listed[index], selected=index == 0))
    return made


def text(drawn: list[Row], palette: Palette, cells: int, lines: int, *, plain: bool) -> str:
    """The frame as a terminal takes it; `plain` allows ASCII only."""
    return _ENTER + "\r\n".join(
        "".join(
            palette.style(run.paint).render(
                to_ascii(run.text) if plain else run.text, color_system=_SYSTEMS[palette.depth]
            )
            for run in fit(line, cells)
        )
        for line in (*drawn, *[()] * (lines - len(drawn)))
    )


def show(session: Session, terminal: Terminal, settings: Settings) -> None:
    """Paint it on the terminal, unless that is too small, takes no output or waits too long."""
    try:
        cells, lines = os.get_terminal_size(2)
        if is_too_small(cells, lines):
            return
        fields = [column.field.cost for column in fitted(cells - 1, session.process_columns)]
        session.wish(shown=frozenset(fields))
        sample = session.feed.first(PATIENCE_SECONDS)
        if sample is not None:
            session.take(sample)
            depth = Depth(terminal.depth if settings.colors == "auto" else settings.colors)
            palette = Palette(f"vmtui-{settings.theme}", depth)
            plain = terminal.ascii if settings.ascii is None else settings.ascii
            drawn = rows(sample, session, cells, lines)
            os.write(2, text(drawn, palette, cells, lines, plain=plain).encode())
    except OSError:
        return
