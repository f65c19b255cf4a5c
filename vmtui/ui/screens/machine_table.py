"""What the tabs of the machine that are tables share: rows of a part, sorted and filtered."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from vmtui.draw import columns, sentences
from vmtui.draw.columns import CellOf
from vmtui.draw.paint import DIM, Row, Run, row
from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit
from vmtui.model.filter import Filter
from vmtui.model.ordering import ordered
from vmtui.observe.machine_depth import Known
from vmtui.observe.sample import Sample
from vmtui.text import DisplayText
from vmtui.ui.keymap import bind
from vmtui.ui.screens.machine import MachineScreen
from vmtui.ui.screens.table_screen import TableScreen
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from vmtui.export.shown import Shown


class MachineTable(MachineScreen, TableScreen):
    """Subclasses say where the rows come from and what they mean."""

    OWN_CELLS: ClassVar[frozenset[str]] = frozenset()
    """Ids of the fields whose cells `own_cells` draws; the table cannot be sorted by those."""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("filter.next", "beside(1)"),
        bind("filter.previous", "beside(-1)"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "zoom.in", "panel.next", "filter.edit", "sort.menu", "columns.choose", "help.explain",
        "mark.set", "clock.pause", "help.show",
    )  # fmt: skip

    def __init__(self, sorted_by: str) -> None:
        super().__init__(sorted_by)
        self._lines = columns.Lines()
        self._rows: Sequence[Any] = ()
        self._made_of: tuple[Sequence[Any], Filter[Any], Field[Any], bool] | None = None
        self._total = 0

    def part(self) -> Iterable[Widget]:
        """Filter line, what stands above the table, table."""
        yield self.filter_line()
        yield Canvas(id="above")
        yield VirtualTable(follow=True, id="table")

    def exported(self, sample: Sample) -> Shown | None:
        """The rows of the table."""
        return TableScreen.exported(self, sample)

    # For the subclasses

    def known(self, sample: Sample) -> Known[Any] | None:
        """The part of the sample that it shows."""
        raise NotImplementedError

    def rows_of(self, value: Any) -> Sequence[Any]:
        """All rows of that part."""
        raise NotImplementedError

    def key_of(self, one: Any) -> Hashable:
        """What makes a row the same row in the next reading."""
        raise NotImplementedError

    def own_cells(self, sample: Sample) -> Mapping[str, CellOf]:
        """Cells that are drawn in another way, by field id."""
        return {}

    def above(self, sample: Sample, value: Any) -> list[Row]:
        """What stands above the table."""
        return []

    def about(self, one: Any, *, wide: bool) -> list[Row]:
        """The inspector of a row."""
        raise NotImplementedError

    def name_of(self, one: Any) -> DisplayText:
        """A row's name on the card that explains it."""
        raise NotImplementedError

    def pid_of(self, one: Any) -> int:
        """For the shell lines on that card."""
        return 0

    def amount_of(self, one: Any) -> int | Missing:
        """Bytes; what `d` compares."""
        raise NotImplementedError

    # Painting

    def show_part(self, sample: Sample) -> None:
        """The rows, or why there are none."""
        known = self.known(sample)
        why = self.nothing(known)
        cells = self.size.width - 1
        if why:
            self._rows, self._total, self._made_of = (), 0, None
            self.query_one("#above", Canvas).show([(), row(Run(f"  {why}", DIM))])
            self.table.set_source((), key=id, draw_row=lambda _row, _cells, _selected: ())
            self.inspect([()])
            return
        assert known is not None
        above = [] if self.maximised else self.above(sample, known.value)
        self.query_one("#above", Canvas).show(above)
        self.columns = self.fitted(cells)
        self._arrange(self.rows_of(known.value))
        own = self.own_cells(sample)

        def draw(one: Any, _cells: int, selected: bool) -> Row:
            return columns.line(self.columns, one, selected=selected, own=own)

        self.table.set_source(
            self._rows, key=self.key_of, draw_row=draw,
            header=columns.header(
                self.columns, cells, sorted_by=self.order.id, descending=self.descending
            ),
        )  # fmt: skip
        self._show_inspector()

    def _arrange(self, rows: Sequence[Any]) -> None:
        """Filter and sort, unless it was done already."""
        wanted = rows, self.filter, self.order, self.descending
        done = self._made_of
        if done is not None and done[0] is rows and done[1:] == wanted[1:]:
            return
        self._made_of, self._total = wanted, len(rows)
        passing = [one for one in rows if self.filter(one)] if self.filter else rows
        self._rows = self.arranged(passing)

    def arranged(self, rows: Sequence[Any]) -> Sequence[Any]:
        """The rows in their order."""
        return ordered(rows, self.order, descending=self.descending)

    def sortable(self, field: Field[Any]) -> bool:
        """Everything but what is drawn from another column."""
        return field.id in self.FIELDS_BY_ID and field.id not in self.OWN_CELLS

    def shaped(self, field: Field[Any], cells: int) -> Field[Any]:
        """Bars keep their width."""
        return field

    def _show_inspector(self) -> None:
        one = self.table.row
        if one is None:
            words = "nothing passes the filter; esc clears it" if self.filter else "there is none"
            self.inspect([row(Run(words, DIM))])
            return
        self.inspect(self.about(one, wide=self.size.width >= 100))

    def notes(self, sample: Sample) -> list[str]:
        """What is shown, by what, and how old it is."""
        if self.nothing(self.known(sample)):
            return []
        shown = f"{len(self._rows):,} of {self._total:,}" if self.filter else f"{self._total:,}"
        order = f"by {self.order.title.lower()}"
        return [shown, order, *self.age(sample, self.known(sample))]

    @on(VirtualTable.Highlighted)
    def _highlighted(self) -> None:
        if self.table.row is not None:
            self._show_inspector()

    def action_beside(self, step: int) -> None:
        """The next or previous row: all that are shown pass the filter."""
        self.table.action_move(step)

    def action_back(self) -> None:
        """Leave the filter, or the tab."""
        if not self.clear_filter():
            super().action_back()

    # Words

    def explanation(self) -> tuple[str, list[Row]]:
        """Every figure of the row under the cursor."""
        one = self.table.row
        if one is None:
            return "nothing here", []
        rows = [
            line
            for field in self.FIELDS
            if field.unit is not Unit.SERIES
            for line in sentences.about_field(field, field.get(one), self.pid_of(one))
        ]
        return self.name_of(one), rows

    def changes_since(self, mark: Sample, now: Sample) -> list[Row]:
        """Which rows came, went, grew and shrank."""
        before, after = self._all(mark), self._all(now)
        if before is None or after is None:
            return [row(Run("this was not looked at at both moments", DIM))]
        names = {key: self.name_of(one) for key, one in (before | after).items()}
        then = {key: self._amount(one) for key, one in before.items()}
        amounts = {key: self._amount(one) for key, one in after.items()}
        return sentences.amount_changes(then, amounts, names)

    def _all(self, sample: Sample) -> dict[Hashable, Any] | None:
        known = self.known(sample)
        if known is None or isinstance(known.value, Missing):
            return None
        return {self.key_of(one): one for one in self.rows_of(known.value)}

    def _amount(self, one: Any) -> int:
        amount = self.amount_of(one)
        return 0 if isinstance(amount, Missing) else amount

    def copied(self) -> DisplayText:
        """The row, its figures separated by tabs."""
        one = self.table.row
        if one is None:
            return DisplayText("")
        fields = [c.field for c in self.columns if c.field.unit is not Unit.SERIES]
        return DisplayText("\t".join(str(field.get(one)) for field in fields))
