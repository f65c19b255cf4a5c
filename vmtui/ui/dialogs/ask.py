"""One line to type, above the last line of the screen: `:` go to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.widget import Widget
from textual.widgets import Input

from vmtui.draw.paint import Paint, Row, Run
from vmtui.ui.dialogs.dialog import Dialog
from vmtui.ui.widgets.canvas import Canvas


class Ask(Dialog[str]):
    """Hands back what was typed once `check` has nothing against it, or None."""

    HINTS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("dialog.accept", "take"),
        ("dialog.cancel", "leave"),
    )

    def __init__(
        self,
        title: str,
        *,
        initial: str = "",
        placeholder: str = "",
        check: Callable[[str], str] = lambda _typed: "",
    ) -> None:
        """A prompt.

        Args:
            title: what is asked for; display text.
            initial: what stands there at first.
            placeholder: examples, shown while the line is empty.
            check: what is wrong with an answer, in one sentence; empty when nothing is.
        """
        super().__init__(title)
        self._initial, self._placeholder, self._check = initial, placeholder, check

    def body(self) -> Iterable[Widget]:
        """The line, and what is wrong with it."""
        yield Input(self._initial, placeholder=self._placeholder, compact=True, id="answer")
        yield Canvas(ground="bar", id="complaint")

    def on_input_changed(self) -> None:
        """A complaint is about what stood there before."""
        self.query_one("#complaint", Canvas).show([])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it, or say why not."""
        if complaint := self._check(event.value):
            line: Row = (Run(" "), Run(f" {complaint} ", Paint("alarm-ink", "alarm")))
            self.query_one("#complaint", Canvas).show([line])
        else:
            self.dismiss(event.value)
