"""Looks that are taken again when the kernel moved pages meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from vmtui.lab import steady
from vmtui.lab.looks import ProcessLook
from vmtui.lab.measure import Meter
from vmtui.missing import Missing

LOST = Missing("perf lost records")


def look(minor: int | Missing, major: int | Missing) -> ProcessLook:
    nothing = Missing("not asked for")
    return ProcessLook(
        (), (), (), None, None, (),
        vm_pte_bytes=nothing, rest=nothing, vsz_bytes=nothing, rss_bytes=nothing,
        pss_bytes=nothing, hugetlb_bytes=nothing, minor=minor, major=major,
    )  # fmt: skip


class MadeUpMeter:
    """Hands out looks one after the other; faults are told once."""

    def __init__(self, *looks: ProcessLook) -> None:
        self.looks = list(looks)

    def look(self, _regions: Any, **_options: bool) -> ProcessLook:
        return self.looks.pop(0)


def taken(monkeypatch: pytest.MonkeyPatch, meter: MadeUpMeter, *moved: int) -> ProcessLook:
    counts: Iterator[int] = iter(moved)
    monkeypatch.setattr(steady, "_moved", lambda: next(counts))
    monkeypatch.setattr(steady, "_A_MOMENT", 0)
    return steady.steady_looks({"parent": cast(Meter, meter)}, ())["parent"]


def test_one_look_does_when_nothing_was_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = MadeUpMeter(look(7, 0))
    assert taken(monkeypatch, meter, 5, 5).minor == 7


def test_another_look_where_pages_were_moved_and_no_fault_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meter = MadeUpMeter(look(7, 1), look(0, 2), look(0, 0))
    found = taken(monkeypatch, meter, 5, 6, 6, 9, 9, 9)
    assert (found.minor, found.major) == (7, 3)
    assert meter.looks == []


def test_faults_that_were_not_told_stay_so(monkeypatch: pytest.MonkeyPatch) -> None:
    found = taken(monkeypatch, MadeUpMeter(look(LOST, 0), look(0, LOST)), 1, 2, 2, 2)
    assert (found.minor, found.major) == (LOST, LOST)


def test_there_is_an_end_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = MadeUpMeter(*[look(1, 0)] * 8)
    assert taken(monkeypatch, meter, *range(16)).minor == 8
