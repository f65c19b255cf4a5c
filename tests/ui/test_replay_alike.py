"""Live and replayed, the same samples make the same screens, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segment
from textual.pilot import Pilot

from tests import factories
from tests.record import tapes
from tests.ui.replayed import caught_up, do, replayed
from tests.ui.screens.observing import deliver, made, settled
from vmtui.observe.feed import ListFeed
from vmtui.observe.machine_depth import Known
from vmtui.observe.page_reading import PageReading
from vmtui.observe.symbols_told import SymbolsTold
from vmtui.record.tape_reader import NO_ENTRIES, NO_SYMBOLS, NOT_RECORDED
from vmtui.ui.cost import Cost
from vmtui.ui.observatory import Observatory
from vmtui.ui.screens.differences import DifferencesScreen
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.settings import Settings
from vmtui.ui.widgets.scrub_bar import ScrubBar

TICKS = 40
BACK = ("left_square_bracket",) * 3
SIZES = ((80, 24), (120, 35), (160, 50))
SCREENS: dict[str, tuple[str, ...]] = {
    "list": (),
    "tree": ("t",),
    "filtered": ("slash", "w", "o", "r", "enter"),
    "marked": ("m", "down"),
    "process": ("enter",),
    "history": ("enter", "tab"),
    "kinds": ("enter", "tab", "tab"),
    "limits": ("enter", "tab", "tab", "tab"),
    "maximised": ("enter", "z"),
    "pages": ("enter", "down", "down", "enter"),
    "closest": ("enter", "down", "down", "enter", "enter", "right"),
    "symbols": ("enter", "tab", "tab", "tab", "tab"),
    "page": ("enter", "down", "down", "enter", "enter", "enter"),
    "explained": ("enter", "down", "i"),
    "differences": ("enter", "home", "m", "end", "d"),
    "leaks": ("enter", "home", "m", "end", "d", "shift+tab"),
    "changed processes": ("home", "m", "end", "d"),
    "machine": ("2",),
    "frames": ("2", "tab"),
    "frames by kind": ("2", "tab", "n", "plus", "right"),
    "frames one by one": ("2", "tab", "enter"),
    "blocks": ("2", "tab", "tab"),
    "files": ("2", "shift+tab", "shift+tab", "shift+tab"),
    "oom": ("2", "shift+tab", "shift+tab"),
    "groups": ("2", "shift+tab"),
}
"""Keys that lead there from the list."""

NEVER_RECORDED: Mapping[str, object] = {
    "page": PageReading(tapes.WINDOW.start, NO_ENTRIES, None, None),
    "symbols": SymbolsTold(objects=NO_SYMBOLS),
}
"""What a replay says of an entry, a frame and of files, said by a live kernel."""

Cells = list[list[tuple[str, object]]]


@pytest.fixture(autouse=True)
def no_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """What vmtui costs is not of the sample."""
    monkeypatch.setattr(Cost, "text", lambda *_: "")


def cells_of(app: Observatory) -> Cells:
    """Every cell of the screen: its character and its colours."""
    lines: Cells = []
    for strip in app.screen._compositor.render_strips():
        line: list[tuple[str, object]] = []
        for segment in strip:
            text, style, _ = Segment(segment.text, segment.style)
            line += [(char, (style.color, style.bgcolor, style.bold) if style else None)
                     for char in text]  # fmt: skip
        lines.append(line)
    return lines


def cells(app: Observatory) -> Cells:
    """Those below the first line, which says live or replay; the line of time left out."""
    lines = cells_of(app)
    if isinstance(app.screen, DifferencesScreen):
        return lines[1:]  # it has no line of time
    level = app.screen_stack[-2 if app.screen.is_modal else -1]
    replays = app.session.tape is not None
    for widget in level.query(ScrubBar) if replays else level.query("#inspector"):
        lines[widget.region.y] = []
    return lines[1:]


def live(ticks: Sequence[tapes.Recorded]) -> Observatory:
    """The app while those were sampled."""
    samples = [
        replace(sample, depth=replace(sample.depth, closer=Known(NOT_RECORDED, sample.began, 0.0)))
        for sample in tapes.live(ticks, of_target=NEVER_RECORDED)
        if sample.depth is not None
    ]
    feed = ListFeed(samples)
    session = factories.session(feed, readonly=True)
    return Observatory(session, feed, Settings(), lambda: ProcessesScreen(None), readonly=True)


async def _go_live(pilot: Pilot[Any], keys: Sequence[str], back: Sequence[str]) -> Cells:
    await settled(pilot)
    await deliver(pilot, TICKS - 1)
    for key in (*back, *keys):
        await pilot.press(key)
        await settled(pilot)
        await _made(pilot)
    return cells(pilot.app)  # type: ignore[arg-type]


async def _made(pilot: Pilot[Any]) -> None:
    """A difference is made by a thread of its own."""
    if isinstance(pilot.app.screen, DifferencesScreen):
        await made(pilot)


async def _go_replay(pilot: Pilot[Any], keys: Sequence[str], back: Sequence[str]) -> Cells:
    await caught_up(pilot)
    for key in (*back, *keys):
        await do(pilot, key)
        await _made(pilot)
    return cells(pilot.app)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
async def test_live_and_replay_show_the_same(
    name: str, size: tuple[int, int], tmp_path: Path
) -> None:
    ticks, back = tapes.deep(tapes.moments(TICKS)), BACK if size == (120, 35) else ()
    path = tapes.write(tmp_path / "a.vmtui", ticks)
    async with live(ticks).run_test(size=size) as pilot:
        seen = await _go_live(pilot, SCREENS[name], back)
    async with replayed(path, at=ticks[-1].sample.taken_at).run_test(size=size) as pilot:
        again = await _go_replay(pilot, SCREENS[name], back)
    for number, (one, other) in enumerate(zip(seen, again, strict=True), 1):
        texts = ["".join(char for char, _ in line) for line in (one, other)]
        assert texts[0] == texts[1], f"line {number}"
        assert one == other, f"line {number}: {texts[0]!r} in other colours"
