"""Level 3: one VMA: every page of it as a grid, live."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from vmtui import units
from vmtui.draw import legend, overview, page_lines, page_panel, pagegrid, symbol_lines, vma_lines
from vmtui.draw import strip as strips
from vmtui.draw.beside import beside
from vmtui.draw.paint import DIM, STRONG, Row, Run, row
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.page_survey import PageSurvey
from vmtui.model.vma_difference import Difference
from vmtui.model.vma_row import VmaRow
from vmtui.observe.heat import GLOW_SECONDS, Heat
from vmtui.observe.plan import PageWindow, SymbolWish
from vmtui.observe.sample import Sample
from vmtui.observe.symbols import PageLabel
from vmtui.observe.target_reading import TargetReading
from vmtui.text import DisplayText
from vmtui.ui.comparing import in_session
from vmtui.ui.dialogs import Card
from vmtui.ui.going import go_somewhere
from vmtui.ui.keymap import bind
from vmtui.ui.page_cursor import CLOSEST, PageCursor
from vmtui.ui.page_sums import changed, explained, past, state_counts, turned, why_nothing
from vmtui.ui.screens.grid_screen import GridScreen
from vmtui.ui.screens.target_screen import crumb, ended, reading_of, vmas_of
from vmtui.ui.widgets.canvas import Canvas

_TALL = 34


class PagesScreen(GridScreen):
    """The grid, its legend, and the cell under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("zoom.in", "open", "page", show=True),
        bind("zoom.out", "back", show=True),
        bind("legend.toggle", "legend", show=True),
        bind("panel.maximise", "maximise_panel"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "zoom.in", "zoom.out", "zoom.closer", "zoom.wider", "zoom.fit", "filter.next", "mark.set",
        "clock.pause", "help.show", "legend.toggle",
    )  # fmt: skip
    ABOUT: ClassVar[tuple[str, ...]] = (
        "Every page of one VMA. A cell of many pages shows the hue of the largest share among the "
        "pages present, and by its strength how many are; the numbers are always exact.",
        "+ and − zoom from the whole VMA to one page a cell; enter goes closer at the cursor.",
    )

    def __init__(self, pid: int, start: int, end: int, address: int | None = None) -> None:
        """The VMA at `start`; with `address` at one page a cell, the cursor on that page."""
        super().__init__(start, end, PageCursor(address or start, close=address is not None))
        self.pid = pid
        self._heat = Heat()
        self._every = self._maximised = False
        self._asked = address or start

    def body(self) -> Iterable[Widget]:
        """Facts or overview, the grid, and the panel below it."""
        yield Canvas(id="facts")
        yield Canvas(id="grid")
        yield Canvas(id="panel")

    def wish(self) -> None:
        """The pages of this VMA, several times a second; smaps stays amortised."""
        self.session.wish(
            processes=False, target=self.pid, window=PageWindow(self._start, self._end),
            for_all=frozenset(), page=None, symbols=SymbolWish(address=self._exact_address),
        )  # fmt: skip

    def vma(self, sample: Sample | None) -> VmaRow | None:
        """The VMA as it is in that sample: it may have grown, or be gone."""
        vmas = vmas_of(sample, self.pid)
        if vmas is None:
            return None
        index = vmas.index_of(self._start)
        if index is None:
            index = vmas.index_of(self._end - PAGE_SIZE)  # stacks grow at their start
        return None if index is None else vmas[index]

    # Painting

    def show(self, sample: Sample) -> None:
        """The grid of the survey under the clock's cursor, or why there is none."""
        vma, reading = self.vma(sample), reading_of(sample, self.pid)
        if (
            vma is not None
            and self.session.clock.heeds_plan
            and (vma.start, vma.end) != (self._start, self._end)
        ):
            self._start, self._end = vma.start, vma.end
            self.wish()
        survey = reading.survey() if reading else None
        if not isinstance(survey, PageSurvey):
            self._survey = None
            self._show_nothing(reading, survey)
            return
        self._survey = survey
        self._ages = self._heat.ages(self.session.clock.window(GLOW_SECONDS + 1), self.pid, survey)
        width = self.size.width
        self._cursor.place(
            survey.start, survey.end,
            128 if width >= 152 else 64 if width >= 78 else 32, self._lines,
            halves=not self.session.letters_by_default, short=width < 100,
        )  # fmt: skip
        self._paint(sample, survey)

    def _show_nothing(self, reading: TargetReading | None, survey: Missing | None) -> None:
        words = why_nothing(reading, survey, live=self.session.clock.heeds_plan)
        self.query_one("#facts", Canvas).show([(), row(Run(f"  {words}", STRONG))])
        self.query_one("#grid", Canvas).show([])
        self.query_one("#panel", Canvas).show([])
        self.inspect([()])

    @property
    def _lines(self) -> int:
        """Lines the grid's cells may take."""
        wide = self.size.width >= 100
        facts = 2 if self.size.height >= _TALL or not wide else 1
        ruler, inspector = 1, 3 if wide else 2
        return max(1, self.size.height - 2 - facts - ruler - self._panel_lines - inspector)

    @property
    def _panel_lines(self) -> int:
        if self._panel_beside or self._maximised:
            return 0
        return page_panel.LINES + 1 if self.size.height >= _TALL else 2

    @property
    def _panel_beside(self) -> bool:
        return 118 <= self.size.width < 152 and not self._maximised

    def _paint(self, sample: Sample, survey: PageSurvey) -> None:
        grid, vma = self._cursor.grid, self.vma(sample)
        if grid is None:
            return
        inaccessible = bool(vma and vma.no_access)
        rows = pagegrid.rows(
            survey.states, grid, age=self._ages, cursor=self._cursor.address,
            inaccessible=inaccessible, huge_bytes=2 << 20,
        )  # fmt: skip
        counts = state_counts(survey, inaccessible=inaccessible)
        cell = self._cursor.cell_states(survey), self._cursor.cell_address
        if self._panel_beside:
            room = self.size.width - grid.width - 3
            side = page_panel.at_the_side(counts, cell, PAGE_SIZE, room)
            rows = beside([rows, side[: len(rows)]], [grid.width, room], 3)
        self.query_one("#grid", Canvas).show(rows)
        self._show_facts(survey)
        self._show_panel(counts, cell)
        self._show_inspector(vma, survey, cell[0])

    def _show_facts(self, survey: PageSurvey) -> None:
        grid = self._cursor.grid
        assert grid is not None
        if self.size.width >= 100:
            rows = [page_lines.scale(grid, self.size.width)]
            if self.size.height >= _TALL:
                rows.insert(0, ())
        else:
            slices = strips.slices(survey.states, grid.width - grid.gutter)
            rows = overview.overview(slices.tolist(), grid)
        self.query_one("#facts", Canvas).show(rows)

    def _show_panel(self, counts: list[int], cell: tuple[bytes, int]) -> None:
        panel = self.query_one("#panel", Canvas)
        panel.display = bool(self._panel_lines)
        if self._panel_lines > 2:
            interval = self.session.plan.interval
            seconds = page_panel.POINTS * interval
            lately = past(self.session.clock.window(seconds), self.pid, interval)
            panel.show(
                page_panel.below(
                    counts, cell, lately, PAGE_SIZE, self.size.width,
                    seconds=seconds, every=self._every,
                )
            )  # fmt: skip
        elif panel.display:
            line = legend.legend_line(counts, PAGE_SIZE, self.size.width - 2)
            panel.show([(), (Run(" "), *line)])

    def _show_inspector(self, vma: VmaRow | None, survey: PageSurvey, cell: bytes) -> None:
        wide, grid = self.size.width >= 100, self._cursor.grid
        if vma is None or grid is None:
            self.inspect(
                [
                    row(
                        Run(
                            "no longer mapped: nothing is here now; the history has its last pages",
                            DIM,
                        )
                    )
                ]
            )
            return
        line = page_lines.about_cell(vma, cell, self._cursor.cell_address, grid, wide=wide)
        rows = [(*line, *self._names())]
        if wide:
            rows.append(page_lines.provenance(survey, self.pid))
        self.inspect(rows)

    def _names(self) -> list[Run]:
        """Object, sections and functions of the page under the cursor, as far as they are known."""
        at = self._exact_address
        if self.is_observed:
            self.session.wish(symbols=SymbolWish(address=at))
        reading = reading_of(self.session.clock.current, self.pid)
        told = reading.symbols if reading else None
        if told is None:
            return []
        located, run = told.located, told.run_at(at)
        label = located.label if located and located.address == at else None
        if isinstance(label, PageLabel) and located is not None:
            first = () if isinstance(located.place.symbol, Missing) else (located.place.symbol,)
            names = (*first, *(name for name in label.symbols if name not in first))
            return symbol_lines.labels(label.object, label.sections, names, label.more)
        return [] if run is None else symbol_lines.labels(run.object, run.sections, (), 0)

    @property
    def _exact_address(self) -> int:
        """The address one came for, as long as the cursor is on its page."""
        here, asked = self._cursor.address, self._asked
        return asked if asked // PAGE_SIZE == here // PAGE_SIZE else here

    # Where this is

    def crumbs(self) -> tuple[str, ...]:
        """Process and VMA."""
        sample = self.session.clock.current
        vma = self.vma(sample)
        name = vma_lines.full_name(vma) if vma else f"{self._start:x}"
        return crumb(reading_of(sample, self.pid), self.pid), name

    def facts(self, sample: Sample) -> list[str]:
        """Permissions, size and pages of the VMA."""
        vma = self.vma(sample)
        if vma is None:
            return []
        count = vma.size // PAGE_SIZE
        pages = [f"{count:,} page{'s' * (count != 1)}"] if self.size.width >= 100 else []
        return [vma.perms, units.size(vma.size), *pages]

    def badge(self, sample: Sample) -> str:
        """That the process has exited, or the VMA is gone."""
        gone = vmas_of(sample, self.pid) is not None and self.vma(sample) is None
        return ended(reading_of(sample, self.pid)) or ("unmapped" if gone else "")

    # Keys

    def _repaint(self) -> None:
        sample = self.session.clock.current
        if sample is not None and self._survey is not None:
            self._paint(sample, self._survey)

    def action_open(self) -> None:
        """The pages of the cell one letter each, or everything about the one page."""
        if self._cursor.closest:
            from vmtui.ui.screens.page import PageScreen

            self.app.push_screen(PageScreen(self.pid, self._exact_address))
        else:
            self._cursor.zoom_to(CLOSEST)
            self._repaint()

    def go_to(self, address: int) -> None:
        """The cursor on that page, if it is one of this VMA."""
        if self._start <= address < self._end:
            self._asked = address
            self._cursor.go(address)

    @on(Canvas.Clicked, "#grid")
    def _clicked(self, event: Canvas.Clicked) -> None:
        """A cell; the second click goes closer."""
        grid = self._cursor.grid
        cell = None if grid is None else grid.cell_at(event.x, event.y - 1)
        if grid is None or cell is None or not grid.pages_of(cell):
            return
        address = max(grid.address_of(cell), grid.start)
        if address == self._cursor.cell_address:
            self.action_open()
        else:
            self._cursor.go(address)
            self._repaint()

    def action_back(self) -> None:
        """To the process."""
        self.app.pop_screen()

    def action_goto(self) -> None:
        """To an address or a symbol of this process; another VMA's takes this one's place."""
        vmas = vmas_of(self.session.clock.current, self.pid)

        def go(address: int) -> None:
            if self._start <= address < self._end or vmas is None:
                self._asked = address
                self._cursor.go(address)
                self._cursor.zoom_to(CLOSEST)
                self._repaint()
            elif (index := vmas.index_of(address)) is not None:
                vma = vmas[index]
                self.app.switch_screen(PagesScreen(self.pid, vma.start, vma.end, address))

        go_somewhere(self, self.pid, vmas, go)

    def action_maximise_panel(self) -> None:
        """Give the grid the whole screen, or give it back."""
        self._maximised = not self._maximised
        self.look()

    def action_legend(self) -> None:
        """The full legend: in the panel where there is one, else on a card."""
        if self._panel_lines > 2:
            self._every = not self._every
            self._repaint()
        elif self._survey is not None:
            rows = legend.legend(state_counts(self._survey), PAGE_SIZE, 66, every=True)
            self.app.push_screen(Card("legend", rows))

    # Words

    def explanation(self) -> tuple[str, list[Row]]:
        """What the states mean, and what could not be told."""
        survey = self._survey
        if survey is None:
            return "nothing here", []
        return "pages of this VMA", explained(survey)

    def changes_since(self, mark: Sample, now: Sample) -> list[Row]:
        """What became of this VMA and of its pages, and how many of each state there are more."""
        before, after = reading_of(mark, self.pid), reading_of(now, self.pid)
        old = before.survey() if before else None
        new = after.survey() if after else None
        if not isinstance(old, PageSurvey) or not isinstance(new, PageSurvey):
            return [row(Run("these pages were not on screen at the mark", DIM))]
        compared = in_session(mark, now, self.session.between(mark, now), self.pid)
        difference = compared.difference
        rows: list[Row] = []
        if isinstance(difference, Difference):
            found = difference.at(self._start)
            rows = [] if found is None else [row(Run(found.cause))]
        rows += [(), *moves] if (moves := turned(old, new)) else []
        return [*rows, (), *changed(state_counts(old), state_counts(new))]

    def copied(self) -> DisplayText:
        """The address under the cursor."""
        return DisplayText(f"0x{self._cursor.address:x}")
