from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.errors import NotSupported, ParseError
from vmtui.kernel.pressure import Line, Pressure, parse, read
from vmtui.missing import Missing

hundredths = st.integers(0, 10_000)


def test_captured() -> None:
    idle = Line(0.0, 0.0, 0.0, 0)
    assert parse(captured("pressure-memory")) == Pressure(idle, idle)


@given(st.tuples(hundredths, hundredths, hundredths, st.integers(0, 1 << 63)))
def test_any_figures(figures: tuple[int, int, int, int]) -> None:
    short, middle, long = (f"{share // 100}.{share % 100:02d}" for share in figures[:3])
    text = f"some avg10={short} avg60={middle} avg300={long} total={figures[3]}\n"
    found = parse(text.encode())
    assert found.some == Line(float(short), float(middle), float(long), figures[3])
    assert isinstance(found.full, Missing)


def test_full_alone_is_not_enough() -> None:
    with pytest.raises(ParseError):
        parse(b"full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n")


def test_a_kernel_without_it(tmp_path: Path) -> None:
    with pytest.raises(NotSupported):
        read("memory", proc=str(tmp_path))
