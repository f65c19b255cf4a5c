"""From a run's work to the picture: shares of the working set, the theory's curve under them."""

from __future__ import annotations

import pytest

from vmtui.lab.evidence import Order, WorkPoint, WorkView
from vmtui.theory import Answer
from vmtui.ui.lab.cliff import cliff_of, words_of

WORK = 64 << 20
TOUCH, MISS = 1e-6, 1e-4


def point(share: float | None, order: Order = "random", misses: float | None = None) -> WorkPoint:
    given = 2.0 if share is None else share
    missing = max(0.0, 1 - given) if order == "random" else float(given < 1)
    missing = missing if misses is None else misses
    touches = 10_000
    return WorkPoint(
        None if share is None else int(share * WORK), WORK, order, touches,
        touches * (TOUCH + missing * MISS), 0, round(touches * missing), 0, 0, 0, Answer(0, 1000),
    )  # fmt: skip


def test_without_work_there_is_no_picture() -> None:
    assert cliff_of(None, "en", working=False) is None


def test_points_are_shares_of_the_working_set() -> None:
    done = (point(1.4), point(0.75), point(0.4))
    cliff = cliff_of(WorkView(done[-1], done), "en", working=False)
    assert cliff is not None
    (sweep,) = cliff.sweeps
    assert [one.share for one in sweep.points] == pytest.approx([1.4, 0.75, 0.4])
    assert [one.misses for one in sweep.points] == pytest.approx([0, 250, 600])
    assert sweep.now is None
    assert cliff.work == WORK


def test_the_slice_under_way_is_now_in_its_own_sweep() -> None:
    done = (point(1.4), point(0.4))
    now = point(0.4, "cyclic")
    cliff = cliff_of(WorkView(now, done), "en", working=True)
    assert cliff is not None
    random, cyclic = cliff.sweeps
    assert random.now is None and cyclic.now is not None
    assert cyclic.points == ()


def test_prices_are_measured_and_everything_else_is_theory() -> None:
    done = (point(1.4), point(0.4))
    cliff = cliff_of(WorkView(done[-1], done), "en", working=False)
    assert cliff is not None
    (sweep,) = cliff.sweeps
    low, high = cliff.span
    for at, rate in enumerate(sweep.rates):
        share = low + (high - low) * at / (len(sweep.rates) - 1)
        assert rate == pytest.approx(1 / (TOUCH + max(0.0, 1 - share) * MISS))


def test_before_anything_missed_only_the_speed_of_what_fits_is_expected() -> None:
    done = (point(1.4),)
    cliff = cliff_of(WorkView(done[-1], done), "en", working=False)
    assert cliff is not None
    (sweep,) = cliff.sweeps
    assert sweep.rates[0] is None
    assert sweep.rates[-1] == pytest.approx(1 / TOUCH)
    assert sweep.misses[0] == pytest.approx(700)


def test_work_without_a_limit_stands_at_the_right_end() -> None:
    done = (point(None),)
    cliff = cliff_of(WorkView(done[0], done), "ja", working=False)
    assert cliff is not None
    assert cliff.sweeps[0].points[0].share == cliff.span[1]
    assert cliff.sweeps[0].name == "ランダム"
    assert words_of("ja").now == "いま" and words_of("en").now == "now"
