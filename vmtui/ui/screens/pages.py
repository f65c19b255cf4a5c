"""Level 3: one VMA: every page of it as a grid, live."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from textual import on, work
from textual.binding import BindingType
from textual.widget import Widget

from vmtui import units
from vmtui.draw import celldetail, legend, overview, page_lines, pagegrid
from vmtui.draw import strip as strips
from vmtui.draw.beside import beside
from vmtui.draw.chart import Series, chart
from vmtui.draw.grid import Grid, fitting
from vmtui.draw.paint import DIM, STRONG, Paint, Row, Run, row
from vmtui.errors import VmtuiError
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.fields.field import Unit
from vmtui.model.states import PageState
from vmtui.model.vma_row import VmaRow
from vmtui.model.vmas import Vmas
from vmtui.observe import one_page
from vmtui.observe.heat import GLOW_SECONDS, Heat
from vmtui.observe.page_survey import PageSurvey
from vmtui.observe.plan import PageWindow
from vmtui.observe.sample import Sample
from vmtui.observe.target_reading import TargetReading
from vmtui.text import DisplayText, display
from vmtui.ui.dialogs import Ask, Card
from vmtui.ui.keymap import bind
from vmtui.ui.screens.observe import ObserveScreen
from vmtui.ui.screens.process import address_of, ended_badge
from vmtui.ui.widgets.canvas import Canvas

_TALL = 34
_HUGE = 2 << 20
_PANEL_LINES = 9
_CHART_POINTS = 180


class PagesScreen(ObserveScreen):
    """The grid, its legend, and the cell under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("zoom.in", "open", "page", show=True),
        bind("zoom.out", "back"),
        bind("cursor.left", "move(-1, 0)"),
        bind("cursor.right", "move(1, 0)"),
        bind("table.up", "move(0, -1)"),
        bind("table.down", "move(0, 1)"),
        bind("table.page_up", "page(-1)"),
        bind("table.page_down", "page(1)"),
        bind("table.half_up", "page(-1)"),
        bind("table.half_down", "page(1)"),
        bind("table.first", "edge(False)"),
        bind("table.last", "edge(True)"),
        bind("zoom.closer", "zoom(-1)", show=True),
        bind("zoom.wider", "zoom(1)", show=True),
        bind("zoom.fit", "fit", show=True),
        bind("filter.next", "change(1)", "next change", show=True),
        bind("filter.previous", "change(-1)", "previous change"),
        bind("legend.toggle", "legend"),
        bind("goto.ask", "goto"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "zoom.in", "zoom.closer", "zoom.wider", "zoom.fit", "filter.next", "mark.set", "legend.toggle",
        "clock.pause", "help.show",
    )  # fmt: skip
    ABOUT: ClassVar[tuple[str, ...]] = (
        "Every page of one VMA. A cell of many pages shows the hue of the largest share among the "
        "pages present, and by its strength how many are; the numbers are always exact.",
        "+ and − zoom from the whole VMA to one page a cell; enter goes closer at the cursor.",
    )

    def __init__(self, pid: int, start: int, end: int, address: int | None = None) -> None:
        """The VMA at `start`; with `address` at one page a cell, the cursor on that page."""
        super().__init__()
        self.pid = pid
        self._start, self._end = start, end
        self._cursor = (address or start) // PAGE_SIZE * PAGE_SIZE
        self._grid: Grid | None = None
        self._fits = address is None
        self._heat = Heat()
        self._ages: NDArray[np.uint8] | None = None
        self._survey: PageSurvey | None = None
        self._legend = False

    def body(self) -> Iterable[Widget]:
        """Facts or overview, the grid, and the panel below or beside it."""
        yield Canvas(id="facts")
        yield Canvas(id="grid")
        yield Canvas(id="panel")

    def wish(self) -> None:
        """The pages of this VMA, several times a second; smaps stays amortised."""
        self.session.wish(
            processes=False, target=self.pid, window=PageWindow(self._start, self._end),
            for_all=frozenset(),
        )  # fmt: skip

    # Painting

    def reading(self, sample: Sample | None) -> TargetReading | None:
        """This process in a sample."""
        target = sample.target if sample else None
        return target if target and target.pid == self.pid else None

    def vma(self, sample: Sample | None) -> VmaRow | None:
        """The VMA as it is in that sample: it may have grown, or be gone."""
        reading = self.reading(sample)
        if reading is None or not isinstance(reading.vmas, Vmas):
            return None
        index = reading.vmas.index_of(self._start)
        if index is None:
            index = reading.vmas.index_of(self._end - PAGE_SIZE)  # stacks grow at their start
        return None if index is None else reading.vmas[index]

    def show(self, sample: Sample) -> None:
        """The grid of the survey under the cursor, or why there is none."""
        vma = self.vma(sample)
        if vma is not None and (vma.start, vma.end) != (self._start, self._end):
            if self.session.clock.live:
                self._start, self._end = vma.start, vma.end
                self.wish()
        reading = self.reading(sample)
        survey = reading.survey() if reading else None
        if not isinstance(survey, PageSurvey):
            self._show_nothing(reading, survey)
            return
        self._survey = survey
        self._ages = self._heat.ages(self.session.clock.window(GLOW_SECONDS + 1), self.pid, survey)
        self._place(survey)
        self._paint(sample)

    def _show_nothing(self, reading: TargetReading | None, survey: Missing | None) -> None:
        words = "waiting for the first look at these pages"
        if isinstance(survey, Missing):
            words = survey.reason + (f": {survey.unlock}" if survey.unlock else "")
        elif reading is not None and not isinstance(reading.vmas, Vmas):
            words = reading.vmas.reason
        elif reading is not None and not self.session.clock.live:
            words = "these pages were not looked at then"
        self.query_one("#facts", Canvas).show([(), row(Run(f"  {words}", STRONG))])
        self.query_one("#grid", Canvas).show([])
        self.query_one("#panel", Canvas).show([])
        self.inspect([()])

    @property
    def _halves(self) -> bool:
        """Whether cells are half blocks at the zoomed-out steps."""
        return not self.session.letters_by_default

    def _place(self, survey: PageSurvey) -> None:
        """The grid for this size of window and VMA, keeping zoom, place and cursor."""
        width, lines = self.size.width, self._lines
        columns = 128 if width >= 152 else 64 if width >= 78 else 32
        short = width < 100
        old = self._grid
        if old is None or self._fits:
            grid = fitting(
                survey.start,
                survey.end,
                PAGE_SIZE,
                columns,
                lines,
                halves=self._halves,
                short=short,
            )
            if not self._fits:
                grid = grid.zoomed(1, False, self._cursor)
        else:
            grid = replace(
                old, start=survey.start, end=survey.end, columns=columns, lines=lines, short=short,
                top=old.top // old.line_bytes * old.line_bytes,
            )  # fmt: skip
            grid = replace(grid, top=grid.top // grid.line_bytes * grid.line_bytes).clamped()
        self._cursor = min(max(self._cursor, survey.start), survey.end - PAGE_SIZE)
        self._grid = grid if grid.whole_fits() else grid.showing(self._cursor)

    @property
    def _lines(self) -> int:
        """Lines the grid's cells may take."""
        height = self.size.height
        facts = 3 if height >= _TALL and self.size.width >= 100 else 2
        panel = (_PANEL_LINES + 1) if self._panel_below else 0 if self._panel_beside else 2
        inspector = 3 if self.size.width >= 100 else 2
        return max(1, height - 2 - facts - panel - inspector - 1)

    @property
    def _panel_below(self) -> bool:
        return self.size.height >= _TALL and not self._panel_beside

    @property
    def _panel_beside(self) -> bool:
        return 118 <= self.size.width < 152

    def _paint(self, sample: Sample) -> None:
        survey, grid, vma = self._survey, self._grid, self.vma(sample)
        if survey is None or grid is None:
            return
        inaccessible = bool(vma and vma.no_access)
        rows = pagegrid.rows(
            survey.states, grid, age=self._ages, cursor=self._cursor, inaccessible=inaccessible,
            huge_bytes=_HUGE,
        )  # fmt: skip
        counts = np.bincount(survey.states, minlength=len(PageState)).tolist()
        if inaccessible:
            counts[PageState.GUARD] += counts[PageState.ABSENT]
            counts[PageState.ABSENT] = 0
        cell = self._cell_states()
        if self._panel_beside:
            room = self.size.width - grid.width - 3
            side = [(), *legend.legend(counts, PAGE_SIZE, room, notes=False), ()]
            side += celldetail.cell_detail(cell, self._cell_address(), PAGE_SIZE, room, 9)
            rows = beside([rows, side], [grid.width, room], 3)
        self.query_one("#grid", Canvas).show(rows)
        self._show_facts(survey, grid)
        panel = self.query_one("#panel", Canvas)
        panel.display = not self._panel_beside
        if self._panel_below:
            panel.show(self._panel_rows(counts, cell))
        elif not self._panel_beside:
            line = legend.legend_line(counts, PAGE_SIZE, self.size.width - 2)
            panel.show([(), (Run(" "), *line)])
        self._show_inspector(vma, survey, cell)

    def _show_facts(self, survey: PageSurvey, grid: Grid) -> None:
        if self.size.width >= 100:
            scale = page_lines.scale(grid, self.size.width)
            rows = [(), scale] if self.size.height >= _TALL else [scale]
        else:
            slices = strips.slices(survey.states, grid.width - grid.gutter)
            rows = overview.overview(slices, grid)
        self.query_one("#facts", Canvas).show(rows)

    def _panel_rows(self, counts: list[int], cell: bytes) -> list[Row]:
        """Legend, cell and chart side by side."""
        width = self.size.width
        rule = (Run("─" * width, Paint("rule")),)
        left, middle = 62 if width >= 150 else 46, 40
        right = max(20, width - left - middle - 8)
        whole = legend.legend(counts, PAGE_SIZE, left, notes=width >= 150, every=self._legend)
        height = max(_PANEL_LINES, len(whole)) if self._legend else _PANEL_LINES
        detail = celldetail.cell_detail(cell, self._cell_address(), PAGE_SIZE, middle, height)
        parts = [whole[:height], detail, self._chart(right, height)]
        return [rule, *((Run(" "), *line) for line in beside(parts, [left, middle, right], 3))]

    def _chart(self, width: int, lines: int) -> list[Row]:
        """The VMA's own history: what is resident and swapped, by survey."""
        shares: list[tuple[float, int, int, int]] = []
        for sample in self.session.clock.window(180):
            reading = self.reading(sample)
            survey = reading.pages if reading else None
            if survey is None or isinstance(survey, Missing) or reading is None:
                continue
            counted = getattr(survey, "survey", survey).counts
            own = counted.exclusive * PAGE_SIZE
            shared = counted.shared * PAGE_SIZE
            if not shares or sample.began - shares[-1][0] >= 0.99 * self.session.plan.interval:
                shares.append((sample.began, own, shared, counted.swapped * PAGE_SIZE))
        early: list[float | None] = [None] * max(0, _CHART_POINTS - len(shares))
        series = [
            Series(name, slot, early + [float(share[at]) for share in shares[-_CHART_POINTS:]])
            for at, (name, slot) in enumerate(
                (("own", "anon"), ("shared", "cow"), ("swap", "swapped")), start=1
            )
        ]
        seconds = _CHART_POINTS * self.session.plan.interval
        return chart("3 min", series, width, lines, unit=Unit.BYTES, span_seconds=seconds)

    def _cell_address(self) -> int:
        """The first address of the cell under the cursor, inside the VMA."""
        grid, survey = self._grid, self._survey
        if grid is None or survey is None:
            return self._cursor
        return max(survey.start, self._cursor // grid.cell_bytes * grid.cell_bytes)

    def _cell_states(self) -> bytes:
        grid, survey = self._grid, self._survey
        if grid is None or survey is None:
            return b""
        first = (self._cell_address() - survey.start) // PAGE_SIZE
        end = self._cursor // grid.cell_bytes * grid.cell_bytes + grid.cell_bytes
        last = (min(end, survey.end) - survey.start) // PAGE_SIZE
        return bytes(survey.states[first:last])

    def _show_inspector(self, vma: VmaRow | None, survey: PageSurvey, cell: bytes) -> None:
        wide = self.size.width >= 100
        if vma is None or self._grid is None:
            self.inspect([row(Run("this VMA is no longer mapped: its last pages are shown", DIM))])
            return
        rows = [page_lines.about_cell(vma, cell, self._cell_address(), self._grid, wide=wide)]
        if wide:
            reason = next((f"{name}: {why.reason}" for name, why in survey.missing.items()), "")
            took = f"{survey.took_ns / 1e6:.1f} ms"
            rows.append(
                row(
                    Run("from ", Paint("faint")), Run(f"{survey.source} {took}", DIM),
                    Run("   same number ", Paint("faint")),
                    Run(f"grep -A25 '^{vma.start:x}' /proc/{self.pid}/smaps", DIM),
                    Run("   not told ", Paint("faint")) if reason else Run(""), Run(reason, DIM),
                )
            )  # fmt: skip
        self.inspect(rows)

    # Where this is

    def crumbs(self) -> tuple[str, ...]:
        """Process and VMA."""
        sample = self.session.clock.current
        reading, vma = self.reading(sample), self.vma(sample)
        process = str(self.pid)
        if reading is not None and not isinstance(reading.stat, Missing):
            process = f"{self.pid} {display(reading.stat.comm)}"
        name = (vma.name or f"[{vma.kind}]") if vma else f"{self._start:x}"
        return process, name

    def facts(self, sample: Sample) -> list[str]:
        """Permissions, size and pages of the VMA."""
        vma = self.vma(sample)
        if vma is None:
            return []
        size = [vma.perms, units.size(vma.size)]
        if self.size.width >= 100:
            size.append(f"{vma.size // PAGE_SIZE:,} pages")
        return size

    def badge(self, sample: Sample) -> str:
        """That the process has exited, or the VMA is gone."""
        reading = self.reading(sample)
        ended = ended_badge(reading)
        if ended or reading is None or not isinstance(reading.vmas, Vmas):
            return ended
        return "" if self.vma(sample) else "unmapped"

    # Moving

    def _go(self, address: int) -> None:
        survey, grid = self._survey, self._grid
        if survey is None or grid is None:
            return
        self._cursor = min(max(address, survey.start), survey.end - 1) // PAGE_SIZE * PAGE_SIZE
        if not grid.whole_fits():
            self._grid = grid.showing(self._cursor)
        self._repaint()

    def _repaint(self) -> None:
        sample = self.session.clock.current
        if sample is not None:
            self._paint(sample)

    def action_move(self, columns: int, rows: int) -> None:
        """By cells and rows."""
        if self._grid is not None:
            step = columns * self._grid.cell_bytes + rows * self._grid.row_bytes
            self._go(self._cursor // self._grid.cell_bytes * self._grid.cell_bytes + step)

    def action_page(self, pages: int) -> None:
        """By windows."""
        if self._grid is not None:
            self._go(self._cursor + pages * self._grid.lines * self._grid.line_bytes)

    def action_edge(self, last: bool) -> None:
        """The first or the last page."""
        self._go(self._end if last else self._start)

    def action_change(self, direction: int) -> None:
        """The next page that changed lately, or else the next place where the state changes."""
        survey = self._survey
        if survey is None:
            return
        here = (self._cursor - survey.start) // PAGE_SIZE
        places = np.flatnonzero(self._ages) if self._ages is not None else np.empty(0, np.int64)
        if not len(places):
            places = np.flatnonzero(survey.states[1:] != survey.states[:-1]) + 1
        later = places[places > here] if direction > 0 else places[places < here][::-1]
        if len(later):
            self._go(survey.start + int(later[0]) * PAGE_SIZE)
        else:
            self.notify("nothing further that way", timeout=2)

    # Zooming

    def _steps(self) -> list[tuple[int, bool]]:
        """(pages a cell, half blocks) from one letter a page to the step that fits the VMA."""
        grid = self._grid
        if grid is None:
            return [(1, False)]
        steps = [(1, False)]
        widest = fitting(
            grid.start, grid.end, PAGE_SIZE, grid.columns, grid.lines, halves=self._halves
        ).pages_per_cell
        pages = 1 if self._halves else 2
        while pages <= widest:
            steps.append((pages, self._halves))
            pages *= 2
        return steps

    def action_zoom(self, step: int) -> None:
        """One step closer (−1) or wider (1)."""
        grid = self._grid
        if grid is None:
            return
        steps = self._steps()
        now = (grid.pages_per_cell, grid.halves)
        at = steps.index(now) if now in steps else len(steps) - 1
        self._zoom_to(*steps[min(max(0, at + step), len(steps) - 1)])

    def _zoom_to(self, pages_per_cell: int, halves: bool) -> None:
        if self._grid is not None:
            self._fits = False
            self._grid = self._grid.zoomed(pages_per_cell, halves, self._cursor)
            self._go(self._cursor)

    def action_fit(self) -> None:
        """The whole VMA."""
        self._fits = True
        self.look()

    def action_open(self) -> None:
        """The pages of the cell one letter each, or everything about the one page."""
        grid = self._grid
        if grid is None:
            return
        if grid.pages_per_cell > 1 or grid.halves:
            self._zoom_to(1, False)
        else:
            self._read_page(self._cursor)

    @work(thread=True, exclusive=True)
    def _read_page(self, address: int) -> None:
        """Ask the kernel about one page; a card shows the answer."""
        try:
            page: one_page.OnePage | VmtuiError = one_page.read(self.pid, address)
        except VmtuiError as error:
            page = error
        self.app.call_from_thread(self._show_page, address, page)

    def _show_page(self, address: int, page: one_page.OnePage | VmtuiError) -> None:
        if isinstance(page, VmtuiError):
            self.notify(str(page), timeout=4)
            return
        sample, survey = self.session.clock.current, self._survey
        vma = self.vma(sample)
        rows: list[Row] = []
        if vma is not None and survey is not None and survey.start <= address < survey.end:
            state = survey.states[(address - survey.start) // PAGE_SIZE :][:1]
            assert self._grid is not None
            rows += [
                page_lines.about_cell(vma, bytes(state), address, self._grid, wide=True), (),
            ]  # fmt: skip
        rows += page_lines.entry_rows(page.entry, page.frames_visible)
        rows += page_lines.frame_rows(page.frame_flags, page.map_count)
        self.app.push_screen(Card(f"page {address:012x}", rows))

    @on(Canvas.Clicked, "#grid")
    def _clicked(self, event: Canvas.Clicked) -> None:
        """A cell; the second click goes closer."""
        grid = self._grid
        if grid is None:
            return
        cell = grid.cell_at(event.x, event.y - 1)
        if cell is None or not grid.pages_of(cell):
            return
        address = max(grid.address_of(cell), grid.start)
        if address == self._cell_address():
            self.action_open()
        else:
            self._go(address)

    def on_mouse_scroll_down(self) -> None:
        """The wheel moves by lines."""
        self.action_move(0, 3)

    def on_mouse_scroll_up(self) -> None:
        """The wheel moves by lines."""
        self.action_move(0, -3)

    def action_back(self) -> None:
        """To the process."""
        self.app.pop_screen()

    def action_legend(self) -> None:
        """The full legend: in the panel where there is one, else on a card."""
        if self._panel_below:
            self._legend = not self._legend
            self._repaint()
            return
        survey = self._survey
        if survey is None:
            return
        counts: Any = np.bincount(survey.states, minlength=len(PageState)).tolist()
        rows = legend.legend(counts, PAGE_SIZE, 60, every=True)
        self.app.push_screen(Card("legend", rows))

    def action_goto(self) -> None:
        """Go to an address of this VMA."""

        def check(typed: str) -> str:
            address = address_of(typed)
            if address is None:
                return "an address is written in hexadecimal, as in 7f1a20000000"
            if not self._start <= address < self._end:
                return f"this VMA is {self._start:012x}–{self._end:012x}"
            return ""

        def take(typed: str | None) -> None:
            address = address_of(typed) if typed else None
            if address is not None:
                self._cursor = address // PAGE_SIZE * PAGE_SIZE
                self._zoom_to(1, False)

        self.app.push_screen(
            Ask("go to an address", placeholder=f"{self._start:012x}", check=check), take
        )

    # Words

    def explanation(self) -> tuple[str, list[Row]]:
        """What the states mean, and what could not be told."""
        survey = self._survey
        if survey is None:
            return "nothing here", []
        counts: Any = np.bincount(survey.states, minlength=len(PageState)).tolist()
        rows: list[Row] = legend.legend(counts, PAGE_SIZE, 66, every=True)
        for name, why in survey.missing.items():
            unlock = f" ({why.unlock})" if why.unlock else ""
            rows += [(), row(Run(f"{name}: ", STRONG), Run(f"{why.reason}{unlock}", DIM))]
        return "pages of this VMA", rows

    def changes_since(self, mark: Sample, now: Sample) -> list[Row]:
        """How many pages of each state there are more or fewer."""
        before, after = self.reading(mark), self.reading(now)
        old = before.survey() if before else None
        new = after.survey() if after else None
        if not isinstance(old, PageSurvey) or not isinstance(new, PageSurvey):
            return [row(Run("these pages were not on screen at the mark", DIM))]
        then = np.bincount(old.states, minlength=len(PageState))
        today = np.bincount(new.states, minlength=len(PageState))
        rows = []
        for state in PageState:
            delta = int(today[state] - then[state])
            if delta:
                rows.append(
                    row(
                        legend.swatch(state), Run(f" {state.slot:<9}"),
                        Run(f"{delta:+,} pages".replace("-", "−"), STRONG),
                        Run(f"  {units.change(delta * PAGE_SIZE)}", DIM),
                    )
                )  # fmt: skip
        return rows or [row(Run("as many pages in every state as at the mark", DIM))]

    def copied(self) -> DisplayText:
        """The address under the cursor."""
        return DisplayText(f"0x{self._cursor:x}")
