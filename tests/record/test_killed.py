"""What a recorder leaves that is killed: a file that opens, whole up to the last tick."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.record.killed import killed

INTERVAL = 0.2


@pytest.mark.parametrize("number", range(4))
def test_a_killed_recorder_leaves_every_tick_but_the_last_second(
    number: int, tmp_path: Path
) -> None:
    left = killed(tmp_path / "a.vmtui", random.Random(number).uniform(0, 1), INTERVAL)
    assert left.ticks >= 1
    assert left.had_log
