"""Level 2: one process: its address space as a picture, its VMAs, its history, its limits."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from vmtui import units
from vmtui.draw import addressspace, columns, process_lines, sentences, table, target_charts
from vmtui.draw import strip as strips
from vmtui.draw.paint import DIM, STRONG, Paint, Row, Run, row, spread
from vmtui.draw.vessels import Block, arrange
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.blocks import block_counts
from vmtui.model.fields.field import Field, Unit
from vmtui.model.fields.vma import VMA_FIELDS, VMA_FIELDS_BY_ID
from vmtui.model.filter import Filter, FilterError, parse
from vmtui.model.slices import ScannedSpace, slice_counts
from vmtui.model.target_history import TargetHistory, history
from vmtui.model.vma_row import VmaRow
from vmtui.model.vma_table import VmaLines
from vmtui.model.vmas import Gap, Vmas
from vmtui.observe.listing import first_direction
from vmtui.observe.sample import Sample
from vmtui.observe.target_reading import TargetReading, moment_of
from vmtui.text import DisplayText, display
from vmtui.ui.dialogs import Ask, Choose, ChooseMany, Item, Option
from vmtui.ui.keymap import bind
from vmtui.ui.screens.observe import ObserveScreen
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.virtual_table import VirtualTable

_TABS = ("VMAs", "History", "Kinds", "Limits")
_TALL = 34
_HISTORY_SECONDS = 180.0
_WORDS = ("name", "kind", "perms")


class ProcessScreen(ObserveScreen):
    """One process; everything on it is a function of the target's reading."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("zoom.out", "back"),
        bind("panel.next", "tab(1)", show=True, priority=True),
        bind("panel.previous", "tab(-1)", priority=True),
        bind("filter.edit", "filter", show=True),
        bind("sort.menu", "sort", show=True),
        bind("sort.left", "sort_beside(-1)"),
        bind("sort.right", "sort_beside(1)"),
        bind("sort.reverse", "reverse"),
        bind("columns.choose", "columns"),
        bind("cursor.left", "beside(-1)"),
        bind("cursor.right", "beside(1)"),
        bind("goto.ask", "goto"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "zoom.in", "zoom.out", "panel.next", "filter.edit", "sort.menu", "mark.set", "clock.pause",
        "help.show",
    )  # fmt: skip
    ABOUT: ClassVar[tuple[str, ...]] = (
        "The picture shows every VMA, low addresses left: its width grows with the logarithm of "
        "its size, its filling is what is resident. Holes above 1 GiB are folded.",
        "Rss and the strips come from a scan of the page tables, the other figures from smaps, "
        "which is read less often the dearer it is: its age is in the last line.",
    )

    def __init__(self, pid: int) -> None:
        super().__init__()
        self.pid = pid
        self._tab = 0
        self._filter: Filter[VmaRow] = Filter()
        self._order: Field[VmaRow] | None = None
        self._descending = True
        self._chosen: tuple[str, ...] = ()
        self._columns: tuple[columns.Column[VmaRow], ...] = ()
        self._lines: VmaLines | None = None
        self._picture: addressspace.Picture | None = None

    def body(self) -> Iterable[Widget]:
        """Totals, picture, tabs, and the page of the tab."""
        self._chosen = self.session.vma_columns
        yield Canvas(id="totals")
        yield Canvas(id="space")
        yield Canvas(id="tabs")
        yield Input(placeholder="libc  kind:anon  rss>1M  perms:x", compact=True, id="filter")
        yield VirtualTable(id="table")
        yield Canvas(id="page")
        yield Canvas(id="charts")

    def on_mount(self) -> None:
        """The table has the keys."""
        super().on_mount()
        self.query_one("#filter").display = False
        self._table.focus()

    @property
    def _table(self) -> VirtualTable:
        return self.query_one("#table", VirtualTable)

    def wish(self) -> None:
        """This target; the process list goes on at a slower pace for its history."""
        self.session.wish(processes=False, target=self.pid, window=None, for_all=frozenset())

    # Painting

    def reading(self, sample: Sample | None) -> TargetReading | None:
        """This process in a sample."""
        target = sample.target if sample else None
        return target if target and target.pid == self.pid else None

    def show(self, sample: Sample) -> None:
        """Everything, or why there is nothing."""
        reading = self.reading(sample)
        if reading is None:
            self.inspect([row(Run("waiting for the first look at this process", DIM))])
            return
        self._show_totals(reading)
        vmas = reading.vmas
        space = reading.space if isinstance(reading.space, ScannedSpace) else None
        if isinstance(vmas, Missing) or not len(vmas):
            self._show_nothing(reading, vmas)
        else:
            self._show_space(vmas, space)
            self._show_tab(sample, reading, vmas)
        self._show_tabs(vmas)
        self._show_charts()
        self._show_inspector(sample)

    def _show_totals(self, reading: TargetReading) -> None:
        def of(record: object, name: str) -> int | Missing:
            return record if isinstance(record, Missing) else getattr(record, name)

        status, rollup = reading.status, reading.rollup
        figures = [
            ("VSZ", of(status, "vm_size_bytes")), ("Rss", of(status, "vm_rss_bytes")),
            ("Pss", of(rollup, "pss_bytes")), ("own", of(rollup, "uss_bytes")),
            ("swap", of(status, "vm_swap_bytes")), ("tables", of(status, "vm_pte_bytes")),
        ]  # fmt: skip
        note = ""
        if self.size.width >= 130:
            note = "low addresses left; width ~ log size, height = how much of it is resident"
        line = (Run(" "), *process_lines.totals(figures, note))
        tall = self.size.height >= _TALL
        self.query_one("#totals", Canvas).show([(), line, ()] if tall else [line])

    def _show_space(self, vmas: Vmas, space: ScannedSpace | None) -> None:
        width, tall = self.size.width - 2, self.size.height >= _TALL
        maps = vmas.maps
        blocks = arrange(
            maps.start, maps.end, maps.names, width, PAGE_SIZE, fold=10 if width >= 100 else 7
        )

        def counts(block: Block) -> Any:
            return block_counts(vmas, space, block.first, block.last, block.width)

        def name(block: Block) -> str:
            if block.merged:
                return f"+{block.count}"
            return short_name(vmas[block.first])

        selected = self._table.row
        index = selected.index if isinstance(selected, VmaRow) else None
        self._picture = addressspace.address_space(
            blocks, counts, name, width, lines=5 if tall else 3, selected=index,
            mark_line=tall, addresses=tall,
        )  # fmt: skip
        rows = [(Run(" "), *line) for line in self._picture.rows]
        self.query_one("#space", Canvas).show([*rows, ()] if tall else rows)

    def _show_nothing(self, reading: TargetReading, vmas: Vmas | Missing) -> None:
        """No VMAs: say why, in words."""
        lines: list[Row] = [()]
        if isinstance(vmas, Missing):
            lines.append(row(Run(f"  {vmas.reason}", STRONG)))
            if vmas.unlock:
                lines.append(row(Run(f"  to see it: {vmas.unlock}", DIM)))
        else:
            stat = reading.stat
            if isinstance(stat, Missing):
                words = stat.reason
            elif stat.kernel_thread:
                words = "a kernel thread works inside the kernel: it has no user memory"
            elif stat.state == "Z":
                words = "a zombie has exited: its memory has been given back"
            else:
                words = "it has no user memory"
            lines.append(row(Run(f"  {words}", STRONG)))
        self.query_one("#space", Canvas).show(lines)
        self._lines = None
        self._table.set_source((), key=id, draw_row=lambda _row, _cells, _selected: ())

    def _show_tabs(self, vmas: Vmas | Missing) -> None:
        line: list[Run] = [Run(" ")]
        for index, title in enumerate(_TABS):
            look = STRONG._replace(underline=True) if index == self._tab else DIM
            line += [Run(title, look), Run("   ")]
        facts: list[str] = []
        if self._lines is not None and self._filter:
            facts.append(f"{self._lines.shown} of {len(self._lines.vmas)} shown")
        if isinstance(vmas, Vmas):
            if vmas.torn:
                facts.append(f"changed while read: {vmas.torn} lines left out")
            if isinstance(vmas.smaps, Missing):
                facts.append(vmas.smaps.reason)
        order = self._order.title if self._order else "address"
        facts.append(f"by {order}")
        right = (Run(" · ".join(facts), DIM), Run(" "))
        self.query_one("#tabs", Canvas).show([spread(tuple(line), right, self.size.width)])

    def _show_tab(self, sample: Sample, reading: TargetReading, vmas: Vmas) -> None:
        self._table.display = self._tab == 0
        page = self.query_one("#page", Canvas)
        page.display = self._tab != 0
        if self._tab == 0:
            self._show_table(reading, vmas)
            return
        width, height = self.size.width - 2, max(1, page.size.height)
        match _TABS[self._tab]:
            case "History":
                rows = target_charts.page(self._history(), width, height, _HISTORY_SECONDS)
            case "Kinds":
                rows = process_lines.kinds(vmas.totals_by_kind(), vmas.totals(), width)
            case _:
                path = reading.cgroup_path
                rows = process_lines.limits(
                    reading.limits, reading.cgroup,
                    path if isinstance(path, Missing) else display(path),
                    (reading.oom_score, reading.oom_score_adj),
                )  # fmt: skip
        page.show([(Run(" "), *line) for line in rows])

    def _show_table(self, reading: TargetReading, vmas: Vmas) -> None:
        self._lines = VmaLines(vmas, self._filter, self._order, descending=self._descending)
        cells = self.size.width - 1
        self._columns = self._fitted(cells)
        space = reading.space if isinstance(reading.space, ScannedSpace) else None

        def draw_strip(vma: VmaRow, width: int) -> Row:
            if space is None:
                return strips.strip(None, width)
            return strips.strip(slices_of(vma, space, width), width)

        own = {"residency": draw_strip, "name": draw_name}

        def draw(line: VmaRow | Gap, width: int, selected: bool) -> Row:
            if isinstance(line, Gap):
                return table.divider(f"{units.size(line.size)} unmapped", width)
            return columns.line(self._columns, line, selected=selected, own=own)

        sorted_by = self._order.id if self._order else "start"
        self._table.set_source(
            self._lines, key=VmaLines.key, draw_row=draw,
            header=columns.header(
                self._columns, cells, sorted_by=sorted_by,
                descending=self._descending if self._order else False,
            ),
            selectable=lambda line: isinstance(line, VmaRow), index_of=self._lines.index_of,
        )  # fmt: skip

    def _fitted(self, cells: int) -> tuple[columns.Column[VmaRow], ...]:
        known = VMA_FIELDS_BY_ID
        chosen = [known[name] for name in self._chosen if name in known]
        fields = chosen or [field for field in VMA_FIELDS if field.default]
        strip_width = 32 if cells >= 151 else 20 if cells >= 119 else 14
        fields = [replace(f, width=strip_width) if f.id == "residency" else f for f in fields]
        since = self._since_mark()
        if since is not None:
            at = next((i for i, f in enumerate(fields) if f.id == "rss"), 0)
            fields.insert(at + 1, since)
        return columns.fitted(fields, cells, chosen=frozenset(self._chosen) | {"since_mark"})

    def _since_mark(self) -> Field[VmaRow] | None:
        """A column of what grew or shrank since the mark, while there is one."""
        marked = self._marked_vmas()
        if marked is None:
            return None
        return Field(
            id="since_mark", title="ΔMARK", unit=Unit.CHANGE, width=6,
            help="Change of Rss since the mark; a VMA that is new counts in full.",
            source="PAGEMAP_SCAN, against the mark", shell="",
            get=lambda vma: grown(vma, marked),
        )  # fmt: skip

    def _marked_vmas(self) -> Vmas | None:
        marked = self.reading(self.session.clock.mark)
        return marked.vmas if marked and isinstance(marked.vmas, Vmas) else None

    def _history(self) -> TargetHistory:
        """The series of this process up to the cursor."""
        interval = self.session.plan.interval
        window = self.session.clock.window(target_charts.POINTS * max(interval, 0.25))
        found = (self.reading(sample) for sample in window)
        return history((moment_of(r) for r in found if r), target_charts.POINTS)

    def _show_charts(self) -> None:
        canvas = self.query_one("#charts", Canvas)
        height = self.size.height
        canvas.display = self._tab == 0 and height >= 22
        if not canvas.display:
            return
        lines = 9 if height >= 44 else 6 if height >= _TALL else 3
        rule = (Run("─" * self.size.width, Paint("rule")),)
        seconds = target_charts.POINTS * self.session.plan.interval
        rows = target_charts.strip(self._history(), self.size.width - 2, lines, seconds)
        canvas.show([rule, *((Run(" "), *line) for line in rows)])

    def _show_inspector(self, sample: Sample) -> None:
        reading, vma = self.reading(sample), self._table.row
        if reading is None or not isinstance(vma, VmaRow):
            self.inspect([()])
            return
        wide = self.size.width >= 100
        counts = None
        if isinstance(reading.space, ScannedSpace):
            counts = slices_of(vma, reading.space, 1)[0].tolist()
        marked = self._marked_vmas()
        changed = grown(vma, marked) if marked is not None else None
        shown = None if isinstance(changed, Missing) else changed
        rows = [process_lines.about_vma(vma, counts, PAGE_SIZE, shown, wide=wide)]
        if wide:
            age = None if isinstance(vma.vmas.smaps, Missing) else sample.ended - vma.vmas.smaps_at
            rows.append(sentences.provenance(VMA_FIELDS_BY_ID["pss"], self.pid, age))
        self.inspect(rows)

    # Where this is

    def title_text(self) -> DisplayText:
        """PID and name."""
        reading = self.reading(self.session.clock.current)
        stat = reading.stat if reading else None
        if stat is None or isinstance(stat, Missing):
            return DisplayText(str(self.pid))
        return DisplayText(f"{self.pid} {display(stat.comm)}")

    def crumbs(self) -> tuple[str, ...]:
        """The process."""
        return (self.title_text(),)

    def facts(self, sample: Sample) -> list[str]:
        """Who runs it, and how many VMAs it has."""
        reading = self.reading(sample)
        if reading is None:
            return []
        facts: list[str] = []
        identity = reading.identity
        if not isinstance(identity, Missing) and self.size.width >= 100:
            facts.append(display(identity.user))
        if isinstance(reading.vmas, Vmas):
            facts.append(f"{len(reading.vmas):,} VMAs")
        return facts

    def badge(self, sample: Sample) -> str:
        """That it has exited."""
        return ended_badge(self.reading(sample))

    # Keys

    def action_back(self) -> None:
        """Leave the filter, or the process."""
        field = self.query_one("#filter", Input)
        if field.value or field.display:
            field.value = ""
            field.display = False
            self._table.focus()
        elif len(self.app.screen_stack) > 2:
            self.app.pop_screen()

    def action_tab(self, step: int) -> None:
        """The next page."""
        self._tab = (self._tab + step) % len(_TABS)
        self.look()
        self.call_after_refresh(self.look)

    @on(Canvas.Clicked, "#tabs")
    def _tab_clicked(self, event: Canvas.Clicked) -> None:
        at = 1
        for index, title in enumerate(_TABS):
            if at <= event.x < at + len(title):
                self.action_tab(index - self._tab)
            at += len(title) + 3

    @on(Canvas.Clicked, "#space")
    def _space_clicked(self, event: Canvas.Clicked) -> None:
        """A vessel is its VMA; the second click opens it."""
        if self._picture is None or self._lines is None:
            return
        at = event.x - 1
        index = self._picture.vma_at[at] if 0 <= at < len(self._picture.vma_at) else None
        if index is None:
            return
        vma = self._lines.vmas[index]
        if self._table.key == vma.start:
            self.open(vma)
        else:
            self._table.select(vma.start)

    def action_beside(self, step: int) -> None:
        """The VMA to the left or right in the picture."""
        self._table.action_move(step)

    def action_filter(self) -> None:
        """Type a filter; it works at each letter."""
        field = self.query_one("#filter", Input)
        field.display = True
        field.focus()

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        try:
            self._filter = parse(event.value, VMA_FIELDS_BY_ID, _WORDS)
            event.input.set_class(False, "-wrong")
        except FilterError as error:
            event.input.set_class(True, "-wrong")
            self.inspect([row(Run(str(error), DIM))])
            return
        self.look()

    @on(Input.Submitted, "#filter")
    def _filter_taken(self) -> None:
        self.query_one("#filter").display = bool(self._filter)
        self._table.focus()

    def _sort_by(self, field: Field[VmaRow]) -> None:
        if field.id in ("start", "residency"):
            self._order = None
        elif self._order is not None and field.id == self._order.id:
            self._descending = not self._descending
        else:
            self._order, self._descending = field, first_direction(field)
        self.look()

    def action_reverse(self) -> None:
        """Turn the order round."""
        if self._order is not None:
            self._descending = not self._descending
            self.look()

    def action_sort_beside(self, step: int) -> None:
        """Sort by the column to the left or right of the sorted one."""
        fields = [c.field for c in self._columns if c.field.id not in ("residency", "since_mark")]
        now = self._order.id if self._order else "start"
        at = next((i for i, field in enumerate(fields) if field.id == now), 0)
        self._order = None
        self._sort_by(fields[(at + step) % len(fields)])

    def action_sort(self) -> None:
        """A menu of all columns."""
        fields = [field for field in VMA_FIELDS if field.id != "residency"]
        options = [Option(field.title, field.help) for field in fields]

        def take(index: int | None) -> None:
            if index is not None:
                self._order = None
                self._sort_by(fields[index])

        self.app.push_screen(Choose("sort by", options), take)

    @on(VirtualTable.HeaderClicked)
    def _header_clicked(self, event: VirtualTable.HeaderClicked) -> None:
        field = columns.column_at(self._columns, event.x)
        if field is not None:
            self._sort_by(field)

    def action_columns(self) -> None:
        """Choose the columns and their order."""
        items = [Item(field.id, field.title, field.help) for field in VMA_FIELDS]
        shown = [column.field.id for column in self._columns]

        def take(chosen: tuple[str, ...] | None) -> None:
            if chosen:
                self._chosen = chosen
                self.look()

        self.app.push_screen(ChooseMany("columns", items, shown), take)

    @on(VirtualTable.Highlighted)
    def _highlighted(self) -> None:
        sample = self.session.clock.current
        reading = self.reading(sample)
        if sample is None or reading is None or not isinstance(reading.vmas, Vmas):
            return
        space = reading.space if isinstance(reading.space, ScannedSpace) else None
        self._show_space(reading.vmas, space)
        self._show_inspector(sample)

    @on(VirtualTable.Opened)
    def _opened(self, event: VirtualTable.Opened) -> None:
        self.open(event.row)

    def open(self, vma: VmaRow, address: int | None = None) -> None:
        """Zoom into one VMA."""
        from vmtui.ui.screens.pages import PagesScreen

        self.app.push_screen(PagesScreen(self.pid, vma.start, vma.end, address))

    def action_goto(self) -> None:
        """Go to an address: the VMA that holds it, and its page."""
        lines = self._lines

        def check(typed: str) -> str:
            address = address_of(typed)
            if address is None:
                return "an address is written in hexadecimal, as in 7f1a20000000"
            if lines is None or lines.vmas.index_of(address) is None:
                return f"nothing is mapped at {address:012x}"
            return ""

        def take(typed: str | None) -> None:
            address = address_of(typed) if typed else None
            if address is not None and lines is not None:
                index = lines.vmas.index_of(address)
                if index is not None:
                    self._table.select(lines.vmas[index].start)
                    self.open(lines.vmas[index], address)

        self.app.push_screen(Ask("go to an address", placeholder="7f1a20000000", check=check), take)

    # Words

    def explanation(self) -> tuple[str, list[Row]]:
        """Every figure of the VMA under the cursor."""
        vma = self._table.row
        if not isinstance(vma, VmaRow):
            return "nothing here", []
        rows: list[Row] = []
        for field in VMA_FIELDS:
            if field.id != "residency":
                rows += sentences.about_field(field, field.get(vma), self.pid)
        return f"{vma.start:012x} {vma.name}", rows

    def changes_since(self, mark: Sample, now: Sample) -> list[Row]:
        """Which VMAs came, went, grew and shrank."""
        before, after = self.reading(mark), self.reading(now)
        if before is None or after is None:
            return [row(Run("this process was not open at the mark", DIM))]
        if isinstance(before.vmas, Missing) or isinstance(after.vmas, Missing):
            why = before.vmas if isinstance(before.vmas, Missing) else after.vmas
            return [row(Run(getattr(why, "reason", ""), DIM))]
        return vma_changes(before.vmas, after.vmas)

    def copied(self) -> DisplayText:
        """The VMA as a line of figures."""
        vma = self._table.row
        if not isinstance(vma, VmaRow):
            return DisplayText("")
        shown = [f"{vma.start:x}-{vma.end:x}", vma.perms, str(vma.rss), str(vma.pss), vma.name]
        return DisplayText("\t".join(shown))


def slices_of(vma: VmaRow, space: ScannedSpace, slices: int) -> Any:
    """Pages by state in equal slices of a VMA: array of shape (slices, 12)."""
    return slice_counts(
        space, vma.start, vma.end, slices, vma.kind.mapping,
        locked=bool(vma.is_locked), no_access=vma.no_access,
    )  # fmt: skip


def draw_name(vma: VmaRow, width: int) -> Row:
    """The name of a VMA: a path loses its head, and what has no name shows its kind faintly."""
    if vma.name:
        return table.path(vma.name, width)
    words = "no access" if vma.no_access else ""
    return table.path(words, width) if words else (Run(" " * width),)


def short_name(vma: VmaRow) -> str:
    """The name under a vessel: heap, libc.so.6, work_mem."""
    name = vma.name.removesuffix(" (deleted)")
    if name.startswith("["):
        return name.strip("[]").removeprefix("anon:").strip()
    return name.rpartition("/")[2]


def grown(vma: VmaRow, marked: Vmas) -> int | Missing:
    """Change of a VMA's Rss since the mark, in bytes; a new VMA counts in full."""
    now = vma.rss
    index = marked.index_of(vma.start)
    if isinstance(now, Missing) or index is None:
        return now
    before = marked[index].rss
    return before if isinstance(before, Missing) else now - before


def ended_badge(reading: TargetReading | None) -> str:
    """That the process has exited, and when."""
    if reading is None or reading.ended_at is None:
        return ""
    if isinstance(reading.stat, Missing):
        return "not there"
    return "exited at " + time.strftime("%H:%M:%S", time.localtime(reading.ended_at))


def address_of(typed: str) -> int | None:
    """An address as people type it, with or without 0x."""
    try:
        return int(typed.strip().removeprefix("0x"), 16)
    except ValueError:
        return None


_MOST_CHANGES = 60


def vma_changes(before: Vmas, after: Vmas) -> list[Row]:
    """VMAs by how much their Rss changed; new and gone ones are named as such."""
    changes: list[tuple[int, str, VmaRow]] = []
    seen = set()
    for vma in after:
        index = before.index_of(vma.start)
        seen.add(index)
        change = grown(vma, before)
        verb = "" if index is not None else "new"
        if verb or (not isinstance(change, Missing) and change):
            changes.append((0 if isinstance(change, Missing) else change, verb, vma))
    for vma in before:
        if after.index_of(vma.start) is None and not isinstance(vma.rss, Missing):
            changes.append((-vma.rss, "unmapped", vma))
    changes.sort(key=lambda change: -abs(change[0]))
    rows = [
        row(
            Run(f"{units.change(delta):>7}  ", STRONG if delta else DIM),
            Run(f"{vma.start:012x} ", DIM), Run(f"{units.size(vma.size):>6} {vma.perms} "),
            Run(f"{verb:<9}", DIM), Run(vma.name or f"({vma.kind})"),
        )
        for delta, verb, vma in changes[:_MOST_CHANGES]
    ]  # fmt: skip
    if len(changes) > _MOST_CHANGES:
        rows.append(row(Run(f"and {len(changes) - _MOST_CHANGES} smaller ones", DIM)))
    return rows or [row(Run("nothing: no VMA came, went, grew or shrank", DIM))]
