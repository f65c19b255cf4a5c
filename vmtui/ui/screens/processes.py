"""Level 1: all processes, under the machine's memory and rates, above the one under the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.binding import BindingType
from textual.screen import Screen
from textual.widget import Widget

from vmtui.draw import columns, machine_strip, sentences
from vmtui.draw.paint import DIM, Row, Run, row
from vmtui.model.fields.field import Field
from vmtui.model.fields.process import PROCESS_FIELDS, PROCESS_FIELDS_BY_ID
from vmtui.model.processes import ProcessRow
from vmtui.observe.listing import Order, SortKeys, rows_at
from vmtui.observe.sample import Sample
from vmtui.text import DisplayText
from vmtui.ui.keymap import bind
from vmtui.ui.screens.table_screen import TableScreen
from vmtui.ui.signalling import send_signal
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from vmtui.ui.observatory import Observatory

_TALL = 34
"""From this many lines on the machine strip has legend and charts."""
_INSPECTED = frozenset({PROCESS_FIELDS_BY_ID["uss"].cost, PROCESS_FIELDS_BY_ID["swap"].cost})
"""What the inspector needs beyond the shown columns."""


class ProcessesScreen(TableScreen):
    """The list everything starts from."""

    FIELDS = PROCESS_FIELDS
    FIELDS_BY_ID = PROCESS_FIELDS_BY_ID
    WORDS = ("command",)
    EXAMPLE = "text  pid:1  user:root  rss>100M"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("tree.toggle", "tree", show=True),
        bind("user.mine", "mine"),
        bind("follow.toggle", "follow"),
        bind("filter.next", "next(1)"),
        bind("filter.previous", "next(-1)"),
        bind("signal.ask", "signal"),
        bind("zoom.out", "clear"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "zoom.in", "filter.edit", "sort.menu", "columns.choose", "tree.toggle", "mark.set",
        "clock.pause", "help.show", "mark.changes", "peak.go",
    )  # fmt: skip
    ABOUT: ClassVar[tuple[str, ...]] = (
        "All processes. RSS counts shared pages in full for everyone; PSS is the fair share, and "
        "only PSS may be added up. A dim – is a figure the kernel did not give: i says why.",
        "The bar is MemTotal in parts that add up. The four charts are the last three minutes.",
    )

    def __init__(self, open_pid: int | None = None, chosen: tuple[str, ...] = ()) -> None:
        """The list; with `open_pid` that process is opened at once, above it."""
        super().__init__("rss", chosen)
        self._open_pid = open_pid
        self._tree = self._mine = False
        self._rows: Sequence[ProcessRow] = ()
        self._sort_keys = SortKeys()
        self._lines = columns.Lines()
        self._total = 0

    def body(self) -> Iterable[Widget]:
        """Machine strip, filter line, table."""
        yield Canvas(id="strip")
        yield self.filter_line()
        yield VirtualTable(id="table")

    def on_mount(self) -> None:
        """Open what was asked for on the command line."""
        super().on_mount()
        if self._open_pid is not None:
            self.call_after_refresh(self.open, self._open_pid)

    def wish(self) -> None:
        """The visible processes with every shown figure; all of them with what sorting needs."""
        for_all = {self.order.cost, *self.filter.needs}
        if self._mine:
            for_all.add(PROCESS_FIELDS_BY_ID["user"].cost)
        if self._tree:
            for_all.add(PROCESS_FIELDS_BY_ID["pss"].cost)
        visible = self.table.visible_rows()
        self.session.wish(
            processes=True,
            target=None,
            window=None,
            visible=tuple(sorted(row.pid for row in self._rows[visible.start : visible.stop])),
            shown=frozenset(column.field.cost for column in self.columns) | _INSPECTED,
            for_all=frozenset(for_all),
        )

    # Painting

    def show(self, sample: Sample) -> None:
        """Strip, table, inspector."""
        self._show_strip(sample)
        cells = self.size.width - 1
        self.columns = self.fitted(cells)
        order = Order(self.order, self.descending)
        self._rows, self._total = rows_at(
            self.session.clock, self.session.boot_time, order,
            self._passes if self._mine or self.filter else None,
            tree=self._tree, keys=self._sort_keys,
        )  # fmt: skip
        self.table.set_source(
            self._rows, key=lambda process: process.key, draw_row=self._draw,
            header=columns.header(
                self.columns, cells, sorted_by=self.order.id, descending=self.descending
            ),
        )  # fmt: skip
        self._show_inspector(sample)
        self.wish()

    def _show_strip(self, sample: Sample) -> None:
        canvas = self.query_one("#strip", Canvas)
        canvas.display = not self.maximised
        if self.maximised:
            return
        readings = [each.machine for each in self.session.clock.window(machine_strip.SECONDS)]
        tall = self.size.height >= _TALL
        rows = machine_strip.strip(
            sample.machine, machine_strip.rates_of(readings), self.size.width, 7 if tall else 2,
            letters=self.session.bars_by_letters,
        )  # fmt: skip
        canvas.show([(), *rows, ()] if tall else rows)

    def shaped(self, field: Field[Any], cells: int) -> Field[Any]:
        """In the tree the command line is indented."""
        if self._tree and field.id == "command":
            return replace(field, get=lambda row: "  " * min(row.depth, 12) + row.command)
        return super().shaped(field, cells)

    def _passes(self, process: ProcessRow) -> bool:
        if self._mine and process.uid != self.session.uid:
            return False
        return self.filter(process)

    def _draw(self, process: ProcessRow, _cells: int, selected: bool) -> Row:
        return self._lines.line(self.columns, process, process.key, selected=selected)

    def _show_inspector(self, sample: Sample) -> None:
        process: ProcessRow | None = self.table.row
        if process is None:
            self.inspect([row(Run("no process passes the filter; esc clears it", DIM))])
            return
        wide = self.size.width >= 100
        about = sentences.about_subtree if self._tree else sentences.about_process
        lines = [about(process, wide=wide)]
        if wide:
            age = sample.ended - process.now.rollup_at if process.now.rollup_at else None
            lines.append(sentences.provenance(PROCESS_FIELDS_BY_ID["pss"], process.pid, age))
        self.inspect(lines)

    def crumbs(self) -> tuple[str, ...]:
        """The end of the path."""
        return ("processes",)

    def facts(self, sample: Sample) -> list[str]:
        """How many there are, and which of them are shown."""
        count = f"{self._total} processes" if self.size.width >= 100 else f"{self._total}"
        if len(self._rows) != self._total:
            count += f", {len(self._rows)} shown"
        if self.session.hides_processes and not sample.hidden_processes:
            count += ", other users' are hidden (hidepid)"
        if sample.hidden_processes:
            count += f", {sample.hidden_processes} hidden (hidepid)"
        switches = (("mine", self._mine), ("tree", self._tree), ("following", self.table.follow))
        return [count, *(name for name, on in switches if on)]

    # Keys

    def action_clear(self) -> None:
        """Leave the filter, or clear it."""
        self.clear_filter()

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
        self.table.follow = not self.table.follow
        self.look()

    def action_next(self, step: int) -> None:
        """The next or previous process that passes the filter: all that are shown do."""
        self.table.action_move(step)

    def action_signal(self) -> None:
        """Send a signal to the process under the cursor, after asking."""
        if self.table.row is not None:
            send_signal(cast("Observatory", self.app), self.table.row)

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
        from vmtui.ui.screens.process import ProcessScreen  # brings numpy

        self.app.push_screen(ProcessScreen(pid, self.session.vma_columns))

    def action_goto(self) -> None:
        """Go to a PID."""

        def check(typed: str) -> str:
            if not typed.isdecimal():
                return "a PID is a number"
            sample = self.session.clock.current
            known = sample is not None and sample.process(int(typed)) is not None
            return "" if known else f"there is no process {int(typed)}"

        self.ask_where("go to a process", "PID", check, lambda typed: self.open(int(typed)))

    # Words

    def explanation(self) -> tuple[str, list[Row]]:
        """Every figure of the process under the cursor, with what it means and who says so."""
        process: ProcessRow | None = self.table.row
        if process is None:
            return "nothing here", []
        rows = [
            line
            for field in PROCESS_FIELDS
            if field.id != "trend"
            for line in sentences.about_field(field, field.get(process), process.pid)
        ]
        return f"{process.pid} {process.comm}", rows

    def differences(self, mark: Sample, now: Sample) -> Screen[None]:
        """Which processes came, went, grew and shrank."""
        from vmtui.ui.screens.differences import since_mark  # brings numpy

        return since_mark(self.session, mark, now)

    def peak_pid(self) -> int | None:
        """The process under the cursor."""
        process: ProcessRow | None = self.table.row
        return None if process is None or process.kernel_thread else process.pid

    def copied(self) -> DisplayText:
        """The row, its figures separated by tabs."""
        process: ProcessRow | None = self.table.row
        if process is None:
            return DisplayText("")
        fields = [column.field for column in self.columns if column.field.id != "trend"]
        return DisplayText("\t".join(str(field.get(process)) for field in fields))
