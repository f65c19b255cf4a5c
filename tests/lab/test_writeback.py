"""A file that stays dirty for long is written back by the kernel itself: faults that may come."""

from __future__ import annotations

import pytest

from tests.lab.scripts import minor_faults
from vmtui.kernel import damon, memory_settings
from vmtui.lab import writeback
from vmtui.lab.comparing import told

SCRIPT = """\
map pub 32K file notes shared
touch pub write
touch pub write
put pub HELLO
sync notes
touch pub write
map priv 32K file notes private
touch priv write
touch priv write
"""


@pytest.fixture(autouse=True)
def _expires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_settings, "dirty_expire_seconds", lambda: 30.0)
    monkeypatch.setattr(damon, "takes_pages", lambda: False)


def test_whoever_goes_on_meets_what_was_predicted() -> None:
    assert [one.low for one in minor_faults(SCRIPT, 1.0)] == [0, 8, 0, 0, 0, 8, 0, 8, 0]
    assert all(one.exact for one in minor_faults(SCRIPT, 1.0))


def test_after_half_a_minute_nobody_knows() -> None:
    again, word = minor_faults(SCRIPT, 31.0)[2:4]
    assert (again.low, again.high) == (0, 8)
    assert (word.low, word.high) == (0, 1)
    assert again.cause == writeback.CAUSE
    assert told(again.cause).ja != again.cause


def test_what_was_synced_and_what_is_private_stays_exact() -> None:
    assert [one for one in minor_faults(SCRIPT, 31.0)[4:] if not one.exact] == []
