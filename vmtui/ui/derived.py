"""What level 2 derives from a table of VMAs, kept until there is another table. Knows no Textual.

With 60,000 VMAs sorting, sums and strips take milliseconds each, and every key and every tick
paints the screen: what was made of the same objects is not made again.
"""

from __future__ import annotations

from vmtui.draw import process_lines
from vmtui.draw import strip as strips
from vmtui.draw.paint import Row
from vmtui.model.fields.field import Field
from vmtui.model.filter import Filter
from vmtui.model.process_moment import ProcessMoment
from vmtui.model.slices import ScannedSpace, slices_of
from vmtui.model.vma_difference import Difference
from vmtui.model.vma_row import VmaRow
from vmtui.model.vma_table import VmaLines
from vmtui.model.vmas import Vmas
from vmtui.observe.moments import moment_of
from vmtui.observe.sample import Sample

_MOST_COMPARED = 4000
"""VMAs that are compared at every tick beside a mark: some milliseconds."""


class Derived:
    """Belongs to one screen. Readings are frozen, so the same object means the same figures."""

    def __init__(self) -> None:
        self._lines: VmaLines | None = None
        self._lines_of: tuple[object, ...] = ()
        self._strips: dict[tuple[int, int], Row] = {}
        self._strips_of: tuple[Vmas | None, ScannedSpace | None] = (None, None)
        self._difference: Difference | None = None
        self._difference_of: tuple[object, ...] = ()
        self._kinds: list[Row] = []
        self._kinds_of: tuple[Vmas | None, int] = (None, 0)

    def lines(
        self, vmas: Vmas, passes: Filter[VmaRow], order: Field[VmaRow], *, descending: bool
    ) -> VmaLines:
        """Filtered and sorted; by ascending address with the gaps between them."""
        made_of = vmas, passes, order, descending
        same = zip(made_of, self._lines_of, strict=False)
        if self._lines is None or any(new is not old for new, old in same):
            by_address = order.id == "start" and not descending
            self._lines = VmaLines(
                vmas, passes, None if by_address else order, descending=descending
            )
            self._lines_of = made_of
        return self._lines

    def strip(self, vma: VmaRow, space: ScannedSpace | None, width: int) -> Row:
        """The residency of one VMA in so many cells."""
        if self._strips_of[0] is not vma.vmas or self._strips_of[1] is not space:
            self._strips.clear()
            self._strips_of = vma.vmas, space
        made = self._strips.get((vma.index, width))
        if made is None:
            slices = None if space is None else slices_of(vma, space, width).tolist()
            made = self._strips[vma.index, width] = strips.strip(slices, width)
        return made

    def difference(self, mark: Sample | None, now: Sample | None) -> Difference | None:
        """What differs since the mark; None without one, or where it would take too long."""
        if mark is None or now is None or mark.target is None or now.target is None:
            return None
        made_of = mark.target.vmas, mark.target.space, now.target.vmas, now.target.space
        same = zip(made_of, self._difference_of, strict=False)
        if not self._difference_of or any(new is not old for new, old in same):
            self._difference_of, self._difference = made_of, None
            before, after = moment_of(mark), moment_of(now)
            if (
                isinstance(before, ProcessMoment) and isinstance(after, ProcessMoment)
                and before.pid == after.pid and len(after.vmas) <= _MOST_COMPARED
            ):  # fmt: skip
                self._difference = Difference(before, after)
        return self._difference

    def kinds(self, vmas: Vmas, width: int) -> list[Row]:
        """The table of sums by kind."""
        if self._kinds_of[0] is not vmas or self._kinds_of[1] != width:
            self._kinds = process_lines.kinds(vmas.totals_by_kind(), vmas.totals(), width)
            self._kinds_of = vmas, width
        return self._kinds
