"""What both levels of symbols share: rows of the sample, filtered and sorted (many in a thread)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from vmtui.draw import columns, sentences, tabs
from vmtui.draw.paint import DIM, Row, Run, fit, row
from vmtui.missing import Missing
from vmtui.model.fields.field import Field
from vmtui.model.ordering import ordered
from vmtui.observe.function_list import QUICK, FunctionList
from vmtui.observe.plan import SymbolWish
from vmtui.observe.sample import Sample
from vmtui.observe.symbols_told import SymbolsTold
from vmtui.text import DisplayText
from vmtui.ui.going import go_somewhere
from vmtui.ui.keymap import bind
from vmtui.ui.screens.table_screen import TableScreen
from vmtui.ui.screens.target_screen import ended, reading_of, vmas_of
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.virtual_table import VirtualTable


class SymbolTable(TableScreen):
    """What both levels share: rows of the sample under the cursor, filtered and sorted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("zoom.out", "back"),
        bind("panel.next", "tab(1)", show=True, priority=True),
        bind("panel.previous", "tab(-1)", priority=True),
        bind("filter.next", "beside(1)"),
        bind("filter.previous", "beside(-1)"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "zoom.in", "zoom.out", "panel.next", "filter.edit", "sort.menu", "goto.ask", "clock.pause",
        "help.show",
    )  # fmt: skip

    def __init__(self, pid: int, sorted_by: str) -> None:
        super().__init__(sorted_by)
        self.pid = pid
        self._rows: Sequence[Any] = ()
        self._total = 0
        self._made_of: tuple[Any, ...] = ()
        self._being_made: tuple[Any, ...] = ()

    def body(self) -> Iterable[Widget]:
        """Totals, tabs, filter, table."""
        yield Canvas(id="totals")
        yield Canvas(id="tabs")
        yield self.filter_line()
        yield VirtualTable(follow=True, id="table")

    # For the subclasses

    def wanted(self) -> SymbolWish:
        """What the desk shall find out."""
        raise NotImplementedError

    def rows_of(self, told: SymbolsTold) -> Sequence[Any] | Missing | None:
        """All rows; None while they are not known yet."""
        raise NotImplementedError

    def totals(self, told: SymbolsTold) -> Row:
        """The line above the tabs."""
        raise NotImplementedError

    def titles(self, sample: Sample) -> tuple[Sequence[str], int]:
        """The tabs, and which one this is."""
        raise NotImplementedError

    def key_of(self, one: Any) -> Hashable:
        """What makes a row the same row in the next reading."""
        raise NotImplementedError

    def about(self, one: Any) -> Row:
        """A row in a sentence."""
        raise NotImplementedError

    # Painting

    def wish(self) -> None:
        """The symbols on screen; the process list goes on at a slower pace."""
        self.session.wish(
            processes=False, target=self.pid, window=None, page=None, for_all=frozenset(),
            symbols=self.wanted(),
        )  # fmt: skip

    def told(self, sample: Sample | None) -> SymbolsTold | None:
        """What a sample knows of symbols."""
        reading = reading_of(sample, self.pid)
        return reading.symbols if reading else None

    def show(self, sample: Sample) -> None:
        """The rows, or why there are none."""
        told = self.told(sample)
        found = self.rows_of(told) if told else None
        why = self._nothing(sample, found)
        if why:
            self._rows, self._total, self._made_of = (), 0, ()
            self.table.set_source((), key=id, draw_row=lambda _row, _cells, _selected: ())
            self.inspect([row(Run(why, DIM))])
        else:
            assert found is not None and not isinstance(found, Missing)
            self._arrange(found)
            self._show_table()
            self._show_inspector()
        titles, chosen = self.titles(sample)
        line = tabs.line(titles, chosen, self._notes(told, known=not why), self.size.width)
        self.query_one("#tabs", Canvas).show([line])
        total = self.totals(told) if told else ()
        self.query_one("#totals", Canvas).show([fit((Run(" "), *total), self.size.width)])

    def _nothing(self, sample: Sample, found: Sequence[Any] | Missing | None) -> str:
        if isinstance(found, Missing):
            return f"{found.reason}: {found.unlock}" if found.unlock else found.reason
        if found is not None:
            return "" if len(found) else "there are none in this process"
        if not self.session.clock.live:
            return "nobody looked at this process's files at that moment"
        if gone := ended(reading_of(sample, self.pid)):
            return f"the process {gone}: its files were not looked at before"
        return "its files are being read"

    def _arrange(self, rows: Sequence[Any]) -> None:
        """Filter and sort, unless it was done already; many rows in a thread."""
        wanted = rows, self.filter, self.order, self.descending
        if _same(wanted, self._made_of):
            return
        if not isinstance(rows, FunctionList) or len(rows) <= QUICK:
            self._rows, self._total, self._made_of = _arranged(*wanted), len(rows), wanted
        elif not _same(wanted, self._being_made):
            self._being_made = wanted
            self.run_worker(lambda: self._arrange_aside(wanted), thread=True, group="arrange")

    def _arrange_aside(self, wanted: tuple[Any, ...]) -> None:
        made = _arranged(*wanted)

        def take() -> None:
            if wanted is self._being_made:
                self._rows, self._total, self._made_of = made, len(wanted[0]), wanted
                self.look()

        self.app.call_from_thread(take)

    def _show_table(self) -> None:
        cells = self.size.width - 1
        self.columns = self.fitted(cells)

        def draw(one: Any, _cells: int, selected: bool) -> Row:
            return columns.line(self.columns, one, selected=selected)

        self.table.set_source(
            self._rows, key=self.key_of, draw_row=draw,
            header=columns.header(
                self.columns, cells, sorted_by=self.order.id, descending=self.descending
            ),
            index_of=self._rows.index_of if isinstance(self._rows, FunctionList) else None,
        )  # fmt: skip

    def _notes(self, told: SymbolsTold | None, *, known: bool) -> list[str]:
        if not known or told is None:
            return []
        shown = f"{len(self._rows):,} of {self._total:,} shown" if self.filter else ""
        return [
            note for note in (shown, *self.notes(told), f"by {self.order.title.lower()}") if note
        ]

    def notes(self, told: SymbolsTold) -> list[str]:
        """What else stands at the right of the tabs."""
        raise NotImplementedError

    def _show_inspector(self) -> None:
        one = self.table.row
        if one is None:
            words = "nothing passes the filter; esc clears it" if self.filter else "there is none"
            self.inspect([row(Run(words, DIM))])
            return
        rows = [self.about(one)]
        if self.size.width >= 100:
            rows.append(sentences.provenance(self.FIELDS_BY_ID["resident"], self.pid, None))
        self.inspect(rows)

    @on(VirtualTable.Highlighted)
    def _highlighted(self) -> None:
        if self.table.row is not None:
            self._show_inspector()

    def facts(self, sample: Sample) -> list[str]:
        """Nothing beyond what every screen says."""
        return []

    def badge(self, sample: Sample) -> str:
        """That it has exited."""
        return ended(reading_of(sample, self.pid))

    # Keys

    def action_back(self) -> None:
        """Leave the filter, or this level."""
        if not self.clear_filter():
            self.app.pop_screen()

    def action_beside(self, step: int) -> None:
        """The next or previous row: all that are shown pass the filter."""
        self.table.action_move(step)

    def action_tab(self, step: int) -> None:
        """Another page."""
        raise NotImplementedError

    @on(Canvas.Clicked, "#tabs")
    def _tab_clicked(self, event: Canvas.Clicked) -> None:
        sample = self.session.clock.current
        if sample is not None:
            titles, chosen = self.titles(sample)
            index = tabs.at(titles, event.x, self.size.width)
            if index is not None and index != chosen:
                self.action_tab(index - chosen)

    def action_goto(self) -> None:
        """To an address or a symbol: its page in the grid."""
        go_somewhere(self, self.pid, vmas_of(self.session.clock.current, self.pid), self.open_page)

    def open_page(self, address: int) -> None:
        """The grid of the VMA that holds an address, the cursor on its page."""
        from vmtui.ui.screens.pages import PagesScreen

        vmas = vmas_of(self.session.clock.current, self.pid)
        index = None if vmas is None else vmas.index_of(address)
        if vmas is None or index is None:
            self.notify(f"nothing is mapped at {address:012x}", timeout=3)
        else:
            vma = vmas[index]
            self.app.push_screen(PagesScreen(self.pid, vma.start, vma.end, address))

    # Words

    def explanation(self) -> tuple[str, list[Row]]:
        """Every figure of the row under the cursor."""
        one = self.table.row
        if one is None:
            return "nothing here", []
        rows = [
            line
            for field in self.FIELDS
            for line in sentences.about_field(field, field.get(one), self.pid)
        ]
        return self.name_of(one), rows

    def name_of(self, one: Any) -> DisplayText:
        """A row's name on the card that explains it."""
        raise NotImplementedError

    def changes_since(self, mark: Sample, now: Sample) -> list[Row]:
        """Which rows have more or less in memory."""
        found = []
        for sample in (mark, now):
            told = self.told(sample)
            rows = self.rows_of(told) if told else None
            if rows is None or isinstance(rows, Missing):
                return [row(Run("these files were not looked at at both moments", DIM))]
            found.append({self.key_of(one): one for one in rows})
        before, after = found
        names = {key: self.name_of(one) for key, one in (before | after).items()}
        amounts = [{key: one.resident or 0 for key, one in part.items()} for part in found]
        return sentences.amount_changes(amounts[0], amounts[1], names)

    def copied(self) -> DisplayText:
        """The row, its figures separated by tabs."""
        one = self.table.row
        if one is None:
            return DisplayText("")
        return DisplayText("\t".join(str(c.field.get(one)) for c in self.columns))


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return len(one) == len(other) and one[0] is other[0] and one[1:] == other[1:]


def _arranged(
    rows: Sequence[Any], passes: Any, by: Field[Any], descending: bool
) -> Sequence[Any]:  # fmt: skip
    if isinstance(rows, FunctionList):
        return rows.arranged(passes, by, descending=descending)
    return ordered([one for one in rows if not passes or passes(one)], by, descending=descending)
