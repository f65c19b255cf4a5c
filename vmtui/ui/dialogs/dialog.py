"""What all dialogs look like: a sheet on the bar's ground between two thin rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from vmtui.draw.paint import DIM, STRONG, Paint, Run, row
from vmtui.ui.keymap import bind
from vmtui.ui.widgets.canvas import Canvas

ResultT = TypeVar("ResultT")
FRAME_LINES = 6
"""Lines of the screen that are not the dialog's body: rules, title, hints, and the app's bars."""


class Dialog(ModalScreen[ResultT | None]):
    """Escape, or a click beside the sheet, hands back None."""

    BINDINGS: ClassVar[list[BindingType]] = [bind("dialog.cancel", "leave", show=True)]
    HINTS: ClassVar[tuple[tuple[str, str], ...]] = (("dialog.cancel", "leave"),)
    """(id of a binding, words) for the line at the foot."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.heading = title
        """Display text."""

    def body(self) -> Iterable[Widget]:
        """The widgets between title and hints."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Rule, title, body, hints, rule."""
        with Vertical(id="sheet"):
            yield Canvas(ground="bar", classes="rule")
            yield Canvas([row(Run(" " + self.heading, STRONG))], ground="bar", id="title")
            yield from self.body()
            yield Canvas([()], ground="bar", id="hints")
            yield Canvas(ground="bar", classes="rule")

    def render_lines(self, crop: Region) -> list[Strip]:
        """What is beside the sheet: the screen below, as it is.

        Textual's own way takes that screen apart, tints each segment with nothing and puts it
        together again: tens of milliseconds at every opening and every tick behind a dialog.
        """
        stack = self.app.screen_stack
        at = stack.index(self) if self in stack else 0
        if not at:
            return super().render_lines(crop)
        below = stack[at - 1]._compositor.render_strips()
        shown = [strip.crop(crop.x, crop.right) for strip in below[crop.y : crop.bottom]]
        return shown + [Strip.blank(crop.width)] * (crop.height - len(shown))

    def _draw_hints(self) -> None:
        keys = {active.binding.id: active.binding for active in self.active_bindings.values()}
        runs = [Run(" ")]
        for key_id, words in self.HINTS:
            if key_id in keys:
                key = self.app.get_key_display(keys[key_id])
                runs += [Run(key, STRONG), Run(f" {words}  ", DIM)]
        self.query_one("#hints", Canvas).show([row(*runs)])

    def on_resize(self) -> None:
        """Rules as long as the sheet, keys as they are bound now."""
        self.call_after_refresh(self._draw_rules)
        self.call_after_refresh(self._draw_hints)

    def _draw_rules(self) -> None:
        for canvas in self.query(".rule").results(Canvas):
            canvas.show([row(Run("─" * canvas.size.width, Paint("rule", "bar")))])

    @property
    def room(self) -> int:
        """Lines the body may take."""
        return max(1, self.size.height - FRAME_LINES)

    def on_click(self, event: events.Click) -> None:
        """Beside the sheet means: leave it."""
        under, _ = self.get_widget_at(event.screen_x, event.screen_y)
        if under is self:
            self.action_leave()

    def action_leave(self) -> None:
        """Hand back nothing."""
        self.dismiss(None)
