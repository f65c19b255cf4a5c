"""What level 2 keeps of a reading is the same object until the reading is another one."""

from __future__ import annotations

from tests.model.test_vmas import maps_of, vma
from vmtui.model.fields.vma import VMA_FIELDS_BY_ID
from vmtui.model.filter import Filter, parse
from vmtui.model.vma_row import VmaRow
from vmtui.model.vmas import Gap, Vmas
from vmtui.ui.derived import Derived

BY_ADDRESS, BY_SIZE = VMA_FIELDS_BY_ID["start"], VMA_FIELDS_BY_ID["size"]
WIDE = 1 << 20
"""Pages between two VMAs."""


def table() -> Vmas:
    return Vmas.of(maps_of(vma(1, 2, b"[heap]"), vma(WIDE, 4)))


def test_lines_are_made_once() -> None:
    derived, vmas = Derived(), table()
    every: Filter[VmaRow] = Filter()
    lines = derived.lines(vmas, every, BY_SIZE, descending=True)
    assert [line.start for line in lines] == [vmas[1].start, vmas[0].start]
    assert derived.lines(vmas, every, BY_SIZE, descending=True) is lines
    upwards = derived.lines(vmas, every, BY_SIZE, descending=False)
    assert [line.start for line in upwards] == [vmas[0].start, vmas[1].start]
    by_address = derived.lines(vmas, every, BY_ADDRESS, descending=False)
    assert isinstance(by_address[1], Gap)
    heap = parse("heap", VMA_FIELDS_BY_ID, ("name",))
    assert len(derived.lines(vmas, heap, BY_ADDRESS, descending=False)) == 1
    assert derived.lines(table(), heap, BY_ADDRESS, descending=False).vmas is not vmas


def test_strips_and_sums_are_those_of_the_newest_reading() -> None:
    derived, vmas = Derived(), table()
    strip = derived.strip(vmas[0], None, 8)
    assert derived.strip(vmas[0], None, 8) is strip
    assert len("".join(run.text for run in derived.strip(vmas[0], None, 12))) == 12
    assert derived.strip(table()[0], None, 8) is not strip
    kinds = derived.kinds(vmas, 100)
    assert derived.kinds(vmas, 100) is kinds
    assert derived.kinds(table(), 100) is not kinds
    assert derived.kinds(vmas, 80) is not kinds
