"""Level 2: one process: its address space as a picture, its VMAs, its history, its limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.screen import Screen
from textual.widget import Widget

from vmtui import units
from vmtui.draw import columns, process_lines, sentences, table, tabs, target_charts, vma_lines
from vmtui.draw.paint import DIM, Paint, Row, Run, row
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit
from vmtui.model.fields.vma import VMA_FIELDS, VMA_FIELDS_BY_ID
from vmtui.model.slices import ScannedSpace, slices_of
from vmtui.model.target_history import TargetHistory, history
from vmtui.model.vma_changes import grown
from vmtui.model.vma_row import VmaRow
from vmtui.model.vma_table import VmaLines
from vmtui.model.vmas import Gap, Vmas
from vmtui.observe.sample import Sample
from vmtui.observe.target_reading import TargetReading, moment_of
from vmtui.text import DisplayText, display
from vmtui.ui.derived import Derived
from vmtui.ui.going import go_somewhere
from vmtui.ui.keymap import bind
from vmtui.ui.screens.differences import since_mark
from vmtui.ui.screens.table_screen import TableScreen
from vmtui.ui.screens.target_screen import crumb, ended, reading_of, vmas_of
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.space_picture import SpacePicture
from vmtui.ui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from vmtui.export.shown import Shown

_TABS = ("VMAs", "History", "Kinds", "Limits", "Symbols")
_TALL = 34


class ProcessScreen(TableScreen):
    """One process; everything on it is a function of the target's reading."""

    FIELDS = VMA_FIELDS
    FIELDS_BY_ID = VMA_FIELDS_BY_ID
    WORDS = ("name", "kind", "perms")
    EXAMPLE = "libc  kind:anon  rss>1M  perms:x"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("zoom.out", "back"),
        bind("panel.next", "tab(1)", show=True, priority=True),
        bind("panel.previous", "tab(-1)", priority=True),
        bind("cursor.left", "beside(-1)"),
        bind("cursor.right", "beside(1)"),
        bind("filter.next", "beside(1)"),
        bind("filter.previous", "beside(-1)"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "zoom.in", "zoom.out", "panel.next", "filter.edit", "sort.menu", "mark.set", "clock.pause",
        "help.show", "mark.changes", "peak.go",
    )  # fmt: skip
    ABOUT: ClassVar[tuple[str, ...]] = (
        "The picture shows every VMA, low addresses left: its width grows with the logarithm of "
        "its size, its filling is what is resident. Holes above 1 GiB are folded.",
        "Rss and the strips come from a scan of the page tables, the other figures from smaps, "
        "which is read less often the dearer it is: its age is in the last line.",
    )

    def __init__(self, pid: int, chosen: tuple[str, ...] = ()) -> None:
        super().__init__("start", chosen)
        self.pid = pid
        self.descending = False
        self._tab = 0
        self._has_been_seen = False
        self._lines: VmaLines | None = None
        self._derived = Derived()

    def body(self) -> Iterable[Widget]:
        """Totals, picture, tabs, and the page of the tab."""
        yield Canvas(id="totals")
        yield SpacePicture(id="space")
        yield Canvas(id="tabs")
        yield self.filter_line()
        yield VirtualTable(follow=True, id="table")
        yield Canvas(id="page")
        yield Canvas(id="charts")

    def wish(self) -> None:
        """This target; the process list goes on at a slower pace for its history."""
        self.session.wish(
            processes=False, target=self.pid, window=None, page=None, symbols=None,
            for_all=frozenset(),
        )  # fmt: skip

    # Painting

    def show(self, sample: Sample) -> None:
        """Everything, or why there is nothing."""
        reading = reading_of(sample, self.pid)
        if reading is None:
            self.inspect([row(Run("waiting for the first look at this process", DIM))])
            return
        self._show_totals(reading)
        vmas = reading.vmas
        if isinstance(vmas, Missing) or not len(vmas):
            why = vmas if isinstance(vmas, Missing) else None
            self.query_one(SpacePicture).show(process_lines.nothing(why, reading.stat))
            self._lines = None
            self.table.set_source((), key=id, draw_row=lambda _row, _cells, _selected: ())
            self._show_page(reading, why or Missing("it has no VMAs"))
        else:
            self._show_page(reading, vmas)
            if not self._has_been_seen:  # the first look in two steps: keys may come between
                self._has_been_seen = True
                self.call_later(self.look)
                return
            self._show_space(reading, vmas)
        self._show_tabs(vmas)
        self._show_charts()
        self._show_inspector(sample)

    def _show_totals(self, reading: TargetReading) -> None:
        canvas = self.query_one("#totals", Canvas)
        note = ""
        if self.size.width >= 130:
            note = "low addresses left; width ~ log size, height = how much of it is resident"
        line = (Run(" "), *process_lines.totals(reading.status, reading.rollup, note))
        canvas.show([(), line, ()] if self.size.height >= _TALL else [line])

    def _show_space(self, reading: TargetReading, vmas: Vmas) -> None:
        picture = self.query_one(SpacePicture)
        picture.display = not self.maximised
        selected = self.table.row
        index = selected.index if isinstance(selected, VmaRow) else None
        if picture.display:
            tall = self.size.height >= _TALL
            picture.draw(vmas, _space(reading), index, self.size.width, tall=tall)

    def _show_tabs(self, vmas: Vmas | Missing) -> None:
        notes = []
        if self._lines is not None and self.filter:
            notes.append(f"{self._lines.shown} of {len(self._lines.vmas)} shown")
        if isinstance(vmas, Vmas):
            if vmas.torn:
                notes.append(f"changed while read: {vmas.torn} lines left out")
            if isinstance(vmas.smaps, Missing):
                notes.append(vmas.smaps.reason)
        notes.append(f"by {self.order.title.lower()}")
        line = tabs.line(_TABS, self._tab, notes, self.size.width)
        self.query_one("#tabs", Canvas).show([line])

    def _show_page(self, reading: TargetReading, vmas: Vmas | Missing) -> None:
        page = self.query_one("#page", Canvas)
        self.table.display = self._tab == 0
        page.display = self._tab != 0
        if self._tab == 0:
            if isinstance(vmas, Vmas):
                self._show_table(reading, vmas)
            return
        width = self.size.width - 2
        match _TABS[self._tab]:
            case "History":
                seconds = target_charts.POINTS * self.session.plan.interval
                lines = max(4, page.size.height)
                rows = target_charts.page(self._history(), width, lines, seconds)
            case "Kinds" if isinstance(vmas, Vmas):
                rows = self._derived.kinds(vmas, width)
            case "Kinds" if isinstance(vmas, Missing):
                rows = [row(Run(vmas.reason, DIM))]
            case _:
                path = reading.cgroup_path
                rows = process_lines.limits(
                    reading.limits, reading.cgroup,
                    path if isinstance(path, Missing) else display(path),
                    (reading.oom_score, reading.oom_score_adj),
                )  # fmt: skip
        page.show([(Run(" "), *line) for line in rows])

    def _show_table(self, reading: TargetReading, vmas: Vmas) -> None:
        self._lines = lines = self._derived.lines(
            vmas, self.filter, self.order, descending=self.descending
        )
        cells = self.size.width - 1
        marked = vmas_of(self.session.clock.mark, self.pid)
        self.columns = self.fitted(cells, *([_since(marked)] if marked is not None else []))
        space = _space(reading)

        def residency(vma: VmaRow, width: int) -> Row:
            return self._derived.strip(vma, space, width)

        def draw(line: VmaRow | Gap, width: int, selected: bool) -> Row:
            if isinstance(line, Gap):
                return table.divider(f"{units.size(line.size)} unmapped", width)
            own = {"residency": residency, "name": vma_lines.name_cell}
            return columns.line(self.columns, line, selected=selected, own=own)

        self.table.set_source(
            lines, key=VmaLines.key, draw_row=draw,
            header=columns.header(
                self.columns, cells, sorted_by=self.order.id, descending=self.descending
            ),
            selectable=lambda line: isinstance(line, VmaRow), index_of=lines.index_of,
        )  # fmt: skip

    def shaped(self, field: Field[Any], cells: int) -> Field[Any]:
        """The residency strip is as wide as there is room for."""
        if field.id != "residency":
            return field
        return replace(field, width=32 if cells >= 151 else 20 if cells >= 119 else 14)

    def sortable(self, field: Field[Any]) -> bool:
        """Everything that has one value a VMA."""
        return field.id in self.FIELDS_BY_ID and field.id != "residency"

    def _history(self) -> TargetHistory:
        """The series of this process up to the cursor."""
        seconds = target_charts.POINTS * self.session.plan.interval
        found = (reading_of(sample, self.pid) for sample in self.session.clock.window(seconds))
        return history((moment_of(r) for r in found if r), target_charts.POINTS)

    def _show_charts(self) -> None:
        canvas = self.query_one("#charts", Canvas)
        height = self.size.height
        canvas.display = self._tab == 0 and height >= 22 and not self.maximised
        if not canvas.display:
            return
        lines = 9 if height >= 44 else 6 if height >= _TALL else 3
        seconds = target_charts.POINTS * self.session.plan.interval
        rows = target_charts.strip(self._history(), self.size.width - 2, lines, seconds)
        rule = (Run("─" * self.size.width, Paint("rule")),)
        canvas.show([rule, *((Run(" "), *line) for line in rows)])

    def _show_inspector(self, sample: Sample) -> None:
        reading, vma = reading_of(sample, self.pid), self.table.row
        if reading is None or not isinstance(vma, VmaRow):
            self.inspect([()])
            return
        wide, space = self.size.width >= 100, _space(reading)
        counts = None if space is None else slices_of(vma, space, 1)[0].tolist()
        marked = vmas_of(self.session.clock.mark, self.pid)
        delta = None if marked is None else grown(vma, marked)
        known = None if isinstance(delta, Missing) else delta
        difference = self._derived.difference(self.session.clock.mark, sample)
        changed = None if difference is None else difference.at(vma.start)
        told = changed is not None and bool(changed.causes)
        rows = [vma_lines.about(vma, counts, PAGE_SIZE, None if told else known, wide=wide)]
        if told and changed is not None:
            rows.append(row(Run("since the mark ", DIM), Run(changed.cause)))
        if wide:
            known_at = None if isinstance(vma.vmas.smaps, Missing) else vma.vmas.smaps_at
            age = None if known_at is None else max(0.0, sample.ended - known_at)
            rows.append(sentences.provenance(VMA_FIELDS_BY_ID["pss"], self.pid, age))
        self.inspect(rows)

    # Where this is

    def crumbs(self) -> tuple[str, ...]:
        """The process."""
        return (crumb(reading_of(self.session.clock.current, self.pid), self.pid),)

    def facts(self, sample: Sample) -> list[str]:
        """Who runs it, and how many VMAs it has."""
        reading = reading_of(sample, self.pid)
        if reading is None:
            return []
        facts: list[str] = []
        if not isinstance(reading.identity, Missing) and self.size.width >= 100:
            facts.append(display(reading.identity.user))
        if isinstance(reading.vmas, Vmas):
            facts.append(f"{len(reading.vmas):,} VMAs")
        return facts

    def badge(self, sample: Sample) -> str:
        """That it has exited."""
        return ended(reading_of(sample, self.pid))

    # Keys

    def action_back(self) -> None:
        """Leave the filter, or the process."""
        if not self.clear_filter():
            self.app.pop_screen()

    def action_tab(self, step: int) -> None:
        """The next page."""
        self.show_tab((self._tab + step) % len(_TABS))

    def show_tab(self, tab: int) -> None:
        """A page; the symbols are a screen of their own above this one."""
        if _TABS[tab] == "Symbols":
            from vmtui.ui.screens.symbols import SymbolsScreen

            self.app.push_screen(SymbolsScreen(self.pid, _TABS))
            return
        self._tab = tab
        self.look()
        if self._tab == 0:
            self.table.focus()  # hidden widgets lose the keys
        self.call_after_refresh(self.look)

    @on(Canvas.Clicked, "#tabs")
    def _tab_clicked(self, event: Canvas.Clicked) -> None:
        index = tabs.at(_TABS, event.x, self.size.width)
        if index is not None:
            self.show_tab(index)

    @on(SpacePicture.Picked)
    def _vessel_clicked(self, event: SpacePicture.Picked) -> None:
        """A vessel is its VMA; the second click opens it."""
        if self.table.key == event.start and isinstance(self.table.row, VmaRow):
            self.open(self.table.row)
        else:
            self.table.select(event.start)

    def action_beside(self, step: int) -> None:
        """The next VMA in the picture."""
        self.table.action_move(step)

    @on(VirtualTable.Highlighted)
    def _highlighted(self) -> None:
        sample = self.session.clock.current
        reading, vmas = reading_of(sample, self.pid), vmas_of(sample, self.pid)
        if sample is not None and reading is not None and vmas is not None and len(vmas):
            self._show_space(reading, vmas)
            self._show_inspector(sample)

    @on(VirtualTable.Opened)
    def _opened(self, event: VirtualTable.Opened) -> None:
        self.open(event.row)

    def open(self, vma: VmaRow, address: int | None = None) -> None:
        """Zoom into one VMA."""
        from vmtui.ui.screens.pages import PagesScreen

        self.app.push_screen(PagesScreen(self.pid, vma.start, vma.end, address))

    def action_goto(self) -> None:
        """Go to an address or a symbol: the VMA that holds it, and its page."""
        lines = self._lines

        def go(address: int) -> None:
            index = None if lines is None else lines.vmas.index_of(address)
            if lines is not None and index is not None:
                self.table.select(lines.vmas[index].start)
                self.open(lines.vmas[index], address)

        if lines is not None:
            go_somewhere(self, self.pid, lines.vmas, go)

    # Words

    def explanation(self) -> tuple[str, list[Row]]:
        """Every figure of the VMA under the cursor."""
        vma = self.table.row
        if not isinstance(vma, VmaRow):
            return "nothing here", []
        rows = [
            line
            for field in VMA_FIELDS
            if field.id != "residency"
            for line in sentences.about_field(field, field.get(vma), self.pid)
        ]
        return f"{vma.start:012x} {vma_lines.full_name(vma)}", rows

    def exported(self, sample: Sample) -> Shown | None:
        """The VMAs that pass the filter, whichever page is open."""
        from vmtui.export.shown import of_vmas

        return None if self._lines is None else of_vmas("vmas", self.pid, self._lines)

    def differences(self, mark: Sample, now: Sample) -> Screen[None]:
        """Which VMAs came, went, grew and shrank, and why."""
        return since_mark(self.session, mark, now, pid=self.pid)

    def peak_pid(self) -> int:
        """This process."""
        return self.pid

    def copied(self) -> DisplayText:
        """The VMA as a line of figures."""
        vma = self.table.row
        if not isinstance(vma, VmaRow):
            return DisplayText("")
        shown = (f"{vma.start:x}-{vma.end:x}", vma.perms, str(vma.rss), str(vma.pss), vma.name)
        return DisplayText("\t".join(shown))


def _space(reading: TargetReading) -> ScannedSpace | None:
    return reading.space if isinstance(reading.space, ScannedSpace) else None


def _since(marked: Vmas) -> Field[VmaRow]:
    """A column of what grew or shrank since the mark."""
    return Field(
        id="since_mark", title="ΔMARK", unit=Unit.CHANGE, width=6,
        help="Change of Rss since the mark; a VMA that is new counts in full.",
        source="PAGEMAP_SCAN, against the mark", shell="",
        get=lambda vma: grown(vma, marked),
    )  # fmt: skip
