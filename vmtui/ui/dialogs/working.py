"""Something that takes its time: how far it is, and escape to leave it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.widget import Widget

from vmtui.draw.paint import DIM, STRONG, Paint, Run, row
from vmtui.ui.dialogs.dialog import Dialog
from vmtui.ui.widgets.canvas import Canvas

_AGAIN_SECONDS = 0.2
_BAR_CELLS, _BLOCK_CELLS = 40, 6


class Working(Dialog[bool]):
    """Hands back True when the work is done, None when it was left."""

    HINTS = (("dialog.cancel", "leave it"),)

    def __init__(self, title: str, so_far: Callable[[], tuple[int, int]]) -> None:
        """A bar.

        Args:
            title: display text.
            so_far: how many of how many are done; 0 of them when nobody knows how many.
        """
        super().__init__(title)
        self._so_far = so_far
        self._turn = 0

    def body(self) -> Iterable[Widget]:
        """The bar."""
        yield Canvas(ground="bar", id="text")

    def on_mount(self) -> None:
        """Look again and again."""
        self.set_interval(_AGAIN_SECONDS, self._draw)
        self._draw()

    def _draw(self) -> None:
        done, total = self._so_far()
        if total:
            before, filled = 0, round(_BAR_CELLS * min(1.0, done / total))
        else:  # nobody knows how many there are: one sees that it goes on
            before, filled = self._turn % (_BAR_CELLS - _BLOCK_CELLS + 1), _BLOCK_CELLS
        self._turn += 1
        bar = row(
            Run("  "), Run("░" * before, Paint("faint", "bar")),
            Run("█" * filled, Paint("strong", "bar")),
            Run("░" * (_BAR_CELLS - before - filled), Paint("faint", "bar")),
            Run(f"  {done:,}" if done or total else "", STRONG),
            Run(f" of {total:,}" if total else "", DIM),
        )  # fmt: skip
        self.query_one("#text", Canvas).show([(), bar, ()])
