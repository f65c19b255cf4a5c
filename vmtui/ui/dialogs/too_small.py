"""The card shown instead of a screen that would have to leave out what it is about."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from vmtui.draw.paint import Run, row
from vmtui.ui.keymap import bind
from vmtui.ui.terminal import too_small_words
from vmtui.ui.widgets.canvas import Canvas


class TooSmall(ModalScreen[None]):
    """Goes away by itself once the terminal is larger."""

    BINDINGS: ClassVar[list[BindingType]] = [bind("app.quit", "app.quit")]

    def compose(self) -> ComposeResult:
        """A few words in the middle of nothing."""
        yield Canvas(id="words")

    def on_resize(self) -> None:
        """Say the size there is."""
        words = too_small_words(*self.app.size)
        self.query_one("#words", Canvas).show([row(Run(line)) for line in words.splitlines()])
