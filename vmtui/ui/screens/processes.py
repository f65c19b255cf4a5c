"""Level 1: all processes, under the machine's memory and rates, above the one under the cursor."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from vmtui import units
from vmtui.draw import columns, machine_strip, sentences
from vmtui.draw.paint import DIM, STRONG, Row, Run, row
from vmtui.errors import VmtuiError
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.fields.process import PROCESS_FIELDS, PROCESS_FIELDS_BY_ID
from vmtui.model.filter import Filter, FilterError, parse
from vmtui.model.processes import ProcessRow
from vmtui.observe.listing import Order, first_direction, rows_at
from vmtui.observe.sample import Sample
from vmtui.text import DisplayText
from vmtui.ui.dialogs import SIGNALS, Ask, Choose, ChooseMany, Confirm, Item, Option, signal_menu
from vmtui.ui.keymap import bind
from vmtui.ui.screens.observe import ObserveScreen
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.virtual_table import VirtualTable

_STRIP_SECONDS = 185.0
_TALL = 34
"""From this many lines on the strip has legend and charts."""
_INDENTED = replace(
    PROCESS_FIELDS_BY_ID["command"], get=lambda row: "  " * min(row.depth, 12) + row.command
)
"""The command line as the tree shows it."""


class ProcessesScreen(ObserveScreen):
    """The list everything starts from."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("filter.edit", "filter", show=True),
        bind("sort.menu", "sort", show=True),
        bind("sort.left", "sort_beside(-1)"),
        bind("sort.right", "sort_beside(1)"),
        bind("sort.reverse", "reverse"),
        bind("columns.choose", "columns", show=True),
        bind("tree.toggle", "tree", show=True),
        bind("user.mine", "mine"),
        bind("follow.toggle", "follow"),
        bind("goto.ask", "goto"),
        bind("signal.ask", "signal"),
        bind("zoom.out", "clear"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "zoom.in", "filter.edit", "sort.menu", "columns.choose", "tree.toggle", "mark.set",
        "clock.pause", "help.show",
    )  # fmt: skip
    ABOUT: ClassVar[tuple[str, ...]] = (
        "All processes. RSS counts shared pages in full for everyone; PSS is the fair share, and "
        "only PSS may be added up. A dim – is a figure the kernel did not give: i says why.",
        "The bar is MemTotal in parts that add up. The four charts are the last three minutes.",
    )

    def __init__(self, open_pid: int | None = None) -> None:
        """The list; with `open_pid` that process is opened at once, above it."""
        super().__init__()
        self._open_pid = open_pid
        self._order = Order(PROCESS_FIELDS_BY_ID["rss"])
        self._tree = False
        self._mine = False
        self._filter: Filter[ProcessRow] = parse("", PROCESS_FIELDS_BY_ID)
        self._chosen: tuple[str, ...] = ()
        self._columns: tuple[columns.Column[ProcessRow], ...] = ()
        self._rows: list[ProcessRow] = []
        self._total = 0

    # What it is made of

    def body(self) -> Iterable[Widget]:
        """Machine strip, filter line, table."""
        self._chosen = self.session.process_columns
        yield Canvas(id="strip")
        yield Input(placeholder="text  pid:1  user:root  rss>100M", compact=True, id="filter")
        yield VirtualTable(id="table")

    def on_mount(self) -> None:
        """The table has the keys; the filter line waits."""
        super().on_mount()
        self.query_one("#filter").display = False
        self._table.focus()
        if self._open_pid is not None:
            self.call_after_refresh(self.open, self._open_pid)

    @property
    def _table(self) -> VirtualTable:
        return self.query_one("#table", VirtualTable)

    def wish(self) -> None:
        """The visible processes with every shown figure; all of them with what sorting needs."""
        table = self._table
        shown = self._rows[table.top : table.top + max(1, table.size.height)] if self._rows else ()
        for_all = {self._order.field.cost, *self._filter.needs}
        if self._mine:
            for_all.add(PROCESS_FIELDS_BY_ID["user"].cost)
        if self._tree:
            for_all.add(PROCESS_FIELDS_BY_ID["pss"].cost)
        self.session.wish(
            processes=True,
            target=None,
            window=None,
            visible=tuple(sorted(row.pid for row in shown)),
            shown=frozenset(column.field.cost for column in self._columns)
            | {PROCESS_FIELDS_BY_ID["uss"].cost, PROCESS_FIELDS_BY_ID["swap"].cost},
            for_all=frozenset(for_all),
        )

    # Painting

    def show(self, sample: Sample) -> None:
        """Strip, table, inspector."""
        session, width, height = self.session, self.size.width, self.size.height
        readings = [each.machine for each in session.clock.window(_STRIP_SECONDS)]
        rates = machine_strip.rates_of(readings)
        lines = 7 if height >= _TALL else 2
        letters = session.bars_by_letters
        strip = machine_strip.strip(sample.machine, rates, width, lines, letters=letters)
        if height >= _TALL:
            strip = [(), *strip, ()]
        self.query_one("#strip", Canvas).show(strip)
        self._columns = self._fitted(width - 1)
        self._rows, self._total = rows_at(
            session.clock, session.boot_time, self._order, self._passes, tree=self._tree
        )
        self._show_table()
        self._show_inspector(sample)
        self.wish()

    def _fitted(self, cells: int) -> tuple[columns.Column[ProcessRow], ...]:
        """The columns that fit: the user's choice, or the default ones for this width."""
        chosen = [
            PROCESS_FIELDS_BY_ID[name] for name in self._chosen if name in PROCESS_FIELDS_BY_ID
        ]
        fields = chosen or [field for field in PROCESS_FIELDS if field.default]
        if self._tree:
            fields = [_INDENTED if field.id == "command" else field for field in fields]
        if cells < 151:
            fields = [replace(f, width=8) if f.id == "trend" else f for f in fields]
        return columns.fitted(fields, cells, chosen=frozenset(self._chosen))

    def _passes(self, process: ProcessRow) -> bool:
        if self._mine and process.uid != self.session.uid:
            return False
        return self._filter(process)

    def _show_table(self) -> None:
        self._table.set_source(
            self._rows,
            key=lambda process: process.key,
            draw_row=self._draw,
            header=columns.header(
                self._columns, self.size.width - 1, sorted_by=self._order.field.id,
                descending=self._order.descending,
            ),
        )  # fmt: skip

    def _draw(self, process: ProcessRow, _cells: int, selected: bool) -> Row:
        return columns.line(self._columns, process, selected=selected)

    def _show_inspector(self, sample: Sample) -> None:
        process: ProcessRow | None = self._table.row
        if process is None:
            nothing = "no process passes the filter; esc clears it" if self._filter else ""
            self.inspect([row(Run(nothing, DIM))])
            return
        wide = self.size.width >= 100
        lines = [
            self._subtree(process) if self._tree else sentences.about_process(process, wide=wide)
        ]
        if wide:
            field = PROCESS_FIELDS_BY_ID["pss"]
            age = sample.ended - process.now.rollup_at if process.now.rollup_at else None
            lines.append(sentences.provenance(field, process.pid, age))
        self.inspect(lines)

    def _subtree(self, process: ProcessRow) -> Row:
        pss = process.subtree_pss
        shares = (
            Run(f"not known: {pss.reason}", DIM)
            if isinstance(pss, Missing)
            else Run(units.size(pss), STRONG)
        )
        return row(
            Run(f"{process.pid} {process.comm}", STRONG),
            Run(f"  and {process.descendants} below it: fair shares ", DIM), shares,
            Run(" · RSS ", DIM), Run(units.size(process.subtree_rss), STRONG),
            Run(" counts shared pages more than once", DIM),
        )  # fmt: skip

    def crumbs(self) -> tuple[str, ...]:
        """The end of the path."""
        return ("processes",)

    def facts(self, sample: Sample) -> list[str]:
        """How many there are."""
        wide = self.size.width >= 100
        count = f"{self._total} processes" if wide else f"{self._total}"
        if len(self._rows) != self._total:
            count += f", {len(self._rows)} shown"
        if sample.hidden_processes:
            count += f", {sample.hidden_processes} hidden (hidepid)"
        facts = [count]
        if self._mine:
            facts.append("mine")
        if self._tree:
            facts.append("tree")
        if self._table.follow:
            facts.append("following")
        return facts

    # The filter

    def action_filter(self) -> None:
        """Type a filter; it works at each letter."""
        field = self.query_one("#filter", Input)
        field.display = True
        field.focus()

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        try:
            self._filter = parse(event.value, PROCESS_FIELDS_BY_ID)
            event.input.set_class(False, "-wrong")
            event.input.tooltip = None
        except FilterError as error:
            event.input.set_class(True, "-wrong")
            self.inspect([row(Run(str(error), DIM))])
            return
        self.look()

    @on(Input.Submitted, "#filter")
    def _filter_taken(self) -> None:
        self.query_one("#filter").display = bool(self._filter)
        self._table.focus()

    def action_clear(self) -> None:
        """Leave the filter, or clear it."""
        field = self.query_one("#filter", Input)
        if field.value or field.display:
            field.value = ""
            field.display = False
            self._table.focus()

    # Order and columns

    def _sort_by(self, field_id: str) -> None:
        field = PROCESS_FIELDS_BY_ID[field_id]
        if field is self._order.field:
            self._order = Order(field, not self._order.descending)
        else:
            self._order = Order(field, first_direction(field))
        self.look()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._order = Order(self._order.field, not self._order.descending)
        self.look()

    def action_sort_beside(self, step: int) -> None:
        """Sort by the column to the left or right of the sorted one."""
        ids = [column.field.id for column in self._columns]
        at = ids.index(self._order.field.id) if self._order.field.id in ids else 0
        self._order = Order(
            field := self._columns[(at + step) % len(ids)].field, first_direction(field)
        )
        self.look()

    def action_sort(self) -> None:
        """A menu of all columns."""
        options = [Option(field.title, field.help) for field in PROCESS_FIELDS]
        current = PROCESS_FIELDS.index(self._order.field)

        def take(index: int | None) -> None:
            if index is not None and PROCESS_FIELDS[index] is not self._order.field:
                self._sort_by(PROCESS_FIELDS[index].id)

        self.app.push_screen(Choose("sort by", options, current), take)

    @on(VirtualTable.HeaderClicked)
    def _header_clicked(self, event: VirtualTable.HeaderClicked) -> None:
        field = columns.column_at(self._columns, event.x)
        if field is not None:
            self._sort_by(field.id)

    def action_columns(self) -> None:
        """Choose the columns and their order."""
        items = [Item(field.id, field.title, field.help) for field in PROCESS_FIELDS]
        shown = [column.field.id for column in self._columns]

        def take(chosen: tuple[str, ...] | None) -> None:
            if chosen:
                self._chosen = chosen
                self.look()

        self.app.push_screen(ChooseMany("columns", items, shown), take)

    def action_tree(self) -> None:
        """Parents above children."""
        self._tree = not self._tree
        self.look()

    def action_mine(self) -> None:
        """Only the processes of who looks."""
        self._mine = not self._mine
        self.look()

    def action_follow(self) -> None:
        """Keep the row under the cursor at its line while the list moves."""
        self._table.follow = not self._table.follow
        self.look()

    # Into a process

    @on(VirtualTable.Highlighted)
    def _highlighted(self) -> None:
        sample = self.session.clock.current
        if sample is not None:
            self._show_inspector(sample)

    @on(VirtualTable.Opened)
    def _opened(self, event: VirtualTable.Opened) -> None:
        self.open(event.row.pid)

    def open(self, pid: int) -> None:
        """Zoom into one process."""
        from vmtui.ui.screens.process import ProcessScreen

        self.app.push_screen(ProcessScreen(pid))

    def action_goto(self) -> None:
        """Go to a PID."""

        def check(typed: str) -> str:
            if not typed.isdecimal():
                return "a PID is a number"
            sample = self.session.clock.current
            known = sample is not None and sample.process(int(typed)) is not None
            return "" if known else f"there is no process {int(typed)}"

        def take(typed: str | None) -> None:
            if typed:
                self.open(int(typed))

        self.app.push_screen(Ask("go to a process", placeholder="PID", check=check), take)

    def action_signal(self) -> None:
        """Send a signal to the process under the cursor, after asking."""
        process: ProcessRow | None = self._table.row
        if process is None:
            return
        if self.session.readonly:
            self.notify("started with --readonly: no signals", timeout=3, markup=False)
            return
        if process.kernel_thread or process.pid in (1, os.getpid(), os.getppid()):
            self.notify(
                f"{process.pid} is not offered: init, the kernel, this program and its shell "
                "are left alone", timeout=4, markup=False,
            )  # fmt: skip
            return
        try:
            target = Target(process.pid)  # held from here on: a reused number is another process
        except VmtuiError as error:
            self.notify(str(error), timeout=4, markup=False)
            return
        if process_key(target) != process.key:
            target.close()
            self.notify("that process has exited meanwhile", timeout=3, markup=False)
            return

        def ask(index: int | None) -> None:
            if index is None:
                target.close()
                return
            chosen = SIGNALS[index][0]
            title = f"send {chosen.name.removeprefix('SIG')} to {process.pid}?"
            facts = [
                ("name", process.comm),
                ("command", process.command),
                ("user", str(process.user)),
                ("started", time.strftime("%F %T", time.localtime(process.start_time))),
            ]
            self.app.push_screen(
                Confirm(title, facts, yes=chosen.name), lambda yes: send(chosen, yes)
            )

        def send(chosen: signal.Signals, yes: bool | None) -> None:
            with target:
                if not yes:
                    return
                try:
                    target.signal(chosen)
                    self.notify(f"{chosen.name} sent to {process.pid}", timeout=3, markup=False)
                except VmtuiError as error:
                    self.notify(str(error), timeout=4, markup=False)

        self.app.push_screen(signal_menu(f"{process.pid} {process.comm}"), ask)

    # Words

    def explanation(self) -> tuple[str, list[Row]]:
        """Every figure of the process under the cursor, with what it means and who says so."""
        process: ProcessRow | None = self._table.row
        if process is None:
            return "nothing here", []
        rows: list[Row] = []
        for field in PROCESS_FIELDS:
            if field.id == "trend":
                continue
            value = field.get(process)
            rows += sentences.about_field(field, value, process.pid)
        return f"{process.pid} {process.comm}", rows

    def changes_since(self, mark: Sample, now: Sample) -> list[Row]:
        """Which processes came, went, grew and shrank."""
        return sentences.process_changes(mark.processes, now.processes)

    def copied(self) -> DisplayText:
        """The row, its figures separated by tabs."""
        process: ProcessRow | None = self._table.row
        if process is None:
            return DisplayText("")
        fields = [column.field for column in self._columns if column.field.id != "trend"]
        return DisplayText("\t".join(str(field.get(process)) for field in fields))


def process_key(target: Target) -> Hashable:
    """PID and start tick of a held process."""
    from vmtui.kernel import stat

    try:
        record = stat.read(target)
    except VmtuiError:
        return None
    return record.pid, record.start_ticks
