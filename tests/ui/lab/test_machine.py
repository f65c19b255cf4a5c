"""The whole machine on the stage, from made-up moments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.lab.test_machine_view import reading
from tests.ui.made_up import app
from tests.ui.screens.test_lab import after_steps, on_stage, run, shown, waited
from vmtui.draw.lab.machine import OWN
from vmtui.draw.lab.timeline import Timeline
from vmtui.draw.lab.words import EN, JA
from vmtui.lab.evidence import GroupView, MachineView
from vmtui.lab.machine_view import machine_view
from vmtui.lab.moments import Moment
from vmtui.missing import Missing
from vmtui.model.machine import MachineRow
from vmtui.ui.lab import run as lab_run
from vmtui.ui.lab.machine import machine
from vmtui.ui.lab.run import Past

NO = Missing("not here")


def view(own_major: float | Missing = NO) -> MachineView:
    made = machine_view(MachineRow(reading(2.0, 1), reading(1.5)), frozenset({"/dev/vda2"}))
    return replace(made, own_major=own_major)


def group(usage: int, **changes: Any) -> GroupView:
    values: dict[str, Any] = {
        "kind": "v2", "path": "/g", "limit": 1 << 20, "usage": usage, "swap_limit": None,
        "swap": 8 << 10, "anon": usage, "file": 100 << 10, "failures": 1204, "oom_kills": 0,
        "major_faults": 0, "refaults_anon": 0, "refaults_file": 0, "some_avg10": 12.5,
        "full_avg10": NO,
    }  # fmt: skip
    return GroupView(**(values | changes))


def test_the_parts_add_up_and_the_experiments_own_is_taken_out() -> None:
    past = [Past(0, 1.0, {}, view(4.0), group(500 << 10))]
    drawn = machine(past, Timeline([1]), EN)
    assert drawn is not None
    assert sum(part.value for part in drawn.parts) == 8000 << 10
    assert drawn.parts[0].slot == OWN and drawn.parts[0].value == 500 << 10
    assert [int(part.value) >> 10 for part in drawn.parts[1:]] == [2100, 2000, 400, 3000]
    assert drawn.group == (
        "memory group (v2): 500K of 1.00M, 8.00K in swap, 1,204 times at its limit"
    )
    assert drawn.swaps[0].own
    assert dict(drawn.sar)["sar -W"] == (("pswpin/s", "6.00"), ("pswpout/s", "4.00"))


def test_without_a_group_the_processes_are_the_experiments_own() -> None:
    past = [Past(0, 1.0, {"rss.parent": 300 << 10, "rss.child": 100 << 10}, view())]
    drawn = machine(past, Timeline([1]), JA)
    assert drawn is not None
    assert drawn.parts[0].value == 400 << 10 and drawn.group == ""
    faults = next(one for one in drawn.curves if "フォルト" in one.title)
    assert [line.slot for line in faults.lines] == ["swapped"]


def test_the_experiments_own_curves_are_apart() -> None:
    past = [Past(0, 0.5, {}, view(), group(0)), Past(0, 1.0, {}, view(4.0), group(500 << 10))]
    drawn = machine(past, Timeline([2]), EN)
    assert drawn is not None
    memory, _, major, pressure, *_ = drawn.curves
    assert [value for _, value in memory.lines[0].measured] == [0, 500 << 10]
    assert [value for _, value in memory.lines[1].measured] == [0, -(500 << 10)]
    assert [value for line in major.lines for _, value in line.measured] == [4.0, 8.0]
    assert [line.measured[-1][1] for line in pressure.lines] == [12.5, 1.5]


def test_nothing_is_drawn_before_the_machine_was_seen() -> None:
    assert machine([Past(0, 1.0, {})], Timeline([1]), EN) is None


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 35), (160, 50)])
async def test_the_key_shows_it_and_goes_back(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def past(moment: Moment) -> Past:
        return Past(moment.step, moment.part, moment.chart, view(), group(500 << 10))

    monkeypatch.setattr(lab_run, "_past", past)
    observatory = app()
    async with observatory.run_test(size=size) as pilot:
        screen = await on_stage(pilot)
        await after_steps(pilot, screen, 2)
        assert "the whole machine" not in shown(pilot)
        await pilot.press("M")
        await waited(pilot, lambda: "the whole machine" in shown(pilot))
        made = run(screen).run
        assert made is not None and made.watches_machine
        await pilot.press("r")
        await waited(pilot, lambda: run(screen).run is not None)
        again = run(screen).run
        assert again is not None and again.watches_machine
        await pilot.press("M")
        await waited(pilot, lambda: "the whole machine" not in shown(pilot))


async def test_what_was_not_looked_at_comes_with_the_next_step() -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        await on_stage(pilot)
        await pilot.press("M")
        await waited(pilot, lambda: any("next step" in str(one.message)
                                        for one in observatory._notifications))  # fmt: skip
