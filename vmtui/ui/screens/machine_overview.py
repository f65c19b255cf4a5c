"""Machine, tab «Overview»: MemTotal as a sum, swap, and the last three minutes of every rate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from vmtui import units
from vmtui.draw import machine_charts, machine_overview, sentences
from vmtui.draw.paint import DIM, STRONG, Row, Run, row
from vmtui.missing import Missing
from vmtui.model.accounting import PARTS
from vmtui.model.fields.machine import MACHINE_FIELDS, MACHINE_FIELDS_BY_ID
from vmtui.model.machine import MachineReading, MachineRow
from vmtui.model.machine_history import MachineHistory
from vmtui.observe.sample import Sample
from vmtui.text import DisplayText
from vmtui.ui.keymap import bind
from vmtui.ui.screens.machine import MachineScreen
from vmtui.ui.widgets.canvas import Canvas


class OverviewTab(MachineScreen):
    """Everything on it is a function of the machine's readings up to the cursor."""

    TITLE_OF_TAB = "Overview"
    DEPTH = frozenset({"overview"})
    BINDINGS: ClassVar[list[BindingType]] = [bind("panel.maximise", "maximise_panel", show=True)]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "panel.next", "help.explain", "panel.maximise", "mark.set", "mark.changes", "clock.pause",
        "help.show",
    )  # fmt: skip
    ABOUT: ClassVar[tuple[str, ...]] = (
        "The bar is MemTotal in parts that add up, no byte counted twice; «unexplained» is what no "
        "counter of the kernel knows. i says where each figure comes from.",
        "The charts say what sar -r, -B, -W and vmstat print; z gives them the whole screen.",
    )

    def __init__(self) -> None:
        super().__init__()
        self._history = MachineHistory(machine_charts.FIELDS)
        self._maximised = False
        self._drawn: tuple[object, ...] = ()

    def part(self) -> Iterable[Widget]:
        """One drawing."""
        yield Canvas(id="page")

    def show_part(self, sample: Sample) -> None:
        """The sum and the charts; drawn only when the machine was read anew."""
        machine = self._row(sample)
        wide = self.size.width >= 100
        lines = self.size.height - 2 - 1 - (3 if wide else 2)
        cells = self.size.width - 2
        detail = sample.depth.overview if sample.depth else None
        shown = detail.value if detail and not isinstance(detail.value, Missing) else None
        letters = self.session.bars_by_letters
        drawn = (sample.machine, machine.before, shown, cells, lines, letters, self._maximised)
        if (
            len(drawn) != len(self._drawn)
            or any(
                one is not other and one != other
                for one, other in zip(drawn[3:], self._drawn[3:], strict=True)
            )
            or any(one is not other for one, other in zip(drawn[:3], self._drawn[:3], strict=True))
        ):
            self._drawn = drawn
            one = machine_overview.Overview(
                machine, shown, self._series(), self._seconds, letters=letters
            )
            draw = machine_overview.only_charts if self._maximised else machine_overview.page
            rows = draw(one, cells, lines)
            self.query_one("#page", Canvas).show([(Run(" "), *line) for line in rows])
        self._show_inspector(sample, machine, wide=wide)

    def _show_inspector(self, sample: Sample, machine: MachineRow, *, wide: bool) -> None:
        rows = [machine_overview.about(machine)]
        if wide:
            age = sample.ended - sample.machine.at
            rows.append(sentences.provenance(MACHINE_FIELDS_BY_ID["unexplained"], 0, age))
        self.inspect(rows)

    @property
    def _seconds(self) -> float:
        return machine_charts.POINTS * self.session.plan.interval

    def _series(self) -> dict[str, list[float | None]]:
        window = self.session.clock.window(self._seconds + 5)
        readings = [sample.machine for sample in window]
        return self._history.series(readings, machine_charts.POINTS)

    def _row(self, sample: Sample) -> MachineRow:
        """The reading under the cursor, and the one before it."""
        return MachineRow(sample.machine, self._before(sample))

    def _before(self, sample: Sample) -> MachineReading | None:
        seconds = 5 * self.session.plan.interval + 5
        for earlier in reversed(self.session.clock.window(seconds)):
            if earlier.machine is not sample.machine:
                return earlier.machine
        return None

    def action_maximise_panel(self) -> None:
        """The charts alone, or the sum above them again."""
        self._maximised = not self._maximised
        self.look()

    # Words

    def explanation(self) -> tuple[str, list[Row]]:
        """Every part of the sum, then every other figure."""
        sample = self.session.clock.current
        if sample is None:
            return "nothing here", []
        machine = self._row(sample)
        rows: list[Row] = []
        for share in machine.shares:
            amount = f"{units.size(share.bytes):>7}"
            rows.append(row(Run(f"{share.title:<14}", STRONG), Run(amount, STRONG),
                            Run(f"   {share.help}", DIM)))  # fmt: skip
        rows.append(())
        for field in MACHINE_FIELDS:
            rows += sentences.about_field(field, field.get(machine), 0)
        return "the whole machine", rows

    def changes_since(self, mark: Sample, now: Sample) -> list[Row]:
        """Which parts grew and shrank."""
        before = {share.name: share.bytes for share in mark.machine.shares()}
        after = {share.name: share.bytes for share in now.machine.shares()}
        rows = []
        for name, (_slot, title, about) in PARTS.items():
            delta = after.get(name, 0) - before.get(name, 0)
            if delta:
                rows.append(row(Run(f"{units.change(delta):>7}  ", STRONG), Run(f"{title:<14}"),
                                Run(about, DIM)))  # fmt: skip
        return rows or [row(Run("nothing: every part is as large as it was", DIM))]

    def copied(self) -> DisplayText:
        """The sum, a part and its bytes on each line."""
        sample = self.session.clock.current
        if sample is None:
            return DisplayText("")
        lines = [f"{share.title}\t{share.bytes}" for share in sample.machine.shares()]
        return DisplayText("\n".join(lines))
