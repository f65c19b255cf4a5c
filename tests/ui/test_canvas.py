"""A drawing sends the lines that changed, and nothing else."""

from __future__ import annotations

import pytest
from textual.geometry import Region

from tests.ui.stage import Refreshed, app_with, screen_lines, stage_of
from vmtui.draw.paint import Paint, Row, Run, row
from vmtui.ui.widgets.canvas import Canvas, bands


def drawing(*texts: str) -> list[Row]:
    return [row(text) for text in texts]


def test_neighbouring_lines_make_one_region() -> None:
    assert bands([1, 2, 3, 7], 80) == [Region(0, 1, 80, 3), Region(0, 7, 80, 1)]
    assert bands([], 80) == []


async def test_only_changed_lines_are_refreshed(monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = Canvas(drawing("one", "two", "three"))
    async with app_with(canvas).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        noted = Refreshed(canvas, monkeypatch)
        canvas.show(drawing("one", "2", "three"))
        assert noted.lines == {1}
        canvas.show(drawing("one", "2", "three"))
        assert noted.lines == {1}
        await pilot.pause()
        assert [line.rstrip() for line in screen_lines(pilot.app)[:3]] == ["one", "2", "three"]  # type: ignore[arg-type]


async def test_a_drawing_that_shrinks_leaves_nothing_behind() -> None:
    canvas = Canvas(drawing("one", "two"))
    app = app_with(canvas)
    async with app.run_test(size=(80, 24)) as pilot:
        canvas.styles.height = 4
        await pilot.pause()
        canvas.show(drawing("only"))
        await pilot.pause()
        assert [line.rstrip() for line in screen_lines(app)[:3]] == ["only", "", ""]


async def test_lines_are_as_wide_as_the_widget() -> None:
    canvas = Canvas([row("x" * 300), row("日本語" * 40), ()], ground="bar")
    async with app_with(canvas).run_test(size=(81, 24)) as pilot:
        await pilot.pause()
        strips = [canvas.render_line(y) for y in range(4)]
        assert [sum(segment.cell_length for segment in strip) for strip in strips] == [81] * 4
        bar = canvas.app.theme_variables["vm-bar"]
        assert strips[3]._segments[0].style.bgcolor.get_truecolor().hex == bar  # type: ignore[union-attr]


async def test_another_theme_repaints_everything() -> None:
    canvas = Canvas([(Run("text", Paint("text")),)])
    app = app_with(canvas)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        before = canvas.render_line(0)._segments[0].style
        app.theme = "vmtui-light"
        await pilot.pause()
        assert canvas.render_line(0)._segments[0].style != before


async def test_ascii_replaces_glyphs() -> None:
    canvas = Canvas([row("▁▂█ ⡠⠤ ▸ ─ …")])
    app = app_with(canvas, ascii_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert screen_lines(app)[0].isascii()


async def test_a_click_says_which_cell() -> None:
    canvas = Canvas(drawing("one", "two"), id="it")
    app = app_with(canvas)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click("#it", offset=(5, 1))
        await pilot.pause()
        [clicked] = stage_of(app).heard
        assert isinstance(clicked, Canvas.Clicked)
        assert (clicked.x, clicked.y, clicked.control) == (5, 1, canvas)
