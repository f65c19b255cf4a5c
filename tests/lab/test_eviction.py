"""Where DAMON pages out, a cached file that nobody has mapped for some seconds is not all there."""

from __future__ import annotations

import pytest

from tests.lab.scripts import minor_faults
from vmtui.kernel import damon
from vmtui.lab import eviction
from vmtui.lab.comparing import told

SCRIPT = """\
map pub 128K file notes shared
touch pub read
touch pub read
touch pub write
map own 32K anon
touch own write
"""


@pytest.mark.parametrize(("takes", "pause"), [(True, 60.0), (False, 3000.0)])
def test_exact_where_nothing_goes(
    monkeypatch: pytest.MonkeyPatch, takes: bool, pause: float
) -> None:
    monkeypatch.setattr(damon, "takes_pages", lambda: takes)
    assert [one.low for one in minor_faults(SCRIPT, pause)][:2] == [0, 2]
    assert all(one.exact for one in minor_faults(SCRIPT, pause)[:3])


def test_pages_of_an_old_file_may_have_to_be_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(damon, "takes_pages", lambda: True)
    mapped, first, again, written, _, own = minor_faults(SCRIPT, 2100.0)
    assert mapped.exact and again.exact and written.exact and own.exact
    assert (first.low, first.high) == (0, 32)
    assert first.cause == eviction.CAUSE and told(first.cause).ja != first.cause
