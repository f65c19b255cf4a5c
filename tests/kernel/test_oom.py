import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.errors import ParseError
from vmtui.kernel.oom import parse


def test_captured() -> None:
    assert 0 <= parse(captured("process-oom_score")) <= 2000
    assert parse(captured("process-oom_score_adj")) == 0


@given(st.integers(-1000, 2000))
def test_any_score(score: int) -> None:
    assert parse(b"%d\n" % score) == score


def test_not_a_number() -> None:
    with pytest.raises(ParseError):
        parse(b"")
