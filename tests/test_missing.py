"""What the kernel did not say is never 0, and says why."""

from __future__ import annotations

import pytest

from vmtui.errors import NotPermitted, NotSupported, ParseError, ProcessGone, VmtuiError
from vmtui.missing import NOT_READ, Missing


def test_it_is_neither_true_nor_zero() -> None:
    assert not NOT_READ
    assert str(NOT_READ) == "–"
    missing: object = NOT_READ
    assert missing != 0


@pytest.mark.parametrize(
    ("error", "has_step"),
    [(NotPermitted, True), (NotSupported, True), (ProcessGone, False), (ParseError, False)],
)
def test_an_error_becomes_a_reason_and_a_step(error: type[VmtuiError], has_step: bool) -> None:
    missing = Missing.because(error("/proc/1/smaps: refused"))
    assert missing.reason == "/proc/1/smaps: refused"
    assert bool(missing.unlock) == has_step
