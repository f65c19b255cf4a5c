from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.kernel.statm import Statm, parse


def test_captured() -> None:
    assert parse(captured("process-statm")).resident_pages == 4380
    assert parse(captured("zombie-statm")) == Statm(0, 0, 0, 0, 0)


@given(st.lists(st.integers(0, 1 << 52), min_size=7, max_size=7))
def test_seven_numbers(numbers: list[int]) -> None:
    found = parse(b"%d %d %d %d %d %d %d\n" % tuple(numbers))
    assert found == (*numbers[:4], numbers[5])
