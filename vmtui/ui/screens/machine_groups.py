"""Machine, tab «Groups»: every memory cgroup against its limit, as the tree that they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual import on

from vmtui.draw import machine_cells, sentences
from vmtui.draw.columns import CellOf
from vmtui.draw.paint import DIM, Row, Run, row
from vmtui.missing import Missing
from vmtui.model.fields.field import Field
from vmtui.model.fields.group import GROUP_FIELDS, GROUP_FIELDS_BY_ID
from vmtui.model.groups import Group
from vmtui.observe.machine_depth import Known
from vmtui.observe.sample import Sample
from vmtui.text import DisplayText
from vmtui.ui.dialogs import Ask
from vmtui.ui.screens.machine_table import MachineTable
from vmtui.ui.widgets.virtual_table import VirtualTable


class GroupsTab(MachineTable):
    """Parents above children, unless another order is chosen."""

    TITLE_OF_TAB = "Groups"
    DEPTH = frozenset({"groups"})
    FIELDS = GROUP_FIELDS
    FIELDS_BY_ID = GROUP_FIELDS_BY_ID
    WORDS = ("group",)
    EXAMPLE = "text  usage>100M  share>80  oom_kills>0"
    OWN_CELLS = frozenset({"filled"})
    ABOUT: ClassVar[tuple[str, ...]] = (
        "Every memory cgroup: what is charged to it and to those below it, against its limit. In "
        "the bars private memory, page cache and the kernel's share; without a limit the whole "
        "bar is the machine's memory.",
        "HITS counts how often an allocation met the limit and had to make room first.",
    )

    def __init__(self) -> None:
        super().__init__("group")

    def known(self, sample: Sample) -> Known[Any] | None:
        """The survey."""
        return sample.depth.groups if sample.depth else None

    def rows_of(self, value: Any) -> Sequence[Group]:
        """All groups, in the order of the tree."""
        groups: Sequence[Group] = value.groups
        return groups

    def key_of(self, one: Group) -> bytes:
        """The path."""
        return one.path

    @property
    def _is_tree(self) -> bool:
        return self.order.id == "group" and not self.descending and not self.filter

    def arranged(self, rows: Sequence[Group]) -> Sequence[Group]:
        """They come in the order of the tree."""
        return rows if self._is_tree else super().arranged(rows)

    def own_cells(self, sample: Sample) -> Mapping[str, CellOf]:
        """Names indented, and what is used as a bar."""
        machine, letters = sample.machine.meminfo, self.session.bars_by_letters
        memory = machine if isinstance(machine, Missing) else machine["MemTotal"]

        def bar(group: Group, width: int) -> Row:
            return machine_cells.group_bar(group, memory, width, letters=letters)

        def name(group: Group, width: int) -> Row:
            return machine_cells.group_name(group, width, tree=self._is_tree)

        return {"filled": bar, "group": name}

    def above(self, sample: Sample, value: Any) -> list[Row]:
        """Which hierarchy it is."""
        said = f" cgroup v{value.version}"
        if value.version == 1:
            said += ": ANON and FILE are the group's own, without those below it"
        if value.left_out:
            said += f"; {value.left_out:,} groups beyond were not looked at"
        return [row(Run(said, DIM))]

    def about(self, one: Group, *, wide: bool) -> list[Row]:
        """Usage, limit and events in a sentence."""
        rows = [machine_cells.about_group(one)]
        if wide:
            rows.append(sentences.provenance(GROUP_FIELDS_BY_ID["usage"], 0, None))
        return rows

    def name_of(self, one: Group) -> DisplayText:
        """The path."""
        return one.shown_path

    def amount_of(self, one: Group) -> int | Missing:
        """What is charged."""
        return one.usage

    def notes(self, sample: Sample) -> list[str]:
        """The tree is an order of its own."""
        return [note if note != "by group" else "tree" for note in super().notes(sample)]

    def sort_by(self, field: Field[Any]) -> None:
        """The tree has one direction."""
        super().sort_by(field)
        if self.order.id == "group" and self.descending:
            self.descending = False
            self.look()

    @on(VirtualTable.Opened)
    def _opened(self) -> None:
        self.action_explain()

    def action_goto(self) -> None:
        """Go to the next group whose path has what is typed in it."""

        def found(typed: str) -> Group | None:
            after = self.table.cursor + 1
            rows: list[Group] = [*self._rows[after:], *self._rows[:after]]
            return next((one for one in rows if typed in one.shown_path), None)

        def check(typed: str) -> str:
            return "" if found(typed) else "no group's path has that in it"

        def take(typed: str | None) -> None:
            group = found(typed) if typed else None
            if group is not None:
                self.table.select(group.path)

        self.app.push_screen(
            Ask("go to a group", placeholder="a part of its path", check=check), take
        )
