"""The app's own keys, themes, palette of actions and pictures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.ui.stage import Stage, app_with, screen_lines
from vmtui.draw.paint import Paint, Run, row
from vmtui.ui import screenshot
from vmtui.ui.crash import one_line, write_log
from vmtui.ui.dialogs.too_small import TooSmall
from vmtui.ui.keymap import BY_ID, KEYS, key_words
from vmtui.ui.palette import Depth
from vmtui.ui.settings import Settings
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.virtual_table import VirtualTable


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("theme", ["dark", "light", "projector", "projector-light"])
async def test_every_theme_at_every_depth(depth: Depth, theme: str) -> None:
    canvas = Canvas([(Run("text", Paint("anon-ink", "vessel")),)])
    app = app_with(canvas, VirtualTable(), depth=depth, settings=Settings(theme=theme))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.theme == f"vmtui-{theme}"
        await pilot.press("P")
        await pilot.pause()
        assert ("projector" in app.theme) != ("projector" in theme)
        await pilot.press("P")
        await pilot.pause()
        assert app.theme == f"vmtui-{theme}"
        assert app.palette.theme == app.theme


@pytest.mark.parametrize(
    ("depth", "sequence"),
    [(Depth.TRUE, "38;2;98;181;240"), (Depth.C256, "38;5;"), (Depth.C16, "36")],
)
async def test_colours_reach_the_terminal_as_the_palette_made_them(
    depth: Depth, sequence: str
) -> None:
    canvas = Canvas([(Run("text", Paint("anon-ink")),)])
    app = app_with(canvas, depth=depth)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        strip = canvas.render_lines(canvas.size.region)[0]
        assert sequence in strip.render(app.console)


async def test_mono_sends_no_colour() -> None:
    canvas = Canvas([(Run("text", Paint("anon-ink", "cursor", bold=True)),)])
    app = app_with(canvas, VirtualTable(), depth=Depth.MONO)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        sent = "".join(
            strip.render(app.console) for strip in app.screen._compositor.render_strips()
        )
        codes = {
            code for found in re.findall(r"\x1b\[([\d;]*)m", sent) for code in found.split(";")
        }
        assert codes <= {"", "0", "1", "4", "7", "39", "49"}
        assert {"1", "7"} <= codes


async def test_a_terminal_too_small_gets_a_card_until_it_grows() -> None:
    app = app_with(Canvas([row("hello")]))
    async with app.run_test(size=(59, 15)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, TooSmall)
        assert "59 × 15" in "\n".join(screen_lines(app))
        await pilot.resize_terminal(50, 10)
        await pilot.pause()
        assert "50 × 10" in "\n".join(screen_lines(app))
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert isinstance(app.screen, Stage)
        await pilot.resize_terminal(30, 5)
        await pilot.press("q")
    assert app.return_code == 0


async def test_every_action_is_in_the_palette() -> None:
    app = app_with(VirtualTable())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        commands = {command.title: command for command in app.get_system_commands(app.screen)}
        assert {"screenshot", "projector", "help", "quit", "open", "theme"} <= set(commands)
        commands["projector"].callback()
        await pilot.pause()
        assert app.theme == "vmtui-projector"
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert len(app.screen_stack) == 2


async def test_keys_can_be_rebound_and_mistakes_are_told() -> None:
    keys = (("app.quit", "x"), ("app.qiut", "y"), ("clock.pause", "ctrl-p"))
    app = app_with(settings=Settings(keys=keys))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        told = " ".join(str(notice.message) for notice in app._notifications)
        assert "did you mean app.quit?" in told
        assert "«ctrl-p» is not a key" in told
        await pilot.press("q")
        assert app.is_running
        await pilot.press("x")
    assert app.return_code == 0


def test_every_key_is_named_once_and_can_be_written() -> None:
    assert len(BY_ID) == len(KEYS)
    for key in KEYS:
        for name in key.keys.split(","):
            assert len(key_words(name)) <= len("backspace"), name


async def test_a_picture_goes_into_the_state_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screenshot, "state_directory", lambda: tmp_path / "none" / "yet")
    app = app_with(Canvas([row("日本語 <&>")]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("S")
        await pilot.pause()
        [path] = (tmp_path / "none" / "yet" / "screenshots").iterdir()
        assert path.stat().st_mode & 0o777 == 0o600
        assert all(f">{char}<" in path.read_text() for char in "日本語")


def test_a_crash_leaves_a_private_log_and_one_safe_line(tmp_path: Path) -> None:
    try:
        raise ValueError("\x1b[2Jboom\nsecond line")
    except ValueError as error:
        line, path = one_line(error), write_log(error, tmp_path / "state")
    assert line.startswith("ValueError: \\x1b[2Jboom (test_app.py line ")
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    assert "\x1b" not in path.read_text()
    assert "second line" in path.read_text()
