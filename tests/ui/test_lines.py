"""What the first and the last line drop first."""

from __future__ import annotations

import pytest

from tests.ui.stage import app_with, screen_lines
from vmtui.draw.edges import Entry, Heading, footer_row, heading_row
from vmtui.draw.paint import text_of, width
from vmtui.ui.widgets.lines import FooterBar, HeaderBar
from vmtui.ui.widgets.virtual_table import VirtualTable

HEADING = Heading(
    crumbs=("shop-db-1", "processes"),
    facts="412 processes · Linux 6.18 · 23.5 GiB · root",
    clock="14:03:22",
    modes=(("1", "Observe"), ("2", "Machine")),
)
ENTRIES = [Entry("enter", "open", "enter"), Entry("/", "filter", "slash"), Entry("s", "sort", "s")]


@pytest.mark.parametrize(
    ("cells", "has", "has_not"),
    [
        (160, ["1 Observe", "shop-db-1 ▸ processes", "root", "● live 14:03:22"], []),
        (100, ["shop-db-1 ▸ processes", "root"], ["Observe"]),
        (80, ["processes", "root", "● live"], ["Observe", "shop-db-1"]),
        (60, ["processes", "● live 14:03:22"], ["root"]),
        (30, ["process", "● live 14:03:22"], ["root"]),
    ],
)
def test_the_heading_keeps_where_and_when(cells: int, has: list[str], has_not: list[str]) -> None:
    line = heading_row(HEADING, cells)
    text = text_of([line])
    assert width(line) == cells
    assert all(words in text for words in has), text
    assert not any(words in text for words in has_not), text


def test_a_badge_stays() -> None:
    heading = Heading(("a" * 90,), badge="CLEAR_REFS ON", state="paused", clock="1")
    text = text_of([heading_row(heading, 60)])
    assert "CLEAR_REFS ON" in text
    assert "‖ paused" in text


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (60, " enter open  / filter  s sort                     vmtui 1.1% "),
        (44, " enter open  / filter  s sort    vmtui 1.1% "),
        (34, " enter open  / filter  s sort      "),
        (28, " enter open  / filter       "),
        (10, "          "),
    ],
)
def test_the_footer_shows_whole_entries(cells: int, text: str) -> None:
    line, places = footer_row(ENTRIES, "vmtui 1.1%", cells)
    shown = text_of([line])
    assert width(line) == cells
    assert shown.split() == text.split()
    for columns, entry in places:
        assert shown[columns.start : columns.stop] == f"{entry.key} {entry.words}"


async def test_the_footer_follows_the_screen_and_can_be_clicked() -> None:
    footer = FooterBar(("zoom.in", "help.show", "app.quit"))
    app = app_with(HeaderBar(), VirtualTable(), footer)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        footer.tell_cost("vmtui 1.1%")
        await pilot.pause()
        last = screen_lines(app)[-1]
        assert last.split() == ["enter", "open", "?", "help", "q", "quit", "vmtui", "1.1%"]
        await pilot.click(offset=(last.index("? help"), 23))
        await pilot.pause()
        assert len(app.screen_stack) == 2


async def test_without_an_order_the_footer_shows_what_is_marked() -> None:
    app = app_with(FooterBar())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert screen_lines(app)[-1].split() == ["?", "help", "q", "quit"]
