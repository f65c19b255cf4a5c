import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.errors import ParseError
from vmtui.kernel.limits import Limit, parse

TEXT = captured("process-limits")
HEADER = TEXT.partition(b"\n")[0] + b"\n"
values = st.none() | st.integers(0, (1 << 64) - 2)


def test_captured() -> None:
    limits = {limit.name: limit for limit in parse(TEXT)}
    assert len(limits) == 16
    assert limits["Max locked memory"] == Limit("Max locked memory", 8 << 20, 8 << 20, "bytes")
    assert limits["Max address space"].soft is None
    assert limits["Max nice priority"].unit == ""


@given(
    st.lists(
        st.builds(
            Limit,
            name=st.from_regex(r"Max [a-z ]{0,20}[a-z]", fullmatch=True),
            soft=values,
            hard=values,
            unit=st.sampled_from(["bytes", "us", ""]),
        )
    )
)
def test_any_limits(limits: list[Limit]) -> None:
    def shown(value: int | None) -> str:
        return f"{'unlimited' if value is None else value!s:<20} "

    text = "".join(
        f"{limit.name:<25} {shown(limit.soft)}{shown(limit.hard)}{limit.unit:<10}\n"
        for limit in limits
    )
    assert list(parse(HEADER + text.encode())) == limits


def test_a_line_that_is_not_as_documented() -> None:
    with pytest.raises(ParseError):
        parse(HEADER + b"Max address space         lots\n")
