"""The line above the inspector of a recording: click or drag it to go to a moment."""

from __future__ import annotations

from textual import events
from textual.message import Message

from vmtui.draw import scrub
from vmtui.draw.scrub import Scrub
from vmtui.ui.widgets.canvas import Canvas


class ScrubBar(Canvas):
    """Says where it was pressed; the screen moves the clock."""

    DEFAULT_CSS = "ScrubBar { height: 1; }"

    class Sought(Message):
        """A moment was pointed at."""

        def __init__(self, at: float) -> None:
            super().__init__()
            self.at = at
            """Wall clock."""

    class Stepped(Message):
        """The wheel was turned."""

        def __init__(self, ticks: int) -> None:
            super().__init__()
            self.ticks = ticks

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  (Textual's name)
        super().__init__(id=id)
        self._scrub: Scrub | None = None
        self._held = False

    def say(self, now: Scrub) -> None:
        """Another state of affairs."""
        self._scrub = now
        self.on_resize()

    def on_resize(self, _event: events.Resize | None = None) -> None:
        """Lay it out for the width there is."""
        if self._scrub is not None:
            self.show([scrub.line(self._scrub, self.size.width)])

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Go there, and along as long as the button is held."""
        self._held = True
        self.capture_mouse()
        self._seek(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Along with the mouse."""
        if self._held:
            self._seek(event.x)

    def on_mouse_up(self) -> None:
        """Let go."""
        self._held = False
        self.release_mouse()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves by samples."""
        event.stop()
        self.post_message(self.Stepped(1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves by samples."""
        event.stop()
        self.post_message(self.Stepped(-1))

    def _seek(self, x: int) -> None:
        if self._scrub is not None:
            self.post_message(self.Sought(scrub.time_at(self._scrub, x, self.size.width)))
