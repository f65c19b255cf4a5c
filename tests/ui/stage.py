"""A bare screen in the real app, for tests of widgets and dialogs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from textual.app import ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from vmtui.ui.app import VmtuiApp
from vmtui.ui.settings import Settings


class Stage(Screen[None]):
    """Shows the widgets it is given and keeps the messages they send."""

    def __init__(self, make: Callable[[], Iterable[Widget]]) -> None:
        super().__init__()
        self._make = make
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield from self._make()

    def hear(self, message: Message) -> None:
        self.heard.append(message)

    on_canvas_clicked = hear
    on_virtual_table_highlighted = hear
    on_virtual_table_opened = hear
    on_virtual_table_header_clicked = hear


def app_with(*widgets: Widget, **how: Any) -> VmtuiApp:
    """The app with a stage that holds the widgets."""
    settings = how.pop("settings", Settings())
    return VmtuiApp(None, settings, lambda: Stage(lambda: widgets), **how)


def stage_of(app: VmtuiApp) -> Stage:
    """The stage at the bottom of the app's screens."""
    stage = app.screen_stack[0]
    assert isinstance(stage, Stage)
    return stage


def screen_lines(app: VmtuiApp) -> list[str]:
    """The text on the topmost screen, line by line."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


class Refreshed:
    """Notes which regions of a widget are refreshed."""

    def __init__(self, widget: Widget, monkeypatch: Any) -> None:
        self.lines: set[int] = set()
        refresh = widget.refresh

        def noting(*regions: Region, **how: Any) -> Widget:
            for region in regions or (widget.size.region,):
                self.lines.update(region.line_range)
            return refresh(*regions, **how)

        monkeypatch.setattr(widget, "refresh", noting)
