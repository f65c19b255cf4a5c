"""Machine, tab «Frames»: all of physical memory as a picture, down to one frame and who maps it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from textual import on
from textual.binding import BindingType

from vmtui.draw import frames_legend, frames_map, frames_uses, sentences
from vmtui.draw.paint import DIM, FAINT, Row, Run, row
from vmtui.draw.sentences import words
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.frames import FrameKind
from vmtui.model.mappers import Mapper
from vmtui.observe.sample import Sample
from vmtui.text import DisplayText
from vmtui.ui.dialogs import Card
from vmtui.ui.keymap import bind
from vmtui.ui.page_cursor import CLOSEST
from vmtui.ui.screens.frames_panels import FramesPanels
from vmtui.ui.screens.target_screen import address_of
from vmtui.ui.widgets.canvas import Canvas


class FramesTab(FramesPanels):
    """The grid of the pages over physical addresses: a cell is a block of frames, or one."""

    TITLE_OF_TAB = "Frames"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("zoom.in", "open", show=True),
        bind("legend.toggle", "legend", show=True),
        bind("panel.maximise", "maximise_panel"),
        bind("filter.next", "change(1)", "next kind", show=True),
        bind("filter.previous", "change(-1)", "previous kind"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "panel.next", "zoom.in", "zoom.closer", "zoom.wider", "zoom.fit", "filter.next",
        "legend.toggle", "goto.ask", "mark.set", "clock.pause", "help.show",
    )  # fmt: skip
    ABOUT: ClassVar[tuple[str, ...]] = (
        "Every frame of physical memory by what it is used for. A cell of many frames shows the "
        "kind that most of its used frames are, and by its strength how many are used: what is "
        "dark is free. Nothing is drawn where no memory is.",
        "The first picture is estimated from samples; meanwhile every frame is read.",
        "+ and − zoom to one frame a cell; enter goes closer, and from one frame to who maps it.",
    )

    # Keys

    def _repaint(self) -> None:
        if self._frames is not None:
            self._paint()

    def action_open(self) -> None:
        """One frame a cell; then who maps the frame."""
        if self._frames is None:
            return
        if not self._cursor.closest:
            self._cursor.zoom_to(CLOSEST)
            self._repaint()
        elif self.session.tape is not None:
            self.notify("who maps a frame is only known of the running machine", timeout=3)
        else:
            self._ask_who_maps_it(self._cursor.address // PAGE_SIZE)

    def _ask_who_maps_it(self, pfn: int) -> None:
        from vmtui.ui.dialogs.frame import FrameDialog
        from vmtui.ui.screens.page import PageScreen

        def take(mapper: Mapper | None) -> None:
            if mapper is not None:
                self.app.push_screen(PageScreen(mapper.pid, mapper.address))

        self.app.push_screen(FrameDialog(pfn), take)

    def action_back(self) -> None:
        """To all of memory, and from there to the first tab."""
        if self._cursor.fits or self._frames is None:
            super().action_back()
        else:
            self.action_fit()

    def action_change(self, direction: int) -> None:
        """The next cell on screen that is of another kind."""
        survey, grid = self._frames, self._cursor.grid
        at = None if grid is None else grid.cell_of(self._cursor.address)
        if survey is None or grid is None or at is None:
            return
        counts, memory = self._cells(survey)
        looks = np.where(memory > 0, frames_map.hues(counts), -1)
        places = np.flatnonzero(looks[1:] != looks[:-1]) + 1
        further = places[places > at] if direction > 0 else places[places < at][::-1]
        if len(further):
            self._cursor.go(grid.address_of(int(further[0])))
            self._repaint()
        else:
            self.notify("no other kind further that way on screen", timeout=2)

    def action_goto(self) -> None:
        """Go to a physical address or a frame number, one frame a cell."""

        def check(typed: str) -> str:
            address = _physical(typed)
            if address is None:
                return "a physical address or «frame NUMBER», both in hexadecimal"
            return "" if address < self._end else f"memory ends at {self._end:x}"

        def take(typed: str) -> None:
            address = _physical(typed)
            if address is not None:
                self._cursor.go(address)
                self._cursor.zoom_to(CLOSEST)
                self._repaint()

        self.ask_where("go to physical memory", "1a2b3c000, frame 1a2b3c", check, take)

    def action_maximise_panel(self) -> None:
        """Give the grid the whole screen, or give it back."""
        self._maximised = not self._maximised
        self.look()

    def action_legend(self) -> None:
        """All kinds with their meaning."""
        survey = self._frames
        if survey is not None:
            totals, exact = self._totals, survey.complete

            def rows(cells: int) -> list[Row]:
                return frames_legend.legend(totals, PAGE_SIZE, cells, every=True, exact=exact)

            self.app.push_screen(Card("legend", rows))

    @on(Canvas.Clicked, "#grid")
    def _clicked(self, event: Canvas.Clicked) -> None:
        """A cell; the second click goes closer."""
        grid = self._cursor.grid
        cell = None if grid is None else grid.cell_at(event.x, event.y - 1)
        if grid is None or cell is None or not grid.pages_of(cell):
            return
        address = grid.address_of(cell)
        if address == self._cursor.cell_address:
            self.action_open()
        else:
            self._cursor.go(address)
            self._repaint()

    # Words

    def explanation(self) -> tuple[str, list[Row]]:
        """The table of use counts, then where it comes from."""
        survey = self._frames
        if survey is None:
            return "nothing here", []
        rows = frames_uses.rows(survey.uses(), PAGE_SIZE, 80, exact=survey.complete)
        told = [
            frames_legend.progress(survey),
            row(words("mapped: by a process. active, inactive: on the reclaimer's lists, used "
                      "lately or next to go. dirty: not written back. locked: never reclaimed.")),
            row(Run("from ", FAINT), words("/proc/kpageflags, all of it; holes from /proc/iomem")),
            row(Run("same numbers ", FAINT), words("vmtui machine --frames")),
        ]  # fmt: skip
        return "what all frames are used for", [*rows, (), *told]

    def changes_since(self, mark: Sample, now: Sample) -> list[Row]:
        """Which kinds grew and shrank."""
        before, after = _totals(mark), _totals(now)
        if before is None or after is None:
            return [row(Run("frames were not looked at at both moments", DIM))]
        then = {kind: frames * PAGE_SIZE for kind, frames in before.items()}
        later = {kind: frames * PAGE_SIZE for kind, frames in after.items()}
        return sentences.amount_changes(then, later, {kind: kind.title for kind in FrameKind})

    def copied(self) -> DisplayText:
        """The physical address under the cursor and its frame number."""
        address = self._cursor.cell_address
        return DisplayText(f"0x{address:x}\t{address // PAGE_SIZE:#x}")


def _totals(sample: Sample) -> dict[FrameKind, int] | None:
    known = sample.depth.frames if sample.depth else None
    if known is None or isinstance(known.value, Missing):
        return None
    return dict(zip(FrameKind, known.value.unpacked().totals(), strict=True))


def _physical(typed: str) -> int | None:
    """What was typed as a physical address."""
    first, _, number = typed.strip().partition(" ")
    if first in ("frame", "pfn"):
        pfn = address_of(number)
        return None if pfn is None else pfn * PAGE_SIZE
    return address_of(typed)
