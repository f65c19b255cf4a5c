"""Whom the OOM killer would take: the arithmetic agrees with the kernel's own oom_score."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from vmtui.model.oom import OomCandidate, OomRanking
from vmtui.observe import oom_ranking

HOLD = (
    "import sys; held = bytearray(64 << 20); open('/proc/self/oom_score_adj', 'w').write('900'); "
    "print('ready', flush=True); sys.stdin.read()"
)


@pytest.fixture
def child() -> Iterator[int]:
    """64 MiB, and first to go."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stdout.readline() == b"ready\n"
        yield process.pid
        process.kill()


def ranking() -> OomRanking:
    found = oom_ranking.read()
    assert isinstance(found, OomRanking)
    return found


def by_kernel(one: OomCandidate, total: int) -> int:
    """fs/proc/base.c, proc_oom_score."""
    return (1000 + one.points * 1000 // total) * 2 // 3


def test_points_are_the_kernels(child: int) -> None:
    found = ranking()
    one = next(each for each in found.candidates if each.pid == child)
    assert one.score_adj == 900 and one.rss > 64 << 8
    assert one.points == one.rss + one.swap + one.tables + 900 * (found.total // 1000)
    assert abs(by_kernel(one, found.total) - one.score) <= 1


def test_all_others_too() -> None:
    found = ranking()
    wrong = [
        one
        for one in found.candidates
        if not one.spared and abs(by_kernel(one, found.total) - one.score) > 2
    ]
    assert len(wrong) <= len(found.candidates) // 10  # those that grow between two reads
    points = [one.points for one in found.candidates if not one.spared]
    assert points == sorted(points, reverse=True)


def test_the_first_process_is_spared() -> None:
    one = next((each for each in ranking().candidates if each.pid == 1), None)
    if one is None:
        pytest.skip("PID 1 is hidden from this user")
    assert one.spared
    assert os.getpid() in {each.pid for each in ranking().candidates}
