"""Level 4: one page: its walk, its entry bit by bit, its frame, who else maps it, its bytes."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import BindingType

from vmtui.draw import page_sheet, vma_lines
from vmtui.draw import walk as drawn_walk
from vmtui.draw.paint import DIM, Row, Run, row
from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.mappers import Mappers
from vmtui.model.page_past import turns
from vmtui.observe.page_view import PageView
from vmtui.observe.plan import PageWish, SymbolWish
from vmtui.observe.sample import Sample
from vmtui.text import DisplayText, plain
from vmtui.ui.dialogs import Confirm
from vmtui.ui.going import go_somewhere
from vmtui.ui.keymap import bind
from vmtui.ui.page_facts import belongings, moments
from vmtui.ui.screens.page_panels import PANELS, Contents, PagePanels
from vmtui.ui.screens.target_screen import crumb, ended, reading_of, vmas_of
from vmtui.ui.widgets.virtual_table import VirtualTable


class PageScreen(PagePanels):
    """One page; everything on it is a function of the sample's page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("zoom.out", "back", show=True),
        bind("cursor.left", "move(-1)", "page", show=True),
        bind("cursor.right", "move(1)", "next page"),
        bind("page.bytes", "contents", show=True),
        bind("page.search", "search", show=True),
        bind("panel.next", "panel(1)", show=True, priority=True),
        bind("panel.previous", "panel(-1)", priority=True),
        bind("goto.ask", "goto"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "zoom.out", "cursor.left", "zoom.in", "page.bytes", "page.search", "panel.next",
        "goto.ask", "mark.set", "clock.pause", "help.show",
    )  # fmt: skip
    ABOUT: ClassVar[tuple[str, ...]] = (
        "The address is split into indices, one a table. The tables are derived: nothing shows "
        "them, but a page that is there needs each table above it.",
        "Who else maps the frame is looked for in the background; x stops the search or begins it "
        "again, enter goes to the process under the cursor.",
        "b shows the bytes. A page that is not in memory would be brought in by that: b asks.",
    )

    def wish(self) -> None:
        """This page, and what lies at its address."""
        self.session.wish(
            processes=False, target=self.pid, window=None, for_all=frozenset(),
            page=PageWish(self.address, self._search, self._contents),
            symbols=SymbolWish(address=self.address),
        )  # fmt: skip

    # Where this is

    def crumbs(self) -> tuple[str, ...]:
        """Process, VMA, page."""
        sample = self.session.clock.current
        vmas = vmas_of(sample, self.pid)
        index = None if vmas is None else vmas.index_of(self.address)
        name = "?" if vmas is None or index is None else vma_lines.full_name(vmas[index])
        page = f"{self.address // PAGE_SIZE * PAGE_SIZE:x}"
        return crumb(reading_of(sample, self.pid), self.pid), name, page

    def facts(self, sample: Sample) -> list[str]:
        """Which page of its VMA it is."""
        vmas = vmas_of(sample, self.pid)
        index = None if vmas is None else vmas.index_of(self.address)
        if vmas is None or index is None or self.size.width < 100:
            return []
        vma = vmas[index]
        number = (self.address - vma.start) // PAGE_SIZE + 1
        return [f"page {number:,} of {vma.size // PAGE_SIZE:,}"]

    def badge(self, sample: Sample) -> str:
        """That the process has exited, or that its memory is being read."""
        reading = "reading its bytes" if self._contents != "no" else ""
        return ended(reading_of(sample, self.pid)) or reading

    # Keys

    def action_back(self) -> None:
        """To the level one came from; a grid below goes where this page is."""
        from vmtui.ui.screens.pages import PagesScreen

        below = self.app.screen_stack[-2]
        self.app.pop_screen()
        if isinstance(below, PagesScreen) and below.pid == self.pid:
            below.go_to(self.address)

    def go_to(self, address: int) -> None:
        """Another page of this process."""
        self.address = address
        if self._contents == "fault":
            self._contents = "present"
        self.wish()
        self.look()

    def action_move(self, pages: int) -> None:
        """The page beside this one; over a gap to the next VMA."""
        start = self.address // PAGE_SIZE * PAGE_SIZE
        vmas = vmas_of(self.session.clock.current, self.pid)
        to = start + pages * PAGE_SIZE
        if vmas is None or vmas.index_of(to) is not None:
            self.go_to(max(0, to))
            return
        index = vmas.index_of(start)
        beside = None if index is None else index + pages
        if beside is None or not 0 <= beside < len(vmas):
            self.notify("nothing further that way", timeout=2)
        else:
            vma = vmas[beside]
            self.go_to(vma.start if pages > 0 else vma.end - PAGE_SIZE)

    def action_search(self) -> None:
        """Stop looking for who maps it, or look again."""
        found = self._shown.mappers if self._shown else None
        runs = isinstance(found, Mappers) and not found.finished and self._search
        if runs:
            self._search = 0
        else:
            self._last_search += 1
            self._search = self._last_search
        self.wish()

    def action_contents(self) -> None:
        """Show the bytes or hide them; ask where that would bring the page in."""
        if self._contents != "no" and not self._is_away:
            self._take_contents("no")
            return
        if not self._is_away:
            self._take_contents("present")
            return

        def take(yes: bool | None) -> None:
            if yes:
                self._take_contents("fault")

        facts = [
            ("page", f"{self.address // PAGE_SIZE * PAGE_SIZE:x}, not in memory now"),
            ("then", "the kernel brings it in, as if the process had read it"),
        ]
        self.app.push_screen(Confirm("read its bytes?", facts, yes="read"), take)

    @property
    def _is_away(self) -> bool:
        view = self._shown.view if self._shown else None
        return isinstance(view, PageView) and not view.page.entry & flags.PM_PRESENT

    def _take_contents(self, contents: Contents) -> None:
        self._contents = contents
        if self._width != "wide":
            self._panel = 0 if contents == "no" else 1
        self.wish()
        self.look()
        self._focus_panel()
        self.call_after_refresh(self.look)

    def action_panel(self, step: int) -> None:
        """Another part: who maps it, bytes, past."""
        self._panel = (self._panel + step) % (2 if self._width == "wide" else len(PANELS))
        self.look()
        self._focus_panel()
        self.call_after_refresh(self.look)

    def _focus_panel(self) -> None:
        name = "#bytes" if self._panel == 1 or self._contents != "no" else "#mappers"
        if self._width == "wide" and self._panel == 0:
            name = "#mappers"
        self.query_one(name).focus()

    @on(VirtualTable.Opened, "#mappers")
    def _followed(self, event: VirtualTable.Opened) -> None:
        """Open the process under the cursor at its page."""
        mapper = event.row
        at = mapper.address + self.address % PAGE_SIZE
        if (mapper.pid, mapper.address) == (self.pid, self.address // PAGE_SIZE * PAGE_SIZE):
            self.notify("this is the page you are looking at", timeout=2)
        elif mapper.pid == self.pid:
            self.go_to(at)
        else:
            self.app.push_screen(PageScreen(mapper.pid, at))

    def action_goto(self) -> None:
        """To another address or symbol of this process."""
        vmas = vmas_of(self.session.clock.current, self.pid)
        go_somewhere(self, self.pid, vmas, self.go_to)

    # Words

    def explanation(self) -> tuple[str, list[Row]]:
        """Everything in full, however small the screen."""
        view = self._shown.view if self._shown else None
        sample = self.session.clock.current
        if not isinstance(view, PageView) or sample is None:
            return "nothing here", []
        page = view.page
        rows = page_sheet.bits(
            page.entry, page.frames_visible, page.frame_flags, page.map_count, 99
        )
        rows += page_sheet.belongs(belongings(view, self._located(sample)), 90)
        if not isinstance(view.walk, Missing):
            rows += [(), drawn_walk.tables_row(view.tables, view.walk.geometry.levels)]
        return f"page {view.start:012x}", rows

    def changes_since(self, mark: Sample, now: Sample) -> list[Row]:
        """The turns between the two."""
        samples = [
            sample
            for sample in self.session.clock.window(now.began - mark.began)
            if sample.number >= mark.number
        ]
        found = turns(moments(samples, self.pid, self.address))
        if len(found) < 2:
            return [row(Run("nothing became of this page while it was on screen", DIM))]
        return page_sheet.past(found, 76, 40)[1:]

    def copied(self) -> DisplayText:
        """The address, and what lies there."""
        sample = self.session.clock.current
        located = self._located(sample) if sample else None
        name = located.place.text if located else ""
        address = f"0x{self.address:x}"
        return plain(f"{address}\t{name}") if name else plain(address)
