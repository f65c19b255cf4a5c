"""Machine, tab «OOM»: whom the OOM killer would take now, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual import on

from vmtui.draw import machine_cells, sentences
from vmtui.draw.columns import CellOf
from vmtui.draw.paint import Row
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.fields.oom import OOM_FIELDS, OOM_FIELDS_BY_ID
from vmtui.model.oom import OomCandidate, OomRanking
from vmtui.observe.machine_depth import Known
from vmtui.observe.sample import Sample
from vmtui.text import DisplayText
from vmtui.ui.dialogs import Ask
from vmtui.ui.screens.machine_table import MachineTable
from vmtui.ui.widgets.virtual_table import VirtualTable


class OOMTab(MachineTable):
    """Every process with memory, the one that would be taken first on top."""

    TITLE_OF_TAB = "OOM"
    DEPTH = frozenset({"oom"})
    FIELDS = OOM_FIELDS
    FIELDS_BY_ID = OOM_FIELDS_BY_ID
    WORDS = ("comm",)
    EXAMPLE = "text  pid:1  points>100000  score_adj>0"
    OWN_CELLS = frozenset({"sum"})
    ABOUT: ClassVar[tuple[str, ...]] = (
        "Whom the kernel would kill if the whole machine ran out of memory now: who has most "
        "points. They are pages in memory, in swap and of page tables; each one of oom_score_adj "
        "adds or takes away a thousandth of all memory and swap.",
        "A memory cgroup that meets its own limit chooses among its own processes only.",
    )

    def __init__(self) -> None:
        super().__init__("points")
        self._ranking: OomRanking | None = None

    def known(self, sample: Sample) -> Known[Any] | None:
        """The ranking."""
        known = sample.depth.oom if sample.depth else None
        found = known.value if known else None
        self._ranking = found if isinstance(found, OomRanking) else None
        return known

    def rows_of(self, value: Any) -> Sequence[OomCandidate]:
        """All processes with memory."""
        candidates: Sequence[OomCandidate] = value.candidates
        return candidates

    def key_of(self, one: OomCandidate) -> int:
        """The PID."""
        return one.pid

    def arranged(self, rows: Sequence[OomCandidate]) -> Sequence[OomCandidate]:
        """By points as the kernel goes: who is never taken comes last."""
        made = super().arranged(rows)
        if self.order.id == "points" and self.descending:
            return sorted(made, key=lambda one: bool(one.spared))
        return made

    def own_cells(self, sample: Sample) -> Mapping[str, CellOf]:
        """The sum as a bar."""
        ranking, letters = self._ranking, self.session.bars_by_letters
        scale = max((one.points for one in ranking.candidates), default=1) if ranking else 1

        def bar(one: OomCandidate, width: int) -> Row:
            return machine_cells.sum_bar(one, max(1, scale), width, letters=letters)

        return {"sum": bar}

    def above(self, sample: Sample, value: Any) -> list[Row]:
        """What the bars are made of."""
        letters = self.session.bars_by_letters
        return [machine_cells.oom_line(value, self.size.width, letters=letters)]

    def about(self, one: OomCandidate, *, wide: bool) -> list[Row]:
        """The sum in figures."""
        if self._ranking is None:
            return [()]
        rows = [machine_cells.about_candidate(one, self._ranking)]
        if wide:
            rows.append(sentences.provenance(OOM_FIELDS_BY_ID["points"], one.pid, None))
        return rows

    def name_of(self, one: OomCandidate) -> DisplayText:
        """PID and name."""
        return DisplayText(f"{one.pid} {one.name}")

    def pid_of(self, one: OomCandidate) -> int:
        """Its PID."""
        return one.pid

    def amount_of(self, one: OomCandidate) -> int | Missing:
        """Its points in bytes."""
        return one.points * PAGE_SIZE

    @on(VirtualTable.Opened)
    def _opened(self, event: VirtualTable.Opened) -> None:
        self.open_process(event.row.pid)

    def action_goto(self) -> None:
        """Go to a PID."""

        def check(typed: str) -> str:
            if not typed.isdecimal():
                return "a PID is a number"
            ranked = self._ranking.candidates if self._ranking else ()
            known = any(one.pid == int(typed) for one in ranked)
            return "" if known else f"process {int(typed)} is not in the ranking"

        def take(typed: str | None) -> None:
            if typed:
                self.clear_filter()
                self.call_after_refresh(self.table.select, int(typed))

        self.app.push_screen(Ask("go to a process", placeholder="PID", check=check), take)
