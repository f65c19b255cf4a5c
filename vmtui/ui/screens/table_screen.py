"""A level with a table: filter, order and columns, the same on both levels that have one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widgets import Input

from vmtui.draw import columns
from vmtui.draw.paint import DIM, Run, row
from vmtui.model.fields.field import Field, Unit
from vmtui.model.filter import Filter, FilterError, parse
from vmtui.observe.listing import first_direction
from vmtui.observe.sample import Sample
from vmtui.ui.dialogs import Choose, ChooseMany, Item, Option
from vmtui.ui.keymap import bind
from vmtui.ui.screens.observe import ObserveScreen
from vmtui.ui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from vmtui.export.shown import Shown


class TableScreen(ObserveScreen):
    """Subclasses name the fields and draw the rows."""

    FIELDS: ClassVar[tuple[Field[Any], ...]]
    FIELDS_BY_ID: ClassVar[Mapping[str, Field[Any]]]
    WORDS: ClassVar[tuple[str, ...]]
    """Ids of the fields in which a bare word of the filter is looked for."""
    EXAMPLE: ClassVar[str]
    """What a filter may look like."""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("filter.edit", "filter", show=True, priority=True),
        bind("sort.menu", "sort", show=True),
        bind("sort.left", "sort_beside(-1)"),
        bind("sort.right", "sort_beside(1)"),
        bind("sort.reverse", "reverse"),
        bind("columns.choose", "columns", show=True),
        bind("goto.ask", "goto"),
        bind("panel.maximise", "maximise_panel"),
        bind("peak.go", "peak"),
    ]

    def __init__(self, sorted_by: str, chosen: Sequence[str] = ()) -> None:
        """A table sorted by that field, with the columns the user chose before."""
        super().__init__()
        self.filter: Filter[Any] = Filter()
        self.order: Field[Any] = self.FIELDS_BY_ID[sorted_by]
        self.descending = first_direction(self.order)
        self.chosen = tuple(name for name in chosen if name in self.FIELDS_BY_ID)
        self.columns: tuple[columns.Column[Any], ...] = ()
        self.maximised = False
        """Whether the table has the whole screen."""

    def filter_line(self) -> Input:
        """The line for the filter; hidden until `/`."""
        line = Input(placeholder=self.EXAMPLE, compact=True, id="filter")
        line.display = False
        return line

    @property
    def table(self) -> VirtualTable:
        """The table itself."""
        return self.query_one("#table", VirtualTable)

    def on_mount(self) -> None:
        """The table has the keys."""
        super().on_mount()
        self.table.focus()

    def fitted(self, cells: int, *extra: Field[Any]) -> tuple[columns.Column[Any], ...]:
        """The columns for a table of that width: the user's choice or the default ones.

        Args:
            cells: width of the table.
            extra: fields to show beside the first size.
        """
        fields = [self.FIELDS_BY_ID[name] for name in self.chosen]
        if not fields:
            fields = [field for field in self.FIELDS if field.default]
        at = next((i + 1 for i, field in enumerate(fields) if field.id == "rss"), len(fields))
        fields[at:at] = extra
        fields = [self.shaped(field, cells) for field in fields]
        kept = frozenset(self.chosen) | {field.id for field in extra}
        return columns.fitted(fields, cells, chosen=kept)

    def shaped(self, field: Field[Any], cells: int) -> Field[Any]:
        """A field as this table shows it; series get the width there is room for."""
        return replace(field, width=8) if field.unit is Unit.SERIES and cells < 151 else field

    # The filter

    def action_filter(self) -> None:
        """Type a filter; it works at each letter."""
        line = self.query_one("#filter", Input)
        line.display = True
        self.set_focus(line)  # at once: what is typed ahead must not be taken for keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a line to type in, `/` is a letter."""
        if action == "filter" and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        try:
            self.filter = parse(event.value, self.FIELDS_BY_ID, self.WORDS)
        except FilterError as error:
            event.input.set_class(True, "-wrong")
            self.inspect([row(Run(str(error), DIM))])
            return
        event.input.set_class(False, "-wrong")
        self.look()

    @on(Input.Submitted, "#filter")
    def _filter_taken(self) -> None:
        self.query_one("#filter").display = bool(self.filter)
        self.table.focus()

    def clear_filter(self) -> bool:
        """Leave the filter line and forget the filter; whether there was one."""
        line = self.query_one("#filter", Input)
        if not line.value and not line.display:
            return False
        line.value = ""
        line.display = False
        self.table.focus()
        return True

    # Order and columns

    def sort_by(self, field: Field[Any]) -> None:
        """Sort by a field; by the same one again, the other way round."""
        again = field.id == self.order.id
        self.order = self.FIELDS_BY_ID.get(field.id, self.order)
        self.descending = not self.descending if again else first_direction(field)
        self.look()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.sort_by(self.order)

    def action_sort_beside(self, step: int) -> None:
        """Sort by the column to the left or right of the sorted one."""
        fields = [c.field for c in self.columns if self.sortable(c.field)]
        at = next((i for i, field in enumerate(fields) if field.id == self.order.id), 0)
        self.sort_by(fields[(at + step) % len(fields)])

    def sortable(self, field: Field[Any]) -> bool:
        """Whether the table can be sorted by it."""
        return field.id in self.FIELDS_BY_ID

    def action_sort(self) -> None:
        """A menu of all columns."""
        fields = [field for field in self.FIELDS if self.sortable(field)]
        options = [Option(field.title, field.help) for field in fields]
        current = next((i for i, field in enumerate(fields) if field.id == self.order.id), 0)

        def take(index: int | None) -> None:
            if index is not None:
                self.sort_by(fields[index])

        self.app.push_screen(Choose("sort by", options, current), take)

    @on(VirtualTable.HeaderClicked)
    def _header_clicked(self, event: VirtualTable.HeaderClicked) -> None:
        field = columns.column_at(self.columns, event.x)
        if field is not None and self.sortable(field):
            self.sort_by(field)

    def action_columns(self) -> None:
        """Choose the columns and their order."""
        items = [Item(field.id, field.title, field.help) for field in self.FIELDS]
        shown = [column.field.id for column in self.columns]

        def take(chosen: tuple[str, ...] | None) -> None:
            if chosen:
                self.chosen = chosen
                self.look()

        self.app.push_screen(ChooseMany("columns", items, shown), take)

    def action_maximise_panel(self) -> None:
        """Give the table the whole screen, or give it back."""
        self.maximised = not self.maximised
        self.look()
        self.call_after_refresh(self.look)

    def exported(self, sample: Sample) -> Shown | None:
        """All rows that pass the filter, with every field."""
        from vmtui.export.shown import of_rows

        return of_rows(self.export_name, self.FIELDS, self.table.rows)

    def action_goto(self) -> None:
        """Go to what the user types."""
        raise NotImplementedError

    def peak_pid(self) -> int | None:
        """Whose largest moment `p` looks for; None for nobody's."""
        return None

    def action_peak(self) -> None:
        """Go to the moment when the process was largest, and mark where it began to climb."""
        pid = self.peak_pid()
        if pid is None:
            self.notify("p finds the largest moment of a process", timeout=3)
            return
        from vmtui.ui.peak import go_to_peak

        go_to_peak(self, pid)
