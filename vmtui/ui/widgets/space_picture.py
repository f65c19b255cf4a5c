"""The address-space picture: hosts the drawing, and turns clicks into VMAs."""

from __future__ import annotations

from textual.message import Message

from vmtui.draw import addressspace, vma_lines
from vmtui.draw.paint import Run
from vmtui.draw.vessels import Block, arrange
from vmtui.kernel.files import PAGE_SIZE
from vmtui.model.blocks import block_counts
from vmtui.model.slices import ScannedSpace
from vmtui.model.vmas import Vmas
from vmtui.ui.widgets.canvas import Canvas

_USER_HALF = 1 << 63


class SpacePicture(Canvas):
    """All VMAs of a process to scale."""

    class Picked(Message):
        """The vessel of a VMA was clicked."""

        def __init__(self, start: int) -> None:
            super().__init__()
            self.start = start
            """The VMA's first address."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  (Textual's name)
        super().__init__(id=id)
        self._vmas: Vmas | None = None
        self._space: ScannedSpace | None = None
        self._width = 0
        self._blocks: tuple[Block, ...] = ()
        self._counts: dict[Block, list[list[int]] | None] = {}
        self._picture: addressspace.Picture | None = None

    def draw(
        self,
        vmas: Vmas,
        space: ScannedSpace | None,
        selected: int | None,
        cells: int,
        *,
        tall: bool,
    ) -> None:
        """Show this table of VMAs.

        Args:
            vmas: not empty.
            space: what is populated, where that was scanned.
            selected: index of the VMA under the cursor.
            cells: width of the screen.
            tall: whether there is room for five lines, addresses and blank lines.
        """
        width = cells - 2
        self._arrange(vmas, space, width)

        def name(block: Block) -> str:
            if block.merged:
                return f"+{block.count}"
            return vma_lines.short_name(vmas[block.first])

        def counts(block: Block) -> list[list[int]] | None:
            if block not in self._counts:
                found = block_counts(vmas, space, block.first, block.last, block.width)
                self._counts[block] = None if found is None else found.tolist()
            return self._counts[block]

        self._picture = addressspace.address_space(
            self._blocks, counts, name, width, lines=5 if tall else 3, selected=selected,
            mark_line=tall, addresses=tall,
        )  # fmt: skip
        rows = [(Run(" "), *line) for line in self._picture.rows]
        self.show([*rows, ()] if tall else rows)

    def _arrange(self, vmas: Vmas, space: ScannedSpace | None, width: int) -> None:
        """Vessels and what is in them are the same as long as table, scan and width are."""
        if vmas is not self._vmas or width != self._width:
            shown = int((vmas.maps.start < _USER_HALF).sum())  # not [vsyscall], 16 EiB further up
            starts, ends, names = vmas.maps.start, vmas.maps.end, vmas.name_ids
            fold = 10 if width >= 98 else 7
            self._blocks = arrange(
                starts[:shown], ends[:shown], names[:shown], width, PAGE_SIZE, fold=fold
            )
            self._counts.clear()
        if space is not self._space:
            self._counts.clear()
        self._vmas, self._space, self._width = vmas, space, width

    def on_canvas_clicked(self, event: Canvas.Clicked) -> None:
        """Which VMA it was."""
        event.stop()
        if self._picture is None or self._vmas is None:
            return
        at = event.x - 1
        index = self._picture.vma_at[at] if 0 <= at < len(self._picture.vma_at) else None
        if index is not None:
            self.post_message(self.Picked(self._vmas[index].start))
