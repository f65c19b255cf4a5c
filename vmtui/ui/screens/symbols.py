"""What of a process's files is in memory: objects, and one of them by section and function."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual import on

from vmtui.draw import symbol_lines
from vmtui.draw.paint import Row
from vmtui.missing import Missing
from vmtui.model.fields.field import by_id
from vmtui.model.fields.symbols import FUNCTION_FIELDS, OBJECT_FIELDS, ObjectRow, PartRow
from vmtui.observe.function_list import FunctionList
from vmtui.observe.plan import SymbolWish
from vmtui.observe.sample import Sample
from vmtui.observe.symbols_told import ObjectParts, SymbolsTold
from vmtui.text import DisplayText
from vmtui.ui.screens.symbol_table import SymbolTable
from vmtui.ui.screens.target_screen import crumb, reading_of
from vmtui.ui.widgets.virtual_table import VirtualTable

_PARTS = ("Sections", "Functions")
_PART_FIELDS = tuple(field for field in FUNCTION_FIELDS if field.id != "object")


class SymbolsScreen(SymbolTable):
    """The tab of level 2: every ELF file that the process maps."""

    FIELDS = OBJECT_FIELDS
    FIELDS_BY_ID = by_id(OBJECT_FIELDS)
    WORDS = ("path",)
    EXAMPLE = "libc  resident>1M  private_dirty>0"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "The program and every library it maps: how much of each is in memory for this process, "
        "and how much it wrote to and so has for itself. Enter takes one apart.",
    )

    def __init__(self, pid: int, titles: Sequence[str]) -> None:
        """The last of these tabs."""
        super().__init__(pid, "resident")
        self._titles = titles

    def wanted(self) -> SymbolWish:
        """All objects."""
        return SymbolWish(objects=True)

    def rows_of(self, told: SymbolsTold) -> Sequence[ObjectRow] | Missing | None:
        """The objects."""
        return told.objects

    def totals(self, told: SymbolsTold) -> Row:
        """All of them together."""
        rows = told.objects
        if rows is None or isinstance(rows, Missing):
            return ()
        many = "file" if len(rows) == 1 else "files"
        return symbol_lines.sums(f"{len(rows):,} {many}", rows)

    def titles(self, sample: Sample) -> tuple[Sequence[str], int]:
        """Those of the process; this is the last one."""
        return self._titles, len(self._titles) - 1

    def notes(self, told: SymbolsTold) -> list[str]:
        """Files that could not be looked into."""
        unread = len(told.unread)
        return [f"{unread:,} not looked into: i says why"] if unread else []

    def key_of(self, one: ObjectRow) -> Hashable:
        """Its lowest address."""
        return one.start

    def name_of(self, one: ObjectRow) -> DisplayText:
        """Its path."""
        return one.path

    def about(self, one: ObjectRow) -> Row:
        """One object in a sentence."""
        return symbol_lines.about_object(one)

    def explanation(self) -> tuple[str, list[Row]]:
        """The object under the cursor, and the files that are not in the table."""
        title, rows = super().explanation()
        told = self.told(self.session.clock.current)
        if told is not None:
            rows += symbol_lines.unread(told.unread, told.jit)
        return title, rows

    def crumbs(self) -> tuple[str, ...]:
        """The process."""
        return (crumb(reading_of(self.session.clock.current, self.pid), self.pid),)

    def action_tab(self, step: int) -> None:
        """Back to the process, on the page beside this one."""
        from vmtui.ui.screens.process import ProcessScreen

        below = self.app.screen_stack[-2]
        self.app.pop_screen()
        if isinstance(below, ProcessScreen):
            below.show_tab((len(self._titles) - 1 + step) % len(self._titles))

    @on(VirtualTable.Opened)
    def _opened(self, event: VirtualTable.Opened) -> None:
        self.app.push_screen(ObjectScreen(self.pid, event.row.start, self.name_of(event.row)))


class ObjectScreen(SymbolTable):
    """One object: its sections and its functions, each with what of it is in memory."""

    FIELDS = _PART_FIELDS
    FIELDS_BY_ID = by_id(_PART_FIELDS)
    WORDS = ("name",)
    EXAMPLE = "malloc  resident>4K  private_dirty>0"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "Of a page that is in memory every byte is: a function has those that lie on such pages. "
        "Sections add up to the object; functions without a byte in memory are left out.",
    )

    def __init__(self, pid: int, start: int, path: DisplayText) -> None:
        """The object whose lowest address is `start`."""
        super().__init__(pid, "address")
        self._start, self._path = start, path
        self._tab = 0

    def wanted(self) -> SymbolWish:
        """This object taken apart."""
        return SymbolWish(parts_of=self._start)

    def _parts(self, told: SymbolsTold | None) -> ObjectParts | None:
        parts = told.parts if told else None
        return parts if isinstance(parts, ObjectParts) and parts.start == self._start else None

    def rows_of(self, told: SymbolsTold) -> Sequence[PartRow] | Missing | None:
        """Sections or functions."""
        parts = self._parts(told)
        if parts is None:
            return told.parts if isinstance(told.parts, Missing) else None
        return parts.functions if self._tab else parts.sections

    def totals(self, told: SymbolsTold) -> Row:
        """The whole object."""
        parts = self._parts(told)
        if parts is None or isinstance(parts.sections, Missing):
            return ()
        return symbol_lines.sums(parts.name, parts.sections)

    def titles(self, sample: Sample) -> tuple[Sequence[str], int]:
        """Sections and functions."""
        return _PARTS, self._tab

    def notes(self, told: SymbolsTold) -> list[str]:
        """How many functions have nothing in memory."""
        parts = self._parts(told)
        if not self._tab or parts is None or not isinstance(parts.functions, FunctionList):
            return []
        return [f"{len(parts.functions):,} of {parts.functions.total:,} have a byte in memory"]

    def key_of(self, one: PartRow) -> Hashable:
        """Its address, or its name where it has none."""
        return one.address if isinstance(one.address, int) else one.name

    def name_of(self, one: PartRow) -> DisplayText:
        """`object!name`."""
        return DisplayText(f"{one.object}!{one.name}")

    def about(self, one: PartRow) -> Row:
        """One part in a sentence."""
        return symbol_lines.about_part(one)

    def crumbs(self) -> tuple[str, ...]:
        """Process and file."""
        name = self._path.rpartition("/")[2] or self._path
        return crumb(reading_of(self.session.clock.current, self.pid), self.pid), name

    def action_tab(self, step: int) -> None:
        """The other page: sections in their order, functions with most in memory first."""
        self._tab = (self._tab + step) % len(_PARTS)
        self.order = self.FIELDS_BY_ID["resident" if self._tab else "address"]
        self.descending = bool(self._tab)
        self._rows, self._made_of = (), ()
        self.look()
        self.table.action_edge(False)

    @on(VirtualTable.Opened)
    def _opened(self, event: VirtualTable.Opened) -> None:
        address = event.row.address
        if isinstance(address, Missing):
            self.notify(address.reason, timeout=3)
        else:
            self.open_page(address)
