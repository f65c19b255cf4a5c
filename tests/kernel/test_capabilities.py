import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.errors import ParseError
from vmtui.kernel.capabilities import parse
from vmtui.kernel.flags import CAPABILITIES


def test_captured_root_lacks_one() -> None:
    found = parse(captured("process-status"))
    assert found == frozenset(CAPABILITIES) - {"CAP_SYS_RESOURCE"}


@given(st.sets(st.integers(0, 63)))
def test_any_mask(bits: set[int]) -> None:
    mask = sum(1 << bit for bit in bits)
    found = parse(b"CapPrm:\tffffffffffffffff\nCapEff:\t%016x\n" % mask)
    assert len(found) == len(bits)
    assert {CAPABILITIES[bit] for bit in bits if bit < len(CAPABILITIES)} <= found


def test_an_ordinary_user_has_none() -> None:
    assert parse(b"CapEff:\t0000000000000000\n") == frozenset()
    with pytest.raises(ParseError):
        parse(b"CapPrm:\t0000000000000000\n")
